// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What the screens of people, roles and grants share: names of roles and permissions, and grants.

import { post } from '/ui/kit/api.js';
import { confirm } from '/ui/kit/dialog.js';
import { h } from '/ui/kit/html.js';
import { has, t } from '/ui/kit/i18n.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';

/** What people call a role. */
export const roleName = (one) => one.name ?? t(`role.${one.role}`);

export const permissionName = (code) => (has(`permission.${code}`) ? t(`permission.${code}`) : code);

/** Permissions in groups by their noun, in the order in which the rooms bring them. */
export function grouped(permissions) {
  const groups = new Map();
  for (const one of permissions) {
    const noun = one.permission.split('.')[0];
    if (!groups.has(noun)) groups.set(noun, []);
    groups.get(noun).push(one);
  }
  return [...groups];
}

/** The rows that a grant is narrowed to, in words. */
export function rowsText(settings, dimensions) {
  if (!settings.length) return t('grant.allRows');
  return settings.map((one) => {
    const known = dimensions.find((each) => each.dimension === one.dimension);
    const names = one.values.map((id) => known?.values.find((value) => value.id === id)?.name ?? id);
    return `${t(`dimension.${one.dimension}`)}: ${names.join(', ')}`;
  }).join('; ');
}

function stateTag(one) {
  const kind = one.inForce ? 'good' : one.state === 'waiting' ? 'warn' : '';
  const word = one.state === 'active' && !one.inForce ? t('grant.notNow') : t(`grant.state.${one.state}`);
  return h('span', { class: `tag ${kind}` }, word);
}

/** One grant as a line, with what may be done with it. */
export function grantLine(one, dimensions, { title, may, self, changed, endPath = `/api/v1/grants/${one.id}/end` }) {
  const time = [one.from ? [t('grant.from'), ' ', instant(one.from), ' '] : null, one.until ? [t('grant.until'), ' ', instant(one.until)] : t('grant.noEnd')];
  const act = (path, word) => async () => {
    try { await post(path, {}); toast(t(word)); changed(); } catch (error) { fail(error); }
  };
  const open = one.state === 'waiting' || one.state === 'active';
  const end = async () => {
    const verb = t(one.state === 'waiting' ? 'grant.decline' : 'grant.end');
    if (await confirm(verb, t('grant.end.text', { role: roleName(one.role), name: one.user.name }), verb)) await act(endPath, 'done.saved')();
  };
  return h('div', { class: 'oneline' },
    h('div', {}, h('strong', {}, title), ' ', stateTag(one),
      h('p', { class: 'quiet' }, time),
      h('p', { class: 'quiet' }, `${t('grant.reads')}: ${rowsText(one.reads, dimensions)} · ${t('grant.writes')}: ${rowsText(one.writes, dimensions)}`),
      h('p', { class: 'quiet' }, one.lender ? t('grant.lentBy', { name: one.lender.name }) : t('grant.givenBy', { name: one.given.name ?? t('field.masked') }), ' ', instant(one.given.at), one.confirmed ? [' · ', t('grant.confirmedBy', { name: one.confirmed.name ?? t('field.masked') })] : null, one.note ? ` · ${one.note}` : null)),
    h('div', { class: 'row' },
      may && one.state === 'waiting' && self !== one.user.id && self !== one.given.actor
        ? h('button', { type: 'button', class: 'primary', 'aria-label': `${t('grant.confirm')}: ${roleName(one.role)}, ${one.user.name}`, onclick: act(`/api/v1/grants/${one.id}/confirmation`, 'grant.confirmed') }, t('grant.confirm')) : null,
      may && open ? h('button', { type: 'button', class: 'danger', 'aria-label': `${t(one.state === 'waiting' ? 'grant.decline' : 'grant.end')}: ${roleName(one.role)}, ${one.user.name}`, onclick: end }, t(one.state === 'waiting' ? 'grant.decline' : 'grant.end')) : null));
}
