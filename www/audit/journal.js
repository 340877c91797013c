// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { namesBehind, t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { dayAfter, instant, startOf } from '/ui/kit/when.js';
import { kindName, recordLink, show } from '/ui/audit/entry.js';
import { drawFindings } from '/ui/audit/findings.js';

page({
  title: 'journal.title',
  render: async (main, session) => {
    const findings = h('section', { class: 'panel stack', 'aria-live': 'polite' });
    const people = await actors(session);
    const journal = list({
      path: '/api/v1/journal', name: 'journal', adapt,
      filters: [
        field('actor', t('journal.actor'), people.length ? { options: [['', t('filter.all')], ...people] } : { placeholder: 'usr-1' }),
        field('kind', t('journal.kind'), { options: [['', t('filter.all')], ...kinds()] }),
        field('outcome', t('journal.outcome'), { options: [['', t('filter.all')], ['done', t('outcome.done')], ['refused', t('outcome.refused')]] }),
        field('since', t('journal.since'), { type: 'date' }), field('until', t('journal.until'), { type: 'date' }),
        field('subject', t('journal.subject'), { placeholder: 'itm-1' }),
        field('address', t('journal.address'), { placeholder: '192.168.1.20' }),
      ],
      columns: [
        { title: t('movement.at'), cell: (one) => instant(one.at), text: (one) => one.at },
        { title: t('journal.kind'), cell: (one) => (one.refused ? h('span', { class: 'tag bad' }, kindName(one.kind)) : kindName(one.kind)), text: (one) => one.kind },
        { title: t('movement.by'), cell: (one) => h('div', {}, who(one), h('span', { class: 'sub' }, where(one))), text: (one) => `${one.actorName ?? ''} ${one.actor}`.trim() },
        { title: t('journal.subject'), cell: (one) => recordLink(one.subject), text: (one) => one.subject },
        { title: t('journal.seq'), class: 'num', cell: (one) => one.seq, text: (one) => one.seq },
      ],
      open: show,
      actions: [session.permissions.includes('journal.export') ? h('button', { type: 'button', class: 'plain', onclick: () => take(journal.narrowed()) }, icon('shield'), t('journal.export')) : null],
    });
    journal.element.classList.add('cards', 'journal');
    main.append(h('p', { class: 'quiet' }, t('journal.intro')), findings, journal.element, proof());
    await drawFindings(findings, session);
    onEvent(({ kind }) => { if (kind.startsWith('audit.finding_')) drawFindings(findings, session).catch(fail); });
  },
});

/** Both days of a stretch are part of it. */
function adapt(values) {
  const { since, until, ...rest } = values;
  return { ...rest, ...(since ? { since: startOf(since) } : {}), ...(until ? { until: startOf(dayAfter(until)) } : {}) };
}

/** People and devices by name, as far as one may read them. */
async function actors(session) {
  const may = (right) => session.permissions.includes(right);
  const [users, devices] = await Promise.all([
    may('user.manage') ? get('/api/v1/users?limit=200') : { items: [] },
    may('device.manage') ? get('/api/v1/devices?limit=200') : { items: [] },
  ]);
  return [...users.items, ...devices.items].map((one) => [one.id, `${one.name} (${one.id})`]);
}

function kinds() {
  return namesBehind('event.').map((one) => [one, kindName(one)]).sort((a, b) => a[1].localeCompare(b[1]));
}

function who(one) {
  if (one.actor === 'guest') return t('journal.guest');
  return one.actor.startsWith('system:') && one.origin ? t(`credential.${one.origin.credential}`) : one.actorName ?? t('field.masked');
}

/** From where somebody came, or which job it was, when that is known. */
function where(one) {
  if (!one.origin) return one.actor;
  return one.origin.address ? `${one.actor} · ${one.origin.address}` : one.origin.route;
}

/** What can be checked: the chain, and lines that were kept elsewhere. */
function proof() {
  const verdict = h('div', { 'aria-live': 'polite' });
  const anchors = h('div', { class: 'stack' });
  const box = h('details', { class: 'panel alt' }, h('summary', {}, t('anchor.title')), h('div', { class: 'stack' },
    h('p', { class: 'quiet' }, t('anchor.text')), anchors,
    form({
      fields: [field('anchor', t('anchor.check'), { hint: t('anchor.check.hint'), type: 'area' })],
      verb: t('anchor.verify'),
      submit: (values) => post('/api/v1/journal/verification', { anchors: values.anchor.split('\n').map((one) => one.trim()).filter(Boolean) }),
      done: (answer) => showVerdict(verdict, answer),
    }), verdict));
  box.addEventListener('toggle', () => { if (box.open && !anchors.childElementCount) drawAnchors(anchors).catch(fail); });
  return box;
}

async function drawAnchors(place) {
  const { items } = await get('/api/v1/journal/anchors');
  const newest = items[0];
  fill(place,
    newest ? h('div', { class: 'secret' }, h('code', { class: 'grow' }, newest.line), h('button', { type: 'button', onclick: () => navigator.clipboard?.writeText(newest.line).then(() => toast(t('done.copied')), fail) }, t('action.copy'))) : h('p', { class: 'quiet' }, t('anchor.none')),
    newest ? h('p', { class: 'quiet' }, t('anchor.newest', { time: instant(newest.at), seq: newest.seq })) : null,
    h('div', { class: 'row' },
      h('button', { type: 'button', onclick: async () => { try { await post('/api/v1/journal/anchors', {}); await drawAnchors(place); } catch (error) { fail(error); } } }, t('anchor.make')),
      newest ? h('a', { class: 'button', href: `mailto:?subject=${encodeURIComponent(t('anchor.title'))}&body=${encodeURIComponent(newest.line)}` }, t('anchor.mail')) : null,
      newest ? h('button', { type: 'button', onclick: () => print(newest) }, t('anchor.print')) : null));
}

/** Puts the line on paper, alone. */
function print(anchor) {
  const paper = h('section', { class: 'paper' }, h('h1', {}, t('anchor.title')), h('p', {}, instant(anchor.at)), h('pre', { class: 'anchorline' }, anchor.line));
  document.body.append(paper);
  document.body.classList.add('printing');
  window.print();
  document.body.classList.remove('printing');
  paper.remove();
}

function showVerdict(place, answer) {
  fill(place, h('p', {}, h('span', { class: `tag ${answer.ok ? 'good' : 'bad'}` }, t(answer.ok ? 'verify.ok' : 'verify.bad'))),
    h('p', {}, answer.ok ? t('anchor.ok', { n: count(answer.entries) }) : t(`fault.${answer.fault}`, { seq: answer.seq })));
}

/** The list as it is narrowed, as two files: the entries and what proves them. */
async function take(narrowed) {
  const only = (name) => narrowed[name] ?? null;
  try {
    const answer = await post('/api/v1/journal/exports', { kind: only('kind'), actor: only('actor'), subject: only('subject'), address: only('address'), since: only('since'), until: only('until') });
    save(answer.fileName, answer.content);
    save(`${answer.fileName}.sig`, answer.signature);
    open(t('journal.export'), [h('p', {}, t('journal.exported', { n: count(answer.rows) })), h('pre', { tabindex: 0 }, `sluicectl audit check ${answer.fileName}`)]);
  } catch (error) { fail(error); }
}

function save(name, text) {
  const link = h('a', { href: URL.createObjectURL(new Blob([text], { type: 'text/plain' })), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}
