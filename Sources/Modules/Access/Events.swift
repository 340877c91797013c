// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal

/// What this room tells.
enum AccessEvent {
    static let setUp = kind("set_up")
    static let signedIn = kind("signed_in")
    /// The password was right; the second factor is still asked for.
    static let passwordAccepted = kind("password_accepted")
    static let signedOut = kind("signed_out")
    static let sessionsEnded = kind("sessions_ended")
    static let signInRefused = kind("sign_in_refused")
    static let proved = kind("proved")
    static let proofRefused = kind("proof_refused")
    static let userAdded = kind("user_added")
    static let userChanged = kind("user_changed")
    static let roleChanged = kind("role_changed")
    static let roleAdded = kind("role_added")
    static let roleRetired = kind("role_retired")
    static let grantAsked = kind("grant_asked")
    static let granted = kind("granted")
    static let grantDeclined = kind("grant_declined")
    static let grantEnded = kind("grant_ended")
    static let viewBegun = kind("view_begun")
    static let viewEnded = kind("view_ended")
    static let passwordChanged = kind("password_changed")
    static let factorBegun = kind("factor_begun")
    static let factorAdded = kind("factor_added")
    static let factorRemoved = kind("factor_removed")
    static let factorsReset = kind("factors_reset")
    static let passkeyRenamed = kind("passkey_renamed")
    static let counterBack = kind("counter_back")
    static let recoveryMade = kind("recovery_made")
    static let recoveryUsed = kind("recovery_used")
    static let rescued = kind("rescued")
    static let deviceAdded = EventKind("access.device_added", needs: AccessPermission.manageDevices)
    static let deviceRevoked = EventKind(
        "access.device_revoked", needs: AccessPermission.manageDevices)

    static let all = [
        setUp, signedIn, passwordAccepted, signedOut, sessionsEnded, signInRefused, proved,
        proofRefused, userAdded, userChanged, roleChanged, roleAdded, roleRetired,
        grantAsked, granted, grantDeclined, grantEnded, viewBegun, viewEnded, passwordChanged,
        factorBegun,
        factorAdded, factorRemoved, factorsReset, passkeyRenamed, counterBack, recoveryMade,
        recoveryUsed, rescued, deviceAdded, deviceRevoked,
    ]

    private static func kind(_ name: String) -> EventKind {
        EventKind("access.\(name)", needs: AccessPermission.seeUsers)
    }
}
