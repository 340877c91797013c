// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/inventory/levels.html', key: 'menu.levels', icon: 'layers', need: 'stock.see' },
  { href: '/ui/inventory/balances.html', key: 'menu.balances', icon: 'grid', need: 'stock.see' },
  { href: '/ui/inventory/movements.html', key: 'menu.movements', icon: 'move', need: 'stock.see' },
  { href: '/ui/inventory/places.html', key: 'menu.places', icon: 'pin', need: 'stock.see' },
];
