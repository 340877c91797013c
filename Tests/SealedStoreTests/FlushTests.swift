// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Testing

@testable import SealedStore

/// Flushes that fail, one after the other: there is one watcher of the disk in a process. Each lets
/// all pass but the one path of its own store.
@Suite(.serialized) struct FlushTests {
    @Test func `a failed flush of the ledger has fenced the store before the call returns`()
        throws
    {
        let room = try Room()
        let store = try room.open()
        try store.add("before")
        let ledger = room.ledger
        DiskWatch.watch { step in
            if case .flush(ledger) = step { EIO } else { 0 }
        }
        defer { DiskWatch.watch(nil) }
        #expect(throws: StoreFault.self) { try store.acceptancesAreTold() }
        #expect(store.health.isFenced)
        #expect(throws: StoreFault.fenced) { try store.add("later") }
        store.close()
    }

    @Test func `a new log whose folder cannot be flushed acknowledges nothing`() throws {
        let room = try Room()
        let main = room.main
        try room.open().close()
        let store = try room.open()
        DiskWatch.watch { step in
            if case .flushFolder(main) = step { EIO } else { 0 }
        }
        defer { DiskWatch.watch(nil) }
        #expect(throws: StoreFault.fenced) { try store.add("lost") }
        #expect(store.health.isFenced)
        store.close()
    }

    @Test func `a failed flush of the tag table has fenced the store before the copy back returns`()
        throws
    {
        let room = try Room()
        let store = try room.open()
        for index in 0..<20 { try store.add("thing \(index)") }
        let tags = room.tags
        DiskWatch.watch { step in
            switch step {
            case .flush(tags), .flush(tags + ".new"): EIO
            default: 0
            }
        }
        defer { DiskWatch.watch(nil) }
        let isFenced = try store.afterCopyBack { store.health.isFenced }
        #expect(isFenced)
        #expect(throws: StoreFault.fenced) { try store.add("later") }
        store.close()
    }
}

extension SealedStore {
    /// Copies the log back on the writer's thread and asks there, right behind it.
    fileprivate func afterCopyBack(_ ask: @escaping @Sendable () -> Bool) throws -> Bool {
        let answer = Answer<Bool>()
        try writer.queue.putAlone { connection in
            try? connection.script("PRAGMA wal_checkpoint(TRUNCATE)") { _ in }
            answer.give(.success(ask()))
        }
        return try answer.wait()
    }
}
