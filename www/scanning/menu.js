// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/scanning/scan.html', key: 'menu.scan', icon: 'scan', need: 'scan.make' },
  { href: '/ui/scanning/parked.html', key: 'menu.parked', icon: 'parked', need: 'parked.see' },
];
