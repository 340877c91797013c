// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, patch, post, query } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { onEvent } from '/ui/kit/live.js';
import { amount } from '/ui/kit/quantity.js';
import { page } from '/ui/kit/shell.js';
import { fail, toast } from '/ui/kit/toast.js';
import { day, instant } from '/ui/kit/when.js';
import { timeline } from '/ui/audit/timeline.js';
import { bookByHand } from '/ui/inventory/book.js';

const address = new URLSearchParams(location.search);

page({
  title: address.has('id') ? 'item.title' : 'item.add',
  render: (main, session) => (address.has('id') ? detail(main, session) : add(main)),
});

function add(main) {
  main.append(h('div', { class: 'panel' }, form({
    fields: [
      field('name', t('item.name'), { required: true }),
      h('div', { class: 'pair' },
        field('code', t('item.code'), { required: true, value: address.get('code') ?? '' }),
        field('baseUnit', t('item.unit'), { required: true, value: t('item.unit.piece'), hint: t('item.unit.hint') }),
        field('scale', t('item.scale'), { options: [0, 1, 2, 3, 4, 5, 6].map((one) => [String(one), String(one)]), hint: t('item.scale.hint') })),
      field('barcode', t('item.barcode'), { hint: t('item.barcode.hint'), value: address.get('barcode') ?? '' }),
      h('fieldset', { class: 'pair plainset' }, h('legend', {}, t('item.tracking')),
        field('lot', t('tracking.lot'), { type: 'checkbox' }), field('expiry', t('tracking.expiry'), { type: 'checkbox' }), field('serial', t('tracking.serial'), { type: 'checkbox' })),
      h('div', { class: 'pair' }, field('alias', t('item.alias'), { hint: t('item.alias.hint') }), field('note', t('item.note'))),
    ],
    verb: t('item.add'),
    cancel: () => history.back(),
    submit: async ({ lot, expiry, serial, scale, barcode, ...rest }) => {
      const item = await post('/api/v1/items', { ...rest, scale: Number(scale), tracking: { lot: lot || expiry, expiry, serial } });
      // The item stands; a barcode that is refused is shown on its page, where it can be mended.
      if (barcode) await post(`/api/v1/packagings/${item.variants[0].packagings[0].id}/codes`, { code: barcode, validFrom: null, validTo: null }).catch(fail);
      return item;
    },
    done: (item) => location.assign(`/ui/catalog/item.html?id=${item.id}`),
  })));
}

async function detail(main, session) {
  const may = session.permissions.includes('item.edit');
  const id = address.get('id');
  const place = h('div', { class: 'stack' });
  main.append(place);

  async function draw(given) {
    const item = given ?? await get(`/api/v1/items/${id}`);
    document.title = `${item.name} · Sluice`;
    main.querySelector('h1').textContent = item.name;
    const stock = session.permissions.includes('stock.see') ? await get(query('/api/v1/stock/levels', { item: id })) : { items: [] };
    const total = (variant) => stock.items.find((one) => one.variant.id === variant.id);
    fill(place,
      h('div', { class: 'row' },
        h('span', { class: `tag ${item.state === 'active' ? 'good' : ''}` }, t(`state.${item.state}`)),
        h('span', { class: 'grow quiet' }, h('code', {}, item.code)),
        item.state === 'active' && session.permissions.includes('stock.receive') ? h('button', { type: 'button', class: 'primary', onclick: () => bookByHand(session, () => draw(), item.id) }, icon('move'), t('book.title')) : null,
        may ? h('button', { type: 'button', onclick: () => editItem(item, draw) }, t('action.edit')) : null,
        may ? h('button', { type: 'button', onclick: () => retire(item, draw) }, t(item.state === 'active' ? 'item.retire' : 'item.reinstate')) : null),
      h('div', { class: 'cols' },
        h('section', { class: 'stack' }, item.variants.map((variant) => variantPanel(item, variant, total(variant), may, draw)),
          may && item.state === 'active' ? h('div', {}, h('button', { type: 'button', onclick: () => addVariant(item, draw) }, icon('plus'), t('variant.add'))) : null),
        h('div', { class: 'stack' }, h('section', { class: 'panel' }, h('h2', {}, t('item.facts')), h('dl', { class: 'facts' },
          facts(item).flatMap(([key, value]) => [h('dt', {}, t(key)), h('dd', {}, value)])),
        h('p', { class: 'row' }, h('a', { href: `/ui/inventory/movements.html?item=${item.id}&itemName=${encodeURIComponent(item.name)}` }, t('menu.movements')),
          h('a', { href: `/ui/inventory/balances.html?item=${item.id}&itemName=${encodeURIComponent(item.name)}` }, t('menu.balances')))),
        session.permissions.includes('journal.see') ? h('section', { class: 'panel' }, timeline(session, item.id)) : null)));
  }

  let timer;
  onEvent(({ kind, data }) => {
    if (kind !== 'reset' && data.facts?.item !== id && data.subject !== id) return;
    timer ??= setTimeout(() => { timer = undefined; if (!document.querySelector('dialog[open]')) draw().catch(fail); }, 300);
  });
  await draw();
}

