// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/catalog/items.html', key: 'menu.items', icon: 'box', need: 'item.see' },
  { href: '/ui/catalog/import.html', key: 'menu.import', icon: 'upload', need: 'item.import' },
];
