// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Amounts are decimal texts from end to end; they are grouped for reading, never calculated with.

import { language } from '/ui/kit/i18n.js';

/** `1250.5` as `1,250.5`, digit by digit. */
export function amount(text) {
  if (text === null || text === undefined) return '';
  const [whole, fraction] = String(text).replace('-', '').split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = String(text).startsWith('-') ? '−' : '';
  return sign + grouped + (fraction ? `.${fraction}` : '');
}

/** A count of things. */
export function count(number) {
  return new Intl.NumberFormat(language()).format(number);
}

/** What somebody typed, full-width digits and all, as a decimal text. */
export function typed(text) {
  return text.normalize('NFKC').replace(/[,\s]/g, '').replace(/^\+/, '');
}
