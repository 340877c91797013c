// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Tells a scanner that types from a person who types, on every page.
//
// Keyed on event.code, the physical key: with a Chinese input method on, event.key is only
// "Process", and with a French layout it is another letter. A burst is at least four keys, on
// average 35 ms apart or less, ended by Enter or Tab: a person at 60 ms a key is never taken for one.

const gapMax = 35;
const lengthMin = 4;
/** A pause after which what came before cannot belong to the same scan. */
const pauseMax = 120;
/** Single-letter shortcuts wait this long, to see whether a burst follows. */
const shortcutDelay = 50;

const shifted = { Digit1: '!', Digit2: '@', Digit3: '#', Digit4: '$', Digit5: '%', Digit6: '^', Digit7: '&', Digit8: '*', Digit9: '(', Digit0: ')',
  Minus: '_', Equal: '+', BracketLeft: '{', BracketRight: '}', Backslash: '|', Semicolon: ':', Quote: '"', Comma: '<', Period: '>', Slash: '?', Backquote: '~', Space: ' ' };
const plain = { Minus: '-', Equal: '=', BracketLeft: '[', BracketRight: ']', Backslash: '\\', Semicolon: ';', Quote: "'", Comma: ',', Period: '.', Slash: '/', Backquote: '`', Space: ' ',
  NumpadAdd: '+', NumpadSubtract: '-', NumpadMultiply: '*', NumpadDivide: '/', NumpadDecimal: '.' };
/** What stands for the group separator of GS1 on scanners that cannot send it. */
const GS = '\u001d';

/** The character of a key, '' for keys that are none, undefined for keys that end any burst. */
export function character(event) {
  const { code } = event;
  if (event.ctrlKey && code === 'BracketRight') return GS;
  if (code === 'F8') return GS;
  if (event.ctrlKey || event.metaKey) return undefined;
  const upper = event.shiftKey !== (event.getModifierState?.('CapsLock') ?? false);
  if (/^Key[A-Z]$/.test(code)) return upper ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code)) return event.shiftKey ? shifted[code] : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  if (code in plain) return event.shiftKey && code in shifted ? shifted[code] : plain[code];
  if (/^(Shift|Alt|CapsLock|NumLock)/.test(code)) return '';
  return undefined;
}

/** Collects keys into bursts. Pure: time comes with each event. */
export class Burst {
  constructor() { this.reset(); }

  reset() {
    this.text = '';
    this.first = 0;
    this.last = 0;
    this.alt = '';
  }

  /** Takes a key. Answers the code that was scanned when this key ended one, else undefined. */
  take(event, now) {
    if (now - this.last > pauseMax) this.reset();
    if (event.code === 'Enter' || event.code === 'NumpadEnter' || event.code === 'Tab') {
      const text = this.text;
      const isScan = text.length >= lengthMin && (this.last - this.first) / (text.length - 1) <= gapMax && now - this.last <= pauseMax;
      this.reset();
      return isScan ? text : undefined;
    }
    // Scanners for Chinese text send each character as Alt and its number on the keypad.
    if (event.altKey && /^Numpad\d$/.test(event.code)) {
      this.alt += event.code[6];
      this.last = now;
      return undefined;
    }
    const one = character(event);
    if (one === undefined) { this.reset(); return undefined; }
    if (one === '') return undefined;
    if (!this.text) this.first = now;
    this.text += one;
    this.last = now;
    return undefined;
  }

  /** The Alt key went up: the number that was typed becomes its character. */
  altUp() {
    if (!this.alt) return;
    const number = Number(this.alt);
    this.alt = '';
    if (!this.text) this.first = this.last;
    this.text += number === 29 ? GS : String.fromCodePoint(Math.min(number, 0x10ffff));
  }
}

/**
 * Calls `scanned(code)` for every burst on this page. The focused field gets back what it held
 * before, and the Enter at the end presses no button.
 */
export function listen(scanned) {
  const burst = new Burst();
  let snapshot;
  document.addEventListener('keydown', (event) => {
    const target = event.target;
    const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
    if (!burst.text && isField) snapshot = { target, value: target.value, start: cursor(target) };
    else if (!burst.text) snapshot = undefined;
    const code = burst.take(event, event.timeStamp);
    if (code === undefined) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (snapshot && snapshot.target.isConnected) restore(snapshot);
    cancelShortcut();
    scanned(code);
  }, true);
  document.addEventListener('keyup', (event) => { if (event.code.startsWith('Alt')) burst.altUp(); }, true);
}

function cursor(field) {
  try { return field.selectionStart; } catch { return null; }
}

function restore({ target, value, start }) {
  target.value = value;
  target.dispatchEvent(new Event('input', { bubbles: true }));
  if (start !== null) { try { target.setSelectionRange(start, start); } catch { /* Number fields have no cursor. */ } }
}

let waiting;

function cancelShortcut() {
  clearTimeout(waiting);
  waiting = undefined;
}

/** Runs `action` for a single key, unless it turns out to be the beginning of a scan. */
export function shortcut(key, action) {
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.matches?.('input, textarea, select, [contenteditable]');
    cancelShortcut();
    if (isTyping || event.key !== key || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    waiting = setTimeout(action, shortcutDelay);
  });
}
