// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import SealedStore

/// Entries that fit a filter, oldest first. Refuses more than one file holds.
func entries(
    _ filter: JournalFilter, _ kinds: [EventKind], in tx: ReadTransaction
) throws -> [JournalEntry] {
    var entries: [JournalEntry] = []
    var before: Int64?
    repeat {
        let page = try tx.journalPage(filter, kinds: kinds, before: before, limit: 1000)
        entries += page.entries
        guard entries.count <= WatchLimit.exportRows else {
            throw AuditRefusal.exportTooLarge(most: Int64(WatchLimit.exportRows))
        }
        before = page.next
    } while before != nil
    return entries.reversed()
}

/// Signs the digest of an export and tells who took it.
func sign(
    _ digest: [UInt8], _ digestText: String, rows: Int, _ filter: JournalFilter,
    by caller: Caller, in tx: WriteTransaction
) throws -> (publicKey: [UInt8], signature: [UInt8]) {
    let key = try tx.makeJournalSigningKey()
    func fact(_ text: String?) -> Fact { text.map { .text($0) } ?? .none }
    try tx.tell(
        AuditEvent.exported, about: "journal",
        [
            "rows": .integer(Int64(rows)), "digest": .text(digestText),
            "since": filter.since.map { .instant($0) } ?? .none,
            "until": filter.until.map { .instant($0) } ?? .none, "kind": fact(filter.kind),
            "actor": fact(filter.actor), "subject": fact(filter.subject),
            "address": fact(filter.address),
            // In pages, as other exports are counted.
            "count": .integer(Int64(max(1, rows / Limit.pageSize))),
        ], by: caller)
    return (key.publicKey, key.sign(ExportForm.signed(digest)))
}

/// What the signature of an export is over.
package enum ExportForm {
    package static let title = "sluice-journal-signature 1"

    /// The bytes that are signed: a title of their own, so that no signature is good for two things.
    package static func signed(_ digest: [UInt8]) -> [UInt8] {
        Array("\(title)\n".utf8) + digest
    }
}
