// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { patch, post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

const roles = ['administrator', 'warehouse', 'viewer'];
const languages = [['zh-CN', '中文'], ['en', 'English']];

page({
  title: 'users.title',
  render: (main) => {
    const users = list({
      path: '/api/v1/users', name: 'users',
      columns: [
        { title: t('user.name'), cell: (one) => h('strong', {}, one.name), text: (one) => one.name },
        { title: t('user.role'), cell: (one) => t(`role.${one.role}`), text: (one) => one.role },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${one.state === 'active' ? 'good' : 'bad'}` }, t(`state.${one.state}`)), text: (one) => one.state },
        { title: t('user.lastSignIn'), cell: (one) => instant(one.lastSignInAt), text: (one) => one.lastSignInAt ?? '' },
        { title: t('item.createdAt'), cell: (one) => instant(one.createdAt), text: (one) => one.createdAt },
      ],
      open: (one) => edit(one, () => users.reload()),
      actions: [h('button', { type: 'button', class: 'primary', onclick: () => add(() => users.reload()) }, icon('plus'), t('user.add'))],
    });
    users.element.classList.add('cards');
    main.append(users.element);
  },
});

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

function edit(user, changed) {
  const done = () => { close(); toast(t('done.saved')); changed(); };
  const close = open(user.name, [
    form({
      fields: [h('div', { class: 'pair' }, roleField(user.role), field('state', t('state.title'), { options: [['active', t('state.active')], ['suspended', t('state.suspended')]], value: user.state }), field('language', t('user.language'), { options: languages, value: user.language }))],
      verb: t('action.save'), cancel: () => close(), submit: (values) => patch(`/api/v1/users/${user.id}`, values, user.etag), done,
    }),
    h('details', { class: 'alt' }, h('summary', {}, t('user.setPassword')), form({
      fields: [field('password', t('user.password'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' })],
      verb: t('user.setPassword'), submit: (values) => post(`/api/v1/users/${user.id}/password`, values), done,
    })),
  ]);
}
