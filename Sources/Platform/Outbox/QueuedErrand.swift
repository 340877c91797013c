// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands
package import Kernel
import SealedStore
import Web

/// An errand in the outbox, with what has become of it. The target is named only: its secrets are
/// for the courier.
package struct QueuedErrand: Sendable, Equatable, IDNoun {
    package static let prefix = "ern"

    package let id: ErrandID
    /// Name of the target.
    package let target: String
    package let work: Errand.Work
    package let state: ErrandState
    /// How often it was given to the courier.
    package let attempts: Int
    /// When it may be given out next; 1970 for at once.
    package let due: Instant
    package let made: Instant
    /// When its state changed last.
    package let changed: Instant
    /// Why the last attempt failed; nil when none has.
    package let reason: Outcome.Reason?
    /// The courier's sentence about that.
    package let note: String
    /// What the target had to say, of one that is done.
    package let answer: Outcome.Answer?
}

package typealias ErrandID = ID<QueuedErrand>

package enum ErrandState: String, Sendable, CaseIterable {
    /// Due now or later.
    case waiting
    /// With the courier.
    case claimed
    case done
    /// Given up: what was to be carried is gone, or nobody waits for the answer any longer.
    case failed
}

/// What the journal hears of an errand.
package enum ErrandTelling: String, Sendable {
    /// Its end, good or bad, and long delays.
    case all
    /// Failures and delays only. For what is carried every few seconds: the journal keeps
    /// everything for ever.
    case failures
}

/// A target as the outbox keeps it, without its secrets.
package struct TargetState: Sendable, Equatable {
    package let name: String
    /// Failures in a row; 0 when the last errand went well.
    package let failures: Int
    /// Nothing but questions is carried before that.
    package let pausedUntil: Instant
    package let reason: Outcome.Reason?
    package let note: String
}

extension QueuedErrand {
    static let columns = """
        id, target, work, state, attempts, due_us, made_us, changed_us, reason, note, answer
        """

    /// Reads `columns`.
    init(_ row: Row) throws {
        let answer = try row.textOrNil(10).map { text in
            try Outcome.Answer(JSON(reading: Array(text.utf8)))
        }
        self.init(
            id: ErrandID(row.int64(0)), target: row.text(1),
            work: try Errand.Work(JSON(reading: Array(row.text(2).utf8))),
            state: try stored(row.text(3)), attempts: row.int(4), due: row.instant(5),
            made: row.instant(6), changed: row.instant(7),
            reason: row.textOrNil(8).flatMap(Outcome.Reason.init), note: row.text(9),
            answer: answer)
    }
}
