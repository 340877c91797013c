// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { h } from '/ui/kit/html.js';

/** A QR code that the daemon drew: an SVG document, dark on white in every theme. */
export function qrImage(picture, label) {
  return h('img', { class: 'qr', alt: label, src: `data:image/svg+xml,${encodeURIComponent(picture)}` });
}
