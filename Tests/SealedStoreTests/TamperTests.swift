// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Testing

@testable import SealedStore

@Suite(.serialized) struct TamperTests {
    /// One byte in `step` is flipped, at another offset in each run: all of them take minutes.
    private static let step = 23
    private static let commits = 12

    /// A small store as it lies on disk after commits that were not copied back.
    private func small() throws -> Room {
        let room = try Room([TamperTests.plain])
        var store = try room.open()
        for index in 0..<20 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 5, count: 300))
        }
        store.close()
        store = try room.open()
        defer { store.close() }
        for index in 20..<20 + TamperTests.commits { try store.add("thing \(index)") }
        return try room.copied()
    }

    private static let plain = RoomSchema(
        room: "things", prefix: "thing",
        migrations: [
            Migration(
                1, "things",
                """
                CREATE TABLE thing (
                    id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount INTEGER NOT NULL, filling BLOB
                ) STRICT;
                """)
        ])

    private func names(_ count: Int) -> Finding { .names((0..<count).map { "thing \($0)" }) }

    @Test func `a flipped bit anywhere never yields wrong data`() throws {
        var random = SeededRandom()
        let room = try small()
        let look = try RawLook(room)
        let main = try bytes(of: room.main)
        let log = try bytes(of: room.log)
        let all = 20 + TamperTests.commits
        var refused = 0
        var shortened = 0
        var unharmed = 0
        let start = Int.random(in: 0..<TamperTests.step, using: &random)
        for position in stride(from: start, to: main.count + log.count, by: TamperTests.step) {
            var files = (main, log)
            let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            if position < main.count {
                files.0[position] ^= bit
            } else {
                files.1[position - main.count] ^= bit
            }
            try write(files.0, to: room.main)
            try write(files.1, to: room.log)
            let found = try look.names()
            switch found {
            case .refused: refused += 1
            case names(all): unharmed += 1
            // The last commit was never known to be whole, so it may be taken for torn.
            case names(all - 1) where position >= main.count: shortened += 1
            default:
                Issue.record("seed \(random.seed), byte \(position): \(found)")
            }
        }
        print(
            "flips in main \(main.count) and log \(log.count) bytes, one in \(TamperTests.step): "
                + "\(refused) refused, \(shortened) without the last commit, \(unharmed) unharmed")
        // Pages that the log holds anew are not read from the main file.
        #expect(refused > shortened)
    }

    @Test func `frames of the log that were swapped, copied or taken from elsewhere are noticed`()
        throws
    {
        let room = try small()
        let look = try RawLook(room)
        let log = try bytes(of: room.log)
        let main = try bytes(of: room.main)
        func frame(_ number: Int) -> Range<Int> { 32 + number * 4120..<32 + (number + 1) * 4120 }
        let count = (log.count - 32) / 4120
        for number in 0..<count - 6 {
            var bad = log
            bad.replaceSubrange(frame(number), with: log[frame(number + 1)])
            bad.replaceSubrange(frame(number + 1), with: log[frame(number)])
            try write(bad, to: room.log)
            try write(main, to: room.main)
            #expect(try look.names() == .refused(sluice_ioerr_data), "frame \(number + 1)")
            #expect(look.vault.lastDamage?.file == .log)
        }
    }

    @Test func `a log cut anywhere is a prefix of what was committed`() throws {
        let room = try small()
        let look = try RawLook(room)
        let log = try bytes(of: room.log)
        let main = try bytes(of: room.main)
        var last = 0
        for size in stride(from: 0, through: log.count, by: 512) {
            try write(Array(log.prefix(size)), to: room.log)
            try write(main, to: room.main)
            guard case .names(let found) = try look.names() else {
                Issue.record("cut at \(size) is refused")
                continue
            }
            #expect(names(found.count) == .names(found))
            #expect(found.count >= last)
            last = found.count
        }
        #expect(last >= 20 + TamperTests.commits - 1)
    }

    @Test func `a torn first page is taken from the log`() throws {
        let room = try small()
        let look = try RawLook(room)
        var main = try bytes(of: room.main)
        let log = try bytes(of: room.log)
        // A schema change puts page 1 into the log; here it is the change counter of each commit
        // that was copied back half: the mark at the start is in the sector that reached the disk.
        for index in 512..<4096 { main[index] = 0 }
        try write(main, to: room.main)
        let found = try look.names()
        // Page 1 is in the log only if a commit changed it; else the damage is reported.
        #expect(found == names(20 + TamperTests.commits) || found == .refused(sluice_ioerr_data))
        try write(log, to: room.log)
    }

    @Test func `wrong key, another database, not ours and newer are told apart`() throws {
        let room = try Room()
        try room.open().close()
        let good = try bytes(of: room.main)
        let wrong = RootKey(
            secret: try RootKey.random().secret, databaseID: room.key.databaseID, epoch: 1)
        #expect(throws: StoreFault.wrongKey) { try room.open(key: wrong) }
        #expect(throws: StoreFault.otherDatabase) { try room.open(key: try RootKey.random()) }
        var newer = good
        newer[4] += 1
        try write(newer, to: room.main)
        #expect(throws: StoreFault.newer("file format 2.1")) { try room.open() }
        try write(Array("SQLite format 3\0".utf8) + good.dropFirst(16), to: room.main)
        #expect(throws: StoreFault.notOurs) { try room.open() }
        try write([], to: room.main)
        #expect(throws: StoreFault.notOurs) { try room.open() }
        try FileManager.default.removeItem(atPath: room.main)
        try write([1, 2, 3], to: room.log)
        #expect(throws: StoreFault.logWithoutMain) { try room.open() }
        try FileManager.default.removeItem(atPath: room.log)
        try write(good, to: room.main)
        try room.open().close()
    }

    @Test func `damage is named by file and page, never by content`() throws {
        let room = try Room()
        var store = try room.open()
        for index in 0..<60 {
            try store.add("secret \(index)", filling: [UInt8](repeating: 1, count: 900))
        }
        store.close()
        var main = try bytes(of: room.main)
        let page = main.count / 4096 - 2
        main[page * 4096 + 17] ^= 1
        try write(main, to: room.main)
        store = try room.open()
        defer { store.close() }
        #expect(throws: StoreFault.damaged(Damage(file: .main, number: page + 1))) {
            try store.read { try $0.all("SELECT name, filling FROM thing") { $0.bytes(1) } }
        }
        #expect(store.health.damages > 0)
        #expect(store.health.lastDamage == Damage(file: .main, number: page + 1))
    }

    @Test func `random markers that went through every feature are nowhere on disk`() throws {
        var random = SeededRandom()
        let room = try Room()
        let store = try room.open()
        let markers = (0..<1_000).map { _ in
            (0..<16).map { _ in UInt8.random(in: 97...122, using: &random) }
        }
        let texts = markers.map { String(decoding: $0, as: UTF8.self) }
        struct Refused: Error {}
        for batch in stride(from: 0, to: 1_000, by: 50) {
            try store.write { tx in
                tx.markTold()
                for index in batch..<batch + 50 {
                    try tx.run(
                        "INSERT INTO thing (name, note, filling) VALUES (?, ?, ?)",
                        [texts[index], texts[index], markers[index]])
                    try tx.run("INSERT INTO thing_text (words) VALUES (?)", [texts[index]])
                    try tx.run(
                        "INSERT INTO thing_pair (a, b) VALUES (?, ?)", [index, texts[index]])
                }
            }
            _ = try? store.write { tx in
                try tx.run("UPDATE thing SET note = note || ?", [texts[batch]])
                try tx.run("DELETE FROM thing_pair WHERE a < ?", [batch])
                throw Refused()
            }
        }
        #expect(
            try store.onWriter(
                "CREATE TEMP TABLE sorted AS SELECT name || note AS x FROM thing ORDER BY x") == nil
        )
        let sorted = try store.read {
            try $0.all("SELECT name FROM thing ORDER BY substr(name, 3), hex(filling)") {
                $0.text(0)
            }
        }
        #expect(sorted.count == 1_000)
        let hits = try store.read {
            try $0.integer("SELECT count(*) FROM thing_text WHERE thing_text MATCH ?", [texts[7]])
        }
        #expect(hits == 1)
        let copy = room.folder + "/copy"
        try store.copy(to: copy)
        var searched = 0
        func search() throws {
            for folder in [room.folder, copy, room.base + "/ledger", room.folder + "/ledger"] {
                for name in try FileManager.default.contentsOfDirectory(atPath: folder)
                where name != "copy" && name != "ledger" {
                    let data = try bytes(of: folder + "/" + name)
                    searched += data.count
                    #expect(!contains(data, anyOf: Set(markers)), "seed \(random.seed): \(name)")
                }
            }
        }
        try search()
        store.close()
        try search()
        #expect(searched > 1_000_000)
        // The search finds what is there.
        #expect(contains([1, 2] + markers[5] + [3], anyOf: Set(markers)))
    }

    /// Whether any 16 bytes in a row are one of the markers, which are lower-case letters only.
    private func contains(_ data: [UInt8], anyOf markers: Set<[UInt8]>) -> Bool {
        var run = 0
        for (index, byte) in data.enumerated() {
            run = (97...122).contains(byte) ? run + 1 : 0
            if run >= 16, markers.contains(Array(data[index - 15...index])) { return true }
        }
        return false
    }
}
