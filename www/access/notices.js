// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What happened to one's own account, until one has put it away.

import { remove } from '/ui/kit/api.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

export function show(main, session) {
  const box = h('section', { class: 'notice', 'aria-label': t('notice.title') }, icon('shield'),
    h('div', { class: 'grow stack' },
      session.notices.map((one) => h('p', {}, h('strong', {}, t(`notice.${one.kind}`, { by: one.by })), ' ', instant(one.at))),
      h('p', {}, t('notice.fix'))),
    h('button', { type: 'button', onclick: async () => { try { await remove('/api/v1/session/notices'); box.remove(); } catch (error) { fail(error); } } }, t('notice.seen')));
  main.append(box);
}
