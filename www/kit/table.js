// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The list page: query bar, rows, more on demand, keyboard, export.

import { get, query as address } from '/ui/kit/api.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail, failedPanel, toast } from '/ui/kit/toast.js';

/** Rows that an export reads at most; beyond it the person narrows the list first. */
const exportMax = 20000;

/**
 * A list of what `path` gives, page by page.
 *
 * `columns` are {key, title, cell(row), text(row), class}; `filters` are form fields whose names are
 * query fields of `path`; `fixed` is always part of the query; `adapt` makes the fields of the query of
 * what was typed. The filter stands in the address, so
 * a list can be kept and sent.
 */
export function list({ path, columns, filters = [], fixed = {}, open, empty, actions = [], name = 'list', adapt = (values) => values }) {
  let next = null;
  let loading = null;
  const rows = [];
  const body = h('tbody');
  const table = h('table', {}, h('thead', {}, h('tr', {}, columns.map((one) => h('th', { scope: 'col', class: one.class }, one.title)))), body);
  const below = h('div', { class: 'below' });
  const chips = h('div', { class: 'chips' });
  const bar = h('form', { class: 'querybar', role: 'search' }, filters,
    h('div', { class: 'querybar-actions' },
      h('button', { type: 'submit' }, icon('search'), t('action.search')),
      h('button', { type: 'button', class: 'plain', onclick: exportCSV }, icon('download'), t('action.export')),
      actions));
  const element = h('section', { class: 'listpage' }, bar, chips, h('div', { class: 'tablewrap', tabindex: 0, role: 'region', 'aria-label': t('list.region') }, table), below);

  const params = new URLSearchParams(location.search);
  for (const control of bar.elements) if (control.name && params.has(control.name)) control.value = params.get(control.name);
  bar.addEventListener('submit', (event) => { event.preventDefault(); search(); });
  bar.addEventListener('change', (event) => { if (event.target.tagName === 'SELECT') search(); });
  element.addEventListener('keydown', keys);

  function narrowed() {
    const values = { ...Object.fromEntries(hidden()), ...fixed };
    for (const control of bar.elements) if (control.name && control.value.trim()) values[control.name] = control.value.trim();
    return adapt(values);
  }

  /** Query fields of the address that have no field of their own: a drill-down from another page. */
  function hidden() {
    const own = new Set([...bar.elements].map((one) => one.name));
    return [...new URLSearchParams(location.search)].filter(([key]) => !own.has(key) && !key.endsWith('Name'));
  }

  function showChips() {
    const shown = new URLSearchParams(location.search);
    fill(chips, hidden().filter(([key]) => !(key in fixed)).map(([key, value]) => h('button', {
      type: 'button', class: 'chip', 'aria-label': t('list.unfilter', { name: t(`filter.${key}`) }),
      onclick: () => { shown.delete(key); shown.delete(`${key}Name`); location.search = shown; },
    }, `${t(`filter.${key}`)}: ${shown.get(`${key}Name`) ?? value}`, icon('close'))));
  }

  function search() {
    const values = new URLSearchParams(location.search);
    for (const control of bar.elements) {
      if (!control.name) continue;
      if (control.value.trim()) values.set(control.name, control.value.trim());
      else values.delete(control.name);
    }
    history.replaceState(null, '', `${location.pathname}${[...values].length ? `?${values}` : ''}`);
    return reload();
  }

  async function reload() {
    loading?.abort();
    const turn = new AbortController();
    loading = turn;
    const skeleton = setTimeout(() => { if (!rows.length) fill(body, [1, 2, 3].map(() => h('tr', { class: 'skeleton' }, columns.map(() => h('td', {}, ' '))))); }, 200);
    try {
      const page = await get(address(path, narrowed()), { signal: turn.signal });
      rows.length = 0;
      fill(body);
      append(page);
    } catch (error) {
      if (error.name !== 'AbortError') { fill(body); failedPanel(below, error, reload); }
    } finally {
      clearTimeout(skeleton);
      showChips();
    }
  }

  function append(page) {
    for (const row of page.items) {
      const index = rows.push(row) - 1;
      const line = h('tr', { tabindex: index === 0 ? 0 : -1, 'data-index': index, class: open ? 'link' : '' },
        columns.map((one) => h('td', { class: one.class, 'data-title': one.title }, one.cell(row))));
      if (open) line.addEventListener('click', (event) => { if (!event.target.closest('a, button, input')) open(row, line); });
      body.append(line);
    }
    next = page.next;
    if (!rows.length && next) return fill(below, h('p', { class: 'quiet' }, t('list.further')), h('button', { type: 'button', onclick: more }, t('action.more')));
    if (!rows.length) return fill(below, empty?.() ?? h('div', { class: 'empty' }, icon('box'), h('h2', {}, t('list.empty')), h('p', {}, t('list.empty.fix'))));
    return fill(below, next ? h('button', { type: 'button', onclick: more }, t('action.more')) : h('p', { class: 'quiet' }, t('list.end', { n: rows.length })));
  }

  async function more() {
    try {
      append(await get(address(path, { ...narrowed(), after: next })));
      body.children[body.children.length - 1]?.scrollIntoView({ block: 'nearest' });
    } catch (error) { fail(error); }
  }

  function keys(event) {
    const line = event.target.closest?.('tr[data-index]');
    if (!line || event.target !== line) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const other = body.children[Number(line.dataset.index) + step];
      if (other) { line.tabIndex = -1; other.tabIndex = 0; other.focus(); }
    } else if (event.key === 'Enter' && open) open(rows[Number(line.dataset.index)], line);
  }

  /** The whole filtered list as CSV, with the mark that makes a spreadsheet read UTF-8. */
  async function exportCSV() {
    try {
      const lines = [columns.map((one) => one.title)];
      let after;
      do {
        // The daemon keeps who made a file of which list.
        const page = await get(address(path, { ...narrowed(), limit: 200, after }), { headers: { 'Sluice-Purpose': 'export' } });
        page.items.forEach((row) => lines.push(columns.map((one) => (one.text ?? ((each) => each[one.key]))(row) ?? '')));
        after = page.next;
      } while (after && lines.length <= exportMax);
      if (after) toast(t('list.export.cut', { n: exportMax }), { kind: 'warn' });
      const csv = lines.map((cells) => cells.map(cell).join(',')).join('\r\n');
      const link = h('a', { href: URL.createObjectURL(new Blob(['\ufeff', csv], { type: 'text/csv' })), download: `${name}.csv` });
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (error) { fail(error); }
  }

  reload();
  return { element, reload, rows, narrowed };
}

/** A cell that a spreadsheet takes as text and never as a formula. */
function cell(value) {
  const plain = String(value);
  const safe = /^[=+\-@\t\r]/.test(plain) && !/^-?[\d.]+$/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
