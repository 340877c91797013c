// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands
import Journal
package import Kernel
package import SealedStore
import Web

/// Puts an errand into the outbox, in the transaction of the change that asks for it: both happen
/// or none. It is carried out at least once, soon after the commit.
///
/// The target is kept under its name; what it says now holds for all errands that wait for a
/// target of this name, so new credentials reach old errands. Only the caller tells the journal.
///
/// What is good for a moment only is refused: it would lie here longer than that. It goes through the
/// `Hatch`.
/// - Throws: `ErrandRefusal.fieldInvalid`.
@discardableResult
package func enqueue(
    _ errand: Errand, telling: ErrandTelling = .all, in tx: WriteTransaction
) throws -> ErrandID {
    try errand.check()
    guard !errand.work.isFleeting else {
        throw ErrandRefusal.fieldInvalid(
            field: "work.kind", wants: "what can wait; a message is handed over at once or never")
    }
    try keep(errand.target, in: tx)
    try tx.runUntold(
        """
        INSERT INTO outbox_errand
            (target, question, work, telling, state, attempts, due_us, made_us, changed_us, note)
        VALUES (?, ?, ?, ?, 'waiting', 0, 0, ?, ?, '')
        """,
        [
            errand.target.name, errand.work.isQuestion, text(errand.work.json), telling.rawValue,
            tx.now, tx.now,
        ])
    return ErrandID(try tx.integer("SELECT last_insert_rowid()") ?? 0)
}

/// Keeps a target under its name. When it has changed, a pause after failures ends: whoever
/// mended it need not wait.
/// - Throws: `ErrandRefusal.fieldInvalid`.
package func keep(_ target: ErrandTarget, in tx: WriteTransaction) throws {
    try target.check()
    try tx.runUntold(
        """
        INSERT INTO outbox_target (name, form, failures, paused_until_us, note)
        VALUES (?, ?, 0, 0, '')
        ON CONFLICT (name) DO UPDATE
            SET form = excluded.form, failures = 0, paused_until_us = 0, reason = NULL, note = ''
            WHERE form <> excluded.form
        """,
        [target.name, text(target.json)])
}

/// Gives up all errands to a target that wait, for example since it is no longer used, and tells
/// the journal how many. Returns their number.
@discardableResult
package func giveUpErrands(
    to target: String, by caller: Caller, in tx: WriteTransaction
) throws -> Int {
    let count = try tx.runUntold(
        """
        UPDATE outbox_errand SET state = 'failed', changed_us = ?, note = 'Given up.'
        WHERE target = ? AND state IN ('waiting', 'claimed')
        """, [tx.now, target])
    if count > 0 {
        try tx.tell(
            ErrandEvent.failed, about: "target:\(target)",
            ["target": .text(target), "count": .integer(Int64(count)), "note": .text("given up")],
            by: caller)
    }
    return count
}

/// Lets the numbers of errands go on from the second that it is now, in books that were brought back:
/// a courier may still hold errands of the books that were in use, under the numbers that these
/// books would give next, and its report would settle the wrong ones. Fewer than one errand a second
/// is asked for, so numbers never get ahead of the time.
package func skipErrandNumbers(in tx: WriteTransaction) throws {
    try tx.runUntold(
        """
        INSERT INTO sqlite_sequence (name, seq)
        SELECT 'outbox_errand', 0
        WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox_errand')
        """)
    try tx.runUntold(
        "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'outbox_errand'",
        [tx.now.microseconds / 1_000_000])
}

/// Removes errands that were done, or failed, before `instant`, at most `limit` at once. Returns
/// how many.
package func forgetErrands(
    _ state: ErrandState, before instant: Instant, limit: Int, in tx: WriteTransaction
) throws -> Int {
    guard state == .done || state == .failed else { return 0 }
    return try tx.runUntold(
        """
        DELETE FROM outbox_errand WHERE id IN (
            SELECT id FROM outbox_errand WHERE state = ? ORDER BY id LIMIT ?) AND changed_us < ?
        """, [state.rawValue, limit, instant])
}

func text(_ json: JSON) -> String { String(decoding: json.bytes(), as: UTF8.self) }
