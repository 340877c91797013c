// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

/// Refuses while somebody must wait. Cheap, so that it comes before everything that is not.
func requireCalm(_ keys: [ThrottleKey], in tx: ReadTransaction) throws {
    for key in keys {
        guard let throttle = try tx.throttle(key), throttle.until > tx.now else { continue }
        let wait = (throttle.until.microseconds - tx.now.microseconds) / 1_000_000 + 1
        throw DoorRefusal.throttled(seconds: wait)
    }
}

/// Counts a try as failed before it is looked at: of a hundred that come at once, no more get
/// through than one after the other would. What succeeds is given back.
func takeTry(_ keys: [ThrottleKey], in tx: WriteTransaction) throws {
    try requireCalm(keys, in: tx)
    for key in keys {
        try tx.setThrottle(
            key, try key.rule.afterFailure(try tx.throttle(key), at: tx.now))
    }
    let strange = keys.contains(where: \.isStrange)
    if strange, try tx.strangers() > ThrottleRule.strangersMost {
        try tx.forgetStrangers(ThrottleRule.strangersForgotten)
    }
}

/// Forgets the failures of somebody who turned out to be right. An address only gets back the one
/// try: whoever has an account here must not clear the way for guesses at another.
func giveBack(_ keys: [ThrottleKey], in tx: WriteTransaction) throws {
    for key in keys {
        guard case .address = key, let throttle = try tx.throttle(key), throttle.failures > 1 else {
            try tx.clearThrottle(key)
            continue
        }
        try tx.setThrottle(
            key, Throttle(failures: throttle.failures - 1, until: min(throttle.until, tx.now)))
    }
}

/// What tries at the second factor of a person are counted under.
func factorKeys(
    of user: ID<User>, _ visitor: Visitor, in tx: ReadTransaction
) throws -> [ThrottleKey] {
    if let lane = try lane(of: user, visitor, in: tx) { return [.lane(lane.id)] }
    return [.factor(user)]
}

/// The browser that asks, when the person signed in from it before.
func lane(of user: ID<User>, _ visitor: Visitor, in tx: ReadTransaction) throws -> Lane? {
    guard let token = visitor.laneToken, let lane = try tx.lane(token: tokenDigest(token)),
        lane.user == user
    else { return nil }
    return lane
}
