// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// What somebody does to a backup, and that it is noticed.
@Suite struct BackupTamperTests {
    /// Two snapshots and four packs.
    private func filled() throws -> BackedUp {
        let backed = try BackedUp()
        let store = try backed.open()
        defer { store.close() }
        for round in 0..<2 {
            for _ in 0..<10 { try backed.change(store) }
            if round == 0 { store.beginLogAnew() }
            try backed.takeSnapshot(store)
            for _ in 0..<10 { try backed.change(store) }
            try backed.ship(store)
        }
        return backed
    }

    private func checkAll(_ backed: BackedUp) throws {
        let restorer = Restorer(backed.target, seal: try BackupSeal(backed.room.key))
        _ = try restorer.checkAll(try restorer.index())
    }

    @Test func `each object that is missing, cut, changed or exchanged is noticed`() throws {
        let backed = try filled()
        try checkAll(backed)
        let names = try backed.target.list("").map(\.name)
        #expect(names.count > 8)
        for (number, name) in names.enumerated() {
            let path = "\(backed.place)/\(name)"
            let whole = try bytes(of: path)
            let other = try bytes(of: "\(backed.place)/\(names[(number + 1) % names.count])")
            var flipped = whole
            let position = Int.random(in: 0..<whole.count, using: &backed.random)
            flipped[position] ^= 1 << UInt8.random(in: 0..<8, using: &backed.random)
            let note: Comment = "\(name) at \(position), seed \(backed.random.seed)"
            for bad in [flipped, Array(whole.dropLast()), whole + [0], other, []] {
                try write(bad, to: path)
                #expect(throws: BackupFault.self, note) { try checkAll(backed) }
            }
            try FileManager.default.removeItem(atPath: path)
            #expect(throws: BackupFault.self, note) { try checkAll(backed) }
            try write(whole, to: path)
        }
        try checkAll(backed)
    }

    @Test func `an object that was put back in an older version is noticed`() throws {
        let backed = try filled()
        let names = try backed.target.list("").map(\.name)
        var old: [String: [UInt8]] = [:]
        for name in names { old[name] = try bytes(of: "\(backed.place)/\(name)") }
        let store = try backed.open()
        for _ in 0..<10 { try backed.change(store) }
        try backed.takeSnapshot(store)
        store.close()
        try checkAll(backed)
        // Only the index is ever written anew; every other object has a name of its own.
        for (name, before) in old where name != BackupIndex.name {
            #expect(try bytes(of: "\(backed.place)/\(name)") == before, "\(name)")
        }
        let now = backed.index
        try write(try #require(old[BackupIndex.name]), to: "\(backed.place)/index")
        let restorer = Restorer(backed.target, seal: try BackupSeal(backed.room.key))
        // It is authentic, and older than what the box knows that it wrote.
        #expect(try restorer.index().edition < now.edition)
    }

    @Test func `with the key of another database nothing opens`() throws {
        let backed = try filled()
        let stranger = try RootKey.random()
        let other = RootKey(
            secret: stranger.secret, databaseID: backed.room.key.databaseID, epoch: 1)
        for key in [stranger, other] {
            let restorer = Restorer(backed.target, seal: try BackupSeal(key))
            #expect(throws: BackupFault.self) { try restorer.index() }
        }
    }

    @Test func `a newer format is refused by its number`() throws {
        let backed = try filled()
        var index = try bytes(of: "\(backed.place)/index")
        index[9] = 7
        try write(index, to: "\(backed.place)/index")
        let restorer = Restorer(backed.target, seal: try BackupSeal(backed.room.key))
        #expect(throws: BackupFault.newer("index", format: 7)) { try restorer.index() }
    }

    @Test func `a goal that nothing reaches is refused`() throws {
        let backed = try filled()
        for goal in [
            RestoreGoal.commit(1_000_000), .time(Instant(microseconds: 0)),
        ] {
            #expect(throws: BackupFault.outOfReach(goal.description)) {
                _ = try backed.restore(goal)
            }
        }
    }

    @Test func `noise is refused and nothing traps`() throws {
        let backed = try filled()
        let seal = try BackupSeal(backed.room.key)
        let pack = try #require(try backed.target.list("packs/").first)
        let whole = try bytes(of: "\(backed.place)/\(pack.name)")
        for _ in 0..<2000 {
            var bytes = Array(whole.prefix(Int.random(in: 0...200, using: &backed.random)))
            for _ in 0..<Int.random(in: 1...8, using: &backed.random) where !bytes.isEmpty {
                let position = Int.random(in: 0..<bytes.count, using: &backed.random)
                bytes[position] = UInt8.random(in: 0...255, using: &backed.random)
            }
            let note: Comment = "seed \(backed.random.seed)"
            #expect(throws: BackupFault.self, note) {
                _ = try Segment.open(bytes[...], name: "noise", seal: seal)
            }
            #expect(throws: BackupFault.self, note) {
                _ = try BackupIndex(bytes, seal: seal) { _ in [] }
            }
            #expect(throws: BackupFault.self, note) {
                _ = try Snapshot.open(bytes, name: "noise", seal: seal)
            }
        }
    }

    @Test func `no marker stands in clear in spool, snapshot, pack or draft`() throws {
        let backed = try BackedUp()
        let store = try backed.open()
        let markers = (0..<200).map { "marker-\($0)-\(UUID().uuidString)" }
        for marker in markers { try store.add(marker, filling: Array(marker.utf8)) }
        try backed.takeSnapshot(store)
        for marker in markers { try store.add("again \(marker)") }
        try store.captureNow()
        let shipped = try store.ship(to: backed.target, backed.index)
        _ = shipped
        var looked = 0
        for folder in [backed.place, backed.room.spool, backed.room.folder] {
            let files = try #require(FileManager.default.enumerator(atPath: folder))
            for case let name as String in files {
                guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                    continue
                }
                looked += 1
                for marker in ["marker-", markers[0], markers[199]] {
                    #expect(data.range(of: Data(marker.utf8)) == nil, "\(name)")
                }
            }
        }
        store.close()
        #expect(looked > 8)
    }
}
