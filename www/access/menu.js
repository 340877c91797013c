// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/access/users.html', key: 'menu.users', icon: 'people', need: 'user.see' },
  { href: '/ui/access/roles.html', key: 'menu.roles', icon: 'shield', need: 'user.see' },
  { href: '/ui/access/messages.html', key: 'menu.messages', icon: 'message', need: 'user.manage' },
  { href: '/ui/access/devices.html', key: 'menu.devices', icon: 'device', need: 'device.manage' },
];
