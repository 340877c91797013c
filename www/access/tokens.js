// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What programs of one's own may do in one's name.

import { get, post, remove } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

/** Rights that no token has: they ask for a fresh proof, and a program can give none. */
const neverGiven = new Set(['user.manage', 'device.manage', 'backup.manage']);
const lifetimes = [30, 90, 180, 366];

/** Draws the tokens of whoever is signed in. */
export async function drawTokens(place, session) {
  const draw = () => drawTokens(place, session).catch(fail);
  const { items } = await get('/api/v1/session/tokens');
  fill(place,
    h('div', { class: 'row' }, h('h2', { class: 'grow' }, t('token.heading')), h('button', { type: 'button', onclick: () => make(session, draw) }, icon('plus'), t('token.make'))),
    h('p', { class: 'quiet' }, t('token.intro')),
    h('div', {}, items.map((one) => line(one, draw))));
}

function line(one, draw) {
  const isOver = Date.parse(one.expiresAt) <= Date.now();
  const act = (work) => async () => { try { await work(); } catch (error) { fail(error); } };
  return h('div', { class: 'oneline' },
    h('div', {}, h('div', { class: 'row' }, h('strong', {}, one.name), isOver ? h('span', { class: 'tag bad' }, t('token.over')) : null),
      h('p', { class: 'quiet' }, one.permissions.map((right) => t(`permission.${right}`)).join(' · ')),
      h('p', { class: 'quiet' }, t('token.until'), ' ', instant(one.expiresAt), ' · ', one.usedAt ? [t('session.seen'), ' ', instant(one.usedAt)] : t('token.unused'),
        one.addresses.length ? ` · ${t('token.from', { addresses: one.addresses.join(', ') })}` : '')),
    h('div', { class: 'row' },
      isOver ? null : h('button', { type: 'button', 'aria-label': t('token.rotate.label', { name: one.name }), onclick: act(() => rotate(one, draw)) }, t('token.rotate')),
      h('button', { type: 'button', class: 'danger', 'aria-label': t('token.end.label', { name: one.name }), onclick: act(() => end(one, draw)) }, t('action.end'))));
}

async function make(session, draw) {
  const rights = session.permissions.filter((one) => !neverGiven.has(one));
  const warehouses = session.permissions.includes('stock.see') ? (await get('/api/v1/warehouses?limit=200').catch(() => ({ items: [] }))).items : [];
  const boxes = (name, legend, options) => h('fieldset', { class: 'plainset', 'data-field': name }, h('legend', {}, legend), h('div', { class: 'boxes' }, options.map(([value, text]) => h('label', {}, h('input', { type: 'checkbox', value }), h('span', {}, text)))), h('p', { class: 'hint' }));
  const chosen = (set) => [...set.querySelectorAll(':checked')].map((one) => one.value);
  const may = boxes('permissions', t('token.rights'), rights.map((one) => [one, t(`permission.${one}`)]));
  const where = warehouses.length > 1 ? boxes('warehouses', t('token.warehouses'), warehouses.map((one) => [one.id, one.name])) : null;
  const close = open(t('token.make'), form({
    fields: [field('name', t('token.name'), { required: true, hint: t('token.name.hint') }), may, where,
      field('addresses', t('token.addresses'), { hint: t('token.addresses.hint'), spellcheck: 'false' }),
      field('days', t('token.days'), { value: '90', options: lifetimes.map((n) => [String(n), t('token.days.n', { n })]) })],
    verb: t('token.make'), cancel: () => close(),
    submit: ({ name, addresses, days }) => {
      const places = where ? chosen(where) : [];
      return post('/api/v1/session/tokens', { name, permissions: chosen(may), warehouses: places.length ? places : null, addresses: addresses.split(/[\s,]+/).filter(Boolean), days: Number(days) });
    },
    done: (made) => { close(); draw(); show(made); },
  }), { wide: true });
}

function show({ token, text }) {
  const close = open(token.name, [
    h('p', {}, t('token.text')),
    h('div', { class: 'secret' }, h('code', { class: 'grow', id: 'api-token' }, text), h('button', { type: 'button', onclick: async () => { await navigator.clipboard?.writeText(text).then(() => toast(t('done.copied')), fail); } }, t('action.copy'))),
    h('pre', { tabindex: 0 }, `curl '${location.origin}/api/v1/items' -H 'Authorization: Bearer ${text}'`),
    h('div', { class: 'buttons' }, h('button', { type: 'button', class: 'primary', onclick: () => close() }, t('token.kept'))),
  ], { wide: true });
}

async function rotate(one, draw) {
  if (!await confirm(t('token.rotate'), t('token.rotate.text', { name: one.name }), t('token.rotate'))) return;
  const made = await post(`/api/v1/session/tokens/${one.id}/rotation`, {});
  draw();
  show(made);
}

async function end(one, draw) {
  if (!await confirm(t('token.end'), t('token.end.text', { name: one.name }), t('action.end'))) return;
  await remove(`/api/v1/session/tokens/${one.id}`);
  toast(t('done.saved'));
  draw();
}
