// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Journal
import Kernel
import SealedStore
import Web

/// Looks once over what was told since the last look, and tells what an administrator should know.
/// Returns how many findings are new.
func watch(
    _ store: SealedStore, _ kinds: [EventKind], zone: SiteZone, by caller: Caller
) throws -> Int {
    let (told, context) = try store.read { tx -> ([Told], WatchContext) in
        let head = try tx.journal(after: try tx.journalHead() - 1, limit: 1).last
        let seen = try tx.journalCursor(of: watchCursor)
        let since = Instant(
            microseconds: tx.now.microseconds - WatchLimit.windowSeconds * 1_000_000)
        // At the very first look the past is past.
        let hour = try tx.journalSeq(before: since)
        let from = seen == 0 ? hour : min(hour, seen)
        let watched = kinds.filter { Watched.all.contains($0.name) }
        let entries = try watched.flatMap { kind in
            try tx.journal(after: from, kinds: [kind], limit: WatchLimit.entries)
        }
        let told = entries.map { Told($0) }
        return (told, try watchContext(kinds, head, seen, zone, in: tx))
    }
    let found = crossings(in: told, context)
    let ended = told.filter { $0.kind == Watched.alarmCleared && $0.seq > context.seen }
    let head = context.head?.seq ?? 0
    guard !found.isEmpty || head != context.seen else { return 0 }
    return try store.write { tx in
        var raised = 0
        for crossing in found where try raise(crossing, by: caller, in: tx) { raised += 1 }
        for entry in ended {
            guard let open = try tx.openFinding(.backupAlarm, entry.detail),
                open.lastSeq < entry.seq
            else { continue }
            _ = try clearFinding(open.id, reason: "alarm_cleared", by: caller, in: tx)
        }
        // What was told here is none of what is looked for.
        if head > context.seen { try tx.moveJournalCursor(of: watchCursor, to: head) }
        return raised
    }
}

private let watchCursor = "audit.watch"

private func watchContext(
    _ kinds: [EventKind], _ head: JournalEntry?, _ seen: Int64, _ zone: SiteZone,
    in tx: ReadTransaction
) throws -> WatchContext {
    let administrators = Set(try administratorIDs(in: tx).map(\.description))
    let since = Instant(
        microseconds: tx.now.microseconds - WatchLimit.addressDays * 86_400 * 1_000_000)
    var known: [String: Set<String>] = [:]
    let signIns = kinds.filter { $0.name == Watched.signIn }
    for actor in administrators {
        let filter = JournalFilter(kind: Watched.signIn, actor: actor, since: since)
        let past = try tx.journal(
            filter, kinds: signIns, before: seen + 1, limit: WatchLimit.entries)
        known[actor] = Set(past.map { Told($0).address })
    }
    let short = Instant(
        microseconds: tx.now.microseconds - WatchLimit.changeSeconds * 1_000_000)
    return WatchContext(
        now: tx.now, zone: zone, administrators: administrators, knownAddresses: known,
        changes: try tx.journalCounts(
            of: kinds.filter { Watched.isChange($0.name) }, since: short, except: "imports/"),
        head: head.map { ($0.seq, $0.at) }, seen: seen)
}

extension Told {
    init(_ entry: JournalEntry) {
        let facts = (try? JSON(reading: Array(entry.facts.utf8))) ?? .null
        // Grants say of rights that could open the house whether a second person agreed.
        let raised = facts["secondPerson"] == nil ? nil : Watched.sensitive
        self.init(
            seq: entry.seq, at: entry.at, kind: entry.kind, actor: entry.actor,
            actorName: entry.actorName, subject: entry.subject,
            address: facts["address"]?.text ?? entry.origin?.address ?? "",
            count: facts["count"]?.integer ?? 1,
            detail: facts["concern"]?.text ?? raised ?? "")
    }
}
