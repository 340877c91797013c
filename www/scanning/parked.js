// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, query } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

page({
  title: 'parked.title',
  render: (main, session) => {
    const may = session.permissions.includes('parked.resolve') && session.permissions.includes('item.edit');
    const parked = list({
      path: '/api/v1/parked-codes', name: 'parked',
      filters: [field('state', t('state.title'), { options: ['open', 'resolved', 'dismissed'].map((one) => [one, t(`parked.${one}`)]) })],
      columns: [
        { title: t('scan.code'), cell: (one) => [h('code', {}, one.code), one.known && one.state === 'open' ? h('span', { class: 'tag good' }, t('parked.known')) : null], text: (one) => one.code },
        { title: t('scan.task'), cell: (one) => t(`task.${one.task}`), text: (one) => one.task },
        { title: t('scan.place'), cell: (one) => one.place ?? '–', text: (one) => one.place ?? '' },
        { title: t('book.count'), class: 'num', cell: (one) => one.count ?? '1', text: (one) => one.count ?? '1' },
        { title: t('movement.by'), cell: (one) => one.by ?? t('field.masked'), text: (one) => one.by ?? '' },
        { title: t('movement.at'), cell: (one) => instant(one.at), text: (one) => one.at },
        { title: t('parked.outcome'), cell: (one) => one.reason ?? one.movement ?? '–', text: (one) => one.reason ?? one.movement ?? '' },
      ],
      open: (one) => (may && one.state === 'open' ? resolve(one, () => parked.reload()) : undefined),
    });
    parked.element.classList.add('cards');
    main.append(h('p', { class: 'quiet' }, t('parked.intro')), parked.element);
    onEvent(({ kind }) => { if (kind.startsWith('scan.') || kind === 'reset') parked.reload(); });
  },
});

function resolve(one, changed) {
  const results = h('ul', { class: 'choices' });
  const input = h('input', { type: 'search', 'aria-label': t('book.find'), placeholder: t('book.find'), autocomplete: 'off' });
  const finish = async (path, body, said) => {
    try {
      await post(`/api/v1/parked-codes/${one.id}/${path}`, body);
      close();
      toast(t(said));
      changed();
    } catch (error) { fail(error); }
  };
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = input.value.trim();
      if (!text) return fill(results);
      try {
        const found = await get(query('/api/v1/items', { q: text, state: 'active', limit: 8 }));
        const items = await Promise.all(found.items.map((each) => get(`/api/v1/items/${each.id}`)));
        return fill(results, items.flatMap((item) => item.variants.flatMap((variant) => variant.packagings.filter((each) => each.state === 'active').map((each) => h('li', {},
          h('button', { type: 'button', onclick: () => finish('attachment', { packaging: each.id }, 'parked.attached') }, h('span', {}, h('strong', {}, item.name), h('span', { class: 'sub' }, ` ${variant.name} ${each.name} · ${each.content.num} ${item.baseUnit}`))))))));
      } catch (error) { return fail(error); }
    }, 150);
  });
  const close = open(t('parked.resolve', { code: one.code }), [
    one.known ? h('button', { type: 'button', class: 'primary', onclick: () => finish('replay', {}, 'parked.replayed') }, t('parked.replay')) : null,
    h('p', {}, t('parked.attach')), input, results,
    h('p', {}, h('a', { href: `/ui/catalog/item.html?barcode=${encodeURIComponent(one.code)}` }, t('parked.newItem'))),
    h('details', { class: 'alt' }, h('summary', {}, t('parked.dismiss')), form({
      fields: [field('reason', t('movement.reason'), { required: true })], verb: t('parked.dismiss'), danger: true,
      submit: (values) => post(`/api/v1/parked-codes/${one.id}/dismissal`, values), done: () => { close(); toast(t('parked.dismissed')); changed(); },
    })),
  ]);
  input.focus();
}
