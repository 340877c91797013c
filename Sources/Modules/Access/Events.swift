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
    static let signInRefused = kind("sign_in_refused", isRefusal: true)
    static let proved = kind("proved")
    static let proofRefused = kind("proof_refused", isRefusal: true)
    static let userAdded = kind("user_added")
    static let userChanged = kind("user_changed")
    static let roleChanged = kind("role_changed")
    static let passwordChanged = kind("password_changed")
    static let factorBegun = kind("factor_begun")
    static let factorAdded = kind("factor_added")
    static let factorRemoved = kind("factor_removed")
    static let factorsReset = kind("factors_reset")
    static let passkeyRenamed = kind("passkey_renamed")
    static let counterBack = kind("counter_back", isRefusal: true)
    static let recoveryMade = kind("recovery_made")
    static let recoveryUsed = kind("recovery_used")
    static let rescued = kind("rescued")
    static let deviceAdded = EventKind("access.device_added", needs: AccessPermission.manageDevices)
    static let deviceRevoked = EventKind(
        "access.device_revoked", needs: AccessPermission.manageDevices)

    static let all = [
        setUp, signedIn, passwordAccepted, signedOut, sessionsEnded, signInRefused, proved,
        proofRefused, userAdded, userChanged, roleChanged, passwordChanged, factorBegun,
        factorAdded, factorRemoved, factorsReset, passkeyRenamed, counterBack, recoveryMade,
        recoveryUsed, rescued, deviceAdded, deviceRevoked,
    ]

    private static func kind(_ name: String, isRefusal: Bool = false) -> EventKind {
        EventKind("access.\(name)", needs: AccessPermission.manageUsers, isRefusal: isRefusal)
    }
}
