// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { field } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { amount, count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { instant } from '/ui/kit/when.js';
import { goodsName } from '/ui/inventory/movement.js';

page({
  title: 'levels.title',
  render: (main) => {
    const levels = list({
      path: '/api/v1/stock/levels', name: 'stock',
      filters: [field('q', t('filter.goods'), { type: 'search', placeholder: t('filter.goods.hint') })],
      columns: [
        { title: t('movement.item'), cell: (one) => [goodsName(one), h('span', { class: 'sub' }, one.variant.code)], text: goodsName },
        { title: t('level.onHand'), class: 'num', cell: (one) => [h('strong', {}, amount(one.quantity)), ' ', one.unit], text: (one) => one.quantity },
        { title: t('level.places'), class: 'num', cell: (one) => count(one.places), text: (one) => one.places },
        { title: t('level.movedAt'), cell: (one) => instant(one.movedAt), text: (one) => one.movedAt },
      ],
      open: (one) => location.assign(`/ui/inventory/balances.html?item=${one.item.id}&itemName=${encodeURIComponent(one.item.name)}`),
    });
    levels.element.classList.add('cards');
    main.append(levels.element);
    let timer;
    onEvent(({ kind }) => { if (kind === 'stock.moved' || kind === 'reset') timer ??= setTimeout(() => { timer = undefined; if (levels.rows.length <= 50) levels.reload(); }, 400); });
  },
});
