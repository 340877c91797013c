// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post, put, remove } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { fail, toast } from '/ui/kit/toast.js';
import { instant } from '/ui/kit/when.js';
import { deviceName, enrolPasskey, enrolTotp, showRecoveryCodes } from '/ui/access/enrol.js';
import { lend } from '/ui/access/granting.js';
import { grantLine, roleName } from '/ui/access/rights.js';
import { obstacle } from '/ui/access/passkey.js';
import { enrolPhone } from '/ui/access/phone.js';
import { drawTokens } from '/ui/access/tokens.js';

page({
  title: 'profile.title',
  render: async (main, session) => {
    const factors = h('section', { class: 'panel stack' });
    const sessions = h('section', { class: 'panel stack' });
    const grants = h('section', { class: 'panel stack' });
    const tokens = h('section', { class: 'panel stack' });
    main.append(h('div', { class: 'cols' },
      h('div', { class: 'stack' }, factors, grants, sessions, tokens),
      h('div', { class: 'stack' }, person(session), password())));
    await Promise.all([drawFactors(factors), drawSessions(sessions), drawGrants(grants, session), drawTokens(tokens, session)]);
  },
});

function person(session) {
  return h('section', { class: 'panel stack' }, h('h2', {}, session.user.name), h('p', { class: 'quiet' }, session.roles.map(roleName).join(', ')), h('h3', {}, t('profile.rights')),
    h('ul', { class: 'row' }, session.permissions.map((one) => h('li', { class: 'tag' }, t(`permission.${one}`)))));
}

/** One's own roles, what one lent and borrowed. */
async function drawGrants(place, session) {
  const again = () => drawGrants(place, session).catch(fail);
  const items = (await get('/api/v1/session/grants')).items;
  fill(place, h('h2', {}, t('grant.own')), h('div', {}, items.map((one) => {
    const isLoan = Boolean(one.lender);
    const mine = one.user.id === session.user.id;
    const line = grantLine(one, [], { title: mine ? roleName(one.role) : `${roleName(one.role)} → ${one.user.name}`, may: isLoan, self: session.user.id, changed: again, endPath: `/api/v1/session/loans/${one.id}/end` });
    if (mine && !isLoan && one.inForce) line.querySelector('.row').append(h('button', { type: 'button', 'aria-label': `${t('grant.lend')}: ${roleName(one.role)}`, onclick: () => lend(one, again) }, t('grant.lend')));
    return line;
  })));
}

function password() {
  return h('section', { class: 'panel stack' }, h('h2', {}, t('profile.password')), form({
    fields: [field('current', t('profile.current'), { type: 'password', required: true, autocomplete: 'current-password' }), field('new', t('profile.new'), { type: 'password', required: true, hint: t('user.password.hint'), autocomplete: 'new-password' })],
    verb: t('profile.change'), submit: (values) => post('/api/v1/session/password', values),
    done: () => { toast(t('profile.changed')); document.querySelectorAll('input[type=password]').forEach((one) => { one.value = ''; }); },
  }));
}

const line = (title, text, ...buttons) => h('div', { class: 'oneline' }, h('div', {}, title, text ? h('p', { class: 'quiet' }, text) : null), h('div', { class: 'row' }, buttons));

/** Runs something and draws anew; what fails is said. */
const act = (work, draw) => async () => { try { await work(); draw(); } catch (error) { fail(error); } };

async function drawFactors(place) {
  const draw = () => drawFactors(place).catch(fail);
  const now = await get('/api/v1/session/factors');
  const why = obstacle();
  const any = now.totp || now.passkeys.length > 0;
  fill(place, h('h2', {}, t('factor.heading')),
    h('p', { class: 'quiet' }, t(any ? 'factor.on' : now.needed ? 'factor.needed' : 'factor.off')),
    h('div', {},
      line(h('strong', {}, t('totp.title')), t(now.totp ? 'totp.on' : 'totp.off'), now.totp
        ? h('button', { type: 'button', class: 'danger', onclick: act(() => turnOff(), draw) }, t('totp.turnOff'))
        : h('button', { type: 'button', onclick: () => setUp(t('totp.title'), enrolTotp, draw) }, t('factor.setUp'))),
      now.passkeys.map((one) => line(h('strong', {}, one.name), [t('passkey.title'), ' · ', t('item.createdAt'), ' ', instant(one.createdAt), one.usedAt ? [' · ', t('passkey.used'), ' ', instant(one.usedAt)] : null],
        h('button', { type: 'button', onclick: () => rename(one, draw) }, t('action.rename')),
        h('button', { type: 'button', class: 'danger', 'aria-label': t('passkey.remove.label', { name: one.name }), onclick: act(() => removeKey(one), draw) }, t('action.remove')))),
      line(h('strong', {}, t('passkey.add')), why || t('passkey.text'), why ? null : h('button', { type: 'button', onclick: () => setUp(t('passkey.add'), async (box, then) => enrolPasskey(box, then), draw) }, t('factor.setUp'))),
      phone(now, any, draw),
      any ? line(h('strong', {}, t('recovery.title')), t('recovery.left', { n: now.recoveryCodes }), h('button', { type: 'button', onclick: act(async () => recovery((await post('/api/v1/session/recovery-codes', {})).recoveryCodes, draw), draw) }, t('recovery.renew'))) : null));
}

