// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Scans on their way: kept in the browser's own store before anything else happens, sent one after
// the other in the order in which they were made, until the daemon has answered each.

import { post, Problem } from '/ui/kit/api.js';
import { uuid7 } from '/ui/kit/uuid.js';

/** What the last answer acknowledged: a daemon that does not know it has older books than it had. */
const acknowledged = 'sluice.acknowledged';
const pauseMax = 5000;
const pauseMin = 250;

/** Answers after which the same scan may be sent again: the daemon has not decided about it. */
const undecided = new Set([401, 408, 429, 502, 503, 504]);

export class Outbox {
  /** `heard(entry, answer, problem)` is called for each scan that was decided. */
  /** `signer` signs the scans of a browser that is a device; without one its session carries them. */
  constructor({ heard, changed, signer }) {
    this.signer = signer;
    this.heard = heard;
    this.changed = changed;
    this.pause = pauseMin;
    this.sending = false;
    this.reachable = true;
    this.behind = null;
    this.barred = null;
  }

  async open() {
    this.db = await new Promise((resolve, reject) => {
      const request = indexedDB.open('sluice', 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('outbox', { keyPath: 'seq', autoIncrement: true });
        request.result.createObjectStore('refused', { keyPath: 'seq' });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    addEventListener('online', () => this.wake());
    addEventListener('visibilitychange', () => { if (!document.hidden) this.wake(); });
    await this.tell();
    this.wake();
  }

  run(store, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(store, mode);
      const request = work(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = () => reject(transaction.error);
    });
  }

  /** Keeps a scan and sends it when its turn comes. Two calls keep their order. */
  async add(payload) {
    const entry = { payload: { event: uuid7(), at: new Date().toISOString(), ...payload } };
    entry.seq = await this.run('outbox', 'readwrite', (store) => store.add(entry));
    await this.tell();
    this.wake();
    return entry;
  }

  waiting() { return this.run('outbox', 'readonly', (store) => store.getAll()); }

  refused() { return this.run('refused', 'readonly', (store) => store.getAll()); }

  async drop(seq) {
    await this.run('refused', 'readwrite', (store) => store.delete(seq));
    await this.tell();
  }

  async tell() {
    const [waiting, refused] = await Promise.all([this.waiting(), this.refused()]);
    this.changed({ waiting: waiting.length, refused: refused.length, reachable: this.reachable, behind: this.behind, barred: this.barred });
  }

  /** Somebody said that the older books are right: forgets what was acknowledged, and goes on. */
  async goOn() {
    localStorage.removeItem(acknowledged);
    this.behind = null;
    await this.tell();
    this.wake();
  }

  /** Sends one scan with what the last answer acknowledged, and keeps what this one does. */
  post(payload) {
    const last = localStorage.getItem(acknowledged);
    const heard = (answer) => {
      const mark = answer.headers.get('Sluice-Acknowledged');
      if (mark) localStorage.setItem(acknowledged, mark);
    };
    return post('/api/v1/scans', payload, { headers: last ? { 'Sluice-Last-Acknowledged': last } : {}, heard, signer: this.signer });
  }

  wake() {
    clearTimeout(this.timer);
    if (!this.sending) this.send();
  }

  /** One window sends at a time; a second one waits for the lock and then finds little left. */
  async send() {
    this.sending = true;
    try {
      const turn = () => this.sendAll();
      await (navigator.locks ? navigator.locks.request('sluice.outbox', turn) : turn());
    } finally {
      this.sending = false;
    }
  }

  async sendAll() {
    for (;;) {
      const entry = await this.run('outbox', 'readonly', (store) => store.getAll(null, 1)).then((all) => all[0]);
      if (!entry) return;
      try {
        const answer = await this.post(entry.payload);
        await this.decided(entry);
        this.heard(entry, answer, null);
      } catch (error) {
        // The device itself is refused: its scans wait until it is enrolled again.
        if (this.signer && error.status === 401) return this.later(null, error);
        if (!(error instanceof Problem) || undecided.has(error.status) || error.status >= 500) return this.later();
        // Nothing was decided: the scan waits until the right books are back, or somebody goes on.
        if (error.code === 'store.behind') return this.later(error);
        await this.run('refused', 'readwrite', (store) => store.put({ ...entry, code: error.code, message: error.message, fix: error.fix }));
        await this.decided(entry);
        this.heard(entry, null, error);
      }
    }
  }

  async decided(entry) {
    await this.run('outbox', 'readwrite', (store) => store.delete(entry.seq));
    this.pause = pauseMin;
    this.reachable = true;
    this.behind = null;
    this.barred = null;
    await this.tell();
  }

  async later(behind = null, barred = null) {
    this.reachable = Boolean(behind ?? barred);
    this.behind = behind;
    this.barred = barred;
    await this.tell();
    this.timer = setTimeout(() => this.wake(), this.pause);
    this.pause = Math.min(this.pause * 2, pauseMax);
  }
}
