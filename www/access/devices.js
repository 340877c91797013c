// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, put } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { showEnrolment } from '/ui/access/picture.js';
import { timeline } from '/ui/audit/timeline.js';

const signs = { active: 'good', waiting: 'warn', revoked: 'bad' };

page({
  title: 'devices.title',
  render: async (main, session) => {
    const warehouses = (await get('/api/v1/warehouses?limit=200')).items;
    const nameOf = (id) => warehouses.find((one) => one.id === id)?.name ?? t('device.everywhere');
    const changed = () => devices.reload();
    const devices = list({
      path: '/api/v1/devices', name: 'devices',
      columns: [
        { title: t('device.name'), cell: (one) => [h('strong', {}, one.name), h('span', { class: 'sub' }, one.id)], text: (one) => one.name },
        { title: t('warehouse.title'), cell: (one) => nameOf(one.warehouse), text: (one) => nameOf(one.warehouse) },
        { title: t('device.mode'), cell: (one) => t(`device.mode.${one.mode}`), text: (one) => t(`device.mode.${one.mode}`) },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${signs[one.state]}` }, t(`state.${one.state}`)), text: (one) => t(`state.${one.state}`) },
        { title: t('device.lastSeen'), cell: (one) => instant(one.lastSeenAt), text: (one) => one.lastSeenAt ?? '' },
        { title: t('action.actions'), cell: (one) => (one.state === 'revoked' ? '–' : actions(one, warehouses, changed)), text: () => '' },
      ],
      open: session.permissions.includes('journal.see') ? (one) => open(one.name, [timeline(session, one.id)]) : undefined,
      actions: [h('button', { type: 'button', class: 'primary', onclick: () => add(warehouses, changed) }, icon('plus'), t('device.add'))],
    });
    devices.element.classList.add('cards');
    main.append(h('p', { class: 'quiet' }, t('devices.intro')), devices.element);
  },
});

function actions(device, warehouses, changed) {
  return h('button', { type: 'button', 'aria-label': t('device.manage.label', { name: device.name }), onclick: () => manage(device, warehouses, changed) }, t('device.manage'));
}

const placeField = (warehouses, value = '') => field('warehouse', t('warehouse.title'), { value, options: [['', t('device.everywhere')], ...warehouses.map((one) => [one.id, one.name])], hint: t('device.warehouse.hint') });

/** The two ways of a device, and what each of them gives up. */
function modes() {
  const one = (value, checked) => h('label', { class: 'mode' }, h('input', { type: 'radio', name: 'mode', value, checked }),
    h('span', {}, h('strong', {}, t(`device.mode.${value}`)), h('span', { class: 'sub' }, t(`device.mode.${value}.text`))));
  return h('fieldset', { class: 'plainset modes' }, h('legend', {}, t('device.mode')), one('signed', true), one('token', false));
}

function add(warehouses, changed) {
  const choice = modes();
  const close = open(t('device.add'), form({
    fields: [field('name', t('device.name'), { required: true }), placeField(warehouses), choice],
    verb: t('action.add'), cancel: () => close(),
    submit: ({ name, warehouse }) => post('/api/v1/devices', { name, warehouse: warehouse || null, mode: choice.querySelector(':checked').value }),
    done: ({ device, token, enrolment }) => {
      close();
      changed();
      if (token) showToken(device, token); else showEnrolment(device, enrolment, changed);
    },
  }));
}

/** All that can be done with one device, in words. */
function manage(device, warehouses, changed) {
  const act = (work) => async () => { close(); try { await work(); } catch (error) { fail(error); } };
  const step = (title, text, verb, work, look = '') => h('div', { class: 'oneline' }, h('div', {}, h('strong', {}, title), h('p', { class: 'quiet' }, text)),
    h('button', { type: 'button', class: look, onclick: act(work) }, verb));
  const close = open(device.name, [
    form({
      fields: [field('name', t('device.name'), { required: true, value: device.name }), placeField(warehouses, device.warehouse ?? '')],
      verb: t('action.save'), submit: ({ name, warehouse }) => put(`/api/v1/devices/${device.id}`, { name, warehouse: warehouse || null }),
      done: () => { close(); toast(t('done.saved')); changed(); },
    }),
    h('div', {},
      step(t(device.state === 'waiting' ? 'device.enrol' : 'device.enrolAnew'), t('device.enrol.text'), t('device.enrol.verb'), () => enrol(device, changed)),
      step(t(device.mode === 'token' ? 'device.token.renew' : 'device.token.instead'), t(device.mode === 'token' ? 'device.token.renew.text' : 'device.mode.token.text'), t('device.token.verb'), () => renew(device, changed)),
      step(t('device.revoke'), t('device.revoke.hint'), t('device.revoke'), () => revoke(device, changed), 'danger')),
  ]);
}

async function enrol(device, changed) {
  showEnrolment(device, await post(`/api/v1/devices/${device.id}/enrolment`, {}), changed);
}

async function renew(device, changed) {
  const title = t(device.mode === 'token' ? 'device.token.renew' : 'device.token.instead');
  if (!await confirm(title, t('device.token.renew.text'), t('device.token.verb'))) return;
  const made = await post(`/api/v1/devices/${device.id}/token`, {});
  changed();
  showToken(made.device, made.token);
}

function showToken(device, token) {
  const example = `curl -X POST '${location.origin}/api/v1/scans?task=receive&place=A-01' \\\n  -H 'Authorization: Bearer ${token}' -H 'Content-Type: text/plain' \\\n  -d '6901234567892'`;
  open(device.name, [
    h('p', {}, t('device.token.text')),
    h('div', { class: 'secret' }, h('code', { class: 'grow', id: 'token' }, token), h('button', { type: 'button', onclick: async () => { await navigator.clipboard?.writeText(token).then(() => toast(t('done.copied')), fail); } }, t('action.copy'))),
    h('div', { class: 'notice' }, icon('flag'), h('p', {}, t('device.mode.token.text'))),
    h('p', {}, t('device.example')), h('pre', { tabindex: 0 }, example),
  ], { wide: true });
}

async function revoke(device, changed) {
  if (!await confirm(t('device.revoke'), t('device.revoke.text', { name: device.name }), t('device.revoke'))) return;
  await post(`/api/v1/devices/${device.id}/revocation`, {});
  toast(t('device.revoked'));
  changed();
}
