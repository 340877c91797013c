// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, patch, post, put } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { timeline } from '/ui/audit/timeline.js';

const roles = ['administrator', 'warehouse', 'viewer'];
const languages = [['zh-CN', '中文'], ['en', 'English']];

page({
  title: 'users.title',
  render: (main, session) => {
    const users = list({
      path: '/api/v1/users', name: 'users',
      columns: [
        { title: t('user.name'), cell: (one) => h('strong', {}, one.name), text: (one) => one.name },
        { title: t('user.role'), cell: (one) => t(`role.${one.role}`), text: (one) => one.role },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${one.state === 'active' ? 'good' : 'bad'}` }, t(`state.${one.state}`)), text: (one) => one.state },
        { title: t('user.factors'), cell: factors, text: (one) => one.factors.join(' ') },
        { title: t('user.lastSignIn'), cell: (one) => instant(one.lastSignInAt), text: (one) => one.lastSignInAt ?? '' },
        { title: t('item.createdAt'), cell: (one) => instant(one.createdAt), text: (one) => one.createdAt },
      ],
      open: (one) => edit(one, session, () => users.reload()),
      actions: [h('button', { type: 'button', class: 'primary', onclick: () => add(() => users.reload()) }, icon('plus'), t('user.add'))],
    });
    users.element.classList.add('cards');
    const rules = h('section', { class: 'panel stack' });
    main.append(users.element, rules);
    drawRules(rules).catch(fail);
  },
});

/** What somebody signs in with besides the password. */
function factors(one) {
  if (one.passwordGiven) return h('span', { class: 'tag warn' }, t('user.passwordGiven'));
  if (!one.factors.length) return h('span', { class: 'tag' }, t('user.factors.none'));
  return h('span', { class: 'tags' }, one.factors.map((each) => h('span', { class: 'tag good' }, t(`factor.${each}`))));
}

/** Which roles must have a second factor. */
async function drawRules(place) {
  const { items } = await get('/api/v1/roles');
  fill(place, h('h2', {}, t('roleRule.title')), h('p', { class: 'quiet' }, t('roleRule.text')),
    h('div', {}, items.map((one) => h('div', { class: 'oneline' }, h('div', {}, h('strong', {}, t(`role.${one.role}`)), h('p', { class: 'quiet' }, t(one.factorNeeded ? 'roleRule.on' : 'roleRule.off'))),
      h('button', { type: 'button', 'aria-label': `${t(one.factorNeeded ? 'roleRule.turnOff' : 'roleRule.turnOn')}: ${t(`role.${one.role}`)}`, onclick: async () => {
        try { await put(`/api/v1/roles/${one.role}`, { factorNeeded: !one.factorNeeded }); toast(t('done.saved')); await drawRules(place); } catch (error) { fail(error); }
      } }, t(one.factorNeeded ? 'roleRule.turnOff' : 'roleRule.turnOn'))))));
}

async function reset(user, done) {
  if (!await confirm(t('user.resetFactors'), t('user.resetFactors.text', { name: user.name }), t('user.resetFactors'))) return;
  try { await post(`/api/v1/users/${user.id}/factor-reset`, {}); done(); } catch (error) { fail(error); }
}

function roleField(value) {
  return field('role', t('user.role'), { options: roles.map((one) => [one, t(`role.${one}`)]), value, hint: t('user.role.hint') });
}

function add(changed) {
  const close = open(t('user.add'), form({
    fields: [field('name', t('user.name'), { required: true }), field('password', t('user.password'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' }),
      h('div', { class: 'pair' }, roleField('warehouse'), field('language', t('user.language'), { options: languages }))],
    verb: t('action.add'), cancel: () => close(), submit: (values) => post('/api/v1/users', values), done: () => { close(); toast(t('done.added')); changed(); },
  }));
}

function edit(user, session, changed) {
  const done = () => { close(); toast(t('done.saved')); changed(); };
  const close = open(user.name, [
    form({
      fields: [h('div', { class: 'pair' }, roleField(user.role), field('state', t('state.title'), { options: [['active', t('state.active')], ['suspended', t('state.suspended')]], value: user.state }), field('language', t('user.language'), { options: languages, value: user.language }))],
      verb: t('action.save'), cancel: () => close(), submit: (values) => patch(`/api/v1/users/${user.id}`, values, user.etag), done,
    }),
    user.factors.length ? h('div', { class: 'oneline' }, h('div', {}, h('strong', {}, t('user.factors')), ' ', factors(user), h('p', { class: 'quiet' }, t('user.resetFactors.hint'))),
      h('button', { type: 'button', class: 'danger', onclick: () => reset(user, done) }, t('user.resetFactors'))) : null,
    h('details', { class: 'alt' }, h('summary', {}, t('user.setPassword')), h('p', { class: 'hint' }, t('user.setPassword.hint')), form({
      fields: [field('password', t('user.password'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' })],
      verb: t('user.setPassword'), submit: (values) => post(`/api/v1/users/${user.id}/password`, values), done,
    })),
    timeline(session, user.id),
  ]);
}
