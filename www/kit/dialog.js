// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Questions and small forms above the page, on the browser's own <dialog>.

import { h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';

/** Opens a dialog with `body`; answers a function that closes it. */
export function open(title, body, { wide = false, onclose } = {}) {
  const back = document.activeElement;
  const close = () => dialog.close();
  const id = `d${Math.floor(performance.now())}`;
  const dialog = h('dialog', { class: wide ? 'wide' : '', 'aria-labelledby': id },
    h('header', {}, h('h2', { id }, title),
      h('button', { type: 'button', class: 'plain square', 'aria-label': t('action.close'), onclick: close }, icon('close'))),
    h('div', { class: 'body' }, body));
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (back instanceof HTMLElement) back.focus();
    onclose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}

/** Asks before something that cannot be taken back. */
export function confirm(title, text, verb) {
  return new Promise((resolve) => {
    let answer = false;
    const close = open(title, [
      h('p', {}, text),
      h('div', { class: 'buttons' },
        h('button', { type: 'button', onclick: () => close() }, t('action.cancel')),
        h('button', { type: 'button', class: 'danger', onclick: () => { answer = true; close(); } }, verb)),
    ], { onclose: () => resolve(answer) });
  });
}
