// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

export const menu = [
  { href: '/ui/system/jobs.html', key: 'menu.jobs', icon: 'clock', need: 'job.see' },
  { href: '/ui/system/practice.html', key: 'menu.practice', icon: 'flag', need: 'practice.manage' },
];
