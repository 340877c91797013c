// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// A scan on a page that is not for scanning opens what it means.

import { get, query } from '/ui/kit/api.js';
import { t, whole } from '/ui/kit/i18n.js';
import { open } from '/ui/kit/dialog.js';
import { h } from '/ui/kit/html.js';
import { fail, toast } from '/ui/kit/toast.js';

export async function scanned(code) {
  try {
    const reading = await get(query('/api/v1/code-readings', { code }));
    if (reading.place) return location.assign(`/ui/inventory/balances.html?place=${reading.place.id}&placeName=${encodeURIComponent(reading.place.code)}`);
    if (reading.matches.length === 1) return location.assign(`/ui/catalog/item.html?id=${reading.matches[0].item.id}`);
    if (reading.matches.length > 1) return choose(reading);
    if (reading.command) return location.assign(`/ui/scanning/scan.html?command=${encodeURIComponent(reading.command.verb)}`);
    await whole();
    return toast(t('scan.unknown', { code: reading.text }), { kind: 'warn', detail: reading.problem ? t(`problem.${reading.problem.code}.title`) : t('scan.unknown.fix') });
  } catch (error) { return fail(error); }
}

function choose(reading) {
  return open(t('scan.ambiguous', { code: reading.text }), h('ul', { class: 'choices' }, reading.matches.map((one) => h('li', {},
    h('a', { class: 'button', href: `/ui/catalog/item.html?id=${one.item.id}` }, `${one.item.name} · ${one.name}`)))));
}