/** The telephone: shown where the house sends codes, or where somebody has one. */
function phone(now, any, draw) {
  if (!now.phone && !now.messages) return null;
  const title = h('div', { class: 'row' }, h('strong', {}, t('sms.factor')), h('span', { class: 'tag warn' }, t('sms.weaker.tag')));
  if (now.phone) {
    return line(title, [t('sms.number.ends', { digits: now.phone.lastDigits }), now.phone.reachable ? null : [' ', t('sms.offNow')]],
      h('button', { type: 'button', class: 'danger', onclick: act(() => removePhone(), draw) }, t('action.remove')));
  }
  return line(title, t(any ? 'sms.text' : 'sms.first'), any ? h('button', { type: 'button', onclick: () => setUp(t('sms.add'), async (box, then) => enrolPhone(box, then), draw) }, t('factor.setUp')) : null);
}

async function removePhone() {
  if (!await confirm(t('sms.remove'), t('sms.remove.text'), t('action.remove'))) return;
  await remove('/api/v1/session/phone');
  toast(t('done.saved'));
}

/** Opens a dialog in which a factor is set up. */
async function setUp(title, begin, changed) {
  const box = h('div', { class: 'stack' });
  try {
    let close = () => {};
    const done = ({ recoveryCodes }) => { close(); toast(t('factor.added')); if (recoveryCodes.length) recovery(recoveryCodes, changed); changed(); };
    await begin(box, { done, cancel: () => close() });
    close = open(title, box);
    box.querySelector('input')?.focus();
  } catch (error) { fail(error); }
}

function recovery(codes, changed) {
  const box = h('div', { class: 'stack' });
  const close = open(t('recovery.title'), box, { onclose: changed });
  showRecoveryCodes(box, codes, () => close());
}

async function turnOff() {
  if (!await confirm(t('totp.turnOff'), t('totp.turnOff.text'), t('totp.turnOff'))) return;
  await remove('/api/v1/session/totp');
  toast(t('done.saved'));
}

async function removeKey(one) {
  if (!await confirm(t('passkey.remove'), t('passkey.remove.text', { name: one.name }), t('action.remove'))) return;
  await remove(`/api/v1/session/passkeys/${one.id}`);
  toast(t('done.saved'));
}

function rename(one, changed) {
  const close = open(t('action.rename'), form({
    fields: [field('name', t('passkey.name'), { required: true, value: one.name })],
    verb: t('action.save'), cancel: () => close(), submit: (values) => put(`/api/v1/session/passkeys/${one.id}`, values), done: () => { close(); toast(t('done.saved')); changed(); },
  }));
}

async function drawSessions(place) {
  const draw = () => drawSessions(place).catch(fail);
  const { items } = await get('/api/v1/sessions');
  fill(place, h('div', { class: 'row' }, h('h2', { class: 'grow' }, t('session.heading')),
    items.length > 1 ? h('button', { type: 'button', onclick: act(async () => { await remove('/api/v1/sessions'); toast(t('session.othersEnded')); }, draw) }, t('session.endOthers')) : null),
  h('div', {}, items.map((one) => line(
    h('div', { class: 'row' }, icon(/iPhone|Android|iPad/.test(one.agent) ? 'device' : 'screen'), h('strong', {}, deviceName(one.agent)), one.here ? h('span', { class: 'tag good' }, t('session.here')) : null),
    [t(`way.${one.way}`), ' · ', one.address, ' · ', t('session.seen'), ' ', instant(one.seenAt)],
    one.here ? null : h('button', { type: 'button', 'aria-label': t('session.end.label', { name: deviceName(one.agent) }), onclick: act(() => remove(`/api/v1/sessions/${one.id}`), draw) }, t('action.signOut'))))));
}
