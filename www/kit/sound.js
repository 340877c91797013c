// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Three sounds, told apart without looking: well, wrong, and "look here".

let context;

/** Browsers let sound begin with a touch or a key only. */
export function unlock() {
  context ??= window.AudioContext ? new AudioContext() : undefined;
  context?.resume();
}

function tone(frequency, from, seconds) {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.25, context.currentTime + from);
  gain.gain.exponentialRampToValueAtTime(0.001, context.currentTime + from + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(context.currentTime + from);
  oscillator.stop(context.currentTime + from + seconds);
}

/** Plays `ok`, `stop` or `attention`, and lets the phone shake where it can. */
export function play(beep) {
  // Browsers refuse to shake before the first touch.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(beep === 'ok' ? 40 : [80, 60, 80]);
  if (!context || context.state !== 'running') return;
  if (beep === 'ok') tone(880, 0, 0.08);
  else if (beep === 'stop') [0, 0.2].forEach((from) => tone(220, from, 0.15));
  else [0, 0.12, 0.24].forEach((from) => tone(587, from, 0.08));
}
