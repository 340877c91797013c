// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with the audit.
package enum AuditPermission {
    package static let see = Permission("journal.see", .whole, isReading: true)
    package static let export = Permission("journal.export", .whole, isReading: true)
    package static let clear = Permission("finding.clear")

    package static let all = [see, export, clear]
}
