// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal

/// What this room tells.
enum AccessEvent {
    static let setUp = EventKind("access.set_up", needs: AccessPermission.manageUsers)
    static let signedIn = EventKind("access.signed_in", needs: AccessPermission.manageUsers)
    static let signedOut = EventKind("access.signed_out", needs: AccessPermission.manageUsers)
    static let signInRefused = EventKind(
        "access.sign_in_refused", needs: AccessPermission.manageUsers)
    static let userAdded = EventKind("access.user_added", needs: AccessPermission.manageUsers)
    static let userChanged = EventKind("access.user_changed", needs: AccessPermission.manageUsers)
    static let passwordChanged = EventKind(
        "access.password_changed", needs: AccessPermission.manageUsers)
    static let deviceAdded = EventKind("access.device_added", needs: AccessPermission.manageDevices)
    static let deviceRevoked = EventKind(
        "access.device_revoked", needs: AccessPermission.manageDevices)

    static let all = [
        setUp, signedIn, signedOut, signInRefused, userAdded, userChanged, passwordChanged,
        deviceAdded, deviceRevoked,
    ]
}
