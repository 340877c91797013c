// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with people and devices.
package enum AccessPermission {
    package static let seeUsers = Permission("user.see", .whole, isReading: true)
    package static let manageUsers = Permission("user.manage")
    package static let manageRoles = Permission("role.manage")
    package static let manageGrants = Permission("grant.manage")
    /// Looking through somebody else's eyes.
    package static let viewAs = Permission("user.view_as")
    package static let manageDevices = Permission("device.manage")
    package static let all = [
        seeUsers, manageUsers, manageRoles, manageGrants, viewAs, manageDevices,
    ]

    /// Whoever makes an account should not fill it with rights, nor make the rights they give.
    package static let conflicts = [
        DutyConflict("user_grant", manageUsers, manageGrants),
        DutyConflict("role_grant", manageRoles, manageGrants),
    ]

    /// Rights that a grant gives only once a second person has confirmed it.
    package static let needSecondPerson: Set<String> = [
        "user.manage", "role.manage", "grant.manage", "user.view_as", "device.manage",
        "backup.manage",
    ]

    /// Changes that are open to somebody who looks through another's eyes.
    package static let endViewing: Set<String> = [
        "DELETE /api/v1/session/view", "DELETE /api/v1/session",
    ]

    /// Rights under which a change is made only by somebody who proved within the last minutes who
    /// they are: people and what they may do, tokens of devices, where backups go, and what leaves the
    /// journal.
    package static let needFreshProof: Set<String> = [
        "user.manage", "role.manage", "grant.manage", "user.view_as", "device.manage",
        "backup.manage", "certificate.manage", "journal.export",
    ]

    /// Rights under which it is kept who reads.
    package static let watchedReading: Set<String> = [
        "user.see", "user.manage", "role.manage", "grant.manage", "device.manage", "journal.see",
    ]
}
