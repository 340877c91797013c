// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post } from '/ui/kit/api.js';
import { barePage } from '/ui/kit/bare.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h } from '/ui/kit/html.js';
import { language, load, t } from '/ui/kit/i18n.js';

const fallbackZones = ['Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Singapore', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'UTC'];

barePage('setup.title', async (panel) => {
  const { needed } = await get('/api/v1/setup');
  if (!needed) return location.replace('/ui/sign-in.html');
  return administrator(panel);
});

function steps(at) {
  return h('ol', { class: 'steps' }, ['setup.step.person', 'setup.step.place', 'setup.step.ready'].map((key, index) => h('li', { 'aria-current': index === at ? 'step' : null }, `${index + 1} ${t(key)}`)));
}

function administrator(panel) {
  const zones = [...new Set([Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC', ...fallbackZones, ...(Intl.supportedValuesOf?.('timeZone') ?? [])])];
  panel.append(steps(0), h('p', { class: 'quiet' }, t('setup.intro')), form({
    fields: [
      field('code', t('setup.code'), { required: true, hint: t('setup.code.hint'), autocapitalize: 'characters', spellcheck: 'false' }),
      field('siteName', t('setup.site'), { required: true, autocomplete: 'organization' }),
      field('timeZone', t('setup.zone'), { options: zones.map((one) => [one, one]), value: zones[0] }),
      field('name', t('setup.name'), { required: true, autocomplete: 'username' }),
      field('password', t('user.password'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' }),
    ],
    verb: t('action.next'),
    submit: (values) => post('/api/v1/setup', { ...values, language: language() }),
    done: () => warehouse(panel),
  }));
}

function warehouse(panel) {
  fill(panel, h('h1', {}, t('setup.place.title')), steps(1), h('p', { class: 'quiet' }, t('setup.place.intro')), form({
    fields: [
      field('name', t('warehouse.name'), { required: true, value: t('setup.place.name') }),
      h('div', { class: 'pair' },
        field('code', t('warehouse.code'), { required: true, value: 'MAIN' }),
        field('firstBin', t('setup.place.bin'), { required: true, value: 'A-01', hint: t('place.code.hint') })),
    ],
    verb: t('action.next'),
    submit: (values) => post('/api/v1/warehouses', values),
    done: () => ready(panel),
  }));
  panel.querySelector('input').focus();
}

async function ready(panel) {
  await load(language());
  fill(panel, h('h1', {}, t('setup.ready.title')), steps(2), h('p', {}, t('setup.ready.text')), h('div', { class: 'choices' },
    h('a', { class: 'button primary', href: '/ui/catalog/item.html' }, t('setup.ready.item')),
    h('a', { class: 'button', href: '/ui/catalog/import.html' }, t('setup.ready.import')),
    h('a', { class: 'button', href: '/ui/system/practice.html' }, t('setup.ready.practice')),
    h('a', { class: 'button', href: '/ui/' }, t('setup.ready.home'))));
  panel.querySelector('a').focus();
}
