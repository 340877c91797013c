// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore

/// Ends the session of `token`; ending one that is not there is no fault.
func signOut(token: String, by caller: Caller, in tx: WriteTransaction) throws {
    guard let session = try tx.session(token: tokenDigest(token)) else { return }
    try tx.deleteSession(session.id)
    try tx.tell(AccessEvent.signedOut, about: caller.actor.description, [:], by: caller)
}

/// Ends one of one's own sessions, wherever it is open.
func endSession(
    _ id: ID<Session>, of user: ID<User>, by caller: Caller, in tx: WriteTransaction
) throws {
    guard let session = try tx.session(id), session.user == user else {
        throw DoorRefusal.sessionUnknown
    }
    try tx.deleteSession(id)
    try tx.tell(
        AccessEvent.sessionsEnded, about: user.description, ["count": .integer(1)], by: caller)
}

/// Ends all of one's sessions but this one, and forgets all other browsers.
func endOtherSessions(session token: String, by caller: Caller, in tx: WriteTransaction) throws {
    let (session, user) = try here(token, in: tx)
    let count = try tx.deleteSessions(of: user.id, except: session.id)
    try tx.deleteLanes(of: user.id)
    try tx.tell(
        AccessEvent.sessionsEnded, about: user.id.description,
        ["count": .integer(Int64(count))], by: caller)
}

/// Forgets the notices that the person has read.
func putAwayNotices(of user: ID<User>, in tx: WriteTransaction) throws {
    try tx.deleteNotices(of: user)
}
