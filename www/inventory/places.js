// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get, patch, post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { list } from '/ui/kit/table.js';
import { timeline } from '/ui/audit/timeline.js';
import { fail, toast } from '/ui/kit/toast.js';

page({
  title: 'places.title',
  render: async (main, session) => {
    const may = session.permissions.includes('place.edit');
    const cards = h('section', { class: 'figures', 'aria-label': t('warehouses.title') });
    let warehouses = [];
    async function drawWarehouses() {
      warehouses = (await get('/api/v1/warehouses?limit=200')).items;
      fill(cards, warehouses.map((one) => h('button', { type: 'button', class: 'figure', onclick: () => may && editWarehouse(one, drawWarehouses) },
        h('span', {}, h('strong', {}, one.code), `${one.name} · ${t('warehouse.bins', { n: one.bins })}`, one.state === 'closed' ? ` · ${t('state.closed')}` : ''))));
    }
    await drawWarehouses();
    const places = list({
      path: '/api/v1/places', name: 'places',
      filters: [field('q', t('place.code'), { type: 'search' }),
        field('kind', t('place.kind'), { options: [['', t('filter.all')], ['bin', t('place.bin')], ['zone', t('place.zone')]] })],
      columns: [
        { title: t('place.code'), cell: (one) => h('strong', {}, one.code), text: (one) => one.code },
        { title: t('place.kind'), cell: (one) => t(`place.${one.kind}`), text: (one) => one.kind },
        { title: t('warehouse.title'), cell: (one) => one.warehouse?.name ?? '–', text: (one) => one.warehouse?.code ?? '' },
        { title: t('place.name'), cell: (one) => one.name || '–', text: (one) => one.name },
        { title: t('place.label'), cell: (one) => h('code', {}, `%P${one.code}`), text: (one) => `%P${one.code}` },
        { title: t('state.title'), cell: (one) => h('span', { class: `tag ${one.state === 'open' ? 'good' : ''}` }, t(`state.${one.state}`)), text: (one) => one.state },
      ],
      open: (one) => (may ? editPlace(one, session, () => places.reload()) : location.assign(`/ui/inventory/balances.html?place=${one.id}&placeName=${encodeURIComponent(one.code)}`)),
      actions: may ? [h('button', { type: 'button', class: 'primary', onclick: () => addPlace(warehouses, () => { places.reload(); drawWarehouses().catch(fail); }) }, icon('plus'), t('place.add'))] : [],
    });
    places.element.classList.add('cards');
    main.append(may ? h('div', { class: 'row' }, h('span', { class: 'grow quiet' }, t('places.intro')), h('button', { type: 'button', onclick: () => addWarehouse(drawWarehouses) }, icon('plus'), t('warehouse.add'))) : null, cards, places.element);
  },
});

function addWarehouse(changed) {
  const close = open(t('warehouse.add'), form({
    fields: [field('name', t('warehouse.name'), { required: true }),
      h('div', { class: 'pair' }, field('code', t('warehouse.code'), { required: true }), field('firstBin', t('setup.place.bin'), { hint: t('place.code.hint') }))],
    verb: t('action.add'), cancel: () => close(),
    submit: (values) => post('/api/v1/warehouses', { ...values, firstBin: values.firstBin || null }),
    done: () => { close(); toast(t('done.added')); changed().catch(fail); },
  }));
}

function editWarehouse(one, changed) {
  const close = open(`${one.code} ${one.name}`, form({
    fields: [field('name', t('warehouse.name'), { required: true, value: one.name }), stateField(one)],
    verb: t('action.save'), cancel: () => close(),
    submit: (values) => patch(`/api/v1/warehouses/${one.id}`, values, one.etag),
    done: () => { close(); toast(t('done.saved')); changed().catch(fail); },
  }));
}

async function addPlace(warehouses, changed) {
  if (!warehouses.length) return toast(t('warehouse.none'), { kind: 'warn' });
  const zones = (await get('/api/v1/places?kind=zone&limit=200')).items;
  const close = open(t('place.add'), form({
    fields: [
      h('div', { class: 'pair' }, field('kind', t('place.kind'), { options: [['bin', t('place.bin')], ['zone', t('place.zone')]] }), field('warehouse', t('warehouse.title'), { options: warehouses.map((one) => [one.id, one.name]) })),
      h('div', { class: 'pair' }, field('code', t('place.code'), { required: true, hint: t('place.code.hint') }), field('name', t('place.name'))),
      field('parent', t('place.parent'), { options: [['', '–'], ...zones.map((one) => [one.id, `${one.code} · ${one.warehouse.name}`])] }),
    ],
    verb: t('action.add'), cancel: () => close(),
    submit: (values) => post('/api/v1/places', { ...values, name: values.name || null, parent: values.parent || null }),
    done: () => { close(); toast(t('done.added')); changed(); },
  }));
  return undefined;
}

function editPlace(one, session, changed) {
  const close = open(one.code, [form({
    fields: [field('name', t('place.name'), { value: one.name }), stateField(one)],
    verb: t('action.save'), cancel: () => close(),
    submit: (values) => patch(`/api/v1/places/${one.id}`, values, one.etag),
    done: () => { close(); toast(t('done.saved')); changed(); },
  }), h('a', { href: `/ui/inventory/balances.html?place=${one.id}&placeName=${encodeURIComponent(one.code)}` }, t('place.contents')), timeline(session, one.id)]);
}

function stateField(one) {
  return field('state', t('state.title'), { options: [['open', t('state.open')], ['closed', t('state.closed')]], value: one.state });
}
