// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Light, dark, or what the system says; kept in this browser.

const order = ['auto', 'light', 'dark'];

export function theme() {
  const kept = localStorage.getItem('sluice.theme');
  return order.includes(kept) ? kept : 'auto';
}

export function applyTheme() {
  const chosen = theme();
  if (chosen === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function nextTheme() {
  localStorage.setItem('sluice.theme', order[(order.indexOf(theme()) + 1) % order.length]);
  applyTheme();
}
