// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with scans.
package enum ScanPermission {
    package static let make = Permission("scan.make", .rows)
    package static let seeParked = Permission("parked.see", .rows, isReading: true)
    package static let resolveParked = Permission("parked.resolve", .rows)

    package static let all = [make, seeParked, resolveParked]

    /// A scanner brings goods in and sends them out, too.
    package static let conflicts = [DutyConflict("scan_adjust", make, Permission("stock.adjust"))]
}
