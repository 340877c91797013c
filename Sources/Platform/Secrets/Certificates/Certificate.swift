// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CGnuTLS
import Glibc

/// What GnuTLS could not do with a certificate or a key; `code` is its own negative number.
package struct CertificateFault: Error, Equatable {
    package let call: String
    package let code: Int32
}

/// Throws when the library says no.
func must(_ call: String, _ code: Int32) throws(CertificateFault) {
    guard code >= 0 else { throw CertificateFault(call: call, code: code) }
}

/// What a certificate names, or what an authority may vouch for.
package enum SubjectName: Hashable, Sendable {
    /// A host name in lower case; as a permission it stands for the names below it, too.
    case dns(String)
    /// 4 or 16 bytes; as a permission followed by the mask, 8 or 32 bytes (RFC 5280, 4.2.1.10).
    case address([UInt8])
    /// Of permissions only: a host of mail addresses.
    case mailHost(String)
}

/// A certificate, read. Source: RFC 5280, through GnuTLS.
///
/// `@unchecked Sendable`: the handle is only read after `init`, which GnuTLS allows from any thread.
package final class Certificate: @unchecked Sendable {
    /// The bytes that it was read from.
    package let der: [UInt8]
    package let subject: String
    package let issuer: String
    /// Seconds since 1970 from which, and until which, it is valid.
    package let notBefore: Int64
    package let notAfter: Int64
    /// Names of the subject alternative name, host names and addresses only.
    package let names: [SubjectName]
    package let isAuthority: Bool
    /// Whether it may stand for a server: it says so, or says nothing about its purpose.
    package let isForServers: Bool
    package let key: CertificateKey.Kind
    /// Whether it is signed with a digest that can be forged (MD5, SHA-1).
    package let isSignedWeakly: Bool
    let handle: gnutls_x509_crt_t

    /// Alternative names of a certificate that are read at most.
    private static let namesMost: UInt32 = 200

    /// - Throws: `CertificateFault` for bytes that are no certificate.
    package init(der: [UInt8]) throws(CertificateFault) {
        var made: gnutls_x509_crt_t?
        try must("crt_init", gnutls_x509_crt_init(&made))
        guard let made else { throw CertificateFault(call: "crt_init", code: -1) }
        do throws(CertificateFault) {
            try must("crt_import", withDatum(der) { gnutls_x509_crt_import(made, $0, DER) })
        } catch {
            gnutls_x509_crt_deinit(made)
            throw error
        }
        handle = made
        self.der = der
        subject = Self.text { gnutls_x509_crt_get_dn(made, $0, $1) }
        issuer = Self.text { gnutls_x509_crt_get_issuer_dn(made, $0, $1) }
        notBefore = Int64(gnutls_x509_crt_get_activation_time(made))
        notAfter = Int64(gnutls_x509_crt_get_expiration_time(made))
        names = Self.names(of: made)
        var critical: UInt32 = 0
        isAuthority = gnutls_x509_crt_get_ca_status(made, &critical) == 1
        isForServers = Self.isForServers(made)
        var bits: UInt32 = 0
        let algorithm = gnutls_x509_crt_get_pk_algorithm(made, &bits)
        key = CertificateKey.Kind(algorithm: algorithm, bits: bits)
        isSignedWeakly =
            gnutls_sign_is_secure(
                gnutls_sign_algorithm_t(
                    rawValue: UInt32(max(0, gnutls_x509_crt_get_signature_algorithm(made))))) == 0
    }

    deinit { gnutls_x509_crt_deinit(handle) }

    /// SHA-256 of the whole certificate, by which people and systems compare it.
    package var fingerprint: [UInt8] { SHA256Stream.digest(of: der) }

    /// Whether `issuer` has signed this one, and may: by name, by signature and within the names that
    /// it is confined to. Times are not looked at.
    package func isSigned(by issuer: Certificate) -> Bool {
        guard gnutls_x509_crt_check_issuer(handle, issuer.handle) == 1 else { return false }
        var authority: gnutls_x509_crt_t? = issuer.handle
        var status: UInt32 = 0
        let flags =
            GNUTLS_VERIFY_DISABLE_TIME_CHECKS.rawValue
            | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS.rawValue
        let code = gnutls_x509_crt_verify(handle, &authority, 1, flags, &status)
        return code >= 0 && status == 0
    }

    /// Whether it is the certificate of that key.
    package func fits(_ key: CertificateKey) -> Bool {
        guard let mine = try? keyID() else { return false }
        return (try? key.id()) == mine
    }

    func keyID() throws(CertificateFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        var size = bytes.count
        try must("crt_get_key_id", gnutls_x509_crt_get_key_id(handle, 0, &bytes, &size))
        return Array(bytes[..<min(size, bytes.count)])
    }

    private static func text(
        _ read: (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int>) -> Int32
    ) -> String {
        var text = [CChar](repeating: 0, count: 1024)
        var size = text.count
        guard read(&text, &size) >= 0 else { return "" }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func names(of handle: gnutls_x509_crt_t) -> [SubjectName] {
        var names: [SubjectName] = []
        var buffer = [UInt8](repeating: 0, count: 512)
        for index in 0..<namesMost {
            var size = buffer.count
            var critical: UInt32 = 0
            let kind = gnutls_x509_crt_get_subject_alt_name(
                handle, index, &buffer, &size, &critical)
            if kind == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE { break }
            guard kind >= 0, size <= buffer.count else { continue }
            let bytes = Array(buffer[..<size])
            switch UInt32(kind) {
            case GNUTLS_SAN_DNSNAME.rawValue:
                names.append(.dns(String(decoding: bytes, as: UTF8.self).lowercased()))
            case GNUTLS_SAN_IPADDRESS.rawValue: names.append(.address(bytes))
            default: continue
            }
        }
        return names
    }

    private static func isForServers(_ handle: gnutls_x509_crt_t) -> Bool {
        for index in 0..<UInt32(16) {
            var text = [CChar](repeating: 0, count: 128)
            var size = text.count
            let code = gnutls_x509_crt_get_key_purpose_oid(handle, index, &text, &size, nil)
            if code < 0 { return index == 0 }
            let purpose = String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if purpose == serverPurpose || purpose == anyPurpose { return true }
        }
        return false
    }
}

/// id-kp-serverAuth and anyExtendedKeyUsage (RFC 5280, 4.2.1.12).
let serverPurpose = "1.3.6.1.5.5.7.3.1"
private let anyPurpose = "2.5.29.37.0"

let DER = GNUTLS_X509_FMT_DER

/// `bytes` as the library takes them.
func withDatum<T>(_ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> T) -> T {
    var bytes = bytes
    return bytes.withUnsafeMutableBufferPointer { buffer in
        var datum = gnutls_datum_t(
            data: buffer.baseAddress, size: UInt32(clamping: buffer.count))
        return body(&datum)
    }
}

extension SubjectName {
    /// As people write it: `box.local`, `192.168.1.2`, `fd00::2`.
    package var text: String {
        switch self {
        case .dns(let name), .mailHost(let name): return name
        case .address(let bytes):
            guard bytes.count == 4 || bytes.count == 16 else { return Digest.hex(bytes) }
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
            return String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
