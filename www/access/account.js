// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The account of a user: state, language, factors and a password for once.

import { patch, post } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail, toast } from '/ui/kit/toast.js';

export const languages = [['zh-CN', '中文'], ['en', 'English']];

/** What somebody signs in with besides the password. */
export function factors(one) {
  if (one.passwordGiven) return h('span', { class: 'tag warn' }, t('user.passwordGiven'));
  if (!one.factors.length) return h('span', { class: 'tag' }, t('user.factors.none'));
  return h('span', { class: 'tags' }, one.factors.map((each) => h('span', { class: `tag ${each === 'sms' ? '' : 'good'}` }, t(`factor.${each}`))));
}

async function reset(user, done) {
  if (!await confirm(t('user.resetFactors'), t('user.resetFactors.text', { name: user.name }), t('user.resetFactors'))) return;
  try { await post(`/api/v1/users/${user.id}/factor-reset`, {}); done(); } catch (error) { fail(error); }
}

/** Changes an account. */
export function edit(user, changed) {
  const done = () => { close(); toast(t('done.saved')); changed(); };
  const close = open(user.name, [
    form({
      fields: [h('div', { class: 'pair' }, field('state', t('state.title'), { options: [['active', t('state.active')], ['suspended', t('state.suspended')]], value: user.state }), field('language', t('user.language'), { options: languages, value: user.language }))],
      verb: t('action.save'), cancel: () => close(), submit: (values) => patch(`/api/v1/users/${user.id}`, values, user.etag), done,
    }),
    user.factors.length ? h('div', { class: 'oneline' }, h('div', {}, h('strong', {}, t('user.factors')), ' ', factors(user), h('p', { class: 'quiet' }, t('user.resetFactors.hint'))),
      h('button', { type: 'button', class: 'danger', onclick: () => reset(user, done) }, t('user.resetFactors'))) : null,
    h('details', { class: 'alt' }, h('summary', {}, t('user.setPassword')), h('p', { class: 'hint' }, t('user.setPassword.hint')), form({
      fields: [field('password', t('user.password'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' })],
      verb: t('user.setPassword'), submit: (values) => post(`/api/v1/users/${user.id}/password`, values), done,
    })),
  ]);
}
