// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Giving and lending a role: to whom, for how long, within which rows.

import { post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { toast } from '/ui/kit/toast.js';
import { roleName } from '/ui/access/rights.js';

const time = (value) => (value ? new Date(value).toISOString() : null);

/** Sends once more with the word that the conflicts are taken, after they were read. */
function withConflicts(box, send) {
  let seen = false;
  return async (values) => {
    try {
      return await send(values, seen && box.querySelector('input')?.checked === true);
    } catch (error) {
      if (error.code === 'grant.conflicts' && !seen) {
        seen = true;
        const names = error.parameters.conflicts ?? [];
        fill(box, h('p', { class: 'form-error' }, t('grant.conflicts.text')), h('ul', {}, names.map((one) => h('li', {}, t(`conflict.${one}`)))), field('accept', t('grant.accept'), { type: 'checkbox' }));
        box.querySelector('input').focus();
      }
      throw error;
    }
  };
}

function rowsField(side, dimensions) {
  return dimensions.map((one) => h('fieldset', { class: 'plainset' }, h('legend', {}, `${t(`grant.${side}`)} – ${t(`dimension.${one.dimension}`)}`),
    h('p', { class: 'hint' }, t('grant.rows.hint')),
    one.values.map((value) => field(`${side}:${one.dimension}:${value.id}`, `${value.code} ${value.name}`, { type: 'checkbox' }))));
}

function rows(side, values) {
  const found = new Map();
  for (const [key, on] of Object.entries(values)) {
    const [which, dimension, id] = key.split(':');
    if (which !== side || on !== true) continue;
    found.set(dimension, [...(found.get(dimension) ?? []), Number(id)]);
  }
  return [...found].map(([dimension, ids]) => ({ dimension, values: ids }));
}

/** Asks which role somebody is given, and gives it. */
export function give(user, roles, capabilities, changed) {
  const box = h('div');
  const close = open(t('grant.give.to', { name: user.name }), form({
    fields: [
      field('role', t('user.role'), { options: roles.filter((one) => one.state === 'active').map((one) => [one.role, `${roleName(one)}${one.sensitive ? ` – ${t('role.sensitive')}` : ''}`]) }),
      h('div', { class: 'pair' }, field('from', t('grant.from'), { type: 'datetime-local', hint: t('grant.from.hint') }), field('until', t('grant.until'), { type: 'datetime-local', hint: t('grant.until.hint') })),
      rowsField('reads', capabilities.dimensions), rowsField('writes', capabilities.dimensions),
      field('note', t('grant.note')), box,
    ],
    verb: t('grant.give'), cancel: () => close(),
    submit: withConflicts(box, (values, acceptConflicts) => post('/api/v1/grants', {
      user: user.id, role: values.role, from: time(values.from), until: time(values.until), reads: rows('reads', values), writes: rows('writes', values), note: values.note, acceptConflicts,
    })),
    done: (grant) => { close(); toast(t(grant.state === 'waiting' ? 'grant.waits' : 'grant.given')); changed(); },
  }), { wide: true });
}

/** Asks to whom one lends a role of one's own, and for how long. */
export function lend(grant, changed) {
  const box = h('div');
  const close = open(t('grant.lend.role', { role: roleName(grant.role) }), form({
    fields: [h('p', { class: 'quiet' }, t('grant.lend.text')), field('user', t('user.name'), { required: true }), field('until', t('grant.until'), { type: 'datetime-local', required: true, hint: t('grant.lend.hint') }), field('note', t('grant.note')), box],
    verb: t('grant.lend'), cancel: () => close(),
    submit: withConflicts(box, (values, acceptConflicts) => post('/api/v1/session/loans', { grant: grant.id, user: values.user, until: time(values.until), note: values.note, acceptConflicts })),
    done: (loan) => { close(); toast(t(loan.state === 'waiting' ? 'grant.waits' : 'grant.given')); changed(); },
  }));
}
