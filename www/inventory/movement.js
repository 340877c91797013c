// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// A movement as it is shown wherever movements are.

import { get, post } from '/ui/kit/api.js';
import { confirm, open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { amount } from '/ui/kit/quantity.js';
import { fail, toast } from '/ui/kit/toast.js';
import { clock, day, instant } from '/ui/kit/when.js';

const tones = { receive: 'good', ship: 'accent', move: '', adjust: 'warn' };

export function kindTag(movement) {
  return h('span', { class: `tag ${tones[movement.kind]}` }, t(`kind.${movement.kind}`), movement.reverses ? ` · ${t('movement.reversal')}` : '');
}

export function goodsName(row) {
  return row.variant.name ? `${row.item.name} ${row.variant.name}` : row.item.name;
}

export function side(place) {
  return place.outside ? t(`outside.${place.outside}`) : place.code;
}

/** A line of the latest movements. */
export function movementRow(movement) {
  return h('tr', {},
    h('td', { 'data-title': t('movement.item') }, h('a', { href: `/ui/inventory/movements.html?item=${movement.item.id}&itemName=${encodeURIComponent(movement.item.name)}` }, goodsName(movement)),
      h('span', { class: 'sub' }, `${side(movement.from)} → ${side(movement.to)}`)),
    h('td', { 'data-title': t('movement.kind') }, kindTag(movement)),
    h('td', { 'data-title': t('movement.quantity'), class: 'num' }, `${amount(movement.quantity)} ${movement.unit}`),
    h('td', { 'data-title': t('movement.at'), class: 'num' }, clock(movement.at)));
}

/** Everything about one movement, with a way to take it back. */
export async function showMovement(id, session, changed) {
  try {
    const movement = await get(`/api/v1/stock/movements/${id}`);
    const facts = [
      ['movement.item', h('a', { href: `/ui/catalog/item.html?id=${movement.item.id}` }, `${movement.item.code} ${goodsName(movement)}`)],
      ['movement.kind', kindTag(movement)],
      ['movement.quantity', `${amount(movement.quantity)} ${movement.unit}${movement.entered ? ` (${amount(movement.entered.count)} ${movement.entered.packaging})` : ''}`],
      ['movement.from', side(movement.from)], ['movement.to', side(movement.to)],
      movement.lot && ['movement.lot', `${movement.lot.code}${movement.lot.expiry ? ` · ${t('movement.expiry')} ${day(movement.lot.expiry)}` : ''}`],
      movement.serial && ['movement.serial', movement.serial],
      movement.reason && ['movement.reason', t(`reason.${movement.reason}`)],
      movement.note && ['movement.note', movement.note],
      ['movement.at', instant(movement.at)],
      movement.deviceAt && ['movement.deviceAt', instant(movement.deviceAt)],
      ['movement.by', movement.device ? `${movement.actorName ?? t('field.masked')} (${movement.device})` : movement.actorName ?? t('field.masked')],
      movement.reverses && ['movement.reverses', movement.reverses],
      movement.reversedBy && ['movement.reversedBy', movement.reversedBy],
      ['movement.id', h('code', {}, `${movement.id} · ${t('journal.entry')} ${movement.seq}`)],
    ].filter(Boolean);
    const may = session.permissions.includes('stock.adjust') && !movement.reverses && !movement.reversedBy;
    const close = open(t('movement.title'), [
      h('dl', { class: 'facts' }, facts.flatMap(([key, value]) => [h('dt', {}, t(key)), h('dd', {}, value)])),
      may ? h('details', { class: 'alt' }, h('summary', {}, t('movement.takeBack')), form({
        fields: [field('reason', t('movement.takeBack.reason'), { required: true })],
        verb: t('movement.takeBack'), danger: true,
        submit: (values) => post(`/api/v1/stock/movements/${id}/reversal`, values),
        done: () => { close(); toast(t('movement.takenBack')); changed?.(); },
      })) : null,
    ]);
  } catch (error) { fail(error); }
}

/** Asks for a yes before a step that the journal keeps for good. */
export const sure = confirm;
