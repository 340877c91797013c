// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, query } from '/ui/kit/api.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { field, form } from '/ui/kit/form.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { fail, failedPanel } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { edit, factors } from '/ui/access/account.js';
import { give } from '/ui/access/granting.js';
import { grantLine, permissionName, roleName } from '/ui/access/rights.js';
import { timeline } from '/ui/audit/timeline.js';

page({
  title: 'user.title',
  render: async (main, session) => {
    const id = new URLSearchParams(location.search).get('id') ?? '';
    const place = h('div', { class: 'stack' });
    main.append(place);
    await draw(place, id, session);
  },
});

async function draw(place, id, session) {
  const again = () => draw(place, id, session).catch(fail);
  try {
    const [user, grants, roles, capabilities] = await Promise.all([
      get(`/api/v1/users/${id}`), get(query('/api/v1/grants', { user: id, limit: 100 })), get('/api/v1/roles'), get('/api/v1/capabilities')]);
    const may = (right) => session.permissions.includes(right);
    document.querySelector('h1').textContent = user.name;
    fill(place, h('div', { class: 'cols' },
      h('div', { class: 'stack' }, held(user, grants.items, roles.items, capabilities, session, again), explain(user, capabilities)),
      h('div', { class: 'stack' }, account(user, may, session, again), may('journal.see') ? h('section', { class: 'panel' }, timeline(session, user.id)) : null)));
  } catch (error) { failedPanel(place, error, again); }
}

function account(user, may, session, again) {
  return h('section', { class: 'panel stack' }, h('h2', {}, t('user.account')),
    h('dl', { class: 'facts' }, [
      [t('state.title'), h('span', { class: `tag ${user.state === 'active' ? 'good' : 'bad'}` }, t(`state.${user.state}`))],
      [t('user.factors'), factors(user)], [t('user.lastSignIn'), instant(user.lastSignInAt)], [t('item.createdAt'), instant(user.createdAt)],
    ].map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
    h('div', { class: 'row' },
      may('user.manage') ? h('button', { type: 'button', onclick: () => edit(user, again) }, t('user.edit')) : null,
      may('user.view_as') && user.id !== session.user.id ? h('button', { type: 'button', onclick: async () => {
        try { await post('/api/v1/session/view', { user: user.id }); location.assign('/ui/'); } catch (error) { fail(error); }
      } }, icon('search'), t('view.begin')) : null),
    may('user.view_as') && user.id !== session.user.id ? h('p', { class: 'hint' }, t('view.hint')) : null);
}

function held(user, grants, roles, capabilities, session, again) {
  const may = session.permissions.includes('grant.manage') && user.id !== session.user.id;
  const line = (one) => grantLine(one, capabilities.dimensions, { title: h('a', { href: query('/ui/access/role.html', { role: one.role.role }) }, roleName(one.role)), may, self: session.user.id, changed: again });
  const open = grants.filter((one) => one.state === 'waiting' || one.state === 'active');
  const past = grants.filter((one) => !open.includes(one));
  return h('section', { class: 'panel stack' }, h('h2', {}, t('grant.title')),
    open.length ? h('div', {}, open.map(line)) : h('p', { class: 'quiet' }, t('grant.none')),
    may ? h('div', {}, h('button', { type: 'button', class: 'primary', onclick: () => give(user, roles, capabilities, again) }, icon('plus'), t('grant.give'))) : null,
    user.id === session.user.id ? h('p', { class: 'hint' }, t('grant.own.hint')) : null,
    past.length ? h('details', { class: 'alt' }, h('summary', {}, t('grant.past', { n: past.length })), past.map(line)) : null);
}

/** Why somebody may do something, or what is missing. */
function explain(user, capabilities) {
  const answer = h('div', { role: 'status', class: 'stack' });
  const fields = [field('permission', t('explain.permission'), { options: capabilities.permissions.map((one) => [one.permission, permissionName(one.permission)]) }),
    capabilities.dimensions.filter((one) => one.values.length).map((one) => field(one.dimension, t(`dimension.${one.dimension}`), { options: [['', t('explain.anywhere')], ...one.values.map((value) => [value.id, value.name])] }))];
  return h('section', { class: 'panel stack' }, h('h2', {}, t('explain.title')), form({
    fields, verb: t('explain.ask'),
    submit: (values) => {
      const row = capabilities.dimensions.map((one) => one.dimension).find((one) => values[one]);
      return get(query(`/api/v1/users/${user.id}/explanation`, { permission: values.permission, dimension: row, value: row ? values[row] : null }));
    },
    done: (why) => fill(answer, verdict(user, why, capabilities.dimensions)),
  }), answer);
}

function verdict(user, why, dimensions) {
  const lines = (key, grants) => (grants.length ? [h('h3', {}, t(key)), h('div', {}, grants.map((one) => grantLine(one, dimensions, { title: roleName(one.role) })))] : null);
  return [
    h('p', {}, h('span', { class: `tag ${why.allowed ? 'good' : 'bad'}` }, t(why.allowed ? 'explain.yes' : 'explain.no')), ' ', why.suspended ? t('explain.suspended', { name: user.name }) : null),
    lines('explain.because', why.grants), lines('explain.elsewhere', why.elsewhere), lines('explain.dormant', why.dormant),
    why.allowed ? null : h('p', {}, t('explain.roles'), ' ', why.roles.map(roleName).join(', ') || '–'),
    why.allowed ? null : h('p', {}, t('explain.whom'), ' ', why.ask.map((one) => one.name).join(', ') || t('explain.nobody')),
  ];
}
