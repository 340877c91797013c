// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with the audit.
package enum AuditPermission {
    package static let see = Permission("journal.see")
    package static let export = Permission("journal.export")
    package static let clear = Permission("finding.clear")

    package static let all = [see, export, clear]
}
