// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { field } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { amount } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { day, instant } from '/ui/kit/when.js';
import { goodsName } from '/ui/inventory/movement.js';

page({
  title: 'balances.title',
  render: (main) => {
    const balances = list({
      path: '/api/v1/stock/balances', name: 'balances',
      filters: [field('q', t('filter.goods'), { type: 'search', placeholder: t('filter.goods.hint') })],
      columns: [
        { title: t('movement.item'), cell: (one) => [goodsName(one), h('span', { class: 'sub' }, one.variant.code)], text: goodsName },
        { title: t('balance.place'), cell: (one) => [h('strong', {}, one.place.code), h('span', { class: 'sub' }, one.place.warehouse)], text: (one) => one.place.code },
        { title: t('movement.lot'), cell: (one) => (one.lot ? [one.lot.code, one.lot.expiry ? h('span', { class: 'sub' }, `${t('movement.expiry')} ${day(one.lot.expiry)}`) : null] : '–'), text: (one) => one.lot?.code ?? '' },
        { title: t('movement.serial'), cell: (one) => one.serial ?? '–', text: (one) => one.serial ?? '' },
        { title: t('level.onHand'), class: 'num', cell: (one) => [h('strong', {}, amount(one.quantity)), ' ', one.unit], text: (one) => one.quantity },
        { title: t('level.movedAt'), cell: (one) => instant(one.movedAt), text: (one) => one.movedAt },
      ],
      open: (one) => location.assign(`/ui/inventory/movements.html?item=${one.item.id}&itemName=${encodeURIComponent(one.item.name)}&place=${one.place.id}&placeName=${encodeURIComponent(one.place.code)}`),
    });
    balances.element.classList.add('cards');
    main.append(balances.element);
    let timer;
    onEvent(({ kind }) => { if (kind === 'stock.moved' || kind === 'reset') timer ??= setTimeout(() => { timer = undefined; if (balances.rows.length <= 50) balances.reload(); }, 400); });
  },
});
