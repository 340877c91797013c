// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands
import Journal
package import Kernel
package import SealedStore

/// When an errand that failed is tried again, and when somebody is told.
package enum ErrandPatience {
    /// The first pause, doubling with each failure.
    package static let firstSeconds: Int64 = 30
    /// The longest pause.
    package static let lastSeconds: Int64 = 3600
    /// Attempts at a question before it is given up.
    package static let questionAttempts = 3
    /// Failures in a row after which a delay is told: about a quarter of an hour.
    package static let tellsAt = 5
    /// And again after each so many: about once a day.
    package static let tellsEvery = 24

    /// The pause after `failures` in a row (1 or more): 30 s, 60 s, … 1 h, give or take a fifth.
    ///
    /// The fifth is drawn from `seed`, so that what failed together is not tried together.
    package static func seconds(after failures: Int, seed: Int64) -> Int64 {
        let doublings = min(max(1, failures) - 1, 7)
        let pause = min(lastSeconds, firstSeconds << doublings)
        // Knuth's multiplicative hash (TAOCP 3, 6.4): neighbouring numbers land far apart.
        let hash = UInt64(bitPattern: seed) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(doublings)
        let percent = 80 + Int64((hash &* 0x9e37_79b9_7f4a_7c15) >> 32 % 41)
        return pause * percent / 100
    }

    static func tells(after failures: Int) -> Bool {
        failures == tellsAt || (failures > 0 && failures % tellsEvery == 0)
    }
}

/// Takes note of what the courier reports. A report about an errand that is settled already, or
/// that is not known, changes nothing: reports may come twice.
///
/// Tells `errand.done` (unless only failures are wanted), `errand.failed` or `errand.delayed`.
package func settle(_ report: ErrandReport, in tx: WriteTransaction) throws {
    let errand = try tx.first(
        """
        SELECT \(QueuedErrand.columns), telling FROM outbox_errand
        WHERE id = ? AND state IN ('waiting', 'claimed')
        """, [report.id]
    ) { (queued: try QueuedErrand($0), telling: $0.text(11)) }
    guard let errand else { return }
    switch report.outcome {
    case .done(let answer):
        try tx.runUntold(
            """
            UPDATE outbox_errand SET state = 'done', changed_us = ?, reason = NULL, note = '',
                answer = ? WHERE id = ?
            """, [tx.now, text(answer.json), report.id])
        try tx.runUntold(
            """
            UPDATE outbox_target SET failures = 0, paused_until_us = 0, reason = NULL, note = ''
            WHERE name = ? AND failures > 0
            """, [errand.queued.target])
        if errand.telling == ErrandTelling.all.rawValue {
            try tell(ErrandEvent.done, errand.queued, [:], in: tx)
        }
    case .undone(let reason, let note):
        try settleFailure(errand.queued, reason, note, in: tx)
    }
}

private func settleFailure(
    _ errand: QueuedErrand, _ reason: Outcome.Reason, _ note: String, in tx: WriteTransaction
) throws {
    let facts: [String: Fact] = ["reason": .text(reason.rawValue), "note": .text(note)]
    let isAnswer = errand.work.isQuestion && !reason.passesByItself
    let isTooLate =
        errand.work.isQuestion && errand.attempts >= ErrandPatience.questionAttempts
    if reason.isForGood || isAnswer || isTooLate {
        try postpone(errand, .failed, reason, note, due: errand.due, in: tx)
        return try tell(ErrandEvent.failed, errand, facts, in: tx)
    }
    if reason == .stopped {
        return try postpone(errand, .waiting, reason, note, due: errand.due, in: tx)
    }
    let reach = reach(of: reason, errand)
    if reach == .target {
        // The target pauses, and the errand keeps its place among the others.
        try postpone(errand, .waiting, reason, note, due: errand.due, in: tx)
        return try pause(errand, reason, note, in: tx)
    }
    // The next one is tried before this one, so that an errand that can never be done does not
    // stand in the way of all that come after it.
    let seconds = ErrandPatience.seconds(after: errand.attempts, seed: errand.id.raw)
    try postpone(
        errand, .waiting, reason, note, due: try tx.now.adding(seconds: seconds), in: tx)
    if reach == .unclear { try pause(errand, reason, note, in: tx) }
    if ErrandPatience.tells(after: errand.attempts) {
        try tell(ErrandEvent.delayed, errand, facts, in: tx)
    }
}

/// A question pauses nothing: it is often asked because something is being mended. Nor does a
/// target that keeps what was to be deleted, as one that is only added to does.
private func reach(of reason: Outcome.Reason, _ errand: QueuedErrand) -> Outcome.Reason.Reach {
    if errand.work.isQuestion { return .errand }
    if case .delete = errand.work, reason == .accessDenied { return .errand }
    return reason.reach
}

private func postpone(
    _ errand: QueuedErrand, _ state: ErrandState, _ reason: Outcome.Reason, _ note: String,
    due: Instant, in tx: WriteTransaction
) throws {
    try tx.runUntold(
        """
        UPDATE outbox_errand SET state = ?, due_us = ?, changed_us = ?, reason = ?, note = ?
        WHERE id = ?
        """, [state.rawValue, due, tx.now, reason.rawValue, note, errand.id.raw])
}

/// One failure counts once for its target, however many errands were under way there.
private func pause(
    _ errand: QueuedErrand, _ reason: Outcome.Reason, _ note: String, in tx: WriteTransaction
) throws {
    let failures = try tx.integer(
        "SELECT failures FROM outbox_target WHERE name = ? AND paused_until_us <= ?",
        [errand.target, tx.now])
    guard let failures else { return }
    let count = Int(clamping: failures) + 1
    let seconds = ErrandPatience.seconds(after: count, seed: errand.id.raw)
    try tx.runUntold(
        """
        UPDATE outbox_target SET failures = ?, paused_until_us = ?, reason = ?, note = ?
        WHERE name = ?
        """,
        [count, try tx.now.adding(seconds: seconds), reason.rawValue, note, errand.target])
    // What only a person can mend is told at once.
    guard ErrandPatience.tells(after: count) || (count == 1 && !reason.passesByItself) else {
        return
    }
    try tx.tell(
        ErrandEvent.delayed, about: "target:\(errand.target)",
        [
            "target": .text(errand.target), "reason": .text(reason.rawValue), "note": .text(note),
            "attempts": .integer(Int64(count)),
        ], by: courierCaller)
}

private func tell(
    _ kind: EventKind, _ errand: QueuedErrand, _ more: [String: Fact], in tx: WriteTransaction
) throws {
    let facts: [String: Fact] = [
        "kind": .text(errand.work.kind), "object": .text(errand.work.object),
        "target": .text(errand.target), "attempts": .integer(Int64(errand.attempts)),
    ]
    try tx.tell(
        kind, about: errand.id.description, facts.merging(more) { $1 }, by: courierCaller)
}

/// Who is said to have done it.
package let courierCaller = Caller.system("courier")
