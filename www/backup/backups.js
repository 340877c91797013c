// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { editPlace } from '/ui/backup/place.js';
import { timeline } from '/ui/backup/timeline.js';
import { get, post } from '/ui/kit/api.js';
import { confirm } from '/ui/kit/dialog.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { has, t, whole } from '/ui/kit/i18n.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

/** The page looks again after this many milliseconds, and sooner while a job runs. */
const calm = 20000;
const busy = 1000;
/** Jobs that can be run from here. */
const jobs = { snapshot: 'backup.now', drill: 'backup.drill', verify: 'backup.verify' };

/** The name of a job without its room; others have none. */
const own = (job) => (job.name.startsWith('backup.') ? job.name.slice(7) : '');
const run = (name) => post(`/api/v1/jobs/backup.${name}/run`, {});

page({
  title: 'backup.title',
  render: async (main, session) => {
    await whole();
    const may = (right) => session.permissions.includes(right);
    const place = { verdict: h('section', { class: 'panel verdict' }), work: h('div', { class: 'work', role: 'status' }), figures: h('section', { class: 'figures' }), targets: h('section', { class: 'panel stack' }), points: h('section', { class: 'panel stack' }), drills: h('section', { class: 'panel stack' }) };
    let timer;
    let running = null;
    let drawn = '';

    async function draw() {
      clearTimeout(timer);
      const [state, points, drills, list] = await Promise.all([get('/api/v1/backups'), get('/api/v1/backups/points'), get('/api/v1/backups/drills?limit=30'), may('job.see') ? get('/api/v1/jobs') : { items: [] }]);
      const now = list.items.find((one) => one.running && own(one) in jobs);
      if (running && !now) ended(list.items.find((one) => own(one) === running));
      running = now ? own(now) : null;
      showWork(place.work, now && { name: running, percent: now.percent });
      // Redrawing what did not change would take the focus from whoever is at a button.
      const fresh = JSON.stringify([state.verdict, state.concerns, state.capture.commit, state.targets, points, drills, running]);
      if (fresh !== drawn) {
        drawn = fresh;
        showVerdict(place.verdict, state, running, may, start);
        showFigures(place.figures, state);
        showTargets(place.targets, state, may, draw);
        timeline(place.points, points.items, state);
        showDrills(place.drills, drills.items);
      }
      timer = setTimeout(() => draw().catch(fail), running ? busy : calm);
    }

    async function start(name) {
      try {
        await run(name);
        running = name;
        showWork(place.work, { name, percent: null });
        timer = setTimeout(() => draw().catch(fail), 300);
      } catch (error) { fail(error); }
    }

    main.append(place.verdict, place.work, place.figures, place.targets, place.points, place.drills, howTo());
    await draw();
  },
});

function ended(job) {
  if (!job?.lastResult) return;
  toast(t('backup.result', { name: t(jobs[own(job)]), result: t(`job.result.${job.lastResult}`) }), { kind: job.lastResult === 'done' ? 'ok' : 'bad', detail: has(`problem.${job.lastNote}.fix`) ? t(`problem.${job.lastNote}.fix`) : job.lastNote });
}

function showWork(place, job) {
  if (!job) return fill(place);
  const name = t('backup.working', { name: t(jobs[job.name]) });
  const bar = place.querySelector('progress');
  if (bar?.dataset.job === job.name && job.percent !== null) { bar.value = job.percent; bar.max = 100; return place; }
  return fill(place, h('span', {}, name), h('progress', { 'aria-label': name, 'data-job': job.name, max: 100, ...(job.percent === null ? {} : { value: job.percent }) }));
}

function showVerdict(place, state, running, may, start) {
  const verdict = state.possible ? state.verdict : 'attention';
  place.className = `panel verdict ${verdict}`;
  const reached = state.targets.map((one) => one.commitAt).filter(Boolean).sort()[0];
  const good = t(state.lastGoodDrillAt ? 'backup.good.text' : 'backup.good.young', { at: instant(reached) });
  fill(place, icon(verdict === 'good' ? 'shield' : 'alert'), h('h2', {}, t(`backup.verdict.${verdict}`)),
    !state.possible ? h('p', {}, t('backup.practice'))
      : state.concerns.length ? h('ul', {}, state.concerns.map((one) => h('li', {}, t(`backup.concern.${one}`, { fault: state.capture.fault ?? '–' })))) : h('p', {}, good),
    state.possible && state.targets.length && may('job.run') ? h('div', { class: 'actions' }, Object.entries(jobs).map(([name, key], index) => h('button', {
      type: 'button', class: index === 0 ? 'primary' : '', disabled: running !== null, onclick: () => start(name) }, icon(['upload', 'undo', 'check'][index]), t(key)))) : null);
}

