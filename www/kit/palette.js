// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Ctrl-K: any page, any item, by name, code, barcode or pinyin initials.

import { get, query } from '/ui/kit/api.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { shortcut } from '/ui/kit/scan.js';

const delay = 120;

export function install(pages) {
  const open = () => show(pages);
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.code === 'KeyK') { event.preventDefault(); open(); }
  });
  shortcut('/', open);
  document.getElementById('palette-button')?.addEventListener('click', open);
}

function show(pages) {
  if (document.querySelector('dialog.palette')) return;
  let timer;
  let chosen = 0;
  const results = h('ul', { id: 'palette-list', role: 'listbox', 'aria-label': t('palette.results') });
  const input = h('input', { type: 'search', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-label': t('palette.hint'), placeholder: t('palette.hint'), autocomplete: 'off' });
  const dialog = h('dialog', { class: 'palette', 'aria-label': t('palette.open') }, h('div', { class: 'palette-field' }, icon('search'), input), results);

  const mark = () => [...results.children].forEach((one, index) => {
    one.setAttribute('aria-selected', String(index === chosen));
    if (index === chosen) { input.setAttribute('aria-activedescendant', one.id); one.scrollIntoView({ block: 'nearest' }); }
  });
  const line = (href, name, label, note) => h('li', { role: 'option', id: `p-${Math.random().toString(36).slice(2)}`, 'data-href': href, onclick: () => location.assign(href) },
    icon(name), h('span', { class: 'grow' }, label), note ? h('span', { class: 'quiet' }, note) : null);
  const local = (text) => pages.filter((one) => t(one.key).toLowerCase().includes(text.toLowerCase())).map((one) => line(one.href, one.icon, t(one.key)));

  async function search() {
    const text = input.value.trim();
    chosen = 0;
    fill(results, local(text));
    mark();
    if (!text) return;
    const page = await get(query('/api/v1/items', { q: text, limit: 8 })).catch(() => ({ items: [] }));
    if (input.value.trim() !== text) return;
    page.items.forEach((item) => results.append(line(`/ui/catalog/item.html?id=${item.id}`, 'box', item.name, item.code)));
    if (!results.children.length) results.append(h('li', { class: 'quiet', role: 'option' }, t('palette.none')));
    mark();
  }

  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(search, delay); });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); chosen = Math.max(0, Math.min(results.children.length - 1, chosen + step)); mark(); }
    if (event.key === 'Enter') { event.preventDefault(); const href = results.children[chosen]?.dataset.href; if (href) location.assign(href); }
  });
  dialog.addEventListener('close', () => dialog.remove());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  search();
}
