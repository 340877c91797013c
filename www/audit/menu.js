// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/audit/journal.html', key: 'menu.journal', icon: 'book', need: 'journal.see' },
];
