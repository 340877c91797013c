// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Kernel
import Synchronization
import Testing

@testable import SealedStore

/// One test for each hazard that the design of the store lists, by its number.
@Suite(.serialized) struct HazardTests {
    /// Writes with a cache of `pages` pages and with statements that fail at their last row, and
    /// returns how many commits a copy of the files recovers.
    private func recovered(cache pages: Int, rows: Int, spills: Bool) throws -> Int64 {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let settings = "PRAGMA cache_size = \(pages); PRAGMA cache_spill = \(spills ? 1 : 0)"
        #expect(try store.onWriter(settings) == nil)
        for round in 0..<7 {
            try store.write { tx in
                tx.markTold()
                try tx.run("INSERT INTO thing_pair (a, b) VALUES (?, 'acknowledged')", [round])
                try tx.run("INSERT INTO thing (name) VALUES (?)", ["double \(round)"])
                for _ in 0..<2 {
                    #expect(throws: StoreFault.constraint(.unique, "thing.name")) {
                        try tx.run(
                            """
                            WITH RECURSIVE s (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < ?1)
                            INSERT INTO thing (name, filling)
                            SELECT iif(x = ?1, ?2, hex(randomblob(8))), zeroblob(300) FROM s
                            """, [rows, "double \(round)"])
                    }
                }
            }
        }
        let again = try room.copied().open()
        defer { again.close() }
        #expect(try again.integrityCheck() == [])
        return try again.read { try $0.integer("SELECT count(*) FROM thing_pair") ?? 0 }
    }

    @Test func `H1 commits survive statements that fail half-way, since no cache spills`() throws {
        let shapes = [(5, 200), (5, 400), (10, 200), (50, 2_000)]
        for (pages, rows) in shapes {
            #expect(try recovered(cache: pages, rows: rows, spills: false) == 7)
        }
        // The test can see the hazard: with spilling on, this SQLite loses commits. The strict
        // recovery check sees them, too, and refuses to open.
        let lossy = shapes.filter { shape in
            (try? recovered(cache: shape.0, rows: shape.1, spills: true)) != 7
        }
        if sqlite3_libversion_number() == 3_040_001 { #expect(!lossy.isEmpty) }
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        #expect(try store.write { try $0.integer("PRAGMA cache_spill") } == 0)
    }

    @Test func `H2 a stock sqlite3 leaves a sealed store and its log alone`() throws {
        let tool = "/usr/bin/sqlite3"
        try #require(FileManager.default.isExecutableFile(atPath: tool), "apt install sqlite3")
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for index in 0..<12 { try store.add("thing \(index)") }
        let copy = try room.copied()
        let before = try bytes(of: copy.log)
        #expect(before.count > 12 * 4120)
        for sql in ["SELECT count(*) FROM thing", "PRAGMA journal_mode=DELETE", "VACUUM"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: tool)
            process.arguments = [copy.main, sql]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let said = String(
                decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus != 0)
            #expect(said.contains("unable to open") || said.contains("not a database"), "\(said)")
        }
        #expect(try bytes(of: copy.log) == before)
        let recovered = try copy.open()
        defer { recovered.close() }
        #expect(try recovered.count() == 12)
    }

    @Test func `H3 a log that was never copied back is recovered in full`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for index in 0..<300 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 9, count: index * 20))
        }
        let copy = try room.copied()
        let recovered = try copy.open()
        defer { recovered.close() }
        #expect(try recovered.count() == 300)
        #expect(try recovered.integrityCheck() == [])
    }

    @Test func `H4 page numbers and checksums of the log are not readable`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for index in 0..<200 { try store.add("thing \(index)") }
        let log = try bytes(of: room.log)
        var small = 0
        var checksums: Set<[UInt8]> = []
        for start in stride(from: 32, to: log.count, by: 4120) {
            if log[start..<start + 3].allSatisfy({ $0 == 0 }) { small += 1 }
            checksums.insert(Array(log[start + 16..<start + 24]))
        }
        // In clear every page number would begin with three zeros; by chance one in 16 million.
        #expect(small == 0)
        #expect(checksums.count == (log.count - 32) / 4120)
    }

    @Test func `H5 temporary files and other databases are refused, not written in clear`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for index in 0..<3_000 where index % 100 == 0 {
            try store.write { tx in
                tx.markTold()
                for part in 0..<100 {
                    try tx.run(
                        "INSERT INTO thing (name, filling) VALUES (?, randomblob(500))",
                        ["\(index + part)"])
                }
            }
        }
        // With temp_store FILE a large sort wants a file; it must fail rather than leak.
        let fault = try store.onWriter(
            "PRAGMA temp_store = FILE; PRAGMA cache_size = 5; CREATE TEMP TABLE leak AS SELECT * FROM thing ORDER BY filling"
        )
        #expect(fault != nil)
        #expect(try store.onWriter("VACUUM INTO '\(room.folder)/clear.db'") != nil)
        #expect(
            try store.onWriter(
                "ATTACH '\(room.folder)/clear.db' AS other; CREATE TABLE other.t (a)") != nil)
        var handle: OpaquePointer?
        #expect(
            sqlite3_open_v2(
                room.folder + "/clear.db", &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil)
                == SQLITE_CANTOPEN)
        sqlite3_close(handle)
        let files = try FileManager.default.contentsOfDirectory(atPath: room.folder)
        #expect(Set(files) == ["store.db", "store.db-tags", "store.db-wal"])
        #expect(try store.count() == 3_000)
    }

    @Test func `H6 pages that were moved, zeroed, cut or taken from another database are damage`()
        throws
    {
        let room = try Room()
        let other = try Room()
        for place in [room, other] {
            let store = try place.open()
            for index in 0..<100 {
                try store.add("thing \(index)", filling: [UInt8](repeating: 1, count: 900))
            }
            store.close()
        }
        let good = try bytes(of: room.main)
        let foreign = try bytes(of: other.main)
        let look = try RawLook(room)
        let names = (0..<100).map { "thing \($0)" }
        #expect(try look.names() == .names(names))
        let pages = good.count / 4096
        #expect(pages > 12)
        func page(_ number: Int) -> Range<Int> { number * 4096..<(number + 1) * 4096 }
        for number in 1..<pages {
            var bad = good
            bad.replaceSubrange(
                page(number), with: good[page(number == pages - 1 ? 1 : number + 1)])
            try write(bad, to: room.main)
            #expect(try look.names() == .refused(sluice_ioerr_data), "page \(number + 1) moved")
            bad.replaceSubrange(page(number), with: [UInt8](repeating: 0, count: 4096))
            try write(bad, to: room.main)
            #expect(try look.names() == .refused(sluice_ioerr_data), "page \(number + 1) zeroed")
            bad.replaceSubrange(page(number), with: foreign[page(number)])
            try write(bad, to: room.main)
            #expect(try look.names() == .refused(sluice_ioerr_data), "page \(number + 1) foreign")
            #expect(look.vault.lastDamage == Damage(file: .main, number: number + 1))
        }
        try write(Array(good.dropLast(4096)), to: room.main)
        guard case .refused = try look.names() else {
            Issue.record("a page less was not noticed")
            return
        }
    }

    @Test func `H7 the writer flushes every commit`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let settings = try store.write { tx in
            try ["synchronous", "temp_store", "foreign_keys", "trusted_schema", "mmap_size"].map {
                try tx.integer("PRAGMA \($0)") ?? -1
            }
        }
        #expect(settings == [2, 2, 1, 0, -1] || settings == [2, 2, 1, 0, 0])
        #expect(try store.write { try $0.text("PRAGMA journal_mode") } == "wal")
    }

    @Test func `H8 a copy is sealed, whole, and opens with the key`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        for index in 0..<50 { try store.add("a name to look for \(index)") }
        let target = room.folder + "-copy"
        defer { try? FileManager.default.removeItem(atPath: target) }
        try store.copy(to: target)
        #expect(throws: StoreFault.self) { try store.copy(to: target) }
        for file in try FileManager.default.contentsOfDirectory(atPath: target) {
            let data = try Data(contentsOf: URL(fileURLWithPath: target + "/" + file))
            #expect(data.range(of: Data("a name to".utf8)) == nil)
            #expect(data.range(of: Data("SQLite format 3".utf8)) == nil)
        }
        // The store is still locked against other processes after its files were read.
        #expect(throws: StoreFault.inUse) { try room.open() }
        let copy = try SealedStore.open(
            folder: target, key: room.key, schemas: room.schemas, clock: Room.clock)
        #expect(try copy.count() == 50)
        copy.close()
    }

    @Test func `H9 after a failed flush nothing is acknowledged or written any more`() throws {
        let room = try Room()
        let store = try room.open()
        let reason = Mutex<String?>(nil)
        store.onFence { text in reason.withLock { $0 = text } }
        try store.add("before")
        // Every descriptor of the log now leads to a device that takes writes and cannot flush.
        let null = open("/dev/null", O_RDWR)
        defer { close(null) }
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            guard let file = Int32(name),
                let target = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/fd/\(name)"), target.hasSuffix(room.log)
            else { continue }
            dup2(null, file)
        }
        #expect(throws: StoreFault.fenced) { try store.add("lost") }
        #expect(throws: StoreFault.fenced) { try store.add("later") }
        #expect(reason.withLock { $0 } != nil)
        #expect(store.health.isFenced)
        store.close()
        let again = try room.open()
        defer { again.close() }
        let names = try again.read { try $0.all("SELECT name FROM thing") { $0.text(0) } }
        #expect(names == ["before"])
    }

    @Test func `H10 files full of noise are refused and nothing traps`() throws {
        var random = SeededRandom()
        let room = try Room()
        let store = try room.open()
        for index in 0..<20 { try store.add("thing \(index)") }
        let good = try bytes(of: room.main)
        let log = try bytes(of: room.log)
        store.close()
        let look = try RawLook(room)
        for round in 0..<300 {
            var main = good
            var frames = log
            func spoil(_ bytes: inout [UInt8]) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let count = min(bytes.count - start, Int.random(in: 1...6000, using: &random))
                for index in start..<start + count {
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) {
                    bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                }
            }
            if round % 3 != 0 { spoil(&main) }
            if round % 3 != 1 { spoil(&frames) }
            try write(main, to: room.main)
            try write(frames, to: room.log)
            if case .names(let names) = try look.names() {
                let expected = (0..<20).map { "thing \($0)" }
                #expect(expected.starts(with: names), "seed \(random.seed) round \(round)")
            }
        }
    }
}
