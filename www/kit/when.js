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

/** The instant at which a day of the site begins, as the daemon reads it. */
export function startOf(text) {
  const wanted = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(wanted)) return undefined;
  // The zone is off by what it shows for the instant; twice, because a clock may change that night.
  let guess = wanted;
  for (let turn = 0; turn < 2; turn += 1) guess += wanted - shown(guess);
  return new Date(guess).toISOString().replace('.000', '');
}

/** What the clocks of the site show at an instant, taken for a time of UTC. */
function shown(time) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).formatToParts(new Date(time)).map((one) => [one.type, one.value]));
  return Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:${parts.second}Z`);
}

/** The day after, for the end of a stretch that includes its last day. */
export function dayAfter(text) {
  return new Date(Date.parse(`${text}T00:00:00Z`) + 86400000).toISOString().slice(0, 10);
}

/** Month and day of a business day, for the foot of a chart. */
export function shortDay(text) {
  const [, month, date] = text.split('-');
  return `${Number(month)}/${Number(date)}`;
}
