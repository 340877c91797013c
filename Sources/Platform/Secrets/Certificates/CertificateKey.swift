// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CGnuTLS

/// The private key of a certificate. Its bytes are a secret: they belong into sealed fields only.
package struct CertificateKey: Sendable, Equatable {
    /// What kind of key it is; sizes in bits.
    package enum Kind: Sendable, Equatable {
        case rsa(bits: Int)
        /// Over a curve of NIST.
        case ecdsa(bits: Int)
        /// Anything that browsers do not take from a server.
        case other

        init(algorithm: Int32, bits: UInt32) {
            switch UInt32(bitPattern: algorithm) {
            case GNUTLS_PK_RSA.rawValue: self = .rsa(bits: Int(bits))
            case GNUTLS_PK_ECDSA.rawValue: self = .ecdsa(bits: Int(bits))
            default: self = .other
            }
        }

        /// Whether browsers of today take it: RSA of 2,048 to 4,096 bits, P-256 or P-384.
        package var isStrong: Bool {
            switch self {
            case .rsa(let bits): (2048...4096).contains(bits)
            case .ecdsa(let bits): bits == 256 || bits == 384
            case .other: false
            }
        }
    }

    /// PKCS #8 in DER.
    package let der: [UInt8]
    package let kind: Kind

    /// Room for the largest key that is taken, RSA of 8,192 bits.
    private static let room = 8192

    /// A new key over P-256.
    package static func make() throws(CertificateFault) -> CertificateKey {
        var bytes = [UInt8](repeating: 0, count: room)
        var size = bytes.count
        try must("key_make", sluice_key_make(&bytes, &size))
        return try CertificateKey(der: Array(bytes[..<min(size, room)]))
    }

    /// - Throws: `CertificateFault` for bytes that are no key, and for one under a passphrase.
    package init(der: [UInt8]) throws(CertificateFault) {
        self = try Self.read(der, DER)
    }

    /// A key in PEM: PKCS #8 or the older forms, without a passphrase.
    package init(pem: String) throws(CertificateFault) {
        self = try Self.read(Array(pem.utf8), GNUTLS_X509_FMT_PEM)
    }

    private init(der: [UInt8], kind: Kind) {
        self.der = der
        self.kind = kind
    }

    private static func read(
        _ bytes: [UInt8], _ form: gnutls_x509_crt_fmt_t
    ) throws(CertificateFault) -> CertificateKey {
        try withKey(bytes, form) { (key) throws(CertificateFault) in
            var der = [UInt8](repeating: 0, count: room)
            var size = der.count
            try must(
                "privkey_export",
                gnutls_x509_privkey_export_pkcs8(
                    key, DER, nil, GNUTLS_PKCS_PLAIN.rawValue, &der, &size))
            var bits: UInt32 = 0
            let algorithm = gnutls_x509_privkey_get_pk_algorithm2(key, &bits)
            return CertificateKey(
                der: Array(der[..<min(size, room)]), kind: Kind(algorithm: algorithm, bits: bits))
        }
    }

    /// By this a key and its certificate know each other.
    func id() throws(CertificateFault) -> [UInt8] {
        try withHandle { (key) throws(CertificateFault) in
            var bytes = [UInt8](repeating: 0, count: 64)
            var size = bytes.count
            try must("privkey_get_key_id", gnutls_x509_privkey_get_key_id(key, 0, &bytes, &size))
            return Array(bytes[..<min(size, bytes.count)])
        }
    }

    func withHandle<T>(
        _ body: (gnutls_x509_privkey_t) throws(CertificateFault) -> T
    ) throws(CertificateFault) -> T {
        try Self.withKey(der, DER, body)
    }

    private static func withKey<T>(
        _ bytes: [UInt8], _ form: gnutls_x509_crt_fmt_t,
        _ body: (gnutls_x509_privkey_t) throws(CertificateFault) -> T
    ) throws(CertificateFault) -> T {
        var made: gnutls_x509_privkey_t?
        try must("privkey_init", gnutls_x509_privkey_init(&made))
        guard let made else { throw CertificateFault(call: "privkey_init", code: -1) }
        defer { gnutls_x509_privkey_deinit(made) }
        try must(
            "privkey_import",
            withDatum(bytes) { gnutls_x509_privkey_import2(made, $0, form, nil, 0) })
        return try body(made)
    }
}
