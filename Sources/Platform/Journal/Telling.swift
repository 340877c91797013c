// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore

extension WriteTransaction {
    /// Writes down what happened, in the transaction that made it happen.
    ///
    /// The commit refuses a change that told nothing, so every use case ends with this call.
    /// - Parameters:
    ///   - kind: an event kind of the calling room.
    ///   - subject: id text of what it is about, `itm-1`.
    ///   - facts: what a later reader must know, old and new values for edits. No secrets.
    /// - Returns: the entry's number in the chain.
    @discardableResult
    package func tell(
        _ kind: EventKind, about subject: String, _ facts: [String: Fact], by caller: Caller
    ) throws -> Int64 {
        let last = try journalMark()
        let seq = (last?.seq ?? 0) + 1
        let actor = caller.actor.description
        let bytes = Fact.record(facts).canonicalJSON
        let hash = Chain.link(
            after: last?.hash ?? Chain.start, seq: seq, at: now, kind: kind.name, actor: actor,
            actorName: caller.name, subject: subject, facts: bytes)
        try runUntold(
            """
            INSERT INTO journal_event
                (seq, at_us, kind, actor, actor_name, subject, facts, frequent, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                seq, now, kind.name, actor, caller.name, subject,
                String(decoding: bytes, as: UTF8.self), kind.isFrequent, hash,
            ])
        remember(lastMark, 0, JournalMark(seq: seq, hash: hash))
        markTold()
        return seq
    }
}
