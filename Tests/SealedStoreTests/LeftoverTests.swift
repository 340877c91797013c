// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

/// What a power cut leaves behind the end of the log, and what later power cuts make of it.
@Suite struct LeftoverTests {
    /// The files with some frames of the log never written.
    private func cut(_ files: Room.Files, frames: Range<Int>) -> Room.Files {
        var files = files
        guard var log = files.log else { return files }
        for number in frames where frame(number).upperBound <= log.count {
            log.replaceSubrange(frame(number), with: [UInt8](repeating: 0, count: 4120))
        }
        files.log = log
        return files
    }

    @Test func `the commit frame of a torn transaction behind a shorter one is no commit`() throws {
        let room = try Room()
        let first = try room.open()
        try first.add("kept")
        first.close()
        var store = try room.open()
        try store.add("base")
        let start = store.vault.logFrames
        // A transaction of a few frames, torn: its first frame is lost, its commit frame is there.
        try store.add("torn", filling: [UInt8](repeating: 1, count: 9_000))
        let end = store.vault.logFrames
        try #require(end >= start + 3)
        let torn = cut(try room.files(), frames: start + 1..<start + 2)
        store.close()

        // Shorter transactions, until the leftover commit frame lies right behind the last one.
        try room.put(torn)
        store = try room.open()
        #expect(try store.count() == 2)
        #expect(store.vault.lastCommitFrame == start)
        var index = 0
        while store.vault.lastCommitFrame < end - 1, index < 10 {
            try store.grow("UPDATE thing SET note = 'x\(index)' WHERE id = 1")
            index += 1
        }
        try #require(store.vault.lastCommitFrame == end - 1)
        let covered = try room.files()
        store.close()

        // After the next power cut recovery meets the leftover frame; SQLite leaves it out.
        try room.put(covered)
        store = try room.open()
        #expect(store.vault.lastCommitFrame == end - 1)
        try store.noteNow()
        try store.add("last", filling: [UInt8](repeating: 2, count: 9_000))
        let last = store.vault.logFrames
        var lost = cut(try room.files(), frames: end..<last + 1)
        store.close()

        // The last commit is lost whole before its flush. That is no tampering.
        lost.ledger = lost.ledger.map { Array($0) }
        try room.put(lost)
        #expect(try room.noticed() == nil)
        store = try room.open()
        #expect(try store.count() == 2)
        store.close()
    }

    @Test func `page 1 torn in its first sector amid a copy back is read from the log`() throws {
        for filling: UInt8 in [0, 0x5A] {
            let room = try Room()
            let store = try room.open()
            for index in 0..<20 {
                try store.add("thing \(index)", filling: [UInt8](repeating: 1, count: 2_000))
            }
            var files = try room.files()
            files.main.replaceSubrange(0..<512, with: [UInt8](repeating: filling, count: 512))
            store.close()
            try room.put(files)
            let again = try room.open()
            #expect(try again.count() == 20)
            #expect(try again.integrityCheck() == [])
            #expect(again.health.damages == 0)
            again.close()
            #expect(try room.noticed() == nil)
            // Without a log that holds it, page 1 must be there.
            var bare = try room.files()
            bare.main.replaceSubrange(0..<512, with: [UInt8](repeating: filling, count: 512))
            try room.put(bare)
            #expect(throws: StoreFault.notOurs) { try room.open() }
        }
    }
}
