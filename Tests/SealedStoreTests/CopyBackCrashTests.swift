// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

/// What a power cut may leave of a copy back of the log: every state opens, holds every commit, and
/// none is taken for tampering.
@Suite struct CopyBackCrashTests {
    /// The files at the steps of one copy back.
    private struct Steps {
        /// Commits in the log, nothing copied yet.
        var before: Room.Files
        /// Pages and table are flushed, the log is still whole.
        var copied: Room.Files
        /// The next commit has begun the log anew.
        var renewed: Room.Files
    }

    private func steps(_ room: Room) throws -> Steps {
        let first = try room.open()
        for index in 0..<30 {
            try first.add("thing \(index)", filling: [UInt8](repeating: 1, count: 2_500))
        }
        first.close()
        let store = try room.open()
        try store.grow("UPDATE thing SET amount = amount + 1 WHERE id % 2 = 0")
        for index in 30..<40 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 1, count: 2_500))
        }
        try store.noteNow()
        let before = try room.files()
        try store.copyBack()
        try store.noteNow()
        let copied = try room.files()
        try store.add("thing 40")
        try store.noteNow()
        let renewed = try room.files()
        store.close()
        #expect(before.log == copied.log)
        #expect(before.tags != copied.tags && before.ledger != copied.ledger)
        return Steps(before: before, copied: copied, renewed: renewed)
    }

    /// Opens and closes what lies there, and looks whether all `count` things are there.
    private func expectWhole(
        _ room: Room, _ files: Room.Files, _ count: Int, _ what: String
    ) throws {
        try room.put(files)
        do {
            let store = try room.open()
            #expect(try store.count() == Int64(count), "\(what)")
            #expect(try store.integrityCheck() == [], "\(what)")
            // A crash right after recovery, before anything else: the same again.
            let again = try room.copied()
            store.close()
            let second = try again.open()
            #expect(try second.count() == Int64(count), "\(what), again")
            try second.add("goes on")
            second.close()
            #expect(try again.noticed() == nil, "\(what), and on")
        } catch {
            Issue.record("\(what): \(error)")
        }
    }

    @Test func `pages that reached the disk in any mixture, before the table`() throws {
        var random = SeededRandom()
        let room = try Room()
        let steps = try steps(room)
        let (old, new) = (steps.before.main, steps.copied.main)
        for round in 0..<60 {
            var files = steps.before
            var main = round % 2 == 0 ? old : Array(new)
            for number in 1...min(old.count, new.count) / 4096 {
                let source = Bool.random(using: &random) ? old : new
                main.replaceSubrange(page(number), with: source[page(number)])
                // A page in the making, cut at a sector.
                if round % 3 == 0, Int.random(in: 0..<4, using: &random) == 0,
                    old[page(number)] != new[page(number)]
                {
                    let cut = 512 * Int.random(in: 1..<8, using: &random)
                    let start = page(number).lowerBound
                    main.replaceSubrange(start..<start + cut, with: new[start..<start + cut])
                    main.replaceSubrange(
                        start + cut..<start + 4096, with: old[start + cut..<start + 4096])
                }
            }
            files.main = main
            try expectWhole(room, files, 40, "seed \(random.seed), round \(round)")
        }
    }

    @Test func `the table's record torn at any place`() throws {
        let room = try Room()
        let steps = try steps(room)
        let old = steps.before.tags ?? []
        let new = steps.copied.tags ?? []
        #expect(new.starts(with: old) && new.count > old.count + 200)
        var files = steps.copied
        files.ledger = steps.before.ledger
        for size in stride(from: old.count, through: new.count, by: 97) {
            files.tags = Array(new.prefix(size))
            try expectWhole(room, files, 40, "cut at \(size)")
            files.tags = Array(new.prefix(size)) + [UInt8](repeating: 0, count: new.count - size)
            try expectWhole(room, files, 40, "zero from \(size)")
        }
    }

    @Test func `the log's new header, before and after the ledger's record`() throws {
        let room = try Room()
        let steps = try steps(room)
        let log = try #require(steps.copied.log)
        let renewed = try #require(steps.renewed.log)
        let begun = try #require(steps.renewed.ledger)
        // The ledger without the notes that came after the new generation's record.
        let known = try #require(steps.copied.ledger).count
        var files = steps.copied
        files.ledger = Array(begun.prefix(known + 512))
        try expectWhole(room, files, 40, "record, no header")
        files.log = Array(renewed.prefix(32)) + log.dropFirst(32)
        try expectWhole(room, files, 40, "record and header over the old log")
        files.log = Array(renewed.prefix(32))
        try expectWhole(room, files, 40, "record and header alone")
        files.log = []
        try expectWhole(room, files, 40, "record, log cut to nothing")
        files.log = nil
        try expectWhole(room, files, 40, "record, no log")
        files.ledger = Array(begun.prefix(known + 300))
        files.log = log
        try expectWhole(room, files, 40, "half a record")
        files.ledger = Array(begun.prefix(known)) + [UInt8](repeating: 0, count: 512)
        try expectWhole(room, files, 40, "a record of zeros")
        try expectWhole(room, steps.renewed, 41, "all of it")
    }

    @Test func `a log cut to nothing after the copy, with the ledger a second behind`() throws {
        let room = try Room()
        let steps = try steps(room)
        var files = steps.copied
        files.ledger = steps.before.ledger
        for log in [nil, [], steps.copied.log] {
            files.log = log
            try expectWhole(room, files, 40, "log of \(log?.count ?? -1) bytes")
        }
        // The log gone and the table not yet written: no crash does that.
        files = steps.before
        files.log = nil
        try room.put(files)
        guard case .behind(.logMissing) = try room.noticed() else {
            Issue.record("a missing log is not noticed")
            return
        }
    }

    @Test func `many starts that end before the first commit raise no alarm`() throws {
        let room = try Room()
        let steps = try steps(room)
        let begun = try #require(steps.renewed.ledger)
        let known = try #require(steps.copied.ledger).count
        var files = steps.copied
        files.ledger = Array(begun.prefix(known + 512))
        files.log = nil
        try room.put(files)
        for round in 0..<5 {
            let store = try room.open()
            try store.add("lost \(round)")
            // The header's record reached the disk, and nothing of the log did.
            let record = try room.files().ledger ?? []
            store.close()
            files.ledger = Array(record.prefix(record.count / 512 * 512))
            try room.put(files)
            #expect(try room.noticed() == nil, "round \(round)")
            try room.put(files)
        }
    }
}
