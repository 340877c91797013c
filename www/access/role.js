// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, patch, post, put, query } from '/ui/kit/api.js';
import { confirm } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { fail, failedPanel, toast } from '/ui/kit/toast.js';
import { grouped, permissionName, roleName } from '/ui/access/rights.js';

page({
  title: 'role.title',
  render: async (main, session) => {
    const params = new URLSearchParams(location.search);
    const place = h('div', { class: 'stack' });
    main.append(place);
    await draw(place, params.get('role'), params.get('copy'), session);
  },
});

async function draw(place, code, copied, session) {
  const again = () => draw(place, code, copied, session);
  try {
    const capabilities = await get('/api/v1/capabilities');
    const source = code || copied ? await get(`/api/v1/roles/${encodeURIComponent(code ?? copied)}`) : { permissions: [], limits: [], conflicts: [], purpose: '' };
    const may = session.permissions.includes('role.manage');
    if (code) document.querySelector('h1').textContent = roleName(source);
    else document.querySelector('h1').textContent = t('role.make');
    const isOpen = may && (!code || (!source.shipped && source.state === 'active'));
    fill(place, code ? facts(source, may, again) : null, isOpen ? editor(source, code, copied, capabilities, session, again) : rights(source, capabilities));
  } catch (error) { failedPanel(place, error, again); }
}

function facts(one, may, again) {
  const act = (work) => async () => { try { await work(); toast(t('done.saved')); await again(); } catch (error) { fail(error); } };
  const path = `/api/v1/roles/${encodeURIComponent(one.role)}`;
  const retire = async () => {
    if (await confirm(t('role.retire'), t('role.retire.text'), t('role.retire'))) await act(() => post(`${path}/retirement`, {}))();
  };
  return h('section', { class: 'panel stack' }, h('p', {}, one.shipped ? t(`role.${one.role}.purpose`) : one.purpose),
    h('span', { class: 'tags' }, h('span', { class: 'tag' }, t(one.shipped ? 'role.shipped' : 'role.custom')), h('span', { class: 'tag' }, t('role.grants', { n: one.grants })),
      one.state === 'retired' ? h('span', { class: 'tag bad' }, t('role.retired')) : null, one.sensitive ? h('span', { class: 'tag warn' }, t('role.sensitive')) : null),
    one.conflicts.length ? h('div', {}, h('h2', {}, t('conflicts.title')), h('ul', {}, one.conflicts.map((each) => h('li', {}, t(`conflict.${each}`))))) : null,
    h('div', { class: 'oneline' }, h('div', {}, h('strong', {}, t('roleRule.title')), h('p', { class: 'quiet' }, t(one.factorNeeded ? 'roleRule.on' : 'roleRule.off'), may && !one.factorNeeded ? ` · ${t('roleRule.text')}` : '')),
      may ? h('button', { type: 'button', onclick: act(() => put(path, { factorNeeded: !one.factorNeeded })) }, t(one.factorNeeded ? 'roleRule.turnOff' : 'roleRule.turnOn')) : null),
    may ? h('div', { class: 'row' }, h('a', { class: 'button', href: query('/ui/access/role.html', { copy: one.role }) }, icon('plus'), t('role.copy')),
      !one.shipped && one.state === 'active' ? h('button', { type: 'button', class: 'danger', onclick: retire }, t('role.retire')) : null) : null);
}

function rights(one, capabilities) {
  const list = capabilities.permissions.filter((each) => one.permissions.includes(each.permission));
  return h('section', { class: 'panel stack' }, h('h2', {}, t('role.permissions', { n: list.length })),
    grouped(list).map(([noun, each]) => h('div', {}, h('h3', {}, t(`noun.${noun}`)), h('ul', {}, each.map((right) => h('li', {}, permissionName(right.permission)))))),
    one.limits.map((limit) => h('p', {}, `${t(`limit.${limit.limit}`)}: ${limit.most} ${t('limit.unit.base')}`)));
}

function editor(one, code, copied, capabilities, session, again) {
  const groups = grouped(capabilities.permissions).map(([noun, list]) => h('fieldset', { class: 'plainset' }, h('legend', {}, t(`noun.${noun}`)),
    list.map((each) => field(`p:${each.permission}`, permissionName(each.permission), {
      type: 'checkbox', value: one.permissions.includes(each.permission), disabled: !session.permissions.includes(each.permission),
      hint: [each.sensitive ? t('role.sensitive') : '', session.permissions.includes(each.permission) ? '' : t('role.notYours'), each.reach === 'whole' ? t('reach.whole') : ''].filter(Boolean).join(' · '),
    }))));
  const limits = capabilities.limits.map((each) => field(`l:${each.limit}`, t(`limit.${each.limit}`), {
    type: 'number', min: 0, step: 1, inputmode: 'numeric', value: one.limits.find((set) => set.limit === each.limit)?.most ?? '', hint: t('limit.hint', { unit: t(`limit.unit.${each.unit}`) }),
  }));
  return h('section', { class: 'panel' }, form({
    fields: [h('div', { class: 'pair' }, field('name', t('role.name'), { required: true, value: copied ? '' : one.name ?? '', maxlength: 200 }), field('purpose', t('role.purpose'), { value: one.purpose ?? '' })), groups, limits],
    verb: t(code ? 'action.save' : 'role.make'),
    submit: (values) => {
      const chosen = (prefix) => Object.entries(values).filter(([key, value]) => key.startsWith(prefix) && value !== false && value !== '').map(([key, value]) => [key.slice(prefix.length), value]);
      const body = { name: values.name, purpose: values.purpose, permissions: chosen('p:').map(([key]) => key), limits: chosen('l:').map(([limit, most]) => ({ limit, most: Number(most) })) };
      return code ? patch(`/api/v1/roles/${encodeURIComponent(code)}`, body, one.etag) : post('/api/v1/roles', body);
    },
    done: (role) => { toast(t('done.saved')); if (code) again(); else location.assign(query('/ui/access/role.html', { role: role.role })); },
  }));
}
