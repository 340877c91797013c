// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with scans.
package enum ScanPermission {
    package static let make = Permission("scan.make")
    package static let seeParked = Permission("parked.see")
    package static let resolveParked = Permission("parked.resolve")

    package static let all = [make, seeParked, resolveParked]
}
