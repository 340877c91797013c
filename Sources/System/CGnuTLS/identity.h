// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors
//
// Certificates: a new key, and what a server shows in a handshake. Wrapped where Swift cannot reach
// (macros, an array of structs that the library fills).
#ifndef SLUICE_CGNUTLS_IDENTITY_H
#define SLUICE_CGNUTLS_IDENTITY_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

/// Certificates of a chain that a server shows at most.
#define SLUICE_CHAIN_MOST 8

/// A new key over P-256 as PKCS #8 in DER; `count` is the room, then the size. 0 or a negative code.
static inline int sluice_key_make(unsigned char *der, size_t *count) {
    gnutls_x509_privkey_t key;
    int code = gnutls_x509_privkey_init(&key);
    if (code < 0) return code;
    code = gnutls_x509_privkey_generate(
        key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (code >= 0) {
        code = gnutls_x509_privkey_export_pkcs8(
            key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN, der, count);
    }
    gnutls_x509_privkey_deinit(key);
    return code;
}

/// A chain and its key in the form that a handshake takes. Never changed once it is made.
struct sluice_identity {
    gnutls_pcert_st chain[SLUICE_CHAIN_MOST];
    unsigned int count;
    gnutls_privkey_t key;
};

static inline void sluice_identity_free(struct sluice_identity *identity) {
    if (identity == NULL) return;
    for (unsigned int i = 0; i < identity->count; i++) gnutls_pcert_deinit(&identity->chain[i]);
    if (identity->key != NULL) gnutls_privkey_deinit(identity->key);
    free(identity);
}

/// An identity without certificates and with the key of `der` (PKCS #8); NULL when it is none.
static inline struct sluice_identity *sluice_identity_make(const unsigned char *der, size_t size) {
    struct sluice_identity *made = calloc(1, sizeof *made);
    if (made == NULL) return NULL;
    gnutls_datum_t datum = {(unsigned char *)der, (unsigned int)size};
    if (gnutls_privkey_init(&made->key) < 0) {
        free(made);
        return NULL;
    }
    if (gnutls_privkey_import_x509_raw(made->key, &datum, GNUTLS_X509_FMT_DER, NULL, 0) < 0) {
        sluice_identity_free(made);
        return NULL;
    }
    return made;
}

/// Adds the next certificate of the chain, the server's own first. 0 or a negative code.
static inline int sluice_identity_add(
    struct sluice_identity *identity, const unsigned char *der, size_t size) {
    if (identity->count >= SLUICE_CHAIN_MOST) return GNUTLS_E_INVALID_REQUEST;
    gnutls_datum_t datum = {(unsigned char *)der, (unsigned int)size};
    int code = gnutls_pcert_import_x509_raw(
        &identity->chain[identity->count], &datum, GNUTLS_X509_FMT_DER, 0);
    if (code >= 0) identity->count++;
    return code;
}

/// The first certificate of the chain, as the library wants it.
static inline gnutls_pcert_st *sluice_identity_chain(struct sluice_identity *identity) {
    return identity->chain;
}

#endif
