// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What an administrator should know, as one line on the overview.

import { get } from '/ui/kit/api.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';

/** A line that leads to the findings; nothing when there are none. */
export async function findingsNotice(session) {
  if (!session.permissions.includes('journal.see')) return null;
  const { items, next } = await get('/api/v1/findings?state=open&limit=100');
  if (!items.length) return null;
  return h('div', { class: 'notice', role: 'status' }, icon('alert'), h('div', { class: 'grow' },
    h('strong', {}, t('finding.notice', { n: items.length, count: next ? `${items.length}+` : items.length })),
    h('p', {}, t(`finding.${items[0].rule}`))), h('a', { class: 'button', href: '/ui/audit/journal.html' }, t('finding.look')));
}
