// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, post } from '/ui/kit/api.js';
import { barePage } from '/ui/kit/bare.js';
import { field, form } from '/ui/kit/form.js';
import { t } from '/ui/kit/i18n.js';

/** Only paths of this box are followed after signing in. */
function back() {
  const path = new URLSearchParams(location.search).get('back') ?? '';
  return /^\/ui\/[\w\-./]*(\?[^#]*)?$/.test(path) ? path : '/ui/';
}

barePage('signIn.title', async (panel) => {
  const { needed } = await get('/api/v1/setup').catch(() => ({ needed: false }));
  if (needed) return location.replace('/ui/setup.html');
  panel.append(form({
    fields: [
      field('name', t('user.name'), { required: true, autocomplete: 'username' }),
      field('password', t('user.password'), { type: 'password', required: true, autocomplete: 'current-password' }),
    ],
    verb: t('action.signIn'),
    submit: (values) => post('/api/v1/session', values),
    done: () => location.assign(back()),
  }));
  return undefined;
});
