// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Secrets

/// Under what the box is reached.
package struct BoxNames: Sendable, Equatable {
    /// Host names in lower case, the one to be shown first.
    package let hosts: [String]
    /// Addresses of its network cards, 4 or 16 bytes each.
    package let addresses: [[UInt8]]

    package init(hosts: [String], addresses: [[UInt8]]) {
        self.hosts = hosts
        self.addresses = addresses
    }

    /// All of them as a certificate names them.
    package var all: [SubjectName] {
        hosts.map { .dns($0) } + addresses.map { .address($0) }
    }
}

/// Whose certificate it is.
package enum CertificateOrigin: String, Sendable, CaseIterable {
    /// Made by the authority of the box.
    case issued
    /// Brought by somebody.
    case installed
}

/// What browsers are told about plain HTTP (RFC 6797).
package enum StrictSetting: String, Sendable, CaseIterable {
    /// Nothing was ever told.
    case never
    case on
    /// It was on; browsers are told to forget it.
    case off

    /// The value of `Strict-Transport-Security`; nil for none. A year, as ASVS 5.0 asks (3.4.1).
    package var header: String? {
        switch self {
        case .never: nil
        case .on: "max-age=31536000; includeSubDomains"
        case .off: "max-age=0"
        }
    }
}

/// The authority of the box, as it is kept.
struct KeptAuthority: Sendable {
    let certificate: Certificate
    let sealedKey: [UInt8]
    /// Host names below which it may vouch.
    let permits: [String]
}

/// A certificate of the box, as it is kept.
struct KeptCertificate: Sendable {
    let origin: CertificateOrigin
    /// The box's own first; never empty.
    let chain: [Certificate]
    let sealedKey: [UInt8]
    /// Whether its end was told.
    let isWarned: Bool

    var own: Certificate { chain[0] }
}

/// What handshakes show: a chain in DER and the key of its first certificate in PKCS #8.
package struct ShownIdentity: Sendable {
    package let chain: [[UInt8]]
    package let key: [UInt8]
    package let strict: StrictSetting
}
