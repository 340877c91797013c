// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" about certificates.
package enum TrustRefusal: Refusal, Equatable {
    /// This process serves plain HTTP only.
    case off
    case authorityMissing
    case practiceBooks
    case chainUnreadable
    case keyUnreadable
    /// The key is under a passphrase.
    case keyLocked
    case keyMismatch
    case chainOrder
    case notForServers
    case notYet(from: Instant)
    case expired(at: Instant)
    /// A key or signature that browsers do not take; `part` counts certificates from 1.
    case tooWeak(part: Int64)
    case namesMissing(wanted: [String], has: [String])
    case noneInstalled
    /// Asked for by somebody who did not come over TLS by a name of the box.
    case strictNotReady

    package static let catalogue: [RefusalCode] = [
        RefusalCode("trust.off", .conflict),
        RefusalCode("trust.authority_missing", .notFound),
        RefusalCode("trust.practice_books", .conflict),
        RefusalCode("trust.chain_unreadable", .invalid),
        RefusalCode("trust.key_unreadable", .invalid),
        RefusalCode("trust.key_locked", .invalid),
        RefusalCode("trust.key_mismatch", .invalid),
        RefusalCode("trust.chain_order", .invalid),
        RefusalCode("trust.not_for_servers", .invalid),
        RefusalCode("trust.not_yet", .invalid),
        RefusalCode("trust.expired", .invalid),
        RefusalCode("trust.too_weak", .invalid),
        RefusalCode("trust.names_missing", .invalid),
        RefusalCode("trust.none_installed", .conflict),
        RefusalCode("trust.strict_not_ready", .conflict),
    ]

    package var code: String {
        switch self {
        case .off: "trust.off"
        case .authorityMissing: "trust.authority_missing"
        case .practiceBooks: "trust.practice_books"
        case .chainUnreadable: "trust.chain_unreadable"
        case .keyUnreadable: "trust.key_unreadable"
        case .keyLocked: "trust.key_locked"
        case .keyMismatch: "trust.key_mismatch"
        case .chainOrder: "trust.chain_order"
        case .notForServers: "trust.not_for_servers"
        case .notYet: "trust.not_yet"
        case .expired: "trust.expired"
        case .tooWeak: "trust.too_weak"
        case .namesMissing: "trust.names_missing"
        case .noneInstalled: "trust.none_installed"
        case .strictNotReady: "trust.strict_not_ready"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .notYet(let instant): ["from": .instant(instant)]
        case .expired(let instant): ["at": .instant(instant)]
        case .tooWeak(let part): ["part": .integer(part)]
        case .namesMissing(let wanted, let has):
            [
                "wanted": .text(wanted.joined(separator: ", ")),
                "has": .text(has.joined(separator: ", ")),
            ]
        case .off, .authorityMissing, .practiceBooks, .chainUnreadable, .keyUnreadable, .keyLocked,
            .keyMismatch, .chainOrder, .notForServers, .noneInstalled, .strictNotReady:
            [:]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .keyUnreadable, .keyLocked, .keyMismatch: [Pointer(path: "/key", code: code)]
        case .chainUnreadable, .chainOrder, .notForServers, .notYet, .expired, .tooWeak,
            .namesMissing:
            [Pointer(path: "/chain", code: code)]
        case .off, .authorityMissing, .practiceBooks, .noneInstalled, .strictNotReady: []
        }
    }
}
