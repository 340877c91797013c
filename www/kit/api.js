// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The only place that talks to the daemon.

import { uuid7 } from '/ui/kit/uuid.js';
import { has, language, t, whole } from '/ui/kit/i18n.js';

/** A "no" of the daemon, in the words of RFC 9457. */
export class Problem extends Error {
  constructor(document, status) {
    super(document.title ?? `HTTP ${status}`);
    this.code = document.code ?? '';
    this.detail = document.detail ?? '';
    this.status = status;
    this.parameters = document.parameters ?? {};
    this.errors = document.errors ?? [];
    this.retryAfter = 0;
  }

  /** The facts of the case, and what to do about it, as far as the catalogue knows. */
  get fix() {
    if (this.code === 'access.forbidden') return lacking(this.parameters.permission);
    const key = `problem.${this.code}.fix`;
    return [this.detail, has(key) ? t(key) : ''].filter(Boolean).join(' ');
  }
}

let helpers = [];

/** Names the people who may give roles, for whoever is refused something. */
export function askWhom(names) {
  helpers = names;
}

/** Which right is missing, and who can give it. */
function lacking(code) {
  const right = has(`permission.${code}`) ? t(`permission.${code}`) : code;
  return helpers.length ? t('refused.ask', { right, names: helpers.join(', ') }) : t('refused.lacking', { right });
}

/** The daemon cannot be reached: nothing is known about what became of the request. */
export class Unreachable extends Error {
  constructor() {
    super(t('net.unreachable'));
    this.code = 'net.unreachable';
  }

  get fix() {
    return t('net.unreachable.fix');
  }
}

/** After so many milliseconds without a touch a page asks by itself, and keeps no session alive. */
const unattendedAfter = 60_000;
let touchedAt = performance.now();
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touchedAt = performance.now(); }, { capture: true, passive: true });

/** Refusals that may come unsigned to a signed request: nothing was decided, so nothing is believed. */
const unsigned = new Set([401, 429, 503]);

/** The answer of a fetch as it is used here. What claims to answer a signed request must be signed. */
async function checked(answer, signed) {
  if (!signed) return answer;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (!await signed.proves(answer, bytes) && !unsigned.has(answer.status)) throw new Unreachable();
  return new Response(answer.status === 204 ? null : bytes, { status: answer.status, headers: answer.headers });
}

/** What a refusal makes of the page before it is shown: a proof is asked for, a step is led to. */
async function settle(problem, path, again) {
  const aboutSigningIn = path.startsWith('/api/v1/session');
  const atTheDoor = location.pathname.endsWith('/sign-in.html');
  if (problem.code === 'access.step_up_needed') {
    const { proved } = await import('/ui/access/proof.js');
    return proved();
  }
  if (problem.status === 401 && !aboutSigningIn && !again) {
    // Another window may have a new token by now.
    return true;
  }
  const mustGo = problem.status === 401 || ['access.factor_needed', 'access.password_needed'].includes(problem.code);
  if (mustGo && !path.endsWith('/session') && !atTheDoor) {
    location.assign(`/ui/sign-in.html?back=${encodeURIComponent(location.pathname + location.search)}`);
  }
  return false;
}

async function send(method, path, options = {}, again = false) {
  const { body, type, ifMatch, key = uuid7(), signal, headers: more, heard, signer } = options;
  const headers = { 'Accept-Language': language(), ...more };
  if (performance.now() - touchedAt > unattendedAfter) headers['Sluice-Unattended'] = 'yes';
  if (method !== 'GET') headers['Idempotency-Key'] = key;
  if (ifMatch) headers['If-Match'] = `"${ifMatch}"`;
  let payload;
  if (body !== undefined) {
    headers['Content-Type'] = type ?? 'application/json';
    payload = type ? body : JSON.stringify(body);
  }
  const signed = await signer?.sign(method, path, payload === undefined ? '' : headers['Content-Type'], payload ?? '');
  if (signed) headers.Authorization = signed.field;
  let answer;
  try {
    answer = await checked(await fetch(path, { method, headers, body: payload, credentials: signed ? 'omit' : 'same-origin', signal }), signed);
  } catch (error) {
    if (error.name === 'AbortError' || error instanceof Unreachable) throw error;
    throw new Unreachable();
  }
  if (answer.ok) {
    // For those who must know more of an answer than its body.
    heard?.(answer);
    return answer;
  }
  const [document] = await Promise.all([answer.json().catch(() => ({})), whole()]);
  const problem = new Problem(document, answer.status);
  problem.retryAfter = Number(answer.headers.get('Retry-After') ?? 0);
  if (signer) {
    // The clock or the number was wrong, and the box said so with its signature: once more.
    if (!again && signed.isProven && await signer.adjust(problem)) return send(method, path, { ...options, key }, true);
    throw problem;
  }
  // A refusal keeps nothing, so the same key goes with the repetition.
  if (await settle(problem, path, again)) return send(method, path, { ...options, key }, true);
  throw problem;
}

async function json(answer) {
  return answer.status === 204 ? null : answer.json();
}

export const get = async (path, options) => json(await send('GET', path, options));
export const post = async (path, body, options) => json(await send('POST', path, { body, ...options }));
export const put = async (path, body) => json(await send('PUT', path, { body }));
export const patch = async (path, body, ifMatch) => json(await send('PATCH', path, { body, ifMatch }));
export const remove = async (path, options) => json(await send('DELETE', path, options));
export const text = async (path) => (await send('GET', path)).text();

/** Whether this browser gets to `url` without a warning. Nothing is sent along and nothing is read. */
export async function reaches(url) {
  try {
    return (await fetch(url, { mode: 'cors', credentials: 'omit', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

/** `path` with the fields that have a value. */
export function query(path, fields) {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (!pairs.length) return path;
  return `${path}?${new URLSearchParams(pairs)}`;
}
