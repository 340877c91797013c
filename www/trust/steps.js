// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// How each kind of device takes up the authority of the box.

import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';

/** Platform → the file that it takes. */
const files = { windows: '/ca.crt', macos: '/ca.crt', ios: '/ca.mobileconfig', android: '/ca.crt', linux: '/ca.pem', firefox: '/ca.crt' };

/** What this browser says that it runs on. */
function own() {
  const agent = navigator.userAgent;
  if (/iPhone|iPad/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return 'ios';
  if (/Android/.test(agent)) return 'android';
  if (/Firefox/.test(agent)) return 'firefox';
  if (/Windows/.test(agent)) return 'windows';
  if (/Macintosh/.test(agent)) return 'macos';
  return 'linux';
}

/** A choice of platforms, and the steps of the one that is chosen. */
export function steps() {
  const place = h('div', { class: 'stack' });
  const show = (platform) => fill(place,
    h('p', {}, h('a', { class: 'button primary wide-button', href: files[platform], download: true }, icon('download'), t(`trust.file.${platform}`))),
    h('ol', { class: 'numbered stack' }, t(`trust.steps.${platform}`).split('\n').map((line) => h('li', {}, line))));
  const choice = h('fieldset', { class: 'platforms' }, h('legend', {}, t('trust.platform')),
    Object.keys(files).map((one) => h('label', {},
      h('input', { type: 'radio', name: 'platform', value: one, checked: one === own(), onchange: () => show(one) }), h('span', {}, t(`trust.platform.${one}`)))));
  show(own());
  return h('div', { class: 'stack' }, choice, place);
}

/** A fingerprint in groups of four, and all of it to look at. */
export function fingerprint(authority) {
  const groups = (text) => text.toUpperCase().match(/.{1,4}/g).join(' ');
  return h('div', { class: 'stack' },
    h('p', { class: 'secret' }, h('code', { id: 'fingerprint' }, groups(authority.shortFingerprint))),
    h('details', { class: 'alt' }, h('summary', {}, t('trust.fingerprint.whole')), h('p', {}, h('code', { class: 'wrapped' }, groups(authority.fingerprint)))));
}
