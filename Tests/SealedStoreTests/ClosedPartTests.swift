// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// What can be said of a backup without its key: all but whether the seals open.
@Suite struct ClosedPartTests {
    private func filled() throws -> BackedUp {
        let backed = try BackedUp()
        let store = try backed.open()
        defer { store.close() }
        for _ in 0..<10 { try backed.change(store) }
        // So that there are pages in the main file.
        store.beginLogAnew()
        try backed.takeSnapshot(store)
        for _ in 0..<10 { try backed.change(store) }
        try backed.ship(store)
        return backed
    }

    /// The part as somebody sees it who has another key of the same database.
    private func closed(_ backed: BackedUp) throws -> ClosedPart {
        let other = RootKey(
            secret: try RootKey.random().secret, databaseID: backed.room.key.databaseID, epoch: 2)
        return ClosedPart(backed.target, .first, of: try BackupSeal(other))
    }

    @Test func `without the key each object that is missing, cut, changed or exchanged is noticed`()
        throws
    {
        let backed = try filled()
        let part = try closed(backed)
        let names = try backed.target.list("").map(\.name)
        let known = try part.indexHash()
        #expect(known == (try backed.index.hash(seal: try BackupSeal(backed.room.key))))
        #expect(try part.check() == names.count)
        func isAsItWas() -> Bool {
            guard let hash = try? part.indexHash(), hash == known else { return false }
            return (try? part.check()) == names.count
        }
        #expect(isAsItWas())
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
                #expect(!isAsItWas(), note)
            }
            try FileManager.default.removeItem(atPath: path)
            #expect(!isAsItWas(), note)
            try write(whole, to: path)
        }
        #expect(isAsItWas())
    }

    @Test func `a list of another database, or of another epoch than its folder, is refused`()
        throws
    {
        let backed = try filled()
        let stranger = ClosedPart(
            backed.target, .first, of: try BackupSeal(try RootKey.random()))
        #expect(throws: BackupFault.otherDatabase("index")) { try stranger.check() }
        var index = try bytes(of: "\(backed.place)/index")
        index[31] = 3
        try write(index, to: "\(backed.place)/index")
        #expect(throws: BackupFault.altered("index")) { try closed(backed).check() }
    }

    @Test func `a list tells without its key what it reaches, and noise reaches nothing`() throws {
        let backed = try filled()
        let part = try closed(backed)
        let newest = backed.index.commitMost
        let snapshot = try #require(backed.index.snapshots.first)
        for (goal, reaches) in [
            (.latest, true), (.commit(newest), true), (.commit(newest + 1), false),
            (.time(snapshot.ended), true), (.time(Instant(microseconds: 0)), false),
        ] as [(RestoreGoal, Bool)] {
            #expect(try part.seemsToReach(goal) == reaches, "\(goal)")
        }
        let path = "\(backed.place)/index"
        let whole = try bytes(of: path)
        for _ in 0..<500 {
            var bytes = Array(whole.prefix(Int.random(in: 0...whole.count, using: &backed.random)))
            for _ in 0..<4 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &backed.random)] = UInt8.random(
                    in: 0...255, using: &backed.random)
            }
            try write(bytes, to: path)
            // Whatever it says, it says so and nothing traps.
            _ = try part.seemsToReach(.latest)
        }
        try write([], to: path)
        #expect(try !part.seemsToReach(.latest))
    }

    @Test func `with the key every page and frame is opened`() throws {
        let backed = try filled()
        let seal = try BackupSeal(backed.room.key)
        let restorer = Restorer(backed.target, seal: seal)
        let index = try restorer.index()
        let found = try restorer.checkAll(index, opensSeals: true)
        #expect(found.objects == (try backed.target.list("").count))
        // One whose hashes were all written anew by somebody who has the key of the lists only.
        let entry = try #require(index.snapshots.first)
        let manifest = try bytes(of: "\(backed.place)/\(entry.manifest)")
        let snapshot = try Snapshot.open(manifest, name: entry.manifest, seal: seal).snapshot
        let path = "\(backed.place)/\(snapshot.partName(0))"
        var part = try bytes(of: path)
        part[Format.page + 100] ^= 1
        try write(part, to: path)
        let other = Snapshot(
            chain: snapshot.chain, logStart: snapshot.logStart, sequence: snapshot.sequence,
            commit: snapshot.commit, began: snapshot.began, ended: snapshot.ended,
            pages: snapshot.pages, partPages: snapshot.partPages,
            parts: [BackupSeal.hash(part[...])] + snapshot.parts.dropFirst(),
            previous: snapshot.previous, journalSeq: snapshot.journalSeq,
            journalHash: snapshot.journalHash, ledgerHead: snapshot.ledgerHead,
            program: snapshot.program)
        let sealed = try other.sealed(seal)
        try write(sealed, to: "\(backed.place)/\(entry.manifest)")
        var forged = index
        forged.snapshots[0] = BackupIndex.Entry(other, manifestHash: BackupSeal.hash(sealed[...]))
        try write(try forged.sealed(seal), to: "\(backed.place)/index")
        #expect(try restorer.checkAll(forged).objects == found.objects)
        #expect(throws: BackupFault.damagedPage(2)) {
            try restorer.checkAll(forged, opensSeals: true)
        }
    }
}
