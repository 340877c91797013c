// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The picture by which a device comes by its key: on the screen for ten minutes, or on a card.

import { get } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { qrImage } from '/ui/kit/qr.js';
import { toast } from '/ui/kit/toast.js';
import { clock } from '/ui/kit/when.js';

/** Milliseconds between two looks whether the device has come. */
const pause = 2000;

const image = (picture) => qrImage(picture, t('enrolment.picture'));

/** Shows the picture until the device has come, the time is up, or somebody closes it. */
export function showEnrolment(device, { address, code, secret, picture, until }, changed) {
  let isOpen = true;
  let timer;
  const left = h('p', { class: 'quiet', role: 'timer' });
  const typed = h('details', { class: 'alt' }, h('summary', {}, t('enrolment.byHand')),
    h('dl', { class: 'facts' }, h('dt', {}, t('enrolment.code')), h('dd', {}, h('code', {}, code)), h('dt', {}, t('enrolment.secret')), h('dd', {}, h('code', { id: 'enrolment-secret' }, secret))),
    h('p', { class: 'quiet' }, t('enrolment.byHand.text')));
  const close = open(t('enrolment.heading', { name: device.name }), [
    h('ol', { class: 'numbered stack' }, h('li', {}, t('enrolment.step.read')), h('li', {}, t('enrolment.step.confirm'))),
    image(picture), left, typed,
    h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: () => print(device, picture, until) }, t('enrolment.print')),
      h('a', { class: 'button', href: address, target: '_blank', rel: 'noopener' }, t('enrolment.here'))),
  ], { onclose: () => { isOpen = false; clearTimeout(timer); changed(); } });
  const look = async () => {
    const seconds = Math.floor((Date.parse(until) - Date.now()) / 1000);
    if (seconds <= 0) { close(); return toast(t('enrolment.over')); }
    left.textContent = t('enrolment.left', { n: Math.ceil(seconds / 60) });
    const hasCome = await isEnrolled(device);
    if (!isOpen) return undefined;
    if (hasCome) { close(); return toast(t('enrolment.arrived', { name: device.name })); }
    timer = setTimeout(look, pause);
    return undefined;
  };
  look();
}

/** Whether the picture was used: nothing waits for it any more. */
async function isEnrolled(device) {
  const now = await get(`/api/v1/devices/${device.id}`).catch(() => null);
  return Boolean(now && now.state === 'active' && now.mode === 'signed' && !now.enrolling);
}

/** A card for the device's place: useless to whoever finds it later. */
function print(device, picture, until) {
  const paper = h('div', { class: 'paper card stack' }, h('h1', {}, device.name), image(picture), h('p', {}, t('enrolment.card', { until: clock(until) })));
  document.body.append(paper);
  document.body.classList.add('printing');
  window.print();
  document.body.classList.remove('printing');
  paper.remove();
}
