// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// What libsodium has not and libgnutls has: HMAC-SHA-1 for one-time codes, and signatures over the
// curve P-256 for passkeys. Wrapped, so that no handle of the library leaves this header.
#ifndef SLUICE_CGNUTLS_SHIM_H
#define SLUICE_CGNUTLS_SHIM_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "identity.h"

/// HMAC-SHA-1 of `data` under `key` into 20 bytes. 0, or a negative code of the library.
static inline int sluice_hmac_sha1(
    const unsigned char *key, size_t key_count, const unsigned char *data, size_t data_count,
    unsigned char *output) {
    return gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, key_count, data, data_count, output);
}

/// Whether `signature` (DER) of ECDSA with SHA-256 over `data` is that of the point (x, y) of
/// P-256, each coordinate 32 bytes, big-endian. 1 for yes; anything else is no.
static inline int sluice_p256_verify(
    const unsigned char *x, const unsigned char *y, const unsigned char *data, size_t data_count,
    const unsigned char *signature, size_t signature_count) {
    gnutls_datum_t dx = {(unsigned char *)x, 32}, dy = {(unsigned char *)y, 32};
    gnutls_datum_t dd = {(unsigned char *)data, (unsigned int)data_count};
    gnutls_datum_t ds = {(unsigned char *)signature, (unsigned int)signature_count};
    gnutls_pubkey_t key;
    if (gnutls_pubkey_init(&key) < 0) return 0;
    int code = gnutls_pubkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &dx, &dy);
    if (code >= 0) {
        code = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &dd, &ds);
    }
    gnutls_pubkey_deinit(key);
    return code >= 0 ? 1 : 0;
}

#endif
