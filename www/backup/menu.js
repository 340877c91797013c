// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/backup/backups.html', key: 'menu.backups', icon: 'shield', need: 'backup.see' },
];
