// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Booking a movement by hand: the way in for whoever has no scanner at hand.

import { get, post, query } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { typed } from '/ui/kit/quantity.js';
import { fail, toast } from '/ui/kit/toast.js';

const kinds = ['receive', 'ship', 'move', 'adjust'];
const reasons = ['damaged', 'lost', 'found', 'expired', 'sample', 'correction', 'other'];

export async function bookByHand(session, changed, itemID) {
  try {
    const places = (await get('/api/v1/places?kind=bin&limit=200')).items.filter((one) => one.state === 'open');
    const body = h('div', { class: 'stack' });
    const close = open(t('book.title'), body);
    if (!places.length) return fill(body, h('p', {}, t('book.noBins')), h('a', { class: 'button', href: '/ui/inventory/places.html' }, t('menu.places')));
    if (itemID) return details(body, await get(`/api/v1/items/${itemID}`), places, session, close, changed);
    return findItem(body, (item) => details(body, item, places, session, close, changed));
  } catch (error) { return fail(error); }
}

function findItem(body, found) {
  const results = h('ul', { class: 'choices' });
  const input = h('input', { type: 'search', 'aria-label': t('book.find'), placeholder: t('book.find'), autocomplete: 'off' });
  let timer;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const text = input.value.trim();
      if (!text) return fill(results);
      try {
        const page = await get(query('/api/v1/items', { q: text, state: 'active', limit: 10 }));
        return fill(results, page.items.length
          ? page.items.map((one) => h('li', {}, h('button', { type: 'button', onclick: async () => found(await get(`/api/v1/items/${one.id}`)) }, h('span', {}, one.name, h('span', { class: 'quiet' }, ` ${one.code}`)))))
          : h('li', { class: 'quiet' }, t('palette.none')));
      } catch (error) { return fail(error); }
    }, 150);
  });
  fill(body, input, results);
  input.focus();
}

function details(body, item, places, session, close, changed) {
  const bins = places.map((one) => [one.id, `${one.code} · ${one.warehouse.name}`]);
  const packagings = item.variants.flatMap((variant) => variant.packagings.filter((one) => one.state === 'active').map((one) => [`${variant.id} ${one.id}`,
    `${variant.name ? `${variant.name} · ` : ''}${one.name}${one.level === 'base' ? '' : ` (${one.content.num}${one.content.den === '1' ? '' : `/${one.content.den}`} ${item.baseUnit})`}`]));
  const rest = h('div', { class: 'stack' });
  const may = kinds.filter((one) => session.permissions.includes(`stock.${one}`));
  const kind = field('kind', t('movement.kind'), { options: may.map((one) => [one, t(`kind.${one}`)]) });
  const redraw = () => {
    const chosen = kind.querySelector('select').value;
    fill(rest,
      chosen === 'move' ? field('toPlace', t('movement.to'), { options: bins }) : null,
      chosen === 'adjust' ? h('div', { class: 'pair' },
        field('change', t('book.change'), { options: [['decrease', t('book.decrease')], ['increase', t('book.increase')]] }),
        field('reason', t('movement.reason'), { options: reasons.map((one) => [one, t(`reason.${one}`)]) })) : null,
      item.tracking.lot ? h('div', { class: 'pair' }, field('lot', t('movement.lot'), { required: true }),
        item.tracking.expiry && chosen === 'receive' ? field('expiry', t('movement.expiry'), { type: 'date' }) : null) : null,
      item.tracking.serial ? field('serial', t('movement.serial'), { required: true }) : null);
  };
  kind.addEventListener('change', redraw);
  redraw();
  fill(body, h('p', {}, h('strong', {}, item.name), h('span', { class: 'quiet' }, ` ${item.code}`)), form({
    fields: [kind,
      h('div', { class: 'pair' }, field('count', t('book.count'), { required: true, inputmode: 'decimal', value: '1' }), field('packaging', t('book.packaging'), { options: packagings })),
      field('place', t('book.place'), { options: bins }), rest, field('note', t('movement.note'))],
    verb: t('book.book'),
    cancel: close,
    submit: (values) => {
      const [variant, packaging] = values.packaging.split(' ');
      return post('/api/v1/stock/movements', {
        kind: values.kind, variant, packaging, count: typed(values.count), place: values.place, toPlace: values.toPlace ?? null,
        change: values.change ?? null, reason: values.reason ?? null, lot: values.lot || null, expiry: values.expiry || null,
        serial: values.serial || null, note: values.note || null,
      });
    },
    done: () => { close(); toast(t('book.done')); changed?.(); },
  }));
  body.querySelector('[name=count]').select();
}
