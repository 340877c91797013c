// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, put, remove } from '/ui/kit/api.js';
import { confirm } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { qrImage } from '/ui/kit/qr.js';
import { page } from '/ui/kit/shell.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { check } from '/ui/trust/check.js';
import { fingerprint, steps } from '/ui/trust/steps.js';

page({
  title: 'trust.title',
  render: async (main) => {
    const place = { verdict: h('section', { class: 'panel verdict' }), devices: h('section', { class: 'panel stack' }), own: h('section', { class: 'panel stack' }), strict: h('section', { class: 'panel stack' }) };
    let state = 'unknown';
    let view;
    let trust;
    async function draw() {
      [view, trust] = await Promise.all([get('/api/v1/certificate'), get('/api/v1/trust')]);
      showVerdict(place.verdict, view, act);
      main.classList.toggle('off', !view.served);
      if (!view.served) return;
      showOwn(place.own, view, act);
      showState();
    }
    /** Draws what depends on this browser; files that were chosen meanwhile stay. */
    function showState() {
      showDevices(place.devices, trust, view, state);
      showStrict(place.strict, view, state, act);
    }
    /** Does something and shows what became of it. */
    async function act(work, word) {
      try {
        await work();
        toast(t(word), { kind: 'ok' });
        await draw();
      } catch (error) { fail(error); }
    }
    await draw();
    main.append(...Object.values(place));
    if (trust.served) {
      state = await check(trust.tlsPort);
      showState();
    }
  },
});

function showVerdict(place, view, act) {
  if (!view.served) {
    place.className = 'panel verdict attention';
    return fill(place, icon('alert'), h('h2', {}, t('trust.off')), h('p', {}, t('trust.off.text')));
  }
  const good = view.age === 'good';
  place.className = `panel verdict ${good ? 'good' : view.age === 'ending' ? 'attention' : 'bad'}`;
  return fill(place, icon(good ? 'shield' : 'alert'), h('h2', {}, t(`trust.age.${view.age}`)),
    h('p', {}, t(`trust.origin.${view.origin}`, { until: instant(view.notAfter), renews: instant(view.renewsAt) })),
    h('dl', { class: 'plain' },
      h('dt', {}, t('trust.names')), h('dd', {}, view.names.join(', ')),
      h('dt', {}, t('trust.issuer')), h('dd', {}, view.issuer),
      h('dt', {}, 'SHA-256'), h('dd', {}, h('code', { class: 'wrapped' }, view.fingerprint))),
    view.uncovered.length ? h('p', { class: 'notice' }, icon('alert'), t('trust.uncovered', { names: view.uncovered.join(', ') })) : null,
    view.origin === 'issued' ? h('div', { class: 'actions' }, h('button', { type: 'button', onclick: () => act(() => post('/api/v1/certificate/renewal', {}), 'trust.renewed') }, icon('clock'), t('trust.renew'))) : null);
}

function showDevices(place, trust, { page: address, picture }, state) {
  fill(place, h('h2', {}, t('trust.devices')));
  if (trust.installed) return place.append(h('p', {}, t('trust.start.installed')));
  place.append(h('p', {}, t('trust.devices.text')),
    h('div', { class: 'poster' }, picture ? qrImage(picture, t('trust.qr')) : null, h('div', { class: 'stack' },
      h('p', {}, h('a', { href: address }, address)),
      h('p', { class: `tag ${state === 'trusted' ? 'good' : state === 'untrusted' ? 'bad' : 'warn'}`, role: 'status' }, t(`trust.check.${state}`)),
      h('h3', {}, t('trust.start.compare')), h('p', {}, t('trust.start.compareText')), fingerprint(trust.authority))),
    h('details', { class: 'alt' }, h('summary', {}, t('trust.stepsHere')), steps()));
  return place;
}

function showOwn(place, view, act) {
  fill(place, h('h2', {}, t('trust.own')), h('p', {}, t('trust.own.text')));
  if (view.origin === 'installed') {
    place.append(h('div', { class: 'buttons' }, h('button', { type: 'button', onclick: async () => {
      if (await confirm(t('trust.back'), t('trust.back.text'), t('trust.back'))) act(() => remove('/api/v1/certificate'), 'trust.backDone');
    } }, icon('undo'), t('trust.back'))));
  }
  const read = (file) => (file ? file.text() : '');
  place.append(form({
    fields: [
      field('chain', t('trust.own.chain'), { type: 'file', accept: '.pem,.crt,.cer', required: true, hint: t('trust.own.chain.hint') }),
      field('key', t('trust.own.key'), { type: 'file', accept: '.pem,.key', required: true, hint: t('trust.own.key.hint') }),
    ],
    verb: t('trust.own.install'),
    submit: async ({ chain, key }) => put('/api/v1/certificate', { chain: await read(chain), key: await read(key) }),
    done: () => act(async () => {}, 'trust.own.done'),
  }),
  h('details', { class: 'alt' }, h('summary', {}, t('trust.authority')), h('p', {}, t('trust.authority.text', { permits: view.permits.join(', ') })),
    h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'danger', onclick: async () => {
      if (await confirm(t('trust.authority.new'), t('trust.authority.ask'), t('trust.authority.new'))) act(() => post('/api/v1/certificate/authority', {}), 'trust.authority.done');
    } }, t('trust.authority.new')))));
}

function showStrict(place, view, state, act) {
  const isOn = view.strict === 'on';
  const ready = isOn || state === 'trusted';
  fill(place, h('h2', {}, t('trust.strict')), h('p', {}, t(isOn ? 'trust.strict.on' : 'trust.strict.text')),
    ready ? null : h('p', { class: 'notice' }, icon('alert'), t('trust.strict.notReady')),
    h('div', { class: 'buttons' }, h('button', { type: 'button', disabled: !ready, onclick: async () => {
      if (isOn || await confirm(t('trust.strict'), t('trust.strict.ask'), t('trust.strict.turnOn'))) act(() => put('/api/v1/certificate/strict', { on: !isOn }), 'trust.strict.done');
    } }, t(isOn ? 'trust.strict.turnOff' : 'trust.strict.turnOn'))));
}
