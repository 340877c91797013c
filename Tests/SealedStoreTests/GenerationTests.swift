// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization
import Testing

@testable import SealedStore

/// The generation ledger and the tag table as files, and what is said about them.
@Suite struct GenerationTests {
    @Test func `commits are counted over restarts, crashes and copies`() throws {
        let room = try Room()
        var store = try room.open()
        let start = try #require(store.ledgerHead).commit
        for index in 0..<5 { try store.add("thing \(index)") }
        try store.noteNow()
        let before = try #require(store.ledgerHead).commit
        let crashed = try room.copied()
        store.close()
        for place in [room, crashed] {
            store = try place.open()
            #expect(store.ledgerHead?.commit == before)
            try store.add("another")
            try store.noteNow()
            #expect(store.ledgerHead?.commit == before + 1)
            try store.copy(to: place.base + "/copy")
            store.close()
        }
        #expect(before >= start + 5)
        let copy = try SealedStore.open(
            folder: room.base + "/copy", key: room.key, schemas: room.schemas, clock: Room.clock)
        #expect(copy.ledgerHead?.commit == before + 1)
        copy.close()
    }

    @Test func `a commit is noted within a second, without being asked`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        let before = try #require(store.ledgerHead).commit
        let noted = DispatchSemaphore(value: 0)
        try store.add("one")
        let started = ContinuousClock.now
        let thread = Thread {
            while store.ledgerHead?.commit == before { sched_yield() }
            noted.signal()
        }
        thread.start()
        #expect(noted.wait(timeout: .now() + 5) == .success)
        // Half a second of rest and one flush; the box may be slow, the note is not.
        #expect(started.duration(to: .now) < .seconds(2))
        #expect(try #require(store.ledgerHead).commit > before)
    }

    @Test func `the head changes with every record and never says less`() throws {
        let room = try Room()
        let store = try room.open()
        defer { store.close() }
        var last = try #require(store.ledgerHead)
        for index in 0..<20 {
            try store.add("thing \(index)")
            try store.noteNow()
            let head = try #require(store.ledgerHead)
            #expect(head.commit > last.commit && head.sequence > last.sequence)
            #expect(head.generation >= last.generation && head.chain != last.chain)
            #expect(head.chain.count == 64)
            last = head
        }
    }

    @Test func `a long ledger is folded into one record and still noticed`() throws {
        let room = try Room()
        var store = try room.open()
        try store.add("first")
        let kept = try room.copied()
        while (room.size(of: room.ledger) ?? 0) < GenerationLedger.recordsMax * LedgerRecord.size {
            try store.vault.freshness?.ledger.append { last in
                last ?? LedgerRecord(kind: .state, at: 0)
            }
        }
        // A commit in the log, which an idle store would copy back after a second.
        try store.add("late")
        let long = try #require(store.ledgerHead)
        try store.noteNow()
        let folded = try #require(store.ledgerHead)
        #expect(room.size(of: room.ledger) == LedgerRecord.size)
        #expect(folded.sequence == long.sequence + 2 && folded.commit >= long.commit)
        // A crash now: the one record must know of the log what the many knew.
        let crashed = try room.copied()
        var cut = try crashed.files()
        let frames = UInt64(max(0, (cut.log ?? []).count - 32)) / 4120
        #expect(frames > 0)
        cut.log = nil
        try crashed.put(cut)
        #expect(try crashed.noticed() == .behind(.logMissing(frames: frames)))
        store.close()
        store = try room.open()
        try store.add("second")
        store.close()
        #expect(try room.noticed() == nil)
        var files = try room.files()
        files.ledger = try kept.files().ledger
        try room.put(files)
        #expect(try room.noticed() == .behind(.ledgerOlder))
    }

    @Test func `records of a ledger cannot be changed, exchanged, left out or cut at the front`()
        throws
    {
        let room = try Room()
        let store = try room.open()
        for index in 0..<6 {
            try store.add("thing \(index)")
            try store.noteNow()
        }
        store.close()
        let good = try room.files()
        let ledger = try #require(good.ledger)
        let count = ledger.count / 512
        #expect(count >= 8)
        func record(_ number: Int) -> Range<Int> { number * 512..<(number + 1) * 512 }
        func expectRefused(_ bytes: [UInt8], _ what: String) throws {
            var files = good
            files.ledger = bytes
            try room.put(files)
            guard case .behind = try room.noticed() else {
                Issue.record("\(what)")
                return
            }
        }
        for number in 0..<count - 1 {
            var bad = ledger
            bad[number * 512 + 37 * number % 512] ^= 2
            try expectRefused(bad, "record \(number) changed")
            bad = ledger
            bad.replaceSubrange(record(number), with: ledger[record(number + 1)])
            bad.replaceSubrange(record(number + 1), with: ledger[record(number)])
            try expectRefused(bad, "record \(number) exchanged")
            bad = ledger
            bad.removeSubrange(record(number))
            try expectRefused(bad, "record \(number) left out")
            if number > 0 { try expectRefused(Array(ledger[(number * 512)...]), "front cut") }
        }
        // What a crash leaves of an append is no damage.
        for tail in [1, 300, 511, 512] {
            var files = good
            files.ledger = ledger + [UInt8](repeating: 0, count: tail)
            try room.put(files)
            #expect(try room.noticed() == nil, "\(tail) bytes")
        }
    }

    @Test func `the tag table begins anew when it has grown, and remembers all pages`() throws {
        let room = try Room()
        var store = try room.open(pace: .eager)
        let filling = [UInt8](repeating: 1, count: 30_000)
        for index in 0..<60 { try store.add("thing \(index)", filling: filling) }
        var sizes: [Int] = []
        for round in 0..<60 {
            try store.grow("UPDATE thing SET filling = zeroblob(30000 + \(round))")
            try store.copyBack()
            sizes.append(room.size(of: room.tags) ?? 0)
        }
        store.close()
        // Written again as a whole once the changes weigh more.
        #expect(zip(sizes, sizes.dropFirst()).contains { $1 < $0 })
        #expect((sizes.max() ?? 0) < 2 * TagTable.changesMin)
        store = try room.open()
        #expect(try store.integrityCheck() == [])
        #expect(store.vault.freshness?.tags.pages == (room.size(of: room.main) ?? 0) / 4096)
        store.close()
    }

    @Test func `pages that the store no longer has are forgotten with their tags`() throws {
        let room = try Room()
        var store = try room.open()
        for index in 0..<40 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 2, count: 20_000))
        }
        try store.grow("DELETE FROM thing WHERE id > 5")
        #expect(try store.onWriter("VACUUM") == nil)
        store.close()
        #expect(try room.noticed() == nil)
        store = try room.open()
        let pages = (room.size(of: room.main) ?? 0) / 4096
        #expect(store.vault.freshness?.tags.pages == pages && pages < 100)
        for index in 0..<40 {
            try store.add("new \(index)", filling: [UInt8](repeating: 2, count: 20_000))
        }
        store.close()
        #expect(try room.noticed() == nil)
    }

    @Test func `reading while the log is copied back never meets a page that looks stale`() throws {
        let room = try Room()
        let store = try room.open(readers: 3, pace: .eager)
        defer { store.close() }
        for index in 0..<60 {
            try store.add("thing \(index)", filling: [UInt8](repeating: 1, count: 3_000))
        }
        let isDone = Atomic<Bool>(false)
        let reads = Mutex((count: 0, faults: [String]()))
        let group = DispatchGroup()
        for _ in 0..<3 {
            group.enter()
            let thread = Thread {
                while !isDone.load(ordering: .acquiring) {
                    do {
                        // Each commit changes all rows alike, so one view holds one number.
                        let seen = try store.read {
                            try $0.all("SELECT DISTINCT amount FROM thing WHERE filling <> x''") {
                                $0.int64(0)
                            }
                        }
                        reads.withLock { $0.count += seen.count == 1 ? 1 : 0 }
                    } catch {
                        reads.withLock { $0.faults.append("\(error)") }
                    }
                }
                group.leave()
            }
            thread.start()
        }
        let before = try bytes(of: room.main)
        for _ in 0..<300 { try store.grow("UPDATE thing SET amount = amount + 1") }
        // Pages were copied back under the eyes of the readers.
        #expect(try bytes(of: room.main) != before)
        isDone.store(true, ordering: .releasing)
        group.wait()
        let (count, faults) = reads.withLock { ($0.count, $0.faults) }
        #expect(faults.prefix(3) == [])
        #expect(count > 10)
        #expect(store.health.damages == 0)
    }
}
