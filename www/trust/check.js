// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Whether this browser trusts the box.

import { reaches } from '/ui/kit/api.js';

/** A worker that was not taken up after this time is none. */
const patience = 8000;

/** The one address that this page may register; another one is no address of ours. */
const worker = '/ui/trust/probe-worker.js';
let addresses;

function workerAddress() {
  if (!globalThis.trustedTypes) return worker;
  addresses ??= globalThis.trustedTypes.createPolicy('sluice-worker', {
    createScriptURL: (text) => {
      if (text !== worker) throw new TypeError(text);
      return text;
    },
  });
  return addresses.createScriptURL(worker);
}

/** A path at the door with a lock. */
export function door(port, path) {
  const url = new URL(path, location.href);
  url.protocol = 'https:';
  url.port = String(port);
  return url.href;
}

/** 'trusted', 'untrusted', or 'unknown' when this browser does not tell.
 *
 *  Over plain HTTP the other door is tried. Over TLS a page may be shown although somebody clicked a
 *  warning away; a worker may not be taken up then. */
export async function check(tlsPort) {
  if (location.protocol !== 'https:') return await reaches(door(tlsPort, '/trust/probe')) ? 'trusted' : 'untrusted';
  if (!('serviceWorker' in navigator)) return 'unknown';
  try {
    const late = new Promise((_, reject) => { setTimeout(() => reject(new Error('late')), patience); });
    const taken = await Promise.race([navigator.serviceWorker.register(workerAddress(), { scope: '/ui/trust/nowhere/' }), late]);
    await taken.unregister();
    return 'trusted';
  } catch (error) {
    return error.message === 'late' ? 'unknown' : 'untrusted';
  }
}
