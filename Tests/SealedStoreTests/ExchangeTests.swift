// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// A store that takes the place of another one is believed, and no third one is.
@Suite struct ExchangeTests {
    /// A box with a store in use, an older state of it, and a draft that may take its place.
    private final class Box {
        let room: Room
        let swap: StoreSwap
        let older: Room.Files
        let draftCount: Int64 = 7

        init() throws {
            room = try Room()
            older = try room.aged().older
            swap = StoreSwap(data: room.base)
            let draft = try SealedStore.open(
                folder: swap.draft, key: room.key, schemas: room.schemas, clock: Room.clock)
            for index in 0..<draftCount { try draft.add("restored \(index)") }
            draft.close()
        }

        func accept() throws {
            try swap.accept(
                swap.draft, key: room.key, actor: "lin", reason: "restore",
                now: Instant(microseconds: 5))
        }

        /// Puts an older state of the store in use back, beside the ledger as it is.
        func putOlder() throws {
            var files = older
            files.ledger = try room.files().ledger
            try room.put(files)
        }

        func count() throws -> Int64 {
            let store = try room.open()
            defer { store.close() }
            return try store.count()
        }

        func told() throws -> [String] {
            let store = try room.open()
            defer { store.close() }
            return store.acceptances.map(\.reason)
        }
    }

    @Test func `the store that was announced opens in the place of the other, is told and guarded`()
        throws
    {
        let box = try Box()
        try box.accept()
        #expect(try box.swap.put())
        #expect(try box.count() == box.draftCount)
        #expect(try box.told() == ["restore"])
        try box.putOlder()
        guard case .behind = try box.room.noticed() else {
            Issue.record("an older store is not noticed after the exchange")
            return
        }
    }

    @Test func `an exchange that was announced and did not happen opens nothing else`() throws {
        let box = try Box()
        let current = try box.room.files()
        try box.accept()
        try box.putOlder()
        guard case .behind = try box.room.noticed() else {
            Issue.record("an older store is not noticed after an announcement")
            return
        }
        var files = current
        files.ledger = try box.room.files().ledger
        try box.room.put(files)
        // The store that was there is, and the announcement is withdrawn, not told.
        #expect(try box.count() == 40)
        #expect(try box.told() == [])
        // So the draft is not believed any more, should it still come.
        try FileManager.default.removeItem(atPath: box.room.folder)
        try FileManager.default.moveItem(atPath: box.swap.draft, toPath: box.room.folder)
        guard case .behind = try box.room.noticed() else {
            Issue.record("a withdrawn exchange is believed")
            return
        }
    }

    @Test func `an announcement that is taken back is none, and one after it counts alone`() throws
    {
        let box = try Box()
        for _ in 0..<5 {
            try box.accept()
            try box.swap.withdraw(key: box.room.key, now: Instant(microseconds: 6))
        }
        #expect(try box.told() == [])
        // Killed before each exchange: only the last one happens.
        for _ in 0..<3 { try box.accept() }
        #expect(try box.swap.put())
        #expect(try box.told() == ["restore"])
    }

    @Test func `a store that was exchanged and never opened can be exchanged again, to and fro`()
        throws
    {
        let box = try Box()
        try box.accept()
        #expect(try box.swap.put())
        #expect(box.swap.isOpen)
        let again = box.swap.kept
        try box.swap.accept(
            again, key: box.room.key, actor: "lin", reason: "back", now: Instant(microseconds: 7))
        // Killed here, the restored store, which was never opened, is still the one in use.
        #expect(try box.count() == box.draftCount)
        try box.swap.accept(
            again, key: box.room.key, actor: "lin", reason: "back", now: Instant(microseconds: 8))
        try box.swap.abandon()
        #expect(!box.swap.isOpen)
        #expect(try box.count() == 40)
    }

    @Test func `a start that is cut while it takes the new store up is gone on with`() throws {
        let box = try Box()
        try box.accept()
        #expect(try box.swap.put())
        // The table is begun anew before the ledger has its record of that.
        let cut = try Freshness(
            main: box.room.main, ledger: box.room.ledger, key: box.room.key)
        try cut.judge()
        #expect(try box.count() == box.draftCount)
        #expect(try box.told() == ["restore"])
    }

    @Test func `a draft that is not as it was closed is not announced`() throws {
        let box = try Box()
        let path = box.swap.draft + "/store.db"
        var main = try bytes(of: path)
        let other = try bytes(of: box.room.main)
        main.replaceSubrange(page(3), with: other[page(3)])
        try write(main, to: path)
        #expect(throws: StoreFault.self) { try box.accept() }
        #expect(try box.count() == 40)
    }

    @Test func `what stands in the way of the exchange is found before it is announced`() throws {
        let box = try Box()
        try box.swap.examine()
        try FileManager.default.createDirectory(
            atPath: box.swap.kept, withIntermediateDirectories: true)
        #expect(throws: SwapFault.inTheWay(box.swap.kept)) { try box.swap.examine() }
        #expect(box.swap.isOpen)
        try FileManager.default.removeItem(atPath: box.swap.kept)
        let real = box.room.base + "/elsewhere"
        try FileManager.default.moveItem(atPath: box.room.folder, toPath: real)
        try FileManager.default.createSymbolicLink(
            atPath: box.room.folder, withDestinationPath: real)
        #expect(throws: SwapFault.link(box.room.folder)) { try box.swap.examine() }
    }
}
