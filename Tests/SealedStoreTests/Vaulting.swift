// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel

@testable import SealedStore

/// A store with a spool and a folder target, and what it looked like at each commit.
final class BackedUp {
    let room: Room
    let place: String
    let target: FolderTarget
    var index = BackupIndex()
    /// Hashes of all tables by commit.
    private(set) var looks: [Int64: [TableHash]] = [:]
    var random: SeededRandom
    private var names = 0

    init(_ random: SeededRandom = SeededRandom()) throws {
        room = try Room()
        self.random = random
        place = room.folder + ".target"
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        target = try FolderTarget(place)
        try target.put(BackupIndex.keyFileName, [1, 2, 3])
        index.noteKeys([1, 2, 3])
    }

    deinit { try? FileManager.default.removeItem(atPath: place) }

    func open() throws -> SealedStore {
        let store = try room.open(spool: true)
        try store.beginCapture()
        return store
    }

    /// Adds, changes and removes things at random, in one commit.
    func change(_ store: SealedStore) throws {
        names += 1
        let name = "thing \(names)"
        let filling = [UInt8](
            repeating: UInt8.random(in: 0...255, using: &random),
            count: Int.random(in: 0...9000, using: &random))
        let victim = Int64.random(in: 1...Int64(names), using: &random)
        let removes = Int.random(in: 0..<4, using: &random) == 0
        try store.write { tx in
            tx.markTold()
            try tx.run("INSERT INTO thing (name, filling) VALUES (?, ?)", [name, filling])
            try tx.run("UPDATE thing SET amount = amount + 1 WHERE id = ?", [victim])
            if removes { try tx.run("DELETE FROM thing WHERE id = ?", [victim]) }
            try tx.run("INSERT INTO thing_text (words) VALUES (?)", [name])
        }
    }

    /// Records what the store looks like now, with the number of its last commit.
    @discardableResult
    func look(_ store: SealedStore) throws -> Int64 {
        let (commit, hashes) = try store.readAtKnownCommit { tx, commit in
            (commit, try tx.tableHashes())
        }
        looks[commit] = hashes
        return commit
    }

    func ship(_ store: SealedStore, snapshot: Snapshot? = nil) throws {
        try store.captureNow()
        let shipment = try store.ship(to: target, index, snapshot: snapshot)
        index = shipment.index
        store.forgetSegments(shipment.segments)
    }

    func takeSnapshot(_ store: SealedStore) throws {
        let target = target
        let snapshot = try store.takeSnapshot(SnapshotNotes(), keep: target.put)
        try ship(store, snapshot: snapshot)
    }

    /// Restores to a folder of its own and returns how the tables look there.
    func restore(_ goal: RestoreGoal) throws -> (restored: Restored, looks: [TableHash]) {
        let other = try Room(sharingKeyOf: room)
        let restorer = Restorer(target, seal: try BackupSeal(room.key))
        let index = try restorer.index()
        let plan = try RestorePlan(index, goal)
        let commit = try restorer.check(plan)
        let restored = try restorer.build(
            plan, commit: commit, in: other.folder, commitMost: index.commitMost)
        let store = try other.open()
        defer { store.close() }
        guard try store.integrityCheck() == [] else { throw NotWhole() }
        return (restored, try store.tableHashes())
    }

    struct NotWhole: Error {}
}
