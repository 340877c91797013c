// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import SealedStore

/// A closed store copied under the key of the next epoch.
@Suite struct ResealTests {
    private func reseal(_ room: Room, to name: String, _ key: RootKey) throws {
        try SealedStore.reseal(
            folder: room.folder, key: room.key, to: "\(room.base)/\(name)",
            ledger: "\(room.base)/ledger/\(name)", newKey: key)
    }

    private func open(_ room: Room, _ name: String, _ key: RootKey) throws -> SealedStore {
        try SealedStore.open(
            folder: "\(room.base)/\(name)", key: key, schemas: room.schemas, clock: Room.clock)
    }

    @Test func `the copy holds the same, goes on, and opens with the new key only`() throws {
        let room = try Room()
        _ = try room.aged()
        var store = try room.open()
        let (hashes, head) = (try store.tableHashes(), store.ledgerHead)
        store.close()
        let key = try room.key.successor()
        #expect(key.epoch == 2 && key.databaseID == room.key.databaseID)
        try reseal(room, to: "copy", key)
        for _ in 0..<2 {
            store = try open(room, "copy", key)
            #expect(try store.integrityCheck() == [])
            #expect(try store.tableHashes() == hashes)
            // A witness elsewhere must not take the copy for an older state.
            #expect((store.ledgerHead?.commit ?? 0) >= (head?.commit ?? .max))
            #expect((store.ledgerHead?.sequence ?? 0) > (head?.sequence ?? .max))
            store.close()
        }
        #expect(throws: StoreFault.otherEpoch(file: 2, key: 1)) {
            try open(room, "copy", room.key)
        }
        #expect(throws: StoreFault.otherEpoch(file: 1, key: 2)) { try room.open(key: key) }
        // Another root that says it is of the same epoch is no way around.
        #expect(throws: StoreFault.wrongKey) {
            try open(room, "copy", try room.key.successor())
        }
        let forged = RootKey(
            secret: room.key.secret, databaseID: key.databaseID, epoch: key.epoch)
        #expect(throws: StoreFault.wrongKey) { try open(room, "copy", forged) }
        store = try open(room, "copy", key)
        try store.add("goes on")
        store.close()
        store = try open(room, "copy", key)
        #expect(try store.count() == 41)
        store.close()
        // No page, record or header of the copy is one of the original's.
        let (old, new) = (
            try bytes(of: room.main), try bytes(of: "\(room.base)/copy/store.db")
        )
        for number in 1...old.count / 4096 { #expect(old[page(number)] != new[page(number)]) }
    }

    @Test func `a page that was changed or put back is not copied`() throws {
        let room = try Room()
        let (older, newer) = try room.aged()
        let key = try room.key.successor()
        var files = newer
        files.main[page(7).lowerBound + 100] ^= 1
        try room.put(files)
        // At the start, when it is among the pages that are looked at there, or in the walk.
        let broken = #expect(throws: StoreFault.self) { try reseal(room, to: "a", key) }
        #expect(broken == .damaged(Damage(file: .main, number: 7)))
        let changed = try #require(
            (2...older.main.count / 4096).first {
                older.main[page($0)] != newer.main[page($0)]
            })
        files = newer
        files.main.replaceSubrange(page(changed), with: older.main[page(changed)])
        try room.put(files)
        let stale = #expect(throws: StoreFault.self) { try reseal(room, to: "b", key) }
        let known = Damage(file: .main, number: changed, cause: .stale)
        #expect(stale == .damaged(known) || stale == .behind(.pageOlder(changed)))
        files = newer
        files.ledger = older.ledger
        try room.put(files)
        let behind = #expect(throws: StoreFault.self) { try reseal(room, to: "c", key) }
        #expect(behind == .behind(.ledgerOlder))
        try room.put(newer)
        try reseal(room, to: "d", key)
    }

    @Test func `commits that wait in the log are not left behind`() throws {
        let room = try Room()
        let store = try room.open()
        try store.add("one")
        try store.noteNow()
        let copy = try room.copied()
        #expect(throws: StoreFault.inUse) { try reseal(room, to: "a", try room.key.successor()) }
        store.close()
        #expect(throws: StoreFault.logLeft) { try reseal(copy, to: "a", try copy.key.successor()) }
    }

    @Test func `epochs end before the file cannot name them`() throws {
        let last = RootKey(
            secret: try SecretBytes(count: 32) { $0.update(repeating: 1, count: 32) },
            databaseID: [UInt8](repeating: 2, count: 16), epoch: RootKey.epochMax)
        #expect(throws: KeyFault.noMoreEpochs) { try last.successor() }
    }
}
