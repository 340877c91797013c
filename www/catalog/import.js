// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post } from '/ui/kit/api.js';
import { confirm } from '/ui/kit/dialog.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t, whole } from '/ui/kit/i18n.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

const columns = ['item_code', 'item_name', 'base_unit', 'decimals', 'track_lot', 'track_expiry', 'track_serial', 'alias', 'variant_code', 'variant_name', 'packaging_level', 'packaging_name', 'content', 'barcode'];
const sample = ['TEA-500', 'Jasmine tea 500 ml', 'pcs', '0', 'yes', 'yes', 'no', '', '', '', 'case', 'case', '15', '16901234567899'];

page({
  title: 'import.title',
  render: async (main) => {
    await whole();
    const current = h('section', { class: 'stack', 'aria-live': 'polite' });
    const input = h('input', { type: 'file', accept: '.csv,text/csv', 'aria-label': t('import.file') });
    const button = h('button', { type: 'button', class: 'primary', onclick: upload }, icon('upload'), t('import.check'));
    main.append(h('section', { class: 'panel stack' }, h('p', {}, t('import.intro')), h('div', { class: 'row' }, input, button, h('button', { type: 'button', class: 'plain', onclick: template }, icon('download'), t('import.template')))), current);
    const past = list({
      path: '/api/v1/item-imports', name: 'imports',
      columns: [
        { title: t('import.at'), cell: (one) => instant(one.createdAt), text: (one) => one.createdAt },
        { title: t('state.title'), cell: (one) => h('span', { class: 'tag' }, t(`import.state.${one.state}`)), text: (one) => one.state },
        { title: t('import.rows'), class: 'num', cell: (one) => count(one.rows), text: (one) => one.rows },
        { title: t('import.bad'), class: 'num', cell: (one) => count(one.bad), text: (one) => one.bad },
        { title: t('movement.by'), cell: (one) => one.createdBy, text: (one) => one.createdBy },
      ],
      open: async (one) => { try { show(await get(`/api/v1/item-imports/${one.id}`)); scrollTo(0, 0); } catch (error) { fail(error); } },
    });
    past.element.classList.add('cards');
    main.append(h('h2', {}, t('import.past')), past.element);

    async function upload() {
      const file = input.files[0];
      if (!file) return input.focus();
      button.disabled = true;
      fill(current, h('p', { role: 'status' }, t('import.reading', { name: file.name })));
      try {
        show(await post('/api/v1/item-imports', await file.arrayBuffer(), { type: 'text/csv' }));
        past.reload();
      } catch (error) { fill(current); fail(error); } finally { button.disabled = false; }
      return undefined;
    }

    function show(batch) {
      const step = async (path, body, said) => {
        try { show(await post(`/api/v1/item-imports/${batch.id}/${path}`, body)); toast(t(said)); past.reload(); } catch (error) { fail(error); }
      };
      fill(current, h('section', { class: 'panel stack' },
        h('div', { class: 'row' }, h('h2', { class: 'grow' }, t(`import.state.${batch.state}`)), h('span', { class: 'quiet' }, instant(batch.createdAt))),
        h('div', { class: 'figures' }, [['import.rows', batch.rows], ['import.good', batch.good], ['import.bad', batch.bad], ['import.newItems', batch.newItems], ['import.newCodes', batch.newCodes]]
          .map(([key, value]) => h('div', { class: `figure${key === 'import.bad' && value ? ' attention' : ''}` }, h('strong', {}, count(value)), h('span', {}, t(key))))),
        batch.errors?.length ? errors(batch) : null,
        batch.sample?.length ? preview(batch.sample) : null,
        h('div', { class: 'buttons' }, buttons(batch, step))));
    }
  },
});

function buttons(batch, step) {
  if (batch.state === 'previewed') {
    return [
      h('button', { type: 'button', onclick: () => step('discarding', {}, 'import.discarded') }, t('import.discard')),
      batch.bad && batch.good ? h('button', { type: 'button', onclick: () => step('application', { mode: 'skip_bad' }, 'import.applied') }, t('import.skipBad', { n: count(batch.good) })) : null,
      batch.bad ? null : h('button', { type: 'button', class: 'primary', onclick: () => step('application', { mode: 'all_or_nothing' }, 'import.applied') }, t('import.apply', { n: count(batch.good) })),
    ];
  }
  if (batch.state !== 'applied') return [];
  return [h('button', { type: 'button', class: 'danger', onclick: async () => { if (await confirm(t('import.undo'), t('import.undo.text'), t('import.undo'))) step('undo', {}, 'import.undone'); } }, icon('undo'), t('import.undo'))];
}

function errors(batch) {
  return h('div', { class: 'stack' },
    h('div', { class: 'row' }, h('h3', { class: 'grow' }, t('import.errors')), h('a', { class: 'button', href: `/api/v1/item-imports/${batch.id}/errors.csv`, download: '' }, icon('download'), t('import.errorFile'))),
    h('div', { class: 'tablewrap', tabindex: 0, role: 'region', 'aria-label': t('import.errors') }, h('table', {},
      h('thead', {}, h('tr', {}, ['import.row', 'import.column', 'import.value', 'import.error'].map((key) => h('th', { scope: 'col' }, t(key))))),
      h('tbody', {}, batch.errors.slice(0, 100).map((one) => h('tr', {}, h('td', { class: 'num' }, one.row), h('td', {}, h('code', {}, one.column ?? '')), h('td', {}, one.value ?? ''), h('td', {}, t(`problem.${one.code}.title`))))))));
}

function preview(rows) {
  const names = Object.keys(rows[0].cells);
  return h('details', { class: 'alt' }, h('summary', {}, t('import.preview')), h('div', { class: 'tablewrap', tabindex: 0, role: 'region', 'aria-label': t('import.preview') }, h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('import.row')), names.map((one) => h('th', { scope: 'col' }, one)))),
    h('tbody', {}, rows.map((one) => h('tr', {}, h('td', { class: 'num' }, one.row), names.map((name) => h('td', {}, one.cells[name]))))))));
}

function template() {
  const link = h('a', { href: URL.createObjectURL(new Blob(['\ufeff', columns.join(','), '\r\n', sample.join(','), '\r\n'], { type: 'text/csv' })), download: 'items.csv' });
  link.click();
  URL.revokeObjectURL(link.href);
}
