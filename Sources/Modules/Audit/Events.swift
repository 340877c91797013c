// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal

/// What this room tells.
package enum AuditEvent {
    /// The state of the journal was put into a line. Facts: `line`.
    package static let anchored = kind("anchored")
    /// Somebody was refused. Facts: `code`, `count`, `since`, `path`.
    package static let refused = kind("request_refused", isRefusal: true)
    /// Somebody read what is not everybody's business. Facts: `count`, `since`, `path`.
    package static let read = kind("records_read")
    /// Somebody made a file of a list. Facts: `count` of pages, `since`, `path`.
    package static let listExported = kind("list_exported")
    /// Somebody took a signed part of the journal out of the box.
    package static let exported = kind("journal_exported")
    package static let verified = kind("journal_verified")
    package static let findingRaised = kind("finding_raised")
    package static let findingCleared = kind("finding_cleared")

    package static let all = [
        anchored, refused, read, listExported, exported, verified, findingRaised, findingCleared,
    ]

    private static func kind(_ name: String, isRefusal: Bool = false) -> EventKind {
        EventKind("audit.\(name)", needs: AuditPermission.see, isRefusal: isRefusal)
    }
}
