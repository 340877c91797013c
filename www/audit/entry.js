// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// One entry of the journal: what it is called, what it changed, where its record is.

import { open } from '/ui/kit/dialog.js';
import { h } from '/ui/kit/html.js';
import { has, t } from '/ui/kit/i18n.js';
import { instant } from '/ui/kit/when.js';

/** Where a record of each kind has its page. */
const pages = {
  itm: (id) => `/ui/catalog/item.html?id=${id}`,
  plc: (id) => `/ui/inventory/balances.html?place=${id}`,
  whs: () => '/ui/inventory/places.html',
  usr: () => '/ui/access/users.html',
  dev: () => '/ui/access/devices.html',
  tgt: () => '/ui/backup/backups.html',
  prk: () => '/ui/scanning/parked.html',
};

export function kindName(kind) {
  return has(`event.${kind}`) ? t(`event.${kind}`) : kind;
}

/** The record's page when it has one, else its name. */
export function recordLink(subject) {
  const link = pages[subject.split('-')[0]]?.(subject);
  return link ? h('a', { href: link }, subject) : subject || '–';
}

const factName = (name) => (has(`fact.${name}`) ? t(`fact.${name}`) : name);

function value(fact) {
  if (fact === null || fact === '') return '–';
  if (typeof fact === 'boolean') return t(fact ? 'fact.yes' : 'fact.no');
  if (Array.isArray(fact)) return fact.length ? fact.map(value).join(', ') : '–';
  if (typeof fact === 'object') return Object.entries(fact).map(([name, one]) => `${factName(name)} ${value(one)}`).join(' · ');
  if (/^\d{4}-\d\d-\d\dT.*Z$/.test(fact)) return instant(fact);
  return String(fact);
}

/** Pairs of an old and a new value; lists are pairs where nothing else of that name has two. */
const isChange = (name, fact) => Array.isArray(fact) && fact.length === 2 && !['codes', 'packagings', 'variants', 'factors', 'extended'].includes(name);

/** Everything about an entry, with what was before and after. */
export function show(entry) {
  const facts = Object.entries(entry.facts);
  const changed = facts.filter(([name, fact]) => isChange(name, fact) && JSON.stringify(fact[0]) !== JSON.stringify(fact[1]));
  const others = facts.filter(([name, fact]) => !isChange(name, fact));
  open(kindName(entry.kind), [
    h('dl', { class: 'facts' }, pairs([
      [t('movement.at'), instant(entry.at)],
      [t('movement.by'), `${entry.actorName ?? t('field.masked')} (${entry.actor})`],
      [t('journal.subject'), recordLink(entry.subject)],
      entry.origin?.address ? [t('journal.address'), h('a', { href: `/ui/audit/journal.html?address=${encodeURIComponent(entry.origin.address)}` }, entry.origin.address)] : null,
      entry.origin ? [t('journal.credential'), t(`credential.${entry.origin.credential}`)] : null,
      entry.origin ? [t('journal.route'), h('code', {}, entry.origin.route)] : null,
    ])),
    changed.length ? h('div', { class: 'tablewrap' }, h('table', { class: 'changes' },
      h('caption', {}, t('journal.changes')),
      h('thead', {}, h('tr', {}, ['journal.field', 'journal.before', 'journal.after'].map((key) => h('th', { scope: 'col' }, t(key))))),
      h('tbody', {}, changed.map(([name, [before, after]]) => h('tr', {}, h('th', { scope: 'row' }, factName(name)), h('td', { class: 'before' }, value(before)), h('td', { class: 'after' }, value(after))))))) : null,
    others.length ? h('dl', { class: 'facts' }, pairs(others.map(([name, fact]) => [factName(name), value(fact)]))) : null,
    h('details', { class: 'alt' }, h('summary', {}, t('journal.proof')), h('dl', { class: 'facts' }, pairs([[t('journal.seq'), String(entry.seq)], [t('journal.kind'), h('code', {}, entry.kind)], [t('journal.hash'), h('code', {}, entry.hash)]]))),
  ], { wide: changed.length > 0 });
}

function pairs(list) {
  return list.filter(Boolean).flatMap(([name, one]) => [h('dt', {}, name), h('dd', {}, one)]);
}
