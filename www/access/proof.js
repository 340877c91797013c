// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Asks who sits here before something that could open the house to others.

import { get, post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { passkeyButton } from '/ui/access/enrol.js';
import { prove } from '/ui/access/passkey.js';

let asking;

/** Asks once, however many requests wait for it. Answers whether the proof was given. */
export function proved() {
  asking ??= ask().finally(() => { asking = undefined; });
  return asking;
}

async function ask() {
  const factors = await get('/api/v1/session/factors');
  return new Promise((resolve) => {
    let given = false;
    const done = () => { given = true; close(); };
    const close = open(t('proof.title'), [h('p', {}, t('proof.text')), ...ways(factors, done, () => close())], { onclose: () => resolve(given) });
  });
}

function ways(factors, done, cancel) {
  const hasFactor = factors.totp || factors.passkeys.length > 0;
  if (!hasFactor) {
    return [form({
      fields: [field('current', t('user.password'), { type: 'password', required: true, autocomplete: 'current-password' })],
      verb: t('action.confirm'), cancel, submit: (values) => post('/api/v1/session/proofs/password', values), done,
    })];
  }
  const passkey = factors.passkeys.length ? passkeyButton(t('passkey.use'), prove, done) : null;
  return [
    passkey, passkey ? h('p', { class: 'or' }, t('signIn.or')) : null,
    form({
      fields: [field('code', factors.totp ? t('factor.code') : t('recovery.code'), { required: true, inputmode: factors.totp ? 'numeric' : 'text', autocomplete: 'one-time-code', hint: t(factors.totp ? 'factor.code.hint' : 'recovery.code.hint') })],
      verb: t('action.confirm'), cancel, submit: (values) => post('/api/v1/session/proofs', values), done,
    }),
  ];
}
