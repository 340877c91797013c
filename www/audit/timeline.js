// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What happened to one record, newest first: for the record's own page.

import { get, query } from '/ui/kit/api.js';
import { fill, h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { kindName, show } from '/ui/audit/entry.js';

/** Entries shown; the journal has the rest. */
const shown = 20;

/** A part of a page that reads the timeline when it is opened; nothing for whoever may not see it. */
export function timeline(session, subject) {
  if (!session.permissions.includes('journal.see')) return null;
  const body = h('div', { class: 'stack' });
  const box = h('details', { class: 'alt timeline' }, h('summary', {}, t('timeline.title')), body);
  box.addEventListener('toggle', () => { if (box.open && !body.childElementCount) draw(body, subject).catch(fail); });
  return box;
}

async function draw(body, subject) {
  fill(body, h('p', { class: 'quiet', role: 'status' }, t('timeline.reading')));
  const { items, next } = await get(query('/api/v1/journal', { subject, limit: shown }));
  fill(body,
    items.length ? h('ol', {}, items.map((one) => h('li', { class: 'oneline' },
      h('div', {}, h('strong', {}, kindName(one.kind)), h('p', { class: 'quiet' }, `${instant(one.at)} · ${one.actorName ?? one.actor}`)),
      h('button', { type: 'button', class: 'plain', 'aria-label': `${t('timeline.details')}: ${kindName(one.kind)}, ${instant(one.at)}`, onclick: () => show(one) }, t('timeline.details'))))) : h('p', { class: 'quiet' }, t('timeline.none')),
    next ? h('a', { href: `/ui/audit/journal.html?subject=${encodeURIComponent(subject)}` }, t('timeline.all')) : null);
}
