// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CGnuTLS

/// What a certificate that is to be made says.
package struct CertificateDraft: Sendable {
    /// Common name of the subject; letters, digits, spaces and `.-()` only.
    package let commonName: String
    /// Seconds since 1970.
    package let notBefore: Int64
    package let notAfter: Int64

    package init(commonName: String, notBefore: Int64, notAfter: Int64) {
        self.commonName = commonName
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// A certificate that vouches for servers below `permits` and for nothing else, signed by itself.
    ///
    /// The constraints are critical: whoever does not understand them must refuse the certificate.
    /// It signs no other authority, and nothing that is for mail, programs or people.
    /// Source: RFC 5280, 4.2.1.9 and 4.2.1.10.
    package func authority(
        key: CertificateKey, permits: [SubjectName]
    ) throws(CertificateFault) -> Certificate {
        try build(key) { (draft) throws(CertificateFault) in
            try must("set_basic_constraints", gnutls_x509_crt_set_basic_constraints(draft, 1, 0))
            try must(
                "set_key_usage",
                gnutls_x509_crt_set_key_usage(draft, UInt32(GNUTLS_KEY_KEY_CERT_SIGN)))
            try Self.constrain(draft, permits)
            try key.withHandle { (own) throws(CertificateFault) in
                try must(
                    "sign", gnutls_x509_crt_sign2(draft, draft, own, GNUTLS_DIG_SHA256, 0))
            }
        }
    }

    /// A certificate of a server, signed by an authority.
    package func server(
        key: CertificateKey, names: [SubjectName], authority: Certificate,
        authorityKey: CertificateKey
    ) throws(CertificateFault) -> Certificate {
        let issuerID = try authority.keyID()
        return try build(key) { (draft) throws(CertificateFault) in
            try must("set_basic_constraints", gnutls_x509_crt_set_basic_constraints(draft, 0, -1))
            try must(
                "set_key_usage",
                gnutls_x509_crt_set_key_usage(draft, UInt32(GNUTLS_KEY_DIGITAL_SIGNATURE)))
            for name in names {
                let (kind, bytes) = Self.parts(of: name)
                try must(
                    "set_subject_alt_name",
                    gnutls_x509_crt_set_subject_alt_name(
                        draft, kind, bytes, UInt32(clamping: bytes.count),
                        UInt32(GNUTLS_FSAN_APPEND)))
            }
            try must(
                "set_authority_key_id",
                gnutls_x509_crt_set_authority_key_id(draft, issuerID, issuerID.count))
            try authorityKey.withHandle { (own) throws(CertificateFault) in
                try must(
                    "sign",
                    gnutls_x509_crt_sign2(draft, authority.handle, own, GNUTLS_DIG_SHA256, 0))
            }
        }
    }

    private func build(
        _ key: CertificateKey,
        _ finish: (gnutls_x509_crt_t) throws(CertificateFault) -> Void
    ) throws(CertificateFault) -> Certificate {
        var made: gnutls_x509_crt_t?
        try must("crt_init", gnutls_x509_crt_init(&made))
        guard let draft = made else { throw CertificateFault(call: "crt_init", code: -1) }
        defer { gnutls_x509_crt_deinit(draft) }
        // Positive and of full length, so that nothing can be guessed about it.
        var serial = Random.bytes(16)
        serial[0] = serial[0] & 0x3f | 0x40
        try must("set_version", gnutls_x509_crt_set_version(draft, 3))
        try must("set_serial", gnutls_x509_crt_set_serial(draft, serial, serial.count))
        try must("set_activation_time", gnutls_x509_crt_set_activation_time(draft, Int(notBefore)))
        try must("set_expiration_time", gnutls_x509_crt_set_expiration_time(draft, Int(notAfter)))
        try must("set_dn", gnutls_x509_crt_set_dn(draft, "CN=\(plainName),O=Sluice", nil))
        try key.withHandle { (own) throws(CertificateFault) in
            try must("set_key", gnutls_x509_crt_set_key(draft, own))
        }
        let id = try key.id()
        try must("set_subject_key_id", gnutls_x509_crt_set_subject_key_id(draft, id, id.count))
        try must(
            "set_key_purpose_oid",
            gnutls_x509_crt_set_key_purpose_oid(draft, serverPurpose, 0))
        try finish(draft)
        var bytes = [UInt8](repeating: 0, count: Self.room)
        var size = bytes.count
        try must("crt_export", gnutls_x509_crt_export(draft, DER, &bytes, &size))
        return try Certificate(der: Array(bytes[..<min(size, bytes.count)]))
    }

    /// Room for a certificate with all the names that a box can have.
    private static let room = 32_768

    /// A name takes no more than RFC 5280 allows a common name, and nothing that means something in
    /// a distinguished name (RFC 4514).
    private var plainName: String {
        let allowed = commonName.unicodeScalars.filter {
            $0.isASCII
                && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
                    || " .-()".unicodeScalars.contains($0))
        }
        return String(String.UnicodeScalarView(allowed.prefix(64)))
    }

    private static func constrain(
        _ draft: gnutls_x509_crt_t, _ permits: [SubjectName]
    ) throws(CertificateFault) {
        var made: gnutls_x509_name_constraints_t?
        try must("name_constraints_init", gnutls_x509_name_constraints_init(&made))
        guard let made else { throw CertificateFault(call: "name_constraints_init", code: -1) }
        defer { gnutls_x509_name_constraints_deinit(made) }
        for name in permits {
            let (kind, bytes) = parts(of: name)
            try must(
                "name_constraints_add_permitted",
                withDatum(bytes) { gnutls_x509_name_constraints_add_permitted(made, kind, $0) })
        }
        try must("set_name_constraints", gnutls_x509_crt_set_name_constraints(draft, made, 1))
    }

    private static func parts(
        of name: SubjectName
    ) -> (gnutls_x509_subject_alt_name_t, [UInt8]) {
        switch name {
        case .dns(let text): (GNUTLS_SAN_DNSNAME, Array(text.utf8))
        case .address(let bytes): (GNUTLS_SAN_IPADDRESS, bytes)
        case .mailHost(let text): (GNUTLS_SAN_RFC822NAME, Array(text.utf8))
        }
    }
}
