// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization

@testable import SealedStore

/// Books that are captured for backup, with the spool and a target in the tree that the power cut
/// hits.
struct CapturedBooks {
    let books: Books
    var target: FolderTarget { get throws { try FolderTarget(books.base + "/target") } }
    /// Restored books lie here, outside of the tree.
    private var back: String { books.base + ".back" }

    /// Every look at the clock is a moment later, and every shipment half an hour: chains are ordered by
    /// it, and packs listed by the hour.
    private static let moment = Atomic<Int64>(1_790_000_000_000_000)

    func open() throws -> SealedStore {
        try SealedStore.open(
            folder: books.base + "/store", key: books.root, schemas: Books.schemas,
            clock: {
                let now = CapturedBooks.moment.wrappingAdd(1000, ordering: .relaxed)
                return Instant(microseconds: now.newValue)
            }, readers: 1, pace: .eager,
            backup: BackupPlan(spool: books.base + "/spool", keyFile: books.base + "/key"))
    }

    /// Brings everything to the target, with a snapshot when the chain has none to start from.
    func ship(_ store: SealedStore, snapshots: Bool = false) throws -> BackupIndex {
        // Half an hour later: packs of past hours are listed apart.
        CapturedBooks.moment.wrappingAdd(1_800_000_000, ordering: .relaxed)
        try store.captureNow()
        let target = try target
        let index = try BackupIndex(of: target, seal: store.backupSeal) ?? BackupIndex()
        let isWhole = store.spoolStatus.chain.map { index.isWhole($0) } ?? false
        let snapshot =
            isWhole && !snapshots
            ? nil : try store.takeSnapshot(SnapshotNotes(), keep: target.put)
        let shipment = try store.ship(to: target, index, snapshot: snapshot)
        store.forgetSegments(shipment.segments)
        guard shipment.lost.isEmpty else { throw Bad("lost \(shipment.lost)") }
        return shipment.index
    }

    /// What comes back from the target, as one text.
    func restored() throws -> String {
        try? FileManager.default.removeItem(atPath: back)
        defer { try? FileManager.default.removeItem(atPath: back) }
        let restorer = Restorer(try target, seal: try BackupSeal(books.root))
        let index = try restorer.index()
        let plan = try RestorePlan(index, .latest)
        let commit = try restorer.check(plan)
        _ = try restorer.build(plan, commit: commit, in: back, commitMost: index.commitMost)
        let copy = try SealedStore.open(
            folder: back, key: books.root, schemas: Books.schemas,
            clock: { Instant(microseconds: 1_790_000_000_000_000) }, readers: 1)
        defer { copy.close() }
        return try Books.digest(copy)
    }
}

/// Enumerates the states in which a power cut may leave captured books. In each the books open, the
/// chain goes on without a gap, and what the target then gives back is what the books hold.
struct SpoolRun {
    let folder: String
    let seed: UInt64
    /// Distinct states to look at.
    let wanted: Int
    private(set) var seen: Set<Int> = []
    /// States in which the chain had to begin anew.
    private(set) var gaps = 0
    private(set) var bad = 0
    /// Lists of packs that an index named at most.
    private(set) var lists = 0
    /// Which edition of the index was acknowledged after how many events.
    private var shipped: [(after: Int, edition: Int64)] = []

    init(folder: String, seed: UInt64, wanted: Int) {
        self.folder = folder
        self.seed = seed
        self.wanted = wanted
    }

    mutating func run() throws {
        var dice = Dice(seed)
        let captured = CapturedBooks(books: try Books(base: folder + "/live"))
        try FileManager.default.createDirectory(
            atPath: captured.books.base + "/target", withIntermediateDirectories: true)
        // The tables are made before the first power cut: when they were made is a row.
        var life = Life()
        let made = try captured.open()
        life.known[try Books.digest(made)] = 0
        made.close()
        let start = try CrashState(readFrom: captured.books.base)
        TestDisk.record()
        try live(&life, captured, &dice)
        life.events = TestDisk.recorded()
        say("events \(life.events.count), shipments \(shipped.count)")
        var round = 0
        while seen.count < wanted, round < 20 {
            round += 1
            let share = Double(max(wanted - seen.count, 10)) / Double(life.events.count)
            try pass(life, captured.books, start, share: min(share, 12), &dice)
        }
    }

    /// Two openings; in the second each capture is flushed at once, as on another disk.
    private mutating func live(
        _ life: inout Life, _ captured: CapturedBooks, _ dice: inout Dice
    ) throws {
        for half in 0..<2 {
            let store = try captured.open()
            defer { store.close() }
            try store.beginCapture()
            store.spool?.isElsewhere = half == 1
            for step in 0..<8 {
                try life.work(
                    store, captured.books, commits: 5, from: 1 + half * 40 + step * 5, &dice)
                switch step % 4 {
                case 0, 2:
                    let index = try captured.ship(store, snapshots: step == 4)
                    shipped.append((TestDisk.length, index.edition))
                    lists = max(lists, index.lists.count)
                case 1: try store.captureNow()
                default: _ = try store.onWriter { Copying.truncate($0) }
                }
            }
        }
    }

    private mutating func pass(
        _ life: Life, _ books: Books, _ start: CrashState, share: Double, _ dice: inout Dice
    ) throws {
        let tree = CrashTree(books.base, start)
        var acknowledged = 0
        var slots = 1
        var due = 0.0
        for (index, event) in life.events.enumerated() {
            switch event {
            case .acknowledged(let number): acknowledged = number
            case .slots(let count): slots = count
            case .step(let step):
                tree.apply(step)
                due += share
                while due >= 1, seen.count < wanted {
                    due -= 1
                    let kind = CrashKind.any(&dice)
                    let state = tree.state(kind, &dice)
                    guard seen.insert(state.hashValue).inserted else { continue }
                    let edition = shipped.last { $0.after <= index }?.edition ?? 0
                    do {
                        try examine(
                            state, life, books, atLeast: (acknowledged, edition), slots: slots)
                    } catch {
                        bad += 1
                        say(
                            "BAD seed \(seed), step \(index) \(kind): \(error), "
                                + "files in \(folder)/bad-\(bad)")
                        try? state.write(to: "\(folder)/bad-\(bad)")
                    }
                }
            }
        }
    }

    private mutating func examine(
        _ state: CrashState, _ life: Life, _ books: Books,
        atLeast promised: (commit: Int, edition: Int64), slots: Int
    ) throws {
        let there = CapturedBooks(books: books.at(folder + "/crashed"))
        try state.write(to: there.books.base)
        let index = try BackupIndex(of: there.target, seal: BackupSeal(books.root))
        guard index?.edition ?? 0 >= promised.edition else {
            throw Bad(
                "edition \(promised.edition) was acknowledged, \(index?.edition ?? 0) is there")
        }
        let store: SealedStore
        do {
            store = try there.open()
        } catch {
            throw Bad("does not open: \(error)")
        }
        defer { store.close() }
        _ = try life.look(store, there.books, atLeast: promised.commit, slots: slots...slots + 1)
        try store.beginCapture()
        // Something new behind the cut, so that the chain must go on.
        for result in Books.commit(store, from: 9_990, sizes: [100]) { try result.get() }
        try store.captureNow()
        if let gap = store.spoolStatus.gap {
            gaps += 1
            throw Bad("a gap: \(gap.reason)")
        }
        _ = try there.ship(store)
        guard try there.restored() == Books.digest(store) else {
            throw Bad("what the target gives back is not what the books hold")
        }
    }
}
