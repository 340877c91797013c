// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Passkeys: what the browser's own dialog needs, and what it gives, as the daemon writes it.

import { post } from '/ui/kit/api.js';
import { t } from '/ui/kit/i18n.js';

/** Milliseconds in which the browser's dialog waits for a finger. */
const patience = 120000;

/** Why there are no passkeys on this page; empty when there are. */
export function obstacle() {
  const host = location.hostname;
  if (/^[\d.]+$/.test(host) || host.startsWith('[')) return t('passkey.needsName');
  if (!window.isSecureContext || !window.PublicKeyCredential) return t('passkey.needsTrust');
  return '';
}

/** The person closed the browser's dialog, or no passkey of theirs is here. */
export class Declined extends Error {
  constructor() {
    super(t('passkey.declined'));
    this.code = 'passkey.declined';
  }

  get fix() {
    return t('passkey.declined.fix');
  }
}

function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const named = (ids) => ids.map((id) => ({ type: 'public-key', id: bytes(id) }));

async function ask(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException) throw new Declined();
    throw error;
  }
}

/** Makes a passkey on this device. Answers what the daemon gives who set up a factor. */
export async function create(name) {
  const asked = await post('/api/v1/session/passkey-registration', {});
  const made = await ask(() => navigator.credentials.create({
    publicKey: {
      challenge: bytes(asked.challenge), rp: { id: asked.host, name: asked.siteName },
      user: { id: bytes(asked.userHandle), name: asked.userName, displayName: asked.userName },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }],
      excludeCredentials: named(asked.known), attestation: 'none', timeout: patience,
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    },
  }));
  return post('/api/v1/session/passkeys', {
    name, clientData: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject),
  });
}

async function assertion(asked) {
  const given = await ask(() => navigator.credentials.get({
    publicKey: {
      challenge: bytes(asked.challenge), rpId: asked.host, allowCredentials: named(asked.known),
      userVerification: 'required', timeout: patience,
    },
  }));
  return {
    credential: text(given.rawId), clientData: text(given.response.clientDataJSON),
    authenticatorData: text(given.response.authenticatorData), signature: text(given.response.signature),
  };
}

/** Signs in by a passkey; with a ticket, as the second factor. */
export async function signIn(ticket = null) {
  const asked = await post('/api/v1/session/passkey-challenge', { ticket });
  return post('/api/v1/session/passkey', { ticket, assertion: await assertion(asked) });
}

/** Proves by a passkey who sits here. */
export async function prove() {
  const asked = await post('/api/v1/session/proofs/challenge', {});
  return post('/api/v1/session/proofs/passkey', await assertion(asked));
}