function facts(item) {
  const tracking = ['lot', 'expiry', 'serial'].filter((one) => item.tracking[one]).map((one) => t(`tracking.${one}`)).join(', ');
  return [['item.unit', item.baseUnit], ['item.scale', String(item.scale)], ['item.tracking', tracking || '–'], ['item.alias', item.alias || '–'], ['item.note', item.note || '–'],
    ['item.createdAt', instant(item.createdAt)], ['item.changedAt', instant(item.changedAt)]];
}

function variantPanel(item, variant, level, may, draw) {
  return h('div', { class: 'panel stack' },
    h('div', { class: 'row' }, h('h2', { class: 'grow' }, variant.name || item.name, h('span', { class: 'quiet' }, ` ${variant.code}`)),
      h('span', { class: 'tag accent', 'data-level': variant.id }, `${t('level.onHand')} ${amount(level?.quantity ?? '0')} ${item.baseUnit}`)),
    h('div', { class: 'tablewrap' }, h('table', {},
      h('thead', {}, h('tr', {}, ['packaging.name', 'packaging.content', 'packaging.codes'].map((key) => h('th', { scope: 'col' }, t(key))), may ? h('th', { scope: 'col' }, h('span', { class: 'quiet' }, t('action.actions'))) : null)),
      h('tbody', {}, variant.packagings.map((one) => h('tr', { class: one.state === 'retired' ? 'quiet' : '' },
        h('td', {}, one.name, h('span', { class: 'sub' }, t(`level.${one.level}`), one.state === 'retired' ? ` · ${t('state.retired')}` : '')),
        h('td', {}, `${one.content.num}${one.content.den === '1' ? '' : `/${one.content.den}`} ${item.baseUnit}`),
        h('td', {}, one.codes.length ? one.codes.map((code) => codeLine(code, may, draw)) : h('span', { class: 'quiet' }, t('packaging.noCodes'))),
        may ? h('td', {}, one.state === 'active' && item.state === 'active' ? h('div', { class: 'row' },
          h('button', { type: 'button', onclick: () => addCode(one, draw) }, icon('plus'), t('code.add')),
          one.level === 'base' ? null : h('button', { type: 'button', class: 'plain', onclick: () => retirePackaging(one, draw) }, t('packaging.retire'))) : null) : null))))),
    may && item.state === 'active' ? h('div', {}, h('button', { type: 'button', onclick: () => addPackaging(item, variant, draw) }, icon('plus'), t('packaging.add'))) : null);
}

function codeLine(code, may, draw) {
  const until = code.validTo ? `${day(code.validFrom)} – ${day(code.validTo)}` : t('code.since', { day: day(code.validFrom) });
  return h('div', { class: 'row' }, h('code', {}, code.code), h('span', { class: 'quiet' }, until),
    may && !code.validTo ? h('button', { type: 'button', class: 'plain square', 'aria-label': t('code.end', { code: code.code }), title: t('code.end', { code: code.code }), onclick: async () => {
      if (!await confirm(t('code.end', { code: code.code }), t('code.end.text'), t('action.end'))) return;
      try { draw(await post(`/api/v1/codes/${code.id}/end`, { validTo: null })); toast(t('done.saved')); } catch (error) { fail(error); }
    } }, icon('close')) : null);
}

