// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { field } from '/ui/kit/form.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { instant } from '/ui/kit/when.js';

page({
  title: 'items.title',
  render: (main, session) => {
    const may = session.permissions.includes('item.edit');
    const items = list({
      path: '/api/v1/items', name: 'items',
      filters: [field('q', t('filter.goods'), { type: 'search', placeholder: t('filter.goods.hint') }),
        field('state', t('state.title'), { options: [['', t('filter.all')], ['active', t('state.active')], ['retired', t('state.retired')]] })],
      columns: [
        { title: t('item.name'), cell: (one) => [one.name, h('span', { class: 'sub' }, one.code)], text: (one) => one.name },
        { title: t('item.unit'), cell: (one) => one.baseUnit, text: (one) => one.baseUnit },
        { title: t('item.tracking'), cell: (one) => tracked(one.tracking), text: (one) => tracked(one.tracking) },
        { title: t('item.packagings'), class: 'num', cell: (one) => count(one.packagings), text: (one) => one.packagings },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${one.state === 'active' ? 'good' : ''}` }, t(`state.${one.state}`)), text: (one) => one.state },
        { title: t('item.changedAt'), cell: (one) => instant(one.changedAt), text: (one) => one.changedAt },
      ],
      open: (one) => location.assign(`/ui/catalog/item.html?id=${one.id}`),
      actions: may ? [h('a', { class: 'button primary', href: '/ui/catalog/item.html' }, icon('plus'), t('item.add'))] : [],
    });
    items.element.classList.add('cards');
    main.append(items.element);
  },
});

function tracked(tracking) {
  return ['lot', 'expiry', 'serial'].filter((one) => tracking[one]).map((one) => t(`tracking.${one}`)).join(', ') || '–';
}