/** A span of time in one unit that people use. */
function duration(seconds) {
  const units = [['days', 86400], ['hours', 3600], ['minutes', 60], ['seconds', 1]];
  const [unit, size] = units.find(([, one]) => seconds >= one * 2) ?? units[3];
  return t(`backup.${unit}`, { n: Math.floor(seconds / size) });
}

function since(now, then) {
  if (then && Date.parse(now) - Date.parse(then) < 5000) return t('backup.justNow');
  return then ? t('backup.ago', { time: duration(Math.max(0, (Date.parse(now) - Date.parse(then)) / 1000)) }) : t('backup.never');
}

function showFigures(place, state) {
  const drill = state.lastDrill;
  const figure = (value, label, attention) => h('div', { class: `figure${attention ? ' attention' : ''}` }, h('strong', {}, value), h('span', {}, label));
  if (!state.targets.length) return fill(place);
  return fill(place,
    figure(since(state.now, state.capture.at), t('backup.figure.captured'), Boolean(state.capture.fault)),
    drill ? figure(duration(drill.lossSeconds), t('backup.figure.loss'), false) : null,
    figure(since(state.now, state.lastGoodDrillAt), t('backup.figure.drill'), state.concerns.includes('drill_old') || state.concerns.includes('drill_failed')),
    drill?.good ? figure(duration(Math.max(1, Math.ceil(drill.restoreMilliseconds / 1000))), t('backup.figure.restore'), false) : null);
}

function showTargets(place, state, may, changed) {
  const add = may('backup.manage') && state.possible ? h('button', { type: 'button', class: state.targets.length ? '' : 'primary', onclick: () => editPlace(null, () => shipped(changed)) }, icon('plus'), t('backup.target.add')) : null;
  fill(place, h('div', { class: 'row' }, h('h2', { class: 'grow' }, t('backup.targets')), state.targets.length ? add : null),
    state.targets.length ? h('div', { class: 'targets' }, state.targets.map((one) => card(one, may, changed)))
      : h('div', { class: 'empty' }, icon('shield'), h('h3', {}, t('backup.targets.empty')), h('p', {}, t('backup.targets.empty.fix')), add));
}

function card(target, may, changed) {
  const state = target.damage ? ['bad', t('backup.target.damaged', { at: instant(target.damageSince) })] : target.fault ? ['bad', t('backup.target.failing', { at: instant(target.faultSince) })] : target.snapshotAt ? ['good', t('backup.target.ok')] : ['', t('backup.target.waiting')];
  const row = (key, value) => [h('dt', {}, t(key)), h('dd', {}, value)];
  return h('article', { class: 'target' },
    h('div', { class: 'row' }, h('h3', { class: 'grow' }, target.name), h('span', { class: `tag ${state[0]}` }, icon(state[0] === 'bad' ? 'alert' : state[0] === 'good' ? 'check' : 'clock'), state[1])),
    h('p', { class: 'where' }, h('span', { class: 'quiet' }, t(`backup.kind.${target.kind}`)), h('code', {}, target.place)),
    target.damage ? h('div', { class: 'trouble' }, h('p', {}, t('backup.target.damaged.text', { words: target.damage.slice(0, 300) }))) : null,
    target.fault ? trouble(target) : null,
    target.snapshotAgainAt ? h('p', { class: 'again' }, icon('clock'), t('backup.target.again', { n: count(target.snapshotTries), at: instant(target.snapshotAgainAt) })) : null,
    target.sameDisk ? h('p', { class: 'same' }, icon('alert'), t('backup.target.sameDisk')) : null,
    h('dl', { class: 'facts' },
      row('backup.target.reached', instant(target.commitAt)), row('backup.target.snapshot', instant(target.snapshotAt)), row('backup.target.verified', instant(target.verifiedAt)),
      target.olderKeys.map((one) => [h('dt', {}, t('backup.target.olderKey', { epoch: one.keyEpoch })), h('dd', {}, instant(one.verifiedAt))])),
    target.olderKeys.length ? h('p', { class: 'quiet' }, t('backup.target.olderKey.text')) : null,
    may('backup.manage') ? h('div', { class: 'buttons' },
      h('button', { type: 'button', onclick: (event) => testPlace(target, event.currentTarget) }, t('backup.target.test')),
      h('button', { type: 'button', onclick: () => editPlace(target, () => shipped(changed)) }, t('backup.target.change')),
      h('button', { type: 'button', class: 'danger', onclick: () => removeTarget(target, changed) }, t('backup.target.remove'))) : null);
}

