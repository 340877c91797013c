// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// A telephone that codes are sent to: setting one up, and having a code sent while signing in.

import { post } from '/ui/kit/api.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';

/** A number as it is written everywhere: +8613800138000. What people put between digits goes away. */
export function plainNumber(typed) {
  const plain = typed.replace(/[\s().\-/]/g, '');
  return plain.startsWith('00') ? `+${plain.slice(2)}` : plain;
}

/** The field for a code that was sent. */
export const codeField = () => field('code', t('factor.code'), { required: true, inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 16, hint: t('sms.code.hint') });

/** Fills `place` with the field for a number, and then with the one for the code. */
export function enrolPhone(place, { done, cancel }) {
  fill(place, h('p', { class: 'quiet' }, t('sms.weaker')), form({
    fields: [field('number', t('sms.number'), { type: 'tel', required: true, autocomplete: 'tel', inputmode: 'tel', hint: t('sms.number.hint') })],
    verb: t('sms.send'), cancel,
    submit: ({ number }) => post('/api/v1/session/phone', { number: plainNumber(number) }),
    done: (sent) => confirmPhone(place, sent, { done, cancel }),
  }));
  place.querySelector('input')?.focus();
}

function confirmPhone(place, sent, { done, cancel }) {
  fill(place, h('p', { role: 'status' }, t('sms.sent', { digits: sent.lastDigits })), form({
    fields: [codeField()], verb: t('action.confirm'), cancel,
    submit: (values) => post('/api/v1/session/phone/confirmation', values), done,
  }), h('button', { type: 'button', class: 'plain', onclick: () => enrolPhone(place, { done, cancel }) }, t('sms.otherNumber')));
  place.querySelector('input')?.focus();
}
