// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { field } from '/ui/kit/form.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { amount } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { instant } from '/ui/kit/when.js';
import { bookByHand } from '/ui/inventory/book.js';
import { goodsName, kindTag, showMovement, side } from '/ui/inventory/movement.js';

page({
  title: 'movements.title',
  render: (main, session) => {
    const movements = list({
      path: '/api/v1/stock/movements', name: 'movements',
      filters: [field('kind', t('movement.kind'), { options: [['', t('filter.all')], ...['receive', 'ship', 'move', 'adjust'].map((one) => [one, t(`kind.${one}`)])] })],
      columns: [
        { title: t('movement.at'), cell: (one) => instant(one.at), text: (one) => one.at },
        { title: t('movement.kind'), cell: kindTag, text: (one) => t(`kind.${one.kind}`) },
        { title: t('movement.item'), cell: (one) => [goodsName(one), h('span', { class: 'sub' }, [one.item.code, one.lot?.code, one.serial].filter(Boolean).join(' · '))], text: goodsName },
        { title: t('movement.quantity'), class: 'num', cell: (one) => [amount(one.quantity), ' ', one.unit], text: (one) => one.quantity },
        { title: t('movement.from'), cell: (one) => side(one.from), text: (one) => side(one.from) },
        { title: t('movement.to'), cell: (one) => side(one.to), text: (one) => side(one.to) },
        { title: t('movement.by'), cell: (one) => one.actorName ?? h('span', { class: 'quiet' }, t('field.masked')), text: (one) => one.actorName ?? '' },
      ],
      open: (one) => showMovement(one.id, session, () => movements.reload()),
      actions: [h('button', { type: 'button', class: 'primary', onclick: () => bookByHand(session, () => movements.reload()) }, icon('plus'), t('book.title'))],
    });
    movements.element.classList.add('cards');
    main.append(movements.element);
    let timer;
    onEvent(({ kind }) => {
      // Only a list that shows its beginning is read again: nobody loses the place where they read.
      if (kind !== 'stock.moved' && kind !== 'reset') return;
      if (movements.rows.length <= 50) timer ??= setTimeout(() => { timer = undefined; movements.reload(); }, 400);
    });
  },
});
