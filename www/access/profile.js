// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { post } from '/ui/kit/api.js';
import { field, form } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { toast } from '/ui/kit/toast.js';

page({
  title: 'profile.title',
  render: (main, session) => {
    main.append(h('div', { class: 'cols' },
      h('section', { class: 'panel' }, h('h2', {}, t('profile.password')), form({
        fields: [field('current', t('profile.current'), { type: 'password', required: true, autocomplete: 'current-password' }), field('new', t('profile.new'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' })],
        verb: t('profile.change'), submit: (values) => post('/api/v1/session/password', values), done: () => { toast(t('profile.changed')); document.querySelectorAll('input[type=password]').forEach((one) => { one.value = ''; }); },
      })),
      h('section', { class: 'panel stack' }, h('h2', {}, session.user.name), h('p', { class: 'quiet' }, t(`role.${session.user.role}`)), h('h3', {}, t('profile.rights')),
        h('ul', { class: 'row' }, session.permissions.map((one) => h('li', { class: 'tag' }, t(`permission.${one}`)))))));
  },
});
