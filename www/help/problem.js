// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { barePage } from '/ui/kit/bare.js';
import { h } from '/ui/kit/html.js';
import { has, t, whole } from '/ui/kit/i18n.js';

barePage('help.problem', async (panel) => {
  await whole();
  const code = new URLSearchParams(location.search).get('code') ?? '';
  const known = has(`problem.${code}.title`);
  panel.append(h('h2', {}, known ? t(`problem.${code}.title`) : t('help.problem.unknown')), h('p', {}, known ? t(`problem.${code}.fix`) : ''), h('p', { class: 'quiet' }, h('code', {}, code)), h('a', { class: 'button', href: '/ui/' }, t('help.back')));
});
