// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What an administrator should know, as a list to be worked off.

import { get, post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

/** The open findings, each with what it is, the entries behind it and a way to clear it. */
export async function drawFindings(place, session) {
  const { items } = await get('/api/v1/findings?state=open&limit=100');
  const may = session.permissions.includes('finding.clear');
  if (!items.length) return fill(place, h('h2', {}, t('finding.title')), h('p', { class: 'quiet row' }, icon('check'), t('finding.none')));
  return fill(place, h('h2', {}, t('finding.title')), h('ul', {}, items.map((one) => h('li', { class: 'oneline' },
    h('div', {}, h('strong', {}, t(`finding.${one.rule}`)), h('p', { class: 'quiet' }, detail(one)), h('p', {}, t(`finding.${one.rule}.fix`))),
    h('div', { class: 'row' },
      h('a', { class: 'button plain', href: entries(one) }, t('finding.entries')),
      may ? h('button', { type: 'button', 'aria-label': `${t('finding.clear')}: ${t(`finding.${one.rule}`)}`, onclick: () => clear(one, () => drawFindings(place, session)) }, t('finding.clear')) : null)))));
}

function detail(one) {
  return [instant(one.lastAt), one.actorName || one.actor, one.address, one.count > 1 ? t('finding.count', { n: one.count }) : '']
    .filter((text) => text && text !== 'guest').join(' · ');
}

/** Where the entries are that a finding is made of. */
function entries(one) {
  const narrow = one.actor.startsWith('usr-') ? { actor: one.actor } : one.address ? { address: one.address } : {};
  if (['failed_sign_ins', 'refusals'].includes(one.rule)) narrow.outcome = 'refused';
  return `/ui/audit/journal.html?${new URLSearchParams(narrow)}`;
}

function clear(one, done) {
  const close = open(t('finding.clear'), [h('p', {}, t(`finding.${one.rule}`)), form({
    fields: [field('reason', t('finding.reason'), { required: true, hint: t('finding.reason.hint') })],
    verb: t('finding.clear'), cancel: () => close(),
    submit: (values) => post(`/api/v1/findings/${one.id}/clearance`, values),
    done: () => { close(); toast(t('finding.cleared')); done(); },
  })]);
}
