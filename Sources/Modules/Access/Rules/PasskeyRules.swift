// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Why an answer of an authenticator is not taken.
package enum PasskeyFault: String, Error, Sendable, CaseIterable {
    case malformed, ceremony, challenge, origin
    case host = "rp"
    case presence, verification, algorithm, signature, credential
}

/// Where a passkey belongs: the host name, and the origins from which its pages come.
///
/// Source: WebAuthn Level 2, sections 5.1.3 and 7.
struct PasskeyPlace: Sendable, Equatable {
    /// The host name without port, in small letters.
    let host: String
    private let origins: Set<String>

    /// - Parameter authority: the Host field of a request: name, and port unless it is the usual.
    /// - Throws: `passkey.needs_name` for an address, which browsers give no passkeys to.
    init(authority: String) throws(DoorRefusal) {
        let lower = authority.lowercased()
        let name = String(lower.prefix { $0 != ":" })
        let last = name.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        guard !lower.hasPrefix("["), !name.isEmpty, !last.isEmpty,
            !last.allSatisfy({ $0.isASCII && $0.isNumber })
        else { throw .passkeyNeedsName }
        host = name
        // Without TLS browsers trust pages of this machine only.
        let isLocal = name == "localhost" || name.hasSuffix(".localhost")
        origins = isLocal ? ["https://\(lower)", "http://\(lower)"] : ["https://\(lower)"]
    }

    func allows(_ origin: String) -> Bool { origins.contains(origin) }
}

/// What the browser says of a ceremony: the bytes that were signed, and what they say.
struct ClientData: Sendable {
    let bytes: [UInt8]
    let type: String
    let challenge: [UInt8]
    let origin: String
    let isCrossOrigin: Bool

    /// Throws unless it speaks of this ceremony, on a page of this place.
    func require(_ type: String, at place: PasskeyPlace) throws(PasskeyFault) {
        guard self.type == type else { throw .ceremony }
        guard place.allows(origin), !isCrossOrigin else { throw .origin }
    }
}

/// What an authenticator says of itself. Source: WebAuthn Level 2, section 6.1.
struct AuthenticatorData: Sendable {
    let hostDigest: [UInt8]
    let counter: Int64
    /// The new credential; only when one is made.
    let credential: NewCredential?
    private let flags: UInt8

    struct NewCredential: Sendable, Equatable {
        let id: [UInt8]
        let algorithm: KeyAlgorithm
        let key: [UInt8]
    }

    /// Reads all of `bytes`: a byte too many is refused as one too few is.
    init(_ bytes: [UInt8]) throws(PasskeyFault) {
        guard bytes.count >= 37 else { throw .malformed }
        hostDigest = Array(bytes[0..<32])
        flags = bytes[32]
        counter = bytes[33..<37].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        var rest = bytes[37...]
        if flags & 0x40 != 0 {
            guard rest.count >= 18 else { throw .malformed }
            rest = rest.dropFirst(16)
            let length = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            guard (1...1023).contains(length), rest.count >= length else { throw .malformed }
            let id = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            let (item, count) = try Self.item(rest)
            rest = rest.dropFirst(count)
            let (algorithm, key) = try Self.key(item)
            credential = NewCredential(id: id, algorithm: algorithm, key: key)
        } else {
            credential = nil
        }
        if flags & 0x80 != 0 {
            let (_, count) = try Self.item(rest)
            rest = rest.dropFirst(count)
        }
        guard rest.isEmpty else { throw .malformed }
    }

    /// Throws unless a person was there and was recognised, for this host.
    func require(hostDigest expected: [UInt8]) throws(PasskeyFault) {
        guard hostDigest == expected else { throw .host }
        guard flags & 0x01 != 0 else { throw .presence }
        guard flags & 0x04 != 0 else { throw .verification }
    }

    private static func item(_ bytes: ArraySlice<UInt8>) throws(PasskeyFault) -> (CBOR, Int) {
        do {
            return try CBOR.read(bytes)
        } catch {
            throw .malformed
        }
    }

    /// A key in COSE. Source: RFC 8152, section 13.
    private static func key(_ item: CBOR) throws(PasskeyFault) -> (KeyAlgorithm, [UInt8]) {
        guard let number = item[.integer(3)]?.integer, let kind = item[.integer(1)]?.integer,
            let curve = item[.integer(-1)]?.integer, let x = item[.integer(-2)]?.bytes,
            x.count == 32
        else { throw .malformed }
        switch (KeyAlgorithm(rawValue: number), kind, curve) {
        case (.es256, 2, 1):
            guard let y = item[.integer(-3)]?.bytes, y.count == 32 else { throw .malformed }
            return (.es256, x + y)
        case (.eddsa, 1, 6): return (.eddsa, x)
        default: throw .algorithm
        }
    }

    /// The authenticator data inside an attestation object. What the maker says of the device is
    /// not asked for and not looked at.
    static func inside(attestation: [UInt8]) throws(PasskeyFault) -> AuthenticatorData {
        let (item, count) = try Self.item(attestation[...])
        guard count == attestation.count, item[named: "fmt"]?.text != nil,
            let bytes = item[named: "authData"]?.bytes
        else { throw .malformed }
        return try AuthenticatorData(bytes)
    }
}

/// Whether a counter may follow another. Authenticators that do not count stay at 0.
func counterFollows(_ new: Int64, _ old: Int64) -> Bool { (new == 0 && old == 0) || new > old }
