// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { open } from '/ui/kit/dialog.js';
import { field } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { has, t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { instant } from '/ui/kit/when.js';

/** Where a record of each kind has its page. */
const pages = { itm: (id) => `/ui/catalog/item.html?id=${id}`, plc: (id) => `/ui/inventory/balances.html?place=${id}` };

page({
  title: 'journal.title',
  render: (main) => {
    const journal = list({
      path: '/api/v1/journal', name: 'journal',
      filters: [field('kind', t('journal.kind'), { placeholder: 'stock.moved' }), field('actor', t('journal.actor'), { placeholder: 'usr-1' }), field('subject', t('journal.subject'), { placeholder: 'mov-1' })],
      columns: [
        { title: t('movement.at'), cell: (one) => instant(one.at), text: (one) => one.at },
        { title: t('journal.kind'), cell: (one) => [kindName(one.kind), h('span', { class: 'sub' }, one.kind)], text: (one) => one.kind },
        { title: t('movement.by'), cell: (one) => [one.actorName ?? t('field.masked'), h('span', { class: 'sub' }, one.actor)], text: (one) => one.actor },
        { title: t('journal.subject'), cell: (one) => h('code', {}, one.subject || '–'), text: (one) => one.subject },
        { title: t('journal.seq'), class: 'num', cell: (one) => one.seq, text: (one) => one.seq },
      ],
      open: show,
    });
    journal.element.classList.add('cards');
    main.append(h('p', { class: 'quiet' }, t('journal.intro')), journal.element);
  },
});

function kindName(kind) {
  return has(`event.${kind}`) ? t(`event.${kind}`) : kind;
}

function show(entry) {
  const link = pages[entry.subject.split('-')[0]]?.(entry.subject);
  open(`${kindName(entry.kind)} · ${entry.seq}`, [
    h('dl', { class: 'facts' }, [[t('movement.at'), instant(entry.at)], [t('movement.by'), `${entry.actorName ?? t('field.masked')} (${entry.actor})`],
      [t('journal.subject'), link ? h('a', { href: link }, entry.subject) : entry.subject || '–'],
      ...Object.entries(entry.facts).map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
      [t('journal.hash'), h('code', {}, entry.hash)]].flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
  ]);
}