/** What is wrong with a place, and what to do; the words of whoever tried stand below. */
function trouble(target) {
  const known = has(`problem.${target.fault}.title`);
  const words = target.faultWords.slice(0, 300);
  return h('div', { class: 'trouble' }, h('p', {}, h('strong', {}, known ? t(`problem.${target.fault}.title`) : words), known ? ` ${t(`problem.${target.fault}.fix`)}` : ''),
    known && words ? h('p', { class: 'sub' }, words) : null);
}

async function testPlace(target, button) {
  button.disabled = true;
  try {
    const found = await post(`/api/v1/backups/targets/${target.id}/probe`, {});
    toast(target.name, { detail: t(found.mayDelete ? 'backup.test.works' : 'backup.test.keeps') });
  } catch (error) { fail(error); } finally { button.disabled = false; }
}

async function shipped(changed) {
  await run('ship').catch(fail);
  await changed();
  setTimeout(() => changed().catch(fail), 3000);
}

async function removeTarget(target, changed) {
  if (!await confirm(t('backup.target.remove'), t('backup.target.remove.text', { name: target.name }), t('backup.target.remove'))) return;
  try { await post(`/api/v1/backups/targets/${target.id}/removal`, {}); toast(t('backup.target.removed')); await changed(); } catch (error) { fail(error); }
}

function showDrills(place, drills) {
  const heads = ['backup.drill.at', 'backup.drill.result', 'backup.point.target', 'backup.drill.loss', 'backup.drill.restore', 'backup.drill.content'];
  fill(place, h('h2', {}, t('backup.drills')), h('p', { class: 'quiet' }, t('backup.drills.text')),
    drills.length ? h('div', { class: 'tablewrap cards', tabindex: 0, role: 'region', 'aria-label': t('backup.drills') }, h('table', {},
      h('thead', {}, h('tr', {}, heads.map((key) => h('th', { scope: 'col' }, t(key))))),
      h('tbody', {}, drills.map((one) => h('tr', {},
        h('td', { 'data-title': t('backup.drill.at') }, instant(one.at)),
        h('td', { 'data-title': t('backup.drill.result') }, h('span', {}, h('span', { class: `tag ${one.good ? 'good' : 'bad'}` }, icon(one.good ? 'check' : 'alert'), t(one.good ? 'backup.drill.good' : 'backup.drill.bad')), one.good ? null : h('span', { class: 'sub faults' }, one.faults))),
        h('td', { 'data-title': t('backup.point.target') }, one.target),
        h('td', { 'data-title': t('backup.drill.loss') }, duration(one.lossSeconds)),
        h('td', { 'data-title': t('backup.drill.restore') }, one.good ? duration(Math.max(1, Math.ceil(one.restoreMilliseconds / 1000))) : '–'),
        h('td', { 'data-title': t('backup.drill.content') }, one.good ? t('backup.drill.rows', { tables: count(one.tables), rows: count(one.rows) }) : '–')))))) : h('p', { class: 'quiet' }, t('backup.drills.none')));
}

function howTo() {
  return h('details', { class: 'panel alt' }, h('summary', {}, t('backup.howto')), h('p', {}, t('backup.howto.text')),
    h('pre', { tabindex: 0 }, 'systemctl stop sluiced\nsluicectl restore --from /mnt/backup --to latest\nsystemctl start sluiced\nsluicectl restore --commit'),
    h('p', {}, t('backup.howto.remote')), h('pre', { tabindex: 0 }, t('backup.howto.remote.lines')));
}
