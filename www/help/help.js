// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';

const topics = ['index', 'scanning/scan', 'scanning/parked', 'inventory/levels', 'inventory/balances', 'inventory/movements', 'inventory/places', 'catalog/items', 'catalog/item', 'catalog/import', 'access/users', 'access/user', 'access/roles', 'access/role', 'access/conflicts', 'access/devices', 'access/enrolment', 'access/profile', 'access/messages', 'audit/journal', 'backup/backups', 'trust/trust', 'trust/start', 'system/jobs', 'system/practice'];

page({
  title: 'help.title',
  render: (main) => {
    const chosen = new URLSearchParams(location.search).get('page');
    const topic = topics.includes(chosen) ? chosen : 'index';
    const text = (one) => t(`help.${one.replace('/', '.')}`).split('\n').map((line) => h('p', {}, line));
    main.append(h('section', { class: 'panel stack' }, h('h2', {}, t(`help.${topic.replace('/', '.')}.title`)), text(topic), h('p', {}, h('a', { href: `/ui/${topic === 'index' ? '' : `${topic}.html`}` }, t('help.open')))),
      h('section', { class: 'panel' }, h('h2', {}, t('help.all')), h('ul', { class: 'choices' }, topics.map((one) => h('li', {}, h('a', { class: 'button', href: `/ui/help/?page=${one}`, 'aria-current': one === topic ? 'page' : null }, t(`help.${one.replace('/', '.')}.title`)))))));
  },
});
