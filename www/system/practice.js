// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, remove } from '/ui/kit/api.js';
import { confirm } from '/ui/kit/dialog.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { fail } from '/ui/kit/toast.js';

page({
  title: 'practice.title',
  render: async (main) => {
    const panel = h('section', { class: 'panel stack', 'aria-live': 'polite' });
    main.append(panel);
    const { active, items, movements } = await get('/api/v1/practice');
    fill(panel, h('p', {}, t('practice.text')), active ? h('p', {}, t('practice.now', { items: count(items), movements: count(movements) })) : null,
      h('div', {}, active
        ? h('button', { type: 'button', class: 'danger', onclick: clear }, t('practice.clear'))
        : h('button', { type: 'button', class: 'primary', onclick: load }, icon('flag'), t('practice.load'))));

    async function load() {
      fill(panel, h('p', { role: 'status' }, t('practice.loading')), h('progress', { 'aria-label': t('practice.loading') }));
      await change(() => post('/api/v1/practice', {}));
    }

    async function clear() {
      if (await confirm(t('practice.clear'), t('practice.clear.text'), t('practice.clear'))) await change(() => remove('/api/v1/practice'));
    }
  },
});

/** The books are changed under the page: it begins anew once the others are open. */
async function change(step) {
  try {
    await step();
    for (;;) {
      if (await get('/health/ready').then(() => true, () => false)) return location.assign('/ui/');
      await new Promise((resolve) => { setTimeout(resolve, 200); });
    }
  } catch (error) {
    fail(error);
    return setTimeout(() => location.reload(), 3000);
  }
}
