// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import SealedStore

/// Removes sessions that have run out, sign-ins that were not finished, browsers that did not come
/// back, and throttles that are forgotten.
let tidySessions = Job(
    "access.tidy", "Remove sessions that have run out.", .every(minutes: 60)
) { context in
    let removed = try context.store.write { tx in
        _ = try tx.forgetThrottles(
            failedBefore: try tx.now.adding(seconds: -ThrottleRule.forgetSeconds))
        try tx.deleteTickets(createdBefore: try tx.now.adding(seconds: -TicketRule.seconds))
        try tx.deleteSentCodes(sentBefore: try tx.now.adding(seconds: -MessageRule.seconds))
        try tx.deleteMessages(sentBefore: try tx.now.adding(seconds: -MessageRule.windowSeconds))
        try tx.deleteEnrolments(
            createdBefore: try tx.now.adding(seconds: -EnrolmentRule.seconds))
        try tx.deleteLanes(usedBefore: try tx.now.adding(seconds: -SessionRule.laneSeconds))
        return try tx.deleteSessions(
            createdBefore: try tx.now.adding(seconds: -SessionRule.longestSeconds),
            seenBefore: try tx.now.adding(seconds: -SessionRule.idleSeconds))
    }
    return "\(removed) sessions"
}
