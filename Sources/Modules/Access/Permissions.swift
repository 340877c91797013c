// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with people and devices.
package enum AccessPermission {
    package static let manageUsers = Permission("user.manage")
    package static let manageDevices = Permission("device.manage")
    package static let all = [manageUsers, manageDevices]
}
