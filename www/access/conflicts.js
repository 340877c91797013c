// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, query } from '/ui/kit/api.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { permissionName, roleName } from '/ui/access/rights.js';

page({
  title: 'conflicts.title',
  render: async (main) => {
    const { rows } = await get('/api/v1/grant-conflicts');
    main.append(h('p', { class: 'quiet' }, t('conflicts.text')), h('div', { class: 'stack' }, rows.map((row) => h('section', { class: 'panel stack' },
      h('h2', {}, t(`conflict.${row.conflict.name}`)),
      h('p', { class: 'quiet' }, `${permissionName(row.conflict.one)} × ${permissionName(row.conflict.other)}`),
      h('div', { class: 'cols' },
        part('conflicts.users', row.users.map((one) => h('a', { href: query('/ui/access/user.html', { id: one.id }) }, one.name))),
        part('conflicts.roles', row.roles.map((one) => h('a', { href: query('/ui/access/role.html', { role: one.role }) }, roleName(one)))))))));
  },
});

function part(key, links) {
  return h('div', {}, h('h3', {}, t(key)), links.length ? h('ul', { class: 'links' }, links.map((one) => h('li', {}, one))) : h('p', { class: 'quiet' }, t('conflicts.none')));
}
