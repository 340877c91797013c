// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, query } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { factors, languages } from '/ui/access/account.js';
import { grantLine, roleName } from '/ui/access/rights.js';

page({
  title: 'users.title',
  render: (main, session) => {
    const names = (one) => one.roles.map(roleName).join(', ');
    const may = (right) => session.permissions.includes(right);
    const users = list({
      path: '/api/v1/users', name: 'users',
      columns: [
        { title: t('user.name'), cell: (one) => h('a', { href: query('/ui/access/user.html', { id: one.id }) }, h('strong', {}, one.name)), text: (one) => one.name },
        { title: t('user.roles'), cell: (one) => names(one) || h('span', { class: 'quiet' }, t('grant.none')), text: names },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${one.state === 'active' ? 'good' : 'bad'}` }, t(`state.${one.state}`)), text: (one) => one.state },
        { title: t('user.factors'), cell: factors, text: (one) => one.factors.join(' ') },
        { title: t('user.lastSignIn'), cell: (one) => instant(one.lastSignInAt), text: (one) => one.lastSignInAt ?? '' },
        { title: t('item.createdAt'), cell: (one) => instant(one.createdAt), text: (one) => one.createdAt },
      ],
      open: (one) => location.assign(query('/ui/access/user.html', { id: one.id })),
      actions: [h('a', { class: 'button', href: '/ui/access/conflicts.html' }, t('conflicts.title')),
        may('user.manage') ? h('button', { type: 'button', class: 'primary', onclick: () => add(may('grant.manage')) }, icon('plus'), t('user.add')) : null],
    });
    users.element.classList.add('cards');
    const waiting = h('div');
    main.append(waiting, users.element);
    drawWaiting(waiting, session, () => users.reload()).catch(fail);
  },
});

/** Grants that wait for a second person, in front of everything else. */
async function drawWaiting(place, session, changed) {
  const [{ items }, { dimensions }] = await Promise.all([get('/api/v1/grants?state=waiting&limit=100'), get('/api/v1/capabilities')]);
  const again = () => { changed(); drawWaiting(place, session, changed).catch(fail); };
  fill(place, items.length ? h('section', { class: 'panel stack' }, h('h2', {}, t('grant.waiting.title')), h('p', { class: 'quiet' }, t('grant.waiting.text')),
    h('div', {}, items.map((one) => grantLine(one, dimensions, { title: `${one.user.name}: ${roleName(one.role)}`, may: session.permissions.includes('grant.manage'), self: session.user.id, changed: again })))) : null);
}

async function add(mayGive) {
  let roles = [];
  if (mayGive) roles = (await get('/api/v1/roles')).items.filter((one) => one.state === 'active');
  const close = open(t('user.add'), form({
    fields: [field('name', t('user.name'), { required: true }), field('password', t('user.password'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' }),
      h('div', { class: 'pair' }, mayGive ? field('role', t('user.role'), { options: [['', t('user.role.none')], ...roles.map((one) => [one.role, roleName(one)])], hint: t('user.role.hint') }) : null, field('language', t('user.language'), { options: languages }))],
    verb: t('action.add'), cancel: () => close(), submit: (values) => post('/api/v1/users', { ...values, role: values.role || null }),
    done: (user) => { close(); toast(t('done.added')); location.assign(query('/ui/access/user.html', { id: user.id })); },
  }));
}
