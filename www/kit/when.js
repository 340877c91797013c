// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Instants are shown in the time zone of the site, whatever the browser's own is.

import { language } from '/ui/kit/i18n.js';

let zone = 'UTC';
const formats = new Map();

export function setZone(name) {
  zone = name;
  formats.clear();
}

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language(), { timeZone: zone, ...options }));
  return formats.get(key);
}

export function instant(text) {
  if (!text) return '–';
  return format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(new Date(text));
}

export function clock(text) {
  return format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(new Date(text));
}

/** A business day has no zone: it is shown as it is written. */
export function day(text) {
  return text ?? '–';
}

/** Month and day of a business day, for the foot of a chart. */
export function shortDay(text) {
  const [, month, date] = text.split('-');
  return `${Number(month)}/${Number(date)}`;
}
