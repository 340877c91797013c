// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The banner of somebody who looks through another's eyes.

import { remove } from '/ui/kit/api.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { clock } from '/ui/kit/when.js';

/** Says through whose eyes the page looks, and until when; then it loads anew by itself. */
export function banner(viewing) {
  setTimeout(() => location.reload(), Math.max(1000, new Date(viewing.until) - Date.now()));
  return h('div', { class: 'practice viewing', role: 'note' }, icon('person'), h('span', {}, t('view.banner', { name: viewing.name, time: clock(viewing.until) })),
    h('button', { type: 'button', onclick: async () => { await remove('/api/v1/session/view').catch(() => null); location.assign('/ui/access/users.html'); } }, t('view.end')));
}
