// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

/// The ways in which somebody who can write to the disk, and has no key, may change a store: each is
/// noticed. Backup objects have a test of their own.
@Suite struct TamperMatrixTests {
    /// Pages whose content the change touches, and which are no page that SQLite holds free.
    private func changedPages(_ older: [UInt8], _ newer: [UInt8]) -> [Int] {
        let pages = min(older.count, newer.count) / 4096
        return (1...pages).filter { older[page($0)] != newer[page($0)] }
    }

    /// A store with commits in its log that were not copied back, and its files.
    private func busy() throws -> (room: Room, files: Room.Files) {
        let room = try Room()
        let store = try room.open()
        for index in 0..<12 { try store.add("thing \(index)") }
        try store.noteNow()
        let copy = try room.copied()
        store.close()
        return (copy, try copy.files())
    }

    @Test func `01 a bit flipped in a page`() throws {
        let room = try Room()
        var files = try room.aged().newer
        let number = files.main.count / 4096 - 3
        files.main[page(number).lowerBound + 700] ^= 4
        try room.put(files)
        #expect(try room.noticed() == .damaged(Damage(file: .main, number: number)))
    }

    @Test func `02 two pages swapped`() throws {
        let room = try Room()
        let good = try room.aged().newer
        var files = good
        files.main.replaceSubrange(page(5), with: good.main[page(6)])
        files.main.replaceSubrange(page(6), with: good.main[page(5)])
        try room.put(files)
        guard case .damaged(let damage) = try room.noticed() else {
            Issue.record("not noticed")
            return
        }
        #expect([5, 6].contains(damage.number) && damage.cause == .broken)
    }

    @Test func `03 a page zeroed`() throws {
        let room = try Room()
        var files = try room.aged().newer
        files.main.replaceSubrange(page(7), with: [UInt8](repeating: 0, count: 4096))
        try room.put(files)
        #expect(try room.noticed() == .damaged(Damage(file: .main, number: 7)))
    }

    @Test func `04 the file cut by a page`() throws {
        let room = try Room()
        var files = try room.aged().newer
        let last = files.main.count / 4096
        files.main.removeLast(4096)
        try room.put(files)
        #expect(try room.noticed() == .behind(.mainShorter(page: last)))
    }

    @Test func `05 one page put back to an older version of itself`() throws {
        let room = try Room()
        let (older, newer) = try room.aged()
        let changed = changedPages(older.main, newer.main)
        #expect(changed.count > 10)
        for number in changed {
            var files = newer
            files.main.replaceSubrange(page(number), with: older.main[page(number)])
            try room.put(files)
            // At the start, or when it is read; always by its number.
            let found = try room.noticed()
            let stale = Damage(file: .main, number: number, cause: .stale)
            #expect(found == .behind(.pageOlder(number)) || found == .damaged(stale), "\(number)")
        }
        try room.put(newer)
        #expect(try room.noticed() == nil)
    }

    @Test func `06 the whole older file without its log`() throws {
        let room = try Room()
        let (older, newer) = try room.aged()
        var files = newer
        files.main = older.main
        try room.put(files)
        guard case .behind(.pageOlder) = try room.noticed() else {
            Issue.record("the file alone is not noticed")
            return
        }
        // The same with the table that belongs to it.
        files.tags = older.tags
        try room.put(files)
        #expect(try room.noticed() == .behind(.tableOlder))
    }

    @Test func `07 the log deleted`() throws {
        var (room, files) = try busy()
        let frames = UInt64((files.log ?? []).count - 32) / 4120
        files.log = nil
        try room.put(files)
        #expect(try room.noticed() == .behind(.logMissing(frames: frames)))
        files.log = []
        try room.put(files)
        #expect(try room.noticed() == .behind(.logMissing(frames: frames)))
    }

    @Test func `08 a bit flipped in a frame of the log`() throws {
        let (room, good) = try busy()
        let log = try #require(good.log)
        let frames = (log.count - 32) / 4120
        for number in 1...frames {
            var files = good
            files.log?[frame(number).lowerBound + 1000] ^= 16
            try room.put(files)
            // In the last commit the log looks torn there; the ledger knows that it was whole.
            switch try room.noticed() {
            case .damaged(let damage): #expect(damage == Damage(file: .log, number: number))
            case .behind(.logShorter(let expected, let found)):
                #expect(expected == UInt64(frames) && found < expected)
            case let other: Issue.record("frame \(number): \(String(describing: other))")
            }
        }
    }

