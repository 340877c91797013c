// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Kernel

/// How a drill went: a restore to a folder that nobody needs.
package struct DrillReport: Sendable, Equatable {
    /// The commit that was restored, the newest at the beginning of the drill.
    package let commit: Int64
    package let pages: Int
    package let tables: Int
    package let rows: Int64
    /// What is wrong with what was restored; empty when all is well.
    package let faults: [String]
    /// Milliseconds from the first byte read to a store that opened and passed every check.
    package let restoreMilliseconds: Int64
}

extension SealedStore {
    /// Faults that are named at most.
    private static let faultsMost = 20

    /// Bytes that a drill leaves free on the disk of the books.
    private static let roomKept = 64 << 20

    /// Restores the newest commit from `target` beside the store, checks it, compares every table
    /// with the live store as it was at that commit, and removes it again.
    ///
    /// - Parameters:
    ///   - bring: brings what was captured to the target; called after the live figures are known.
    ///   - inspect: looks at what was restored and names what is wrong.
    ///   - progress: thousandths of the work.
    /// - Throws: `BackupFault`, `StoreFault`: the drill could not be finished.
    package func drill(
        from target: any BackupTarget, bring: @escaping @Sendable () throws -> Void,
        inspect: @escaping @Sendable (ReadTransaction) throws -> [String],
        progress: @escaping @Sendable (Int) -> Void
    ) throws -> DrillReport {
        try atLowPriority { [self] in
            let live = try readAtKnownCommit { (commit: $1, tables: try $0.tableHashes()) }
            try bring()
            let folder = folder + ".drill"
            try? FileManager.default.removeItem(atPath: folder)
            // A rehearsal must not fill the disk of the books.
            let size = Disk.size(of: vault.path) ?? 0
            try Disk.requireRoom(for: size + SealedStore.roomKept, at: self.folder)
            defer {
                try? FileManager.default.removeItem(atPath: folder)
                try? FileManager.default.removeItem(atPath: Freshness.ledgerPath(of: folder))
            }
            let start = ContinuousClock.now
            let restorer = Restorer(target, seal: seal) { done, total in
                progress(Int(min(1000, done * 1000 / max(1, total))))
            }
            let index = try restorer.index()
            let plan = try RestorePlan(index, .commit(live.commit))
            let commit = try restorer.check(plan)
            let restored = try restorer.build(
                plan, commit: commit, in: folder, commitMost: index.commitMost)
            let copy = try SealedStore.open(
                folder: folder, key: seal.root, schemas: parts.schemas, clock: clock, readers: 1)
            defer { copy.close() }
            var faults = try copy.integrityCheck() + copy.read(inspect)
            let took = start.duration(to: .now).components
            let tables = try copy.tableHashes()
            faults += differences(live.tables, tables)
            return DrillReport(
                commit: commit, pages: restored.pages, tables: tables.count,
                rows: tables.reduce(0) { $0 + Int64($1.rows) },
                faults: Array(faults.prefix(SealedStore.faultsMost)),
                restoreMilliseconds: took.seconds * 1000 + took.attoseconds / 1_000_000_000_000_000)
        }
    }

    private func differences(_ live: [TableHash], _ found: [TableHash]) -> [String] {
        let byName = Dictionary(found.map { ($0.table, $0) }) { first, _ in first }
        return live.compactMap { table in
            guard let other = byName[table.table] else { return "\(table.table) is missing" }
            guard other != table else { return nil }
            return other.rows == table.rows
                ? "\(table.table) differs" : "\(table.table): \(other.rows) rows, not \(table.rows)"
        }
    }
}

/// Runs `work` on a thread that everything else goes before, and waits for it. A thread that gave
/// up its priority cannot take it back, hence one of its own.
private func atLowPriority<T: Sendable>(_ work: @escaping @Sendable () throws -> T) throws -> T {
    let answer = Answer<T>()
    let thread = Thread {
        Priority.drill.take()
        answer.give(Result { try work() })
    }
    thread.name = "store-drill"
    thread.stackSize = 8 << 20
    thread.start()
    return try answer.wait()
}
