// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" of the audit.
package enum AuditRefusal: Refusal, Equatable {
    case findingUnknown
    case findingCleared
    /// A line that is no anchor.
    case anchorMalformed
    /// Nothing was told yet.
    case nothingToAnchor
    case exportTooLarge(most: Int64)
    /// The journal is not what was told.
    case journalBroken(seq: Int64, fault: String)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("finding.unknown", .notFound),
        RefusalCode("finding.cleared", .conflict),
        RefusalCode("anchor.malformed", .invalid),
        RefusalCode("anchor.nothing", .conflict),
        RefusalCode("export.too_large", .invalid),
        RefusalCode("journal.broken", .conflict),
    ]

    package var code: String {
        switch self {
        case .findingUnknown: "finding.unknown"
        case .findingCleared: "finding.cleared"
        case .anchorMalformed: "anchor.malformed"
        case .nothingToAnchor: "anchor.nothing"
        case .exportTooLarge: "export.too_large"
        case .journalBroken: "journal.broken"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .exportTooLarge(let most): ["most": .integer(most)]
        case .journalBroken(let seq, let fault): ["seq": .integer(seq), "fault": .text(fault)]
        case .findingUnknown, .findingCleared, .anchorMalformed, .nothingToAnchor: [:]
        }
    }

    package var pointers: [Pointer] {
        guard case .anchorMalformed = self else { return [] }
        return [Pointer(path: "/anchors", code: code)]
    }
}
