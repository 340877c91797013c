// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Draws a text as a QR code: bytes, error correction level M, versions 1 to 20.
// Source: ISO/IEC 18004.

import { h } from '/ui/kit/html.js';

/** Correction bytes of a block, and blocks, by version. */
const correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

/** Powers of 2 and their logarithms in the field of 256 elements with the polynomial 0x11d. */
const power = new Uint8Array(512);
const logarithm = new Uint8Array(256);
for (let value = 1, exponent = 0; exponent < 255; exponent += 1) {
  power[exponent] = value;
  power[exponent + 255] = value;
  logarithm[value] = exponent;
  value = value < 128 ? value * 2 : (value * 2) ^ 0x11d;
}
const times = (a, b) => (a && b ? power[logarithm[a] + logarithm[b]] : 0);

/** Bytes of a symbol without its patterns. */
function capacity(version) {
  let bits = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2;
    bits -= (25 * marks - 10) * marks - 55;
    if (version >= 7) bits -= 36;
  }
  return Math.floor(bits / 8);
}

function remainder(data, count) {
  let divisor = [1];
  for (let degree = 0; degree < count; degree += 1) {
    const next = [...divisor, 0];
    divisor.forEach((one, index) => { next[index + 1] ^= times(one, power[degree]); });
    divisor = next;
  }
  const rest = new Array(count).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    for (let index = 0; index < count; index += 1) rest[index] ^= times(divisor[index + 1], factor);
  }
  return rest;
}

/** The bytes of the symbol: mode, length, text, padding; cut into blocks, corrected, interleaved. */
function codewords(bytes, version) {
  const [perBlock, count] = [correction[version - 1], blocks[version - 1]];
  const room = capacity(version) - perBlock * count;
  const bits = [];
  const put = (value, length) => { for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1); };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  bytes.forEach((byte) => put(byte, 8));
  put(0, Math.min(4, room * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(bits.slice(at, at + 8).reduce((all, bit) => all * 2 + bit, 0));
  for (let pad = 0; data.length < room; pad += 1) data.push(pad % 2 ? 0x11 : 0xec);
  const short = Math.floor(room / count);
  const longFrom = count - (room % count);
  const parts = [];
  for (let block = 0, at = 0; block < count; block += 1) {
    const length = short + (block >= longFrom ? 1 : 0);
    parts.push(data.slice(at, at + length));
    at += length;
  }
  const checks = parts.map((part) => remainder(part, perBlock));
  const all = [];
  for (let index = 0; index <= short; index += 1) parts.forEach((part) => { if (index < part.length) all.push(part[index]); });
  for (let index = 0; index < perBlock; index += 1) checks.forEach((check) => all.push(check[index]));
  return all;
}

/** Centres of the alignment patterns. */
function alignments(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const last = version * 4 + 10;
  const step = Math.ceil((last - 6) / (count - 1) / 2) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, index) => last - (count - 2 - index) * step)];
}

const masks = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

class Symbol {
  constructor(version) {
    this.version = version;
    this.size = version * 4 + 17;
    this.dark = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
    this.fixed = Array.from({ length: this.size }, () => new Array(this.size).fill(false));
  }

