// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// A device that read the picture: it makes its key here and proves it. What the picture said stands
// behind the number sign of the address, so it never goes over the network.

import { post } from '/ui/kit/api.js';
import { barePage } from '/ui/kit/bare.js';
import { canSign, proofOf, self } from '/ui/kit/device.js';
import { fill, h } from '/ui/kit/html.js';
import { t, whole } from '/ui/kit/i18n.js';

const [, code, secret] = /^#([0-9A-Z]{8,32})\.([0-9A-Z]{16,64})$/.exec(location.hash) ?? [];
// Neither the history nor whoever looks at the screen keeps it.
history.replaceState(null, '', location.pathname);

barePage('enrolment.title', async (panel) => {
  if (!canSign()) return say(panel, t('enrolment.insecure'), h('p', { class: 'quiet' }, t('enrolment.insecure.fix')));
  if (!code) {
    const [known] = await Promise.all([self(), whole()]);
    return known ? done(panel, known) : say(panel, t('enrolment.noCode'), h('p', { class: 'quiet' }, t('problem.enrolment.void.fix')));
  }
  const button = h('button', { type: 'button', class: 'primary wide-button', onclick: () => enrol(panel, button) }, t('enrolment.enrol'));
  panel.append(h('p', {}, t('enrolment.text', { host: location.host })), button);
  button.focus();
  return undefined;
});

function say(panel, text, ...more) {
  fill(panel, h('h1', { tabindex: -1 }, t('enrolment.title')), h('p', { role: 'status' }, text), ...more);
}

async function enrol(panel, button) {
  button.disabled = true;
  try {
    const mine = await proofOf(code, secret);
    const answer = await post('/api/v1/enrolments', mine.body);
    if (!await mine.keep(answer)) return say(panel, t('enrolment.notOurs'));
    return done(panel, answer.device);
  } catch (error) {
    if (!error.code) throw error;
    if (error.code !== 'net.unreachable') return say(panel, error.message, h('p', { class: 'quiet' }, error.fix));
    button.disabled = false;
    panel.querySelector('.form-error')?.remove();
    return panel.append(h('p', { class: 'form-error', role: 'alert' }, error.message, ' ', error.fix));
  }
}

function done(panel, device) {
  say(panel, t('enrolment.done', { name: device.name }), h('a', { class: 'button primary wide-button', href: '/ui/scanning/scan.html' }, t('enrolment.scan')));
  panel.querySelector('a').focus();
}
