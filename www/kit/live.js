// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// One stream of live events for all windows of a browser: the window that holds the lock reads it
// and passes events on. HTTP/1.1 allows six connections; a stream in each window would use them up.

/** Milliseconds after its beginning in which what a page shows is new. */
const freshFor = 2000;
/** Milliseconds after which a stream that says nothing counts as not connected. */
const patience = 5000;

const listeners = new Set();
const states = new Set();
let state = 'waiting';
let channel;

function say(next) {
  state = next;
  states.forEach((one) => one(next));
}

function hear(event) {
  listeners.forEach((one) => one(event));
}

/** Calls `listener` with each event {kind, data}. Answers a function that ends it. */
export function onEvent(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls `listener` with waiting, on, off or poll, now and at each change. */
export function onState(listener) {
  states.add(listener);
  listener(state);
}

export function start() {
  if (!navigator.locks || !window.BroadcastChannel) return poll();
  channel = new BroadcastChannel('sluice.events');
  setTimeout(() => { if (state === 'waiting') say('off'); }, patience);
  channel.onmessage = ({ data }) => (data.state ? say(data.state) : hear(data));
  channel.postMessage({ ask: true });
  return navigator.locks.request('sluice.events', () => new Promise(() => {
    const pass = (message) => channel.postMessage(message);
    channel.onmessage = ({ data }) => { if (data.ask) pass({ state }); };
    read((event) => { hear(event); pass(event); }, (next) => { say(next); pass({ state: next }); });
  }));
}

function read(event, changed) {
  const source = new EventSource('/api/v1/events');
  // A window that takes over has not heard what happened in between: everybody looks again. One
  // that has just been loaded knows it already.
  let isFresh = performance.now() < freshFor;
  source.onopen = () => {
    changed('on');
    if (!isFresh) event({ kind: 'reset', data: {} });
    isFresh = false;
  };
  source.onerror = () => changed('off');
  source.onmessage = () => {};
  for (const kind of ['stock.moved', 'scan.parked', 'scan.parked_resolved', 'scan.parked_refused', 'scan.parked_dismissed', 'stock.place_added',
    'stock.place_changed', 'stock.warehouse_added', 'catalog.item_added', 'catalog.item_changed', 'catalog.import_applied']) {
    source.addEventListener(kind, ({ data }) => event({ kind, data: JSON.parse(data) }));
  }
  source.addEventListener('reset', () => event({ kind: 'reset', data: {} }));
}

/** Without a secure context there are no locks: look again every few seconds instead. */
function poll() {
  say('poll');
  setInterval(() => { if (!document.hidden) hear({ kind: 'reset', data: {} }); }, 5000);
}
