// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CGnuTLS
import CMicroHTTPD
import Synchronization

/// A chain of certificates and the key to the first of them, ready for handshakes.
///
/// `@unchecked Sendable`: never changed once it is made, and GnuTLS only reads it.
package final class TLSIdentity: @unchecked Sendable {
    /// GnuTLS cannot make an identity of these bytes.
    package struct Unusable: Error, Equatable {}

    let handle: UnsafeMutablePointer<sluice_identity>

    /// - Parameters:
    ///   - chain: certificates in DER, the server's own first, at most eight.
    ///   - key: PKCS #8 in DER.
    /// - Throws: `Unusable`.
    package init(chain: [[UInt8]], key: [UInt8]) throws(Unusable) {
        guard !chain.isEmpty, let made = sluice_identity_make(key, key.count) else {
            throw Unusable()
        }
        for certificate in chain
        where sluice_identity_add(made, certificate, certificate.count) < 0 {
            sluice_identity_free(made)
            throw Unusable()
        }
        handle = made
    }

    deinit { sluice_identity_free(handle) }
}

/// What a server shows to whoever comes over TLS. It can be exchanged while the server runs: each
/// handshake takes what is there at its time, and connections that are open go on.
package final class TLSFront: Sendable {
    private struct State {
        var identity: TLSIdentity?
        var strict: String?
    }

    private let state = Mutex(State())

    package init() {}

    /// Shows another identity from the next handshake on.
    package func show(_ identity: TLSIdentity) { state.withLock { $0.identity = identity } }

    /// Sets the value of `Strict-Transport-Security` (RFC 6797), which each answer over TLS has
    /// from now on; nil for none.
    package func setStrict(_ value: String?) { state.withLock { $0.strict = value } }

    /// What is shown now; nil before the first `show`, when handshakes fail.
    var identity: TLSIdentity? { state.withLock { $0.identity } }

    var strict: String? { state.withLock { $0.strict } }

    /// TLS 1.2 and 1.3; forward secrecy and authenticated encryption only; the groups that browsers
    /// guess first come first, so that no handshake is begun twice. Found with testssl.
    static let priorities: StaticString = """
        SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:-CIPHER-ALL:+AES-256-GCM:\
        +CHACHA20-POLY1305:+AES-128-GCM:-MAC-ALL:+AEAD:-GROUP-ALL:+GROUP-X25519:\
        +GROUP-SECP256R1:+GROUP-SECP384R1:%SERVER_PRECEDENCE
        """
}

/// Called in each handshake. libmicrohttpd keeps its connection with the session, and the connection
/// keeps its `Line`, which holds on to what it showed until it ends.
private let retrieve:
    @convention(c) (
        gnutls_session_t?, UnsafePointer<gnutls_datum_t>?, Int32,
        UnsafePointer<gnutls_pk_algorithm_t>?, Int32,
        UnsafeMutablePointer<UnsafeMutablePointer<gnutls_pcert_st>?>?,
        UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<gnutls_privkey_t?>?
    ) -> Int32 = { session, _, _, _, _, chain, count, key in
        guard let session, let connection = gnutls_session_get_ptr(session), let chain, let count,
            let key, let context = sluice_mhd_socket_context(OpaquePointer(connection))
        else { return -1 }
        let line = Unmanaged<Line>.fromOpaque(context).takeUnretainedValue()
        guard let identity = line.takeIdentity() else { return -1 }
        chain.pointee = sluice_identity_chain(identity.handle)
        count.pointee = identity.handle.pointee.count
        key.pointee = identity.handle.pointee.key
        return 0
    }

/// The options of libmicrohttpd for a server that speaks TLS.
func tlsOptions() -> [MHD_OptionItem] {
    let priorities = UnsafeMutableRawPointer(mutating: TLSFront.priorities.utf8Start)
    let callback = unsafeBitCast(retrieve, to: UnsafeMutableRawPointer.self)
    return [
        MHD_OptionItem(option: .HTTPS_PRIORITIES, value: 0, ptr_value: priorities),
        MHD_OptionItem(option: .HTTPS_CERT_CALLBACK, value: 0, ptr_value: callback),
    ]
}
