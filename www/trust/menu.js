// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/trust/trust.html', key: 'menu.trust', icon: 'key', need: 'certificate.manage' },
];
