// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// This browser as a device: it signs what it sends with a key that never leaves it. The key cannot
// be read even by these scripts; it can only be used (WebCrypto, extractable: false).

const keptIn = 'sluice-device';
const encoder = new TextEncoder();

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** Whether this browser can keep a key: only pages that came over TLS, or from this machine, can. */
export const canSign = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

const importKey = (text) => crypto.subtle.importKey('raw', encoder.encode(text), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
const mac = async (key, text) => hex(await crypto.subtle.sign('HMAC', key, encoder.encode(text)));
const digest = async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes));

async function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(keptIn, 1);
    request.onupgradeneeded = () => request.result.createObjectStore('self');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Does `work` on what is kept, in one transaction: two windows never take the same number. */
async function kept(mode, work) {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction('self', mode);
      const store = transaction.objectStore('self');
      let answer;
      const request = store.get('self');
      request.onsuccess = () => { answer = work(request.result, store); };
      transaction.oncomplete = () => resolve(answer);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** Who this browser is as a device: {id, name}; null when it is none. */
export async function self() {
  if (!canSign()) return null;
  const found = await kept('readonly', (one) => one);
  return found ? { id: found.id, name: found.name } : null;
}

/** Forgets the key. */
export const forget = () => kept('readwrite', (_, store) => { store.delete('self'); });

/**
 * What an enrolment sends, from what the picture said. `keep` stores the key once the box proved that it has
 * the same; false when it did not.
 */
export async function proofOf(code, secret) {
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const text = await mac(await importKey(secret), `sluice-device-1\n${nonce}`);
  const key = await importKey(text);
  return {
    body: { code, nonce, proof: await mac(key, `sluice-enrol-1\n${code}`) },
    keep: async ({ device, proof }) => {
      if (proof !== await mac(key, `sluice-enrolled-1\n${code}\n${device.id}`)) return false;
      const offset = device.time - Math.floor(Date.now() / 1000);
      await kept('readwrite', (_, store) => { store.put({ id: device.id, name: device.name, key, next: 1, offset }, 'self'); });
      return true;
    },
  };
}

/** Signs requests of this device, and checks that answers are the box's. */
export const signer = {
  async sign(method, target, type, payload) {
    const one = await kept('readwrite', (found, store) => {
      if (found) store.put({ ...found, next: found.next + 1 }, 'self');
      return found;
    });
    if (!one) throw new Error('This browser is no device any more.');
    const bytes = typeof payload === 'string' ? encoder.encode(payload) : payload;
    const time = Math.floor(Date.now() / 1000) + one.offset;
    const text = ['sluice-mac-1', method, target, type.split(';')[0].trim().toLowerCase(), await digest(bytes), one.id, one.next, time].join('\n');
    const own = await mac(one.key, text);
    const signed = {
      field: `Sluice-MAC device=${one.id}, sequence=${one.next}, time=${time}, mac=${own}`,
      isProven: false,
      async proves(answer, body) {
        const given = answer.headers.get('Sluice-Answer-MAC');
        signed.isProven = given === await mac(one.key, `sluice-answer-1\n${own}\n${answer.status}\n${await digest(body)}`);
        return signed.isProven;
      },
    };
    return signed;
  },

  /** Takes the box's time or the next number over. Whether another try makes sense. */
  async adjust({ code, parameters }) {
    const change = {
      'device.clock_off': (one) => ({ ...one, offset: parameters.time - Math.floor(Date.now() / 1000) }),
      'device.sequence_used': (one) => ({ ...one, next: Math.max(one.next, parameters.next) }),
    }[code];
    if (!change) return false;
    await kept('readwrite', (one, store) => { if (one) store.put(change(one), 'self'); });
    return true;
  },
};