  set(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y][x] = Boolean(dark);
    this.fixed[y][x] = true;
  }

  square(cx, cy, reach, isDark) {
    for (let dy = -reach; dy <= reach; dy += 1) for (let dx = -reach; dx <= reach; dx += 1) this.set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  }

  patterns() {
    for (let at = 0; at < this.size; at += 1) { this.set(6, at, at % 2 === 0); this.set(at, 6, at % 2 === 0); }
    const end = this.size - 4;
    for (const [x, y] of [[3, 3], [end, 3], [3, end]]) this.square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
    const centres = alignments(this.version);
    const last = centres.length - 1;
    centres.forEach((x, i) => centres.forEach((y, j) => {
      const atFinder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!atFinder) this.square(x, y, 2, (ring) => ring !== 1);
    }));
    this.format(0);
    if (this.version < 7) return;
    let rest = this.version;
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let index = 0; index < 18; index += 1) {
      const [far, near] = [this.size - 11 + (index % 3), Math.floor(index / 3)];
      this.set(far, near, (bits >> index) & 1);
      this.set(near, far, (bits >> index) & 1);
    }
  }

  /** Level M is 00 in the format; the mask follows. */
  format(mask) {
    let rest = mask;
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
    const bits = ((mask << 10) | rest) ^ 0x5412;
    const bit = (index) => (bits >> index) & 1;
    for (let index = 0; index <= 5; index += 1) this.set(8, index, bit(index));
    this.set(8, 7, bit(6));
    this.set(8, 8, bit(7));
    this.set(7, 8, bit(8));
    for (let index = 9; index < 15; index += 1) this.set(14 - index, 8, bit(index));
    for (let index = 0; index < 8; index += 1) this.set(this.size - 1 - index, 8, bit(index));
    for (let index = 8; index < 15; index += 1) this.set(8, this.size - 15 + index, bit(index));
    this.set(8, this.size - 8, true);
  }

  /** Fills the rest in columns of two, upwards and downwards in turn, from the right. */
  fill(words) {
    let index = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) {
        for (const x of [right, right - 1]) {
          const y = ((right + 1) & 2) === 0 ? this.size - 1 - step : step;
          if (this.fixed[y][x]) continue;
          this.dark[y][x] = index < words.length * 8 && ((words[index >> 3] >> (7 - (index & 7))) & 1) === 1;
          index += 1;
        }
      }
    }
  }

  mask(number) {
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) if (!this.fixed[y][x] && masks[number](x, y) === 0) this.dark[y][x] = !this.dark[y][x];
    }
  }

  /** How hard the symbol is to read: long runs, squares, what looks like a corner, and imbalance. */
  penalty() {
    const { size, dark } = this;
    let total = 0;
    const lines = [...dark, ...dark[0].map((_, x) => dark.map((row) => row[x]))];
    for (const line of lines) {
      let run = 1;
      for (let at = 1; at <= size; at += 1) {
        if (at < size && line[at] === line[at - 1]) run += 1;
        else { if (run >= 5) total += run - 2; run = 1; }
      }
      const text = line.map((one) => (one ? 1 : 0)).join('');
      for (let at = 0; at + 11 <= size; at += 1) if (['10111010000', '00001011101'].includes(text.slice(at, at + 11))) total += 40;
    }
    for (let y = 1; y < size; y += 1) for (let x = 1; x < size; x += 1) if (dark[y][x] === dark[y][x - 1] && dark[y][x] === dark[y - 1][x] && dark[y][x] === dark[y - 1][x - 1]) total += 3;
    const share = dark.flat().filter(Boolean).length * 20 / (size * size);
    return total + Math.floor(Math.abs(share - 10)) * 10;
  }
}

/** The rows of the QR code of `text`, true for dark; null when it is too long. */
export function modules(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = correction.findIndex((perBlock, index) => {
    const room = capacity(index + 1) - perBlock * blocks[index];
    return bytes.length + (index + 1 < 10 ? 2 : 3) <= room;
  }) + 1;
  if (!version) return null;
  const symbol = new Symbol(version);
  symbol.patterns();
  symbol.fill(codewords(bytes, version));
  let best;
  for (let number = 0; number < 8; number += 1) {
    symbol.mask(number);
    symbol.format(number);
    const penalty = symbol.penalty();
    if (!best || penalty < best.penalty) best = { number, penalty };
    symbol.mask(number);
  }
  symbol.mask(best.number);
  symbol.format(best.number);
  return symbol.dark;
}

/** A QR code with its quiet zone, dark on white in every theme. */
export function qr(text, label) {
  const rows = modules(text);
  if (!rows) return null;
  const size = rows.length + 8;
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('');
  return h('svg', { class: 'qr', viewBox: `0 0 ${size} ${size}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' }, h('path', { d: path }));
}
