// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands
import Kernel
package import SealedStore
import Web

/// Whether a claim by a courier that holds `holding` would change anything: there is an errand for
/// it, or one that was lost.
package func needsClaim(holding: Set<Int64>, in tx: ReadTransaction) throws -> Bool {
    try claimedErrands(in: tx).contains { !holding.contains($0) }
        || !dueErrands(most: 1, in: tx).isEmpty
}

private func claimedErrands(in tx: ReadTransaction) throws -> [Int64] {
    try tx.all("SELECT id FROM outbox_errand WHERE state = 'claimed'") { $0.int64(0) }
}

/// Hands out up to `most` errands that are due, with all that the courier needs for them.
///
/// `holding` are the errands that the courier has in hand. What was claimed before and is not
/// among them was lost with a courier that ended, or with an answer, and is due again: the claim
/// lasts as long as the courier that holds it, and no clock decides about that.
package func claimErrands(
    holding: Set<Int64>, most: Int, in tx: WriteTransaction
) throws -> [NumberedErrand] {
    for id in try claimedErrands(in: tx) where !holding.contains(id) {
        try tx.runUntold(
            "UPDATE outbox_errand SET state = 'waiting', changed_us = ? WHERE id = ?",
            [tx.now, id])
    }
    let due = try dueErrands(most: min(max(0, most), ErrandLimit.claimed), in: tx)
    return try due.map { one in
        try tx.runUntold(
            """
            UPDATE outbox_errand SET state = 'claimed', attempts = attempts + 1, changed_us = ?
            WHERE id = ?
            """, [tx.now, one.id])
        return NumberedErrand(
            id: one.id,
            errand: Errand(
                target: try ErrandTarget(JSON(reading: Array(one.form.utf8))),
                work: try Errand.Work(JSON(reading: Array(one.work.utf8)))))
    }
}

private struct DueErrand {
    let id: Int64
    let due: Int64
    let work: String
    let form: String
}

/// Questions first, since somebody waits; then of each target that is not paused, the oldest
/// first. A target that failed last gets one errand to try, so that a dead one does not keep all
/// carriers busy. A time further off than any pause was set by a clock that was ahead, and counts
/// as past.
private func dueErrands(most: Int, in tx: ReadTransaction) throws -> [DueErrand] {
    guard most > 0 else { return [] }
    let ahead = try tx.now.adding(seconds: 2 * ErrandPatience.lastSeconds)
    let questions = try tx.all(
        """
        SELECT e.id, e.due_us, e.work, t.form
        FROM outbox_errand AS e INDEXED BY outbox_errand_question
        JOIN outbox_target AS t ON t.name = e.target
        WHERE e.question = 1 AND e.state = 'waiting'
            AND (e.due_us <= ? OR e.due_us > ?)
        ORDER BY e.due_us, e.id LIMIT ?
        """, [tx.now, ahead, most], due)
    let targets = try tx.all(
        """
        SELECT name, failures FROM outbox_target
        WHERE paused_until_us <= ? OR paused_until_us > ?
        """, [tx.now, ahead]
    ) { (name: $0.text(0), share: $0.int64(1) > 0 ? 1 : most) }
    let others = try targets.flatMap { target in
        try tx.all(
            """
            SELECT e.id, e.due_us, e.work, t.form
            FROM outbox_errand AS e INDEXED BY outbox_errand_due
            JOIN outbox_target AS t ON t.name = e.target
            WHERE e.target = ? AND e.state = 'waiting' AND e.question = 0
                AND (e.due_us <= ? OR e.due_us > ?)
            ORDER BY e.due_us, e.id LIMIT ?
            """, [target.name, tx.now, ahead, target.share], due)
    }
    let inOrder = others.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
    return Array((questions + inOrder).prefix(most))
}

private func due(_ row: Row) -> DueErrand {
    DueErrand(id: row.int64(0), due: row.int64(1), work: row.text(2), form: row.text(3))
}
