// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal

/// What this room tells.
package enum AccessEvent {
    static let setUp = kind("set_up", names: ["name"])
    static let signedIn = kind("signed_in")
    /// The password was right; the second factor is still asked for.
    static let passwordAccepted = kind("password_accepted")
    static let signedOut = kind("signed_out")
    static let sessionsEnded = kind("sessions_ended")
    static let signInRefused = kind(
        "sign_in_refused", isRefusal: true, names: ["name"])
    static let proved = kind("proved")
    static let proofRefused = kind("proof_refused", isRefusal: true)
    static let userAdded = kind("user_added", names: ["name"])
    static let userChanged = kind("user_changed")
    static let roleChanged = kind("role_changed")
    static let roleAdded = kind("role_added")
    static let roleRetired = kind("role_retired")
    static let grantAsked = kind("grant_asked")
    static let granted = kind("granted")
    static let grantDeclined = kind("grant_declined")
    static let grantEnded = kind("grant_ended")
    static let viewBegun = kind("view_begun", names: ["name"])
    static let viewEnded = kind("view_ended")
    static let passwordChanged = kind("password_changed")
    static let factorBegun = kind("factor_begun")
    static let factorAdded = kind("factor_added")
    static let factorRemoved = kind("factor_removed")
    static let factorsReset = kind("factors_reset")
    static let passkeyRenamed = kind("passkey_renamed")
    static let counterBack = kind("counter_back", isRefusal: true)
    /// A message with a code was handed on; neither code nor number is told.
    static let messageSent = kind("message_sent")
    static let messageUndelivered = kind("message_undelivered")
    static let gatewayChanged = kind("gateway_changed")
    static let recoveryMade = kind("recovery_made")
    static let recoveryUsed = kind("recovery_used")
    static let rescued = kind("rescued", names: ["name"])
    static let deviceAdded = device("added")
    static let deviceRevoked = device("revoked")
    static let deviceChanged = device("changed")
    /// A picture with a code was made, by which the device comes by its key.
    static let enrolmentBegun = device("enrolment_begun")
    static let enrolmentRefused = device("enrolment_refused", isRefusal: true)
    static let deviceEnrolled = device("enrolled")
    static let deviceTokenRenewed = device("token_renewed")
    static let tokenMade = kind("token_made")
    static let tokenRotated = kind("token_rotated")
    static let tokensEnded = kind("tokens_ended")

    package static let all = [
        setUp, signedIn, passwordAccepted, signedOut, sessionsEnded, signInRefused, proved,
        proofRefused, userAdded, userChanged, roleChanged, roleAdded, roleRetired, grantAsked,
        granted, grantDeclined, grantEnded, viewBegun, viewEnded, passwordChanged, factorBegun,
        factorAdded, factorRemoved, factorsReset, passkeyRenamed, counterBack, messageSent,
        messageUndelivered, gatewayChanged, recoveryMade,
        recoveryUsed, rescued, deviceAdded, deviceRevoked, deviceChanged, enrolmentBegun,
        enrolmentRefused, deviceEnrolled, deviceTokenRenewed, tokenMade, tokenRotated, tokensEnded,
    ]

    private static func device(_ name: String, isRefusal: Bool = false) -> EventKind {
        EventKind(
            "access.device_\(name)", needs: AccessPermission.manageDevices, isRefusal: isRefusal)
    }

    private static func kind(
        _ name: String, isRefusal: Bool = false, names: Set<String> = []
    ) -> EventKind {
        EventKind(
            "access.\(name)", needs: AccessPermission.seeUsers, isRefusal: isRefusal, names: names)
    }
}
