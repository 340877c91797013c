// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import SealedStore

/// Removes sessions that have run out and throttles that are forgotten.
let tidySessions = Job(
    "access.tidy", "Remove sessions that have run out.", .every(minutes: 60)
) { context in
    let removed = try context.store.write { tx in
        _ = try tx.forgetThrottles(
            failedBefore: try tx.now.adding(seconds: -ThrottleRule.forgetSeconds))
        return try tx.deleteSessions(
            createdBefore: try tx.now.adding(seconds: -SessionRule.longestSeconds),
            seenBefore: try tx.now.adding(seconds: -SessionRule.idleSeconds))
    }
    return "\(removed) sessions"
}
