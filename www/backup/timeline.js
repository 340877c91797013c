// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// What can be brought back, as bars on a line of time, with the same in a table.

import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { count } from '/ui/kit/quantity.js';
import { instant } from '/ui/kit/when.js';

const hour = 3600000;
const spans = { day: 24 * hour, week: 7 * 24 * hour, all: null };
const lane = 44;
const foot = 28;
let chosen = 'day';

/** Draws the stretches of `points` for each target of `state` into `place`; what an older key opens has stripes. */
export function timeline(place, points, { targets, now, keyEpoch }) {
  const width = Math.max(320, Math.min(1180, place.clientWidth - 42));
  const draw = () => {
    const wanted = spans[chosen];
    const older = points.map((one) => one.keyEpoch).filter((one) => one < keyEpoch);
    const last = Date.parse(now);
    const oldest = Math.min(last - hour, ...points.map((one) => Date.parse(one.at)));
    const first = wanted === null ? oldest : last - wanted;
    const lanes = targets.filter((one) => points.some((point) => point.target === one.id));
    fill(place, h('div', { class: 'timehead' }, h('h2', {}, t('backup.points')), ranges(draw)),
      h('p', { class: 'quiet' }, t('backup.points.text')),
      lanes.length ? chart(points, lanes, first, last, width, keyEpoch) : h('p', { class: 'quiet' }, t('backup.points.none')),
      older.length ? h('p', { class: 'oldkey' }, icon('shield'), t('backup.points.oldKey', { epoch: Math.max(...older) })) : null,
      lanes.length ? table(points, targets, keyEpoch) : null);
  };
  draw();
}

function ranges(draw) {
  return h('div', { class: 'ranges', role: 'group', 'aria-label': t('backup.range') }, Object.keys(spans).map((name) => h('button', {
    type: 'button', 'aria-pressed': String(name === chosen), 'data-range': name,
    onclick: (event) => {
      const box = event.currentTarget.closest('section');
      chosen = name;
      draw();
      box.querySelector(`[data-range="${name}"]`)?.focus();
    } }, t(`backup.range.${name}`))));
}

function chart(points, lanes, first, last, width, keyEpoch) {
  const left = 8;
  const span = Math.max(1, last - first);
  const x = (time) => left + ((Math.min(last, Math.max(first, time)) - first) * (width - 2 * left)) / span;
  const height = lanes.length * lane + foot;
  const parts = lanes.flatMap((target, row) => {
    const y = row * lane;
    const own = points.filter((one) => one.target === target.id && Date.parse(one.until) >= first);
    return [
      h('text', { class: 'name', x: left, y: y + 16 }, target.name),
      h('rect', { class: 'lane', x: left, y: y + 22, width: width - 2 * left, height: 14, rx: 7 }),
      own.map((one) => h('rect', { ...(one.keyEpoch < keyEpoch ? { class: 'older', fill: 'url(#stripes)' } : { class: 'stretch' }), x: x(Date.parse(one.at)), y: y + 22, width: Math.max(4, x(Date.parse(one.until)) - x(Date.parse(one.at))), height: 14, rx: 4 })),
      own.filter((one) => Date.parse(one.at) >= first).map((one) => h('rect', { class: 'snap', x: Math.min(width - left - 10, Math.max(left, x(Date.parse(one.at)) - 5)), y: y + 24, width: 10, height: 10, rx: 5 })),
    ];
  });
  // On a phone three dates would run into each other.
  const foots = (width < 560 ? [0, 1] : [0, 0.5, 1]).map((share) => h('text', {
    class: ['', 'middle', 'end'][share * 2], x: left + share * (width - 2 * left), y: height - 8,
  }, instant(new Date(first + share * span).toISOString()).slice(0, -3)));
  const label = t('backup.points.label', {
    n: count(points.length), targets: count(lanes.length), from: instant(points.reduce((old, one) => (one.at < old ? one.at : old), points[0].at)),
    until: instant(points.reduce((young, one) => (one.until > young ? one.until : young), points[0].until)),
  });
  return h('svg', { class: 'timeline', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label }, stripes(), parts, foots);
}

function stripes() {
  return h('defs', {}, h('pattern', { id: 'stripes', width: 8, height: 8, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    h('rect', { class: 'stripe', width: 4, height: 8 })));
}

function table(points, targets, keyEpoch) {
  const nameOf = (id) => targets.find((one) => one.id === id)?.name ?? id;
  const heads = ['backup.point.target', 'backup.point.from', 'backup.point.until', 'backup.point.commits', 'backup.point.key', 'backup.point.size'];
  return h('details', { class: 'alt' }, h('summary', {}, t('backup.points.table')),
    h('div', { class: 'tablewrap cards', tabindex: 0, role: 'region', 'aria-label': t('backup.points') }, h('table', {},
      h('thead', {}, h('tr', {}, heads.map((key) => h('th', { scope: 'col' }, t(key))))),
      h('tbody', {}, [...points].reverse().map((one) => h('tr', {},
        h('td', { 'data-title': t('backup.point.target') }, nameOf(one.target)),
        h('td', { 'data-title': t('backup.point.from') }, instant(one.at)),
        h('td', { 'data-title': t('backup.point.until') }, instant(one.until)),
        h('td', { 'data-title': t('backup.point.commits') }, `${count(one.commit)} – ${count(one.untilCommit)}`),
        h('td', { 'data-title': t('backup.point.key') }, one.keyEpoch < keyEpoch ? t('backup.point.key.old', { epoch: one.keyEpoch }) : t('backup.point.key.now')),
        h('td', { 'data-title': t('backup.point.size') }, size(one.bytes))))))));
}

function size(bytes) {
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit += 1; }
  return `${count(Math.round(value * 10) / 10)} ${units[unit]}`;
}
