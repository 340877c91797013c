// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, query } from '/ui/kit/api.js';
import { field } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { grouped, permissionName, roleName } from '/ui/access/rights.js';

page({
  title: 'roles.title',
  render: async (main, session) => {
    const [{ items }, capabilities] = await Promise.all([get('/api/v1/roles'), get('/api/v1/capabilities')]);
    const may = session.permissions.includes('role.manage');
    const current = items.filter((one) => one.state === 'active');
    main.append(h('div', { class: 'row' },
      may ? h('a', { class: 'button primary', href: '/ui/access/role.html' }, icon('plus'), t('role.make')) : null,
      h('a', { class: 'button', href: '/ui/access/conflicts.html' }, t('conflicts.title'))),
    h('section', { class: 'rolecards', 'aria-label': t('roles.title') }, items.map(card)), matrix(current, capabilities.permissions));
  },
});

function card(one) {
  return h('a', { class: 'figure rolecard', href: query('/ui/access/role.html', { role: one.role }) },
    h('b', {}, roleName(one)), h('span', {}, one.shipped ? t(`role.${one.role}.purpose`) : one.purpose),
    h('span', { class: 'tags' },
      h('span', { class: 'tag' }, t('role.grants', { n: one.grants })),
      one.shipped ? null : h('span', { class: 'tag' }, t('role.custom')),
      one.state === 'retired' ? h('span', { class: 'tag bad' }, t('role.retired')) : null,
      one.sensitive ? h('span', { class: 'tag warn' }, t('role.sensitive')) : null,
      one.factorNeeded ? h('span', { class: 'tag good' }, t('roleRule.on')) : null,
      one.conflicts.length ? h('span', { class: 'tag warn' }, t('role.conflicts', { n: one.conflicts.length })) : null));
}

/** Permissions × roles. On a narrow screen one role is chosen and its column is shown. */
function matrix(roles, permissions) {
  const search = field('q', t('matrix.search'), { type: 'search' });
  const pick = field('role', t('matrix.role'), { options: [['', t('matrix.all')], ...roles.map((one) => [one.role, roleName(one)])] });
  const body = h('tbody');
  const head = h('tr');
  const table = h('table', { class: 'matrix' }, h('caption', { class: 'sr' }, t('matrix.title')), h('thead', {}, head), body);
  const note = h('p', { class: 'quiet', role: 'status' });
  const draw = () => {
    const text = search.querySelector('input').value.trim().toLowerCase();
    const chosen = pick.querySelector('select').value;
    const shown = roles.filter((one) => !chosen || one.role === chosen);
    fill(head, h('th', { scope: 'col' }, t('matrix.permission')), shown.map((one) => h('th', { scope: 'col' }, h('a', { href: query('/ui/access/role.html', { role: one.role }) }, roleName(one)))));
    let count = 0;
    const lines = grouped(permissions).map(([noun, list]) => {
      const fits = list.filter((one) => !text || one.permission.includes(text) || permissionName(one.permission).toLowerCase().includes(text));
      count += fits.length;
      return fits.length ? [h('tr', { class: 'group' }, h('th', { scope: 'rowgroup', colspan: shown.length + 1 }, t(`noun.${noun}`))), fits.map((one) => line(one, shown))] : null;
    });
    fill(body, lines);
    fill(note, t('matrix.count', { n: count }));
  };
  search.querySelector('input').addEventListener('input', draw);
  pick.querySelector('select').addEventListener('change', draw);
  if (window.matchMedia('(max-width: 700px)').matches) pick.querySelector('select').value = roles[0]?.role ?? '';
  draw();
  return h('section', { class: 'panel stack' }, h('h2', {}, t('matrix.title')), h('div', { class: 'pair' }, search, pick), note,
    h('div', { class: 'tablewrap', tabindex: 0, role: 'region', 'aria-label': t('matrix.title') }, table));
}

function line(one, roles) {
  return h('tr', {}, h('th', { scope: 'row', title: one.permission }, permissionName(one.permission)),
    roles.map((role) => {
      const has = role.permissions.includes(one.permission);
      return h('td', { class: has ? 'yes' : 'no' }, has ? [icon('check'), h('span', { class: 'sr' }, t('matrix.yes'))] : [h('span', { 'aria-hidden': 'true' }, '–'), h('span', { class: 'sr' }, t('matrix.no'))]);
    }));
}
