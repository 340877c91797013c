// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { timeline } from '/ui/audit/timeline.js';

page({
  title: 'devices.title',
  render: async (main, session) => {
    const warehouses = (await get('/api/v1/warehouses?limit=200')).items;
    const nameOf = (id) => warehouses.find((one) => one.id === id)?.name ?? t('device.everywhere');
    const devices = list({
      path: '/api/v1/devices', name: 'devices',
      columns: [
        { title: t('device.name'), cell: (one) => [h('strong', {}, one.name), h('span', { class: 'sub' }, one.id)], text: (one) => one.name },
        { title: t('warehouse.title'), cell: (one) => nameOf(one.warehouse), text: (one) => nameOf(one.warehouse) },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${one.state === 'active' ? 'good' : 'bad'}` }, t(`state.${one.state}`)), text: (one) => one.state },
        { title: t('device.lastSeen'), cell: (one) => instant(one.lastSeenAt), text: (one) => one.lastSeenAt ?? '' },
        { title: t('action.actions'), cell: (one) => (one.state === 'active' ? h('button', { type: 'button', class: 'danger', onclick: () => revoke(one, () => devices.reload()) }, t('device.revoke')) : '–'), text: () => '' },
      ],
      open: session.permissions.includes('journal.see') ? (one) => open(one.name, [timeline(session, one.id)]) : undefined,
      actions: [h('button', { type: 'button', class: 'primary', onclick: () => add(warehouses, () => devices.reload()) }, icon('plus'), t('device.add'))],
    });
    devices.element.classList.add('cards');
    main.append(h('p', { class: 'quiet' }, t('devices.intro')), devices.element);
  },
});

function add(warehouses, changed) {
  const close = open(t('device.add'), form({
    fields: [field('name', t('device.name'), { required: true }), field('warehouse', t('warehouse.title'), { options: [['', t('device.everywhere')], ...warehouses.map((one) => [one.id, one.name])], hint: t('device.warehouse.hint') })],
    verb: t('action.add'), cancel: () => close(), submit: (values) => post('/api/v1/devices', { ...values, warehouse: values.warehouse || null }),
    done: ({ device, token }) => { close(); changed(); showToken(device, token); },
  }));
}

function showToken(device, token) {
  const example = `curl -X POST '${location.origin}/api/v1/scans?task=receive&place=A-01' \\\n  -H 'Authorization: Bearer ${token}' -H 'Content-Type: text/plain' \\\n  -d '6901234567892'`;
  open(device.name, [
    h('p', {}, t('device.token.text')),
    h('div', { class: 'secret' }, h('code', { class: 'grow', id: 'token' }, token), h('button', { type: 'button', onclick: async () => { await navigator.clipboard?.writeText(token).then(() => toast(t('done.copied')), fail); } }, t('action.copy'))),
    h('p', {}, t('device.example')), h('pre', { tabindex: 0 }, example),
  ], { wide: true });
}

async function revoke(device, changed) {
  if (!await confirm(t('device.revoke'), t('device.revoke.text', { name: device.name }), t('device.revoke'))) return;
  try { await post(`/api/v1/devices/${device.id}/revocation`, {}); toast(t('device.revoked')); changed(); } catch (error) { fail(error); }
}
