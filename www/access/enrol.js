// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Setting up a second factor: an app that shows codes, a passkey, and the codes for a lost phone.

import { post } from '/ui/kit/api.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { qrImage } from '/ui/kit/qr.js';
import { fail, toast } from '/ui/kit/toast.js';
import { create, obstacle } from '/ui/access/passkey.js';

/** A button for the browser's passkey dialog; where there is none, the reason. */
export function passkeyButton(label, run, done, { primary = true } = {}) {
  const why = obstacle();
  if (why) return h('p', { class: 'hint' }, why);
  const button = h('button', {
    type: 'button', class: `wide-button${primary ? ' primary' : ''}`,
    onclick: async () => {
      button.disabled = true;
      try { done(await run()); } catch (error) { fail(error); } finally { button.disabled = false; }
    },
  }, icon('key'), label);
  return button;
}

/** Groups of four, as they are easy to type. */
const grouped = (secret) => secret.match(/.{1,4}/g).join(' ');

/** Fills `place` with the QR code and the field for the first code. */
export async function enrolTotp(place, { done, cancel }) {
  const { secret, picture } = await post('/api/v1/session/totp', {});
  fill(place,
    h('ol', { class: 'numbered stack' },
      h('li', {}, t('totp.step.app')),
      h('li', {}, t('totp.step.scan'), h('div', { class: 'stack' }, qrImage(picture, t('totp.qr')),
        h('details', { class: 'alt' }, h('summary', {}, t('totp.manual')), h('p', { class: 'secret' }, h('code', { id: 'secret' }, grouped(secret)))))),
      h('li', {}, t('totp.step.code'))),
    form({
      fields: [field('code', t('factor.code'), { required: true, inputmode: 'numeric', autocomplete: 'one-time-code', hint: t('factor.code.hint') })],
      verb: t('totp.turnOn'), cancel, submit: (values) => post('/api/v1/session/totp/confirmation', values), done,
    }));
  place.querySelector('input')?.focus();
}

/** Fills `place` with a name for the passkey and the button that makes it. */
export function enrolPasskey(place, { done, cancel }) {
  const why = obstacle();
  if (why) {
    return fill(place, h('p', {}, why), h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: cancel }, t('action.cancel'))));
  }
  fill(place, h('p', { class: 'quiet' }, t('passkey.text')), form({
    fields: [field('name', t('passkey.name'), { required: true, value: deviceName(navigator.userAgent), hint: t('passkey.name.hint') })],
    verb: t('passkey.make'), cancel, submit: ({ name }) => create(name), done,
  }));
  return place.querySelector('input')?.focus();
}

/** Shows recovery codes, this once. `done` follows the word that they are kept. */
export function showRecoveryCodes(place, codes, done) {
  const list = () => h('ol', { class: 'codes' }, codes.map((one) => h('li', {}, one)));
  fill(place,
    h('p', {}, t('recovery.text')), list(),
    h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: async () => { await navigator.clipboard?.writeText(codes.join('\n')).then(() => toast(t('done.copied')), fail); } }, t('action.copy')),
      h('button', { type: 'button', onclick: () => print(list()) }, t('action.print')),
      h('button', { type: 'button', class: 'primary', onclick: done }, t('recovery.kept'))));
  place.querySelector('.primary')?.focus();
}

/** Prints the codes alone. */
function print(list) {
  const paper = h('div', { class: 'paper stack' }, h('h1', {}, t('recovery.title')), h('p', {}, t('recovery.paper', { host: location.host })), list);
  document.body.append(paper);
  document.body.classList.add('printing');
  window.print();
  document.body.classList.remove('printing');
  paper.remove();
}

/** A browser and its system in two words. */
export function deviceName(agent) {
  const browser = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([mark]) => agent.includes(mark))?.[1];
  const system = [['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Android', 'Android'], ['Windows', 'Windows'], ['Mac OS X', 'Mac'], ['Linux', 'Linux']].find(([mark]) => agent.includes(mark))?.[1];
  return [browser, system].filter(Boolean).join(' · ') || t('session.unknownAgent');
}