function editItem(item, draw) {
  const close = open(t('action.edit'), form({
    fields: [field('name', t('item.name'), { required: true, value: item.name }), field('alias', t('item.alias'), { value: item.alias, hint: t('item.alias.hint') }), field('note', t('item.note'), { type: 'area', value: item.note }),
      h('fieldset', { class: 'pair plainset' }, h('legend', {}, t('item.tracking')), ['lot', 'expiry', 'serial'].map((one) => field(one, t(`tracking.${one}`), { type: 'checkbox', value: item.tracking[one] })))],
    verb: t('action.save'), cancel: () => close(),
    submit: ({ lot, expiry, serial, ...rest }) => {
      const tracking = { lot: lot || expiry, expiry, serial };
      const same = ['lot', 'expiry', 'serial'].every((one) => tracking[one] === item.tracking[one]);
      return patch(`/api/v1/items/${item.id}`, same ? rest : { ...rest, tracking }, item.etag);
    },
    done: (next) => { close(); toast(t('done.saved')); draw(next); },
  }));
}

async function retire(item, draw) {
  const isActive = item.state === 'active';
  if (isActive && !await confirm(t('item.retire'), t('item.retire.text'), t('item.retire'))) return;
  try { draw(await post(`/api/v1/items/${item.id}/${isActive ? 'retirement' : 'reinstatement'}`, {})); toast(t('done.saved')); } catch (error) { fail(error); }
}

async function retirePackaging(packaging, draw) {
  if (!await confirm(t('packaging.retire'), t('packaging.retire.text'), t('packaging.retire'))) return;
  try { draw(await post(`/api/v1/packagings/${packaging.id}/retirement`, {})); toast(t('done.saved')); } catch (error) { fail(error); }
}

function addVariant(item, draw) {
  const close = open(t('variant.add'), form({
    fields: [field('name', t('variant.name'), { required: true, hint: t('variant.name.hint') }), field('code', t('variant.code'), { required: true, value: `${item.code}-` })],
    verb: t('action.add'), cancel: () => close(),
    submit: (values) => post(`/api/v1/items/${item.id}/variants`, values),
    done: (next) => { close(); toast(t('done.added')); draw(next); },
  }));
}

function addPackaging(item, variant, draw) {
  const close = open(t('packaging.add'), form({
    fields: [
      h('div', { class: 'pair' }, field('level', t('packaging.level'), { options: ['inner', 'case', 'pallet'].map((one) => [one, t(`level.${one}`)]), value: 'case' }), field('name', t('packaging.name'), { required: true, value: t('level.case') })),
      field('num', t('packaging.holds', { unit: item.baseUnit }), { required: true, inputmode: 'numeric', hint: t('packaging.holds.hint') }),
      field('code', t('item.barcode'), { hint: t('packaging.code.hint') }),
    ],
    verb: t('action.add'), cancel: () => close(),
    submit: ({ level, name, num, code }) => {
      const [top, bottom = '1'] = num.normalize('NFKC').split('/').map((one) => one.trim());
      return post(`/api/v1/variants/${variant.id}/packagings`, { level, name, content: { num: top, den: bottom }, codes: code ? [code] : [] });
    },
    done: (next) => { close(); toast(t('done.added')); draw(next); },
  }));
}

function addCode(packaging, draw) {
  const close = open(t('code.add'), form({
    fields: [field('code', t('item.barcode'), { required: true, hint: t('code.hint') }),
      h('div', { class: 'pair' }, field('validFrom', t('code.validFrom'), { type: 'date' }), field('validTo', t('code.validTo'), { type: 'date' }))],
    verb: t('action.add'), cancel: () => close(),
    submit: (values) => post(`/api/v1/packagings/${packaging.id}/codes`, { code: values.code, validFrom: values.validFrom || null, validTo: values.validTo || null }),
    done: (next) => { close(); toast(t('done.added')); draw(next); },
  }));
}
