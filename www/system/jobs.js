// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post } from '/ui/kit/api.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

/** While a job runs the page looks again this often. */
const again = 1000;

page({
  title: 'jobs.title',
  render: async (main, session) => {
    const body = h('tbody');
    const may = session.permissions.includes('job.run');
    async function draw() {
      const jobs = (await get('/api/v1/jobs')).items;
      fill(body, jobs.map((one) => h('tr', {},
        h('td', { 'data-title': t('job.name') }, t(`job.${one.name}`), h('span', { class: 'sub' }, one.name)),
        h('td', { 'data-title': t('job.cadence') }, cadence(one.cadence)),
        h('td', { 'data-title': t('job.last') }, result(one), h('span', { class: 'sub' }, one.lastNote)),
        h('td', { 'data-title': t('job.lastAt') }, instant(one.lastEnd ?? one.lastStart)),
        h('td', { 'data-title': t('job.next') }, instant(one.next)),
        h('td', { 'data-title': t('action.actions') }, may ? h('button', { type: 'button', disabled: one.running, onclick: async () => { try { await post(`/api/v1/jobs/${one.name}/run`, {}); toast(t('job.started')); await draw(); } catch (error) { fail(error); } } }, icon('play'), t('job.run')) : null))));
      if (jobs.some((one) => one.running)) setTimeout(() => draw().catch(fail), again);
    }
    const verdict = h('section', { class: 'panel stack', 'aria-live': 'polite' });
    const check = h('button', { type: 'button', onclick: async () => {
      check.disabled = true;
      fill(verdict, h('p', { role: 'status' }, t('verify.running')), h('progress', { 'aria-label': t('verify.running') }));
      try { showVerdict(verdict, await post('/api/v1/verification', {})); } catch (error) { fill(verdict); fail(error); } finally { check.disabled = false; }
    } }, icon('check'), t('verify.run'));
    main.append(
      h('div', { class: 'tablewrap cards' }, h('table', {}, h('thead', {}, h('tr', {}, ['job.name', 'job.cadence', 'job.last', 'job.lastAt', 'job.next', 'action.actions'].map((key) => h('th', { scope: 'col' }, t(key))))), body)),
      session.permissions.includes('system.verify') ? h('section', { class: 'stack' }, h('h2', {}, t('verify.title')), h('p', { class: 'quiet' }, t('verify.text')), h('div', {}, check), verdict) : null);
    fill(verdict, h('p', { class: 'quiet' }, t('verify.none')));
    await draw();
  },
});

/** "every 60 min" or "daily 02:20", in the language of the person. */
function cadence(text) {
  const [word, value] = text.split(' ');
  return word === 'every' ? t('job.every', { n: Number(value) }) : t('job.daily', { time: value });
}

function result(job) {
  if (job.running) return h('span', { class: 'tag accent' }, t('job.running'));
  if (!job.lastResult) return h('span', { class: 'tag' }, t('job.never'));
  return h('span', { class: `tag ${job.lastResult === 'done' ? 'good' : 'bad'}` }, t(`job.result.${job.lastResult}`));
}

function showVerdict(place, verdict) {
  fill(place, h('p', {}, h('span', { class: `tag ${verdict.ok ? 'good' : 'bad'}` }, t(verdict.ok ? 'verify.ok' : 'verify.bad'))),
    h('dl', { class: 'facts' }, verdict.checks.flatMap((one) => [h('dt', {}, t(`verify.${one.name}`)), h('dd', {}, one.difference ?? t('verify.rows', { n: count(one.rows) }))])));
}
