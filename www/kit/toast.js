// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Short words at the edge of the screen, read out by screen readers.

import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';

let stack;

function place() {
  if (!stack) {
    stack = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' });
    document.body.append(stack);
  }
  return stack;
}

/** Says something. `action` is {text, run}; errors stay until they are closed. */
export function toast(message, { kind = 'ok', detail, action } = {}) {
  const close = () => box.remove();
  const box = h('div', { class: `toast ${kind}` },
    icon(kind === 'ok' ? 'check' : 'alert'),
    h('div', { class: 'grow' }, h('strong', {}, message), detail ? h('p', {}, detail) : null),
    action ? h('button', { type: 'button', class: 'plain', onclick: () => { close(); action.run(); } }, action.text) : null,
    h('button', { type: 'button', class: 'plain square', 'aria-label': t('action.close'), onclick: close }, icon('close')));
  place().append(box);
  if (kind === 'ok') setTimeout(close, action ? 8000 : 4000);
  return close;
}

/** Shows what went wrong and what to do. */
export function fail(error) {
  if (error.name === 'AbortError') return;
  if (!error.code) console.error(error);
  toast(error.code ? error.message : t('net.fault'), { kind: 'bad', detail: error.fix ?? '' });
}

/** Shows `error` inside the page, with a way to try again. */
export function failedPanel(parent, error, again) {
  fill(parent, h('div', { class: 'empty', role: 'alert' }, icon('alert'),
    h('h2', {}, error.message), h('p', {}, error.fix ?? ''),
    h('button', { type: 'button', onclick: again }, t('action.retry'))));
}
