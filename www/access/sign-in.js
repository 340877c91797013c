// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Signing in, step by step: name and password or a passkey; a second factor; and what is still
// missing before the work begins.

import { get, post, put, remove } from '/ui/kit/api.js';
import { barePage } from '/ui/kit/bare.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail } from '/ui/kit/toast.js';
import { enrolPasskey, enrolTotp, passkeyButton, showRecoveryCodes } from '/ui/access/enrol.js';
import { obstacle, signIn } from '/ui/access/passkey.js';
import { codeField } from '/ui/access/phone.js';

/** Only paths of this box are followed after signing in. */
function back() {
  const path = new URLSearchParams(location.search).get('back') ?? '';
  return /^\/ui\/[\w\-./]*(\?[^#]*)?$/.test(path) ? path : '/ui/';
}

const go = () => location.assign(back());

/** A step: its title as the heading, what it says, and its parts. The first field has the focus. */
function step(panel, title, ...parts) {
  fill(panel, h('h1', { tabindex: -1 }, t(title)), ...parts);
  (panel.querySelector('input:not([type=checkbox])') ?? panel.querySelector('h1')).focus();
}

const link = (text, onclick) => h('button', { type: 'button', class: 'plain wide-button', onclick }, text);

barePage('signIn.title', async (panel) => {
  const { needed } = await get('/api/v1/setup').catch(() => ({ needed: false }));
  if (needed) return location.replace('/ui/setup.html');
  const session = await get('/api/v1/session').catch(() => null);
  if (session && session.standing !== 'full') return admitted(panel, session);
  return begin(panel);
});

function begin(panel) {
  const why = obstacle();
  step(panel, 'signIn.title',
    form({
      fields: [
        field('name', t('user.name'), { required: true, autocomplete: 'username webauthn' }),
        field('password', t('user.password'), { type: 'password', required: true, autocomplete: 'current-password' }),
      ],
      verb: t('action.signIn'),
      submit: (values) => post('/api/v1/session', values),
      done: (answer) => (answer.ticket ? factor(panel, answer) : arrived(panel)),
    }),
    why ? null : h('p', { class: 'or' }, t('signIn.or')),
    why ? null : passkeyButton(t('passkey.signIn'), () => signIn(), () => arrived(panel), { primary: false }),
    h('details', { class: 'alt' }, h('summary', {}, t('signIn.help')), h('div', { class: 'stack' }, h('p', {}, t('signIn.help.password')), why ? h('p', {}, why) : null)));
}

/** The second factor: what the person has, in the order of ease; `trouble` is why another way did not work. */
function factor(panel, answer, byRecovery = false, trouble = null) {
  const { ticket, factors } = answer;
  const again = (recovery) => factor(panel, answer, recovery);
  const hasCode = factors.includes('totp');
  const asksRecovery = byRecovery || (!hasCode && obstacle() !== '');
  const code = asksRecovery
    ? field('code', t('recovery.code'), { required: true, autocomplete: 'off', spellcheck: 'false', hint: t('recovery.code.hint') })
    : field('code', t('factor.code'), { required: true, inputmode: 'numeric', autocomplete: 'one-time-code', hint: t('factor.code.hint') });
  const passkey = factors.includes('passkey') && !asksRecovery
    ? passkeyButton(t('passkey.use'), () => signIn(ticket), () => arrived(panel)) : null;
  step(panel, asksRecovery ? 'recovery.title' : 'factor.title',
    trouble ? warned(trouble) : null,
    passkey, passkey && hasCode ? h('p', { class: 'or' }, t('signIn.or')) : null,
    asksRecovery || hasCode ? form({
      fields: [code], verb: t('action.signIn'),
      submit: (values) => post('/api/v1/session/factor', { ticket, ...values }),
      done: () => arrived(panel),
    }) : null,
    asksRecovery ? null : byMessage(panel, answer),
    asksRecovery ? null : link(t('recovery.use'), () => again(true)),
    asksRecovery && (hasCode || !obstacle()) ? link(t('factor.back'), () => again(false)) : null,
    link(t('signIn.again'), () => begin(panel)));
}

const warned = (error) => h('p', { class: 'notice', role: 'alert' }, icon('alert'), h('span', {}, h('strong', {}, error.message), error.fix ? ` ${error.fix}` : ''));

/** The way by SMS: a button, or why it is closed now; nothing for people without a telephone. */
function byMessage(panel, answer) {
  const { phone } = answer;
  if (!phone) return null;
  if (!phone.reachable) return h('p', { class: 'hint' }, t('sms.offNow'));
  const note = h('p', { class: 'hint', role: 'status' });
  const button = link(t('sms.use', { digits: phone.lastDigits }), async () => {
    button.disabled = true;
    fill(note, t('sms.sending'));
    try {
      message(panel, answer, await post('/api/v1/session/sms', { ticket: answer.ticket }));
    } catch (error) {
      if (error.code === 'session.ticket_void') { begin(panel); return fail(error); }
      factor(panel, answer, false, error);
    }
    return undefined;
  });
  return h('div', {}, button, note);
}

/** A code is on its way. */
function message(panel, answer, sent) {
  step(panel, 'sms.title', h('p', { role: 'status' }, t('sms.sent', { digits: sent.lastDigits })),
    form({
      fields: [codeField()], verb: t('action.signIn'),
      submit: (values) => post('/api/v1/session/sms/code', { ticket: answer.ticket, ...values }), done: () => arrived(panel),
    }),
    link(t('sms.otherWay'), () => factor(panel, answer)),
    link(t('signIn.again'), () => begin(panel)));
}

/** The door is open; what is still missing comes before the work. */
async function arrived(panel) {
  return admitted(panel, await get('/api/v1/session'));
}

function admitted(panel, session) {
  if (session.standing === 'must_set_password') return choosePassword(panel);
  if (session.standing === 'must_enrol') return enrol(panel);
  return go();
}

const leave = () => link(t('action.signOut'), async () => { await remove('/api/v1/session').catch(() => null); location.reload(); });

function choosePassword(panel) {
  step(panel, 'password.choose', h('p', { class: 'quiet' }, t('password.choose.text')),
    form({
      fields: [field('new', t('profile.new'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' })],
      verb: t('action.next'), submit: (values) => put('/api/v1/session/password', values), done: () => arrived(panel),
    }), leave());
}

function enrol(panel) {
  const place = h('div', { class: 'stack' });
  const done = ({ recoveryCodes }) => (recoveryCodes.length ? kept(panel, recoveryCodes) : go());
  const cancel = () => enrol(panel);
  const why = obstacle();
  fill(place, h('div', { class: 'choices' },
    h('button', { type: 'button', onclick: () => enrolTotp(place, { done, cancel }).catch(fail) }, t('totp.choose')),
    why ? h('p', { class: 'hint' }, why) : h('button', { type: 'button', onclick: () => enrolPasskey(place, { done, cancel }) }, t('passkey.choose'))),
    leave());
  step(panel, 'enrol.title', h('p', { class: 'quiet' }, t('enrol.text')), place);
}

function kept(panel, codes) {
  const place = h('div', { class: 'stack' });
  step(panel, 'recovery.title', place);
  showRecoveryCodes(place, codes, go);
}
