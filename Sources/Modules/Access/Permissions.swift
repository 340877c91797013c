// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with people and devices.
package enum AccessPermission {
    package static let manageUsers = Permission("user.manage")
    package static let manageDevices = Permission("device.manage")
    package static let all = [manageUsers, manageDevices]

    /// Rights under which a change is made only by somebody who proved within the last minutes who
    /// they are: people and what they may do, tokens of devices, where backups go, and what leaves the
    /// journal.
    package static let needFreshProof: Set<String> = [
        "user.manage", "device.manage", "backup.manage", "certificate.manage", "journal.export",
    ]

    /// Rights under which it is kept who reads.
    package static let watchedReading: Set<String> = [
        "user.manage", "device.manage", "journal.see",
    ]
}
