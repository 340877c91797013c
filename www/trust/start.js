// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The page by which a device learns to trust the box. Anybody may see it, also over plain HTTP.

import { get } from '/ui/kit/api.js';
import { barePage } from '/ui/kit/bare.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { check, door } from '/ui/trust/check.js';
import { fingerprint, steps } from '/ui/trust/steps.js';

/** While the page is looked at, it tries again after this many milliseconds. */
const pause = 4000;

barePage('trust.start', async (panel) => {
  const trust = await get('/api/v1/trust');
  if (!trust.served || !trust.authority) {
    panel.append(h('p', {}, t('trust.start.none')));
    return;
  }
  const verdict = h('div', { class: 'trusted', role: 'status' });
  panel.append(verdict);
  const more = h('div', { class: 'stack' });
  panel.append(more);
  if (trust.installed) {
    more.append(h('p', {}, t('trust.start.installed')));
  } else {
    more.append(h('p', {}, t('trust.start.text')), h('h2', {}, t('trust.start.do')), steps(),
      h('h2', {}, t('trust.start.compare')), h('p', {}, t('trust.start.compareText')), fingerprint(trust.authority),
      h('p', { class: 'hint' }, t('trust.start.limit')));
  }
  await look(verdict, trust);
});

async function look(place, trust) {
  const state = await check(trust.tlsPort);
  if (!place.isConnected) return;
  const before = place.dataset.state;
  place.dataset.state = state;
  if (state !== before) {
    fill(place, icon(state === 'trusted' ? 'check' : 'alert'), h('div', {}, h('p', {}, h('strong', {}, t(`trust.check.${state}`))),
      h('p', {}, h('a', { class: state === 'trusted' ? 'button primary' : '', href: door(trust.tlsPort, '/ui/') }, t('trust.start.go')))));
  }
  if (state !== 'trusted') setTimeout(() => look(place, trust), pause);
}
