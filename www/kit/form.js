// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Forms: labels, errors at the field, and no Enter in the middle of a composition.

import { fill, h } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { fail } from '/ui/kit/toast.js';

let serial = 0;

/** One field. `options` makes it a choice; `type` is text, password, checkbox, number, date, area. */
export function field(name, label, { type = 'text', value = '', options, hint, required = false, ...rest } = {}) {
  serial += 1;
  const id = `f${serial}`;
  const common = { id, name, required, 'aria-describedby': `${id}-note`, ...rest };
  let control;
  if (options) {
    control = h('select', common, options.map(([one, text]) => h('option', { value: one, selected: one === value }, text)));
  } else if (type === 'checkbox') {
    return h('div', { class: 'field check', 'data-field': name },
      h('label', {}, h('input', { ...common, type, checked: value === true }), h('span', {}, label)),
      h('p', { id: `${id}-note`, class: 'hint' }, hint ?? ''));
  } else if (type === 'area') {
    control = h('textarea', { ...common, rows: 3, value });
  } else {
    control = h('input', { ...common, type, value, autocomplete: rest.autocomplete ?? 'off' });
  }
  return h('div', { class: 'field', 'data-field': name },
    h('label', { for: id }, label, required ? h('span', { class: 'need', 'aria-hidden': 'true' }, ' *') : null),
    control, h('p', { id: `${id}-note`, class: 'hint' }, hint ?? ''));
}

/** A form that sends once, shows what is wrong at its field, and keeps what was typed. */
export function form({ fields, verb, submit, done, cancel, danger = false }) {
  const note = h('p', { class: 'form-error', role: 'alert' });
  const button = h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, verb);
  const element = h('form', { novalidate: true }, fields, note,
    h('div', { class: 'buttons' },
      cancel ? h('button', { type: 'button', onclick: cancel }, t('action.cancel')) : null, button));
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.isComposing || event.keyCode === 229)) event.preventDefault();
  });
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    clear(element, note);
    const missing = [...element.elements].find((one) => one.required && !one.value);
    if (missing) return mark(element, missing.name, t('field.missing'), true);
    button.disabled = true;
    element.setAttribute('aria-busy', 'true');
    try {
      const result = await submit(read(element));
      done?.(result);
    } catch (error) {
      show(element, note, error);
    } finally {
      button.disabled = false;
      element.removeAttribute('aria-busy');
    }
    return undefined;
  });
  return element;
}

function read(element) {
  const values = {};
  for (const control of element.elements) {
    if (!control.name) continue;
    if (control.type === 'checkbox') values[control.name] = control.checked;
    else if (control.type === 'file') values[control.name] = control.files[0];
    else values[control.name] = control.type === 'password' ? control.value : control.value.trim();
  }
  return values;
}

function clear(element, note) {
  fill(note);
  element.querySelectorAll('.field.wrong').forEach((one) => {
    one.classList.remove('wrong');
    one.querySelector('.hint').textContent = one.dataset.hint ?? '';
    one.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
  });
}

function mark(element, name, text, focus) {
  const box = element.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!box) return false;
  const hint = box.querySelector('.hint');
  if (!box.classList.contains('wrong')) box.dataset.hint = hint.textContent;
  box.classList.add('wrong');
  hint.textContent = text;
  const control = box.querySelector('input, select, textarea');
  control?.setAttribute('aria-invalid', 'true');
  if (focus) control?.focus();
  return true;
}

/** Shows a problem at the fields that it points to, else above the buttons. */
function show(element, note, error) {
  if (!error.code) return fail(error);
  let shown = false;
  for (const { pointer, code } of error.errors ?? []) {
    const name = pointer.replace(/^\//, '').split('/')[0];
    const own = code === error.code ? `${error.message} ${error.fix}` : t(`field.${code}`);
    shown = mark(element, name, own, !shown) || shown;
  }
  if (!shown) fill(note, h('strong', {}, error.message), error.fix ? ` ${error.fix}` : '');
  return undefined;
}