    @Test func `09 two frames swapped`() throws {
        let (room, good) = try busy()
        let log = try #require(good.log)
        let frames = (log.count - 32) / 4120
        for number in 1..<frames {
            var files = good
            files.log?.replaceSubrange(frame(number), with: log[frame(number + 1)])
            files.log?.replaceSubrange(frame(number + 1), with: log[frame(number)])
            try room.put(files)
            switch try room.noticed() {
            case .damaged(let damage): #expect(damage.file == .log)
            case .behind(.logShorter): break
            case let other: Issue.record("frame \(number): \(String(describing: other))")
            }
        }
    }

    @Test func `10 the log of an earlier generation put back`() throws {
        let (room, earlier) = try busy()
        for name in ["one more", "and another"] {
            let store = try room.open()
            try store.add(name)
            store.close()
        }
        let closed = try room.files()
        var files = closed
        files.log = earlier.log
        try room.put(files)
        #expect(try room.noticed() == .behind(.logOfOtherGeneration))
        // And with everything of its time but the ledger.
        files = earlier
        files.ledger = closed.ledger
        try room.put(files)
        guard case .behind = try room.noticed() else {
            Issue.record("not noticed")
            return
        }
    }

    @Test func `11 a page or file of another database under the same root key`() throws {
        let room = try Room()
        let good = try room.aged().newer
        let other = try Room(secret: room.key.secret)
        let foreign = try other.aged().newer
        #expect(foreign.main.count == good.main.count)
        var files = good
        files.main.replaceSubrange(page(6), with: foreign.main[page(6)])
        try room.put(files)
        #expect(try room.noticed() == .damaged(Damage(file: .main, number: 6)))
        files.main = foreign.main
        try room.put(files)
        #expect(try room.noticed() == .otherDatabase)
        files = good
        files.tags = foreign.tags
        try room.put(files)
        #expect(try room.noticed() == .behind(.tableMissing))
        files = good
        files.ledger = foreign.ledger
        try room.put(files)
        #expect(try room.noticed() == .behind(.ledgerDamaged(record: 1)))
    }

    @Test func `table or ledger taken away, or the ledger put back alone, is noticed`() throws {
        let room = try Room()
        let (older, newer) = try room.aged()
        var files = newer
        files.tags = nil
        try room.put(files)
        #expect(try room.noticed() == .behind(.tableMissing))
        files = newer
        files.ledger = nil
        try room.put(files)
        #expect(try room.noticed() == .behind(.ledgerMissing))
        files.ledger = older.ledger
        try room.put(files)
        #expect(try room.noticed() == .behind(.ledgerOlder))
        files = newer
        files.ledger?[700] ^= 1
        try room.put(files)
        #expect(try room.noticed() == .behind(.ledgerDamaged(record: 2)))
        try room.put(newer)
        try FileManager.default.removeItem(atPath: room.main)
        #expect(try room.noticed() == .behind(.storeMissing))
        try room.put(newer)
        #expect(try room.noticed() == nil)
    }

    @Test func `files of another history that the same store could have had are noticed`() throws {
        let room = try Room()
        _ = try room.aged()
        let other = try room.copied()
        for (one, name) in [(room, "here"), (other, "there")] {
            let store = try one.open()
            try store.add(name)
            store.close()
        }
        let (here, there) = (try room.files(), try other.files())
        var files = there
        files.ledger = here.ledger
        try room.put(files)
        // Numbers and places are the same in both; only the tag of the table's record is not.
        #expect(try room.noticed() == .behind(.tableOlder))
        files = here
        files.main = there.main
        try room.put(files)
        guard case .behind(.pageOlder) = try room.noticed() else {
            Issue.record("the main file alone is not noticed")
            return
        }
        try room.put(here)
        #expect(try room.noticed() == nil)
    }

    @Test func `the ledger of practice books is not taken for that of the real ones`() throws {
        let room = try Room()
        let store = try room.open()
        try store.add("real")
        try store.copy(to: room.base + "/practice")
        store.close()
        try FileManager.default.removeItem(atPath: room.folder)
        try FileManager.default.moveItem(atPath: room.base + "/practice", toPath: room.folder)
        try FileManager.default.removeItem(atPath: room.ledger)
        try FileManager.default.moveItem(
            atPath: room.base + "/ledger/practice", toPath: room.ledger)
        #expect(try room.noticed() == .behind(.ledgerDamaged(record: 1)))
    }
}
