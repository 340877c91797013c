// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, query } from '/ui/kit/api.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { count } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { fail } from '/ui/kit/toast.js';
import { shortDay } from '/ui/kit/when.js';
import { movementRow } from '/ui/inventory/movement.js';
import { findingsNotice } from '/ui/audit/notice.js';

/** Events come in bursts when people scan; the figures are read again at most this often. */
const pause = 400;

page({
  title: 'home.title',
  render: async (main, session) => {
    const may = (right) => session.permissions.includes(right);
    const notice = h('div');
    main.append(notice);
    const drawNotice = async () => fill(notice, await findingsNotice(session));
    drawNotice().catch(fail);
    if (!may('stock.see')) return main.append(h('p', {}, t('home.nothing')));
    const figures = h('section', { class: 'figures', 'aria-label': t('home.figures') });
    const chart = h('section', { class: 'panel' });
    const latest = h('section', { class: 'panel' });
    main.append(figures, h('div', { class: 'cols' }, latest, chart));

    async function draw() {
      const [stock, parked] = await Promise.all([
        get('/api/v1/stock/overview'),
        may('parked.see') ? get(query('/api/v1/parked-codes', { state: 'open', limit: 100 })) : { items: [], next: null },
      ]);
      const open = parked.next ? `${parked.items.length}+` : count(parked.items.length);
      fill(figures,
        figure(count(stock.movementsToday), t('home.today'), '/ui/inventory/movements.html'),
        figure(count(stock.receivedToday), t('home.received'), '/ui/inventory/movements.html?kind=receive'),
        figure(count(stock.shippedToday), t('home.shipped'), '/ui/inventory/movements.html?kind=ship'),
        figure(count(stock.stockedVariants), t('home.stocked'), '/ui/inventory/levels.html'),
        figure(count(stock.items), t('home.items'), '/ui/catalog/items.html'),
        stock.expiringSoon ? figure(count(stock.expiringSoon), t('home.expiring'), '/ui/inventory/balances.html', true) : null,
        may('parked.see') ? figure(open, t('home.parked'), '/ui/scanning/parked.html', parked.items.length > 0) : null);
      fill(chart, h('h2', {}, t('home.chart')), bars(stock.days), legend(), table(stock.days));
      fill(latest, h('div', { class: 'row' }, h('h2', { class: 'grow' }, t('home.latest')), h('a', { href: '/ui/inventory/movements.html' }, t('home.all'))),
        stock.latest.length ? h('div', { class: 'tablewrap cards' }, h('table', {}, h('thead', {}, h('tr', {}, ['movement.item', 'movement.kind', 'movement.quantity', 'movement.at'].map((key) => h('th', { scope: 'col' }, t(key))))), h('tbody', {}, stock.latest.map(movementRow)))) : firstSteps(may));
    }

    let timer;
    onEvent(({ kind }) => {
      if (kind.startsWith('audit.finding_')) drawNotice().catch(fail);
      if (!/^(stock|scan|reset|catalog\.item_added)/.test(kind)) return;
      timer ??= setTimeout(() => { timer = undefined; draw().catch(fail); }, pause);
    });
    await draw();
    return undefined;
  },
});

function figure(value, label, href, attention = false) {
  return h('a', { class: `figure${attention ? ' attention' : ''}`, href }, h('strong', {}, value), h('span', {}, label));
}

function firstSteps(may) {
  return h('div', { class: 'empty' }, icon('box'), h('h2', {}, t('home.empty')), h('p', {}, t('home.empty.fix')), h('div', { class: 'row' },
    may('item.edit') ? h('a', { class: 'button primary', href: '/ui/catalog/item.html' }, t('item.add')) : null,
    may('scan.make') ? h('a', { class: 'button', href: '/ui/scanning/scan.html' }, t('menu.scan')) : null));
}

/** Two bars a day. Heights are shares of the tallest; the table below has the numbers. */
function bars(days) {
  const top = Math.max(1, ...days.flatMap((one) => [one.received, one.shipped]));
  const height = (value) => (value * 130) / top;
  const parts = days.flatMap((one, index) => {
    const x = 8 + index * 28;
    return [
      h('rect', { class: 'in', x, y: 145 - height(one.received), width: 10, height: height(one.received), rx: 2 }),
      h('rect', { class: 'out', x: x + 11, y: 145 - height(one.shipped), width: 10, height: height(one.shipped), rx: 2 }),
      index % 2 ? null : h('text', { x: x + 10, y: 164 }, shortDay(one.day)),
    ];
  });
  return h('svg', { class: 'chart', viewBox: '0 0 400 172', role: 'img', 'aria-label': t('home.chart') }, h('line', { x1: 4, x2: 396, y1: 145, y2: 145 }), parts);
}

function legend() {
  return h('p', { class: 'legend' }, h('span', {}, h('i'), t('home.received')), h('span', {}, h('i', { class: 'out' }), t('home.shipped')));
}

function table(days) {
  return h('details', { class: 'alt' }, h('summary', {}, t('home.asTable')), h('table', {},
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('home.day')), h('th', { scope: 'col', class: 'num' }, t('home.received')), h('th', { scope: 'col', class: 'num' }, t('home.shipped')))),
    h('tbody', {}, days.map((one) => h('tr', {}, h('td', {}, one.day), h('td', { class: 'num' }, count(one.received)), h('td', { class: 'num' }, count(one.shipped)))))));
}
