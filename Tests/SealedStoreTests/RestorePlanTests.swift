// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// What is taken out of an index for a goal.
@Suite struct RestorePlanTests {
    private func at(_ minutes: Int64) -> Instant { Instant(microseconds: minutes * 60_000_000) }

    private func chain(_ digit: Character) -> ChainID {
        ChainID(String(repeating: digit, count: ChainID.length))!
    }

    private func pack(
        _ digit: Character, _ segments: ClosedRange<Int64>, commit: Int64, _ minutes: Int64
    ) -> BackupIndex.Pack {
        BackupIndex.Pack(
            chain: chain(digit), first: segments.lowerBound, last: segments.upperBound,
            commitBefore: commit - 1, commit: commit, from: at(minutes), until: at(minutes),
            size: 1, hash: [])
    }

    private func snapshot(
        _ digit: Character, _ segment: Int64, commit: Int64, _ minutes: Int64
    ) -> BackupIndex.Entry {
        BackupIndex.Entry(
            Snapshot(
                chain: chain(digit), logStart: segment, sequence: segment, commit: commit,
                began: at(minutes), ended: at(minutes), pages: 1, partPages: 2048, parts: [[]],
                previous: [], journalSeq: 0, journalHash: [], ledgerHead: [], program: "test"),
            manifestHash: [])
    }

    @Test func `the newest is what was written last, wherever the clock stood`() throws {
        var index = BackupIndex()
        index.packs = [pack("f", 1...2, commit: 18, 9000), pack("1", 1...1, commit: 20, 10)]
        index.snapshots = [
            snapshot("f", 1, commit: 17, 9000), snapshot("1", 1, commit: 19, 10),
        ]
        #expect(try RestorePlan(index, .latest).snapshot.chain == chain("1"))
        #expect(try RestorePlan(index, .time(at(9999))).snapshot.chain == chain("1"))
        #expect(try RestorePlan(index, .commit(18)).snapshot.chain == chain("f"))
    }

    @Test func `the newest commit is refused while its chain has no snapshot, and named`() throws {
        var index = BackupIndex()
        index.packs = [pack("a", 1...2, commit: 18, 1), pack("b", 1...1, commit: 25, 5)]
        index.snapshots = [snapshot("a", 1, commit: 17, 1)]
        let fault = #expect(throws: PlanFault.self) { try RestorePlan(index, .latest) }
        #expect(
            fault == .newestIsElsewhere(from: at(5), until: at(5), had: 18, at: at(1)))
        #expect(fault?.description.contains("--to 18") == true)
        // Who says which one gets it, by its number or its time.
        #expect(try RestorePlan(index, .commit(18)).snapshot.commit == 17)
        #expect(try RestorePlan(index, .time(at(5))).snapshot.commit == 17)
        // A chain that ended before its first snapshot and was overtaken is no reason.
        index.packs.append(pack("c", 1...1, commit: 30, 7))
        index.snapshots.append(snapshot("c", 1, commit: 30, 7))
        #expect(try RestorePlan(index, .latest).snapshot.chain == chain("c"))
        // Nor is one whose packs come late.
        index.packs.append(pack("a", 3...3, commit: 19, 8))
        #expect(try RestorePlan(index, .latest).snapshot.chain == chain("c"))
    }

    @Test
    func `a newer snapshot that is not whole does not let an older chain pass for the newest`()
        throws
    {
        var index = BackupIndex()
        index.packs = [pack("a", 1...2, commit: 18, 1), pack("b", 7...7, commit: 25, 5)]
        index.snapshots = [snapshot("a", 1, commit: 17, 1), snapshot("b", 5, commit: 24, 5)]
        #expect(throws: PlanFault.self) { try RestorePlan(index, .latest) }
    }

    @Test func `older snapshots of the chain are other ways, when the commits since are all there`()
        throws
    {
        var index = BackupIndex()
        index.packs = [
            pack("a", 1...2, commit: 5, 1), pack("a", 3...4, commit: 9, 2),
            pack("a", 5...5, commit: 11, 3),
        ]
        index.snapshots = [
            snapshot("a", 1, commit: 3, 1), snapshot("a", 3, commit: 7, 2),
            snapshot("a", 5, commit: 11, 3),
        ]
        func starts() throws -> [Int64] {
            try RestorePlan.candidates(index, .latest).map(\.snapshot.commit)
        }
        #expect(try starts() == [11, 7, 3])
        index.packs.remove(at: 1)
        #expect(try starts() == [11])
    }

    @Test func `a damaged newest snapshot is got round, to the same commit`() throws {
        let backed = try BackedUp()
        let store = try backed.open()
        for _ in 0..<5 { try backed.change(store) }
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        let commit = try backed.look(store)
        try backed.ship(store)
        store.close()
        let newest = try #require(backed.index.snapshots.last)
        var bytes = try bytes(of: "\(backed.place)/\(newest.folder)/00000000")
        bytes[bytes.count / 2] ^= 1
        try write(bytes, to: "\(backed.place)/\(newest.folder)/00000000")
        let restorer = Restorer(backed.target, seal: try BackupSeal(backed.room.key))
        let plans = try RestorePlan.candidates(restorer.index(), .latest)
        #expect(plans.count == 2)
        #expect(throws: BackupFault.self) { try restorer.check(plans[0]) }
        #expect(try restorer.check(plans[1]) == commit)
    }

    @Test func `what lies over a target is found first, and the target is left alone`() throws {
        let folder = NSTemporaryDirectory() + "sluice-layers-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let places = try ["base", "over"].map { name in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            return try FolderTarget("\(folder)/\(name)")
        }
        try places[0].put("index", [1])
        try places[0].put("packs/a", [2])
        let layers = LayeredTarget(places[1], over: places[0])
        try layers.put("index", [3])
        try layers.put("packs/b", [4])
        #expect(try layers.get("index") == [3])
        #expect(try layers.get("packs/a") == [2])
        #expect(try layers.list("").map(\.name) == ["index", "packs/a", "packs/b"])
        try layers.delete("index")
        #expect(try layers.get("index") == [1])
        #expect(try places[0].list("").map(\.name) == ["index", "packs/a"])
    }
}
