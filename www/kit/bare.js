// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The frame of the screens before anybody is signed in.

import { fill, h } from '/ui/kit/html.js';
import { language, load, t } from '/ui/kit/i18n.js';
import { applyTheme } from '/ui/kit/theme.js';

/** Shows `render(panel)` in the middle of an otherwise empty page, again when the language changes. */
export async function barePage(title, render) {
  applyTheme();
  await load();
  document.body.className = 'bare';
  const show = async () => {
    document.title = `${t(title)} · Sluice`;
    const panel = h('div', { class: 'panel stack' });
    const other = language() === 'en' ? 'zh-CN' : 'en';
    fill(document.body, h('main', { id: 'main', class: 'stack' },
      h('div', { class: 'row' }, h('span', { class: 'brand' }, h('span', { class: 'mark', 'aria-hidden': 'true' }), 'Sluice'), h('span', { class: 'grow' }),
        h('button', { type: 'button', class: 'plain', lang: other, onclick: async () => { await load(other); show(); } }, other === 'en' ? 'English' : '中文')),
      panel));
    panel.append(h('h1', {}, t(title)));
    await render(panel);
    panel.querySelector('input:not([type=checkbox], [type=radio])')?.focus();
  };
  await show();
}
