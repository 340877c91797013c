// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Inventory
import Journal
import Kernel
import Ledger
package import SealedStore

/// Restores the newest state beside the books and compares. Returns one line about it.
///
/// - Throws: `BackupRefusal.drillFailed` with what is wrong, once it is written down.
func drill(
    _ store: SealedStore, _ depot: Depot, by caller: Caller,
    report: @escaping @Sendable (Int) -> Void
) throws -> String {
    guard store.canBackUp else { return "practice books are not backed up" }
    let (targets, done, now) = try store.read {
        (try $0.backupTargets(), try $0.drillCount(), $0.now)
    }
    guard !targets.isEmpty else { return "no target" }
    // Each target in its turn.
    let target = targets[Int(done % Int64(targets.count))]
    let lost = try lossSeconds(store, target, now: now)
    var outcome = Drill(
        id: ID(0), at: now, target: target.name, commit: 0, lossSeconds: lost,
        restoreMilliseconds: 0, tables: 0, rows: 0, faults: "")
    do {
        let found = try store.drill(
            from: try depot.open(target, for: store),
            bring: { _ = try Round(depot, store, by: caller, report: { _ in }).run() },
            inspect: inspect, progress: { report($0 / 10) })
        outcome = Drill(
            id: ID(0), at: now, target: target.name, commit: found.commit, lossSeconds: lost,
            restoreMilliseconds: found.restoreMilliseconds, tables: Int64(found.tables),
            rows: found.rows, faults: found.faults.joined(separator: "\n"))
    } catch {
        let failure = named(error, target)
        let (code, words) = wording(of: failure)
        outcome = Drill(
            id: ID(0), at: now, target: target.name, commit: 0, lossSeconds: lost,
            restoreMilliseconds: 0, tables: 0, rows: 0, faults: words.isEmpty ? code : words)
    }
    try keep(outcome, in: store, by: caller)
    try settleAlarms(of: store, by: caller)
    guard outcome.isGood else { throw BackupRefusal.drillFailed(faults: outcome.faults) }
    return "commit \(outcome.commit): \(outcome.tables) tables, \(outcome.rows) rows equal"
}

private func keep(_ drill: Drill, in store: SealedStore, by caller: Caller) throws {
    try store.write { tx in
        try tx.keep(drill)
        try tx.tell(
            BackupEvent.drilled, about: "backup",
            [
                "target": .text(drill.target), "commit": .integer(drill.commit),
                "good": .flag(drill.isGood), "lossSeconds": .integer(drill.lossSeconds),
                "restoreMilliseconds": .integer(drill.restoreMilliseconds),
                "rows": .integer(drill.rows), "faults": .text(drill.faults),
            ], by: caller)
    }
}

/// How much work would be lost if the box were gone now: all since the newest commit at the target.
private func lossSeconds(_ store: SealedStore, _ target: Target, now: Instant) throws -> Int64 {
    try? store.captureNow()
    let status = store.spoolStatus
    guard status.commit > target.commit || status.framesBehind > 0 else { return 0 }
    let since = target.commitAt ?? target.createdAt
    return max(0, (now.microseconds - since.microseconds) / 1_000_000)
}

/// What is wrong with books that were brought back: the journal's chain and the balances of goods.
package func inspect(_ tx: ReadTransaction) throws -> [String] {
    var faults: [String] = []
    if let broken = try tx.verifyJournal().broken { faults.append("journal entry \(broken)") }
    if let found = try verifyGoods(tx).difference {
        faults.append("balance of unit \(found.unit) in place \(found.account)")
    }
    return faults
}
