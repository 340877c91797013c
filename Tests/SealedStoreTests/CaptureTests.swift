// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Kernel
import Testing

@testable import SealedStore

@Suite struct CaptureTests {
    /// Points in time that are restored; `make soak` asks for 100.
    private static let points =
        ProcessInfo.processInfo.environment["SLUICE_RESTORE_POINTS"].flatMap { Int($0) } ?? 5

    @Test func `any commit is restored exactly, also across restarts and new logs`() throws {
        let backed = try BackedUp()
        var store = try backed.open()
        try backed.change(store)
        try backed.takeSnapshot(store)
        for step in 1...max(40, CaptureTests.points * 2) {
            try backed.change(store)
            try backed.look(store)
            switch Int.random(in: 0..<10, using: &backed.random) {
            case 0:
                store.close()
                store = try backed.open()
            case 1: try backed.takeSnapshot(store)
            case 2, 3: try backed.ship(store)
            case 4: store.beginLogAnew()
            default: break
            }
            if step % 7 == 0 { for _ in 0..<30 { try backed.change(store) } }
        }
        try backed.ship(store)
        let last = try backed.look(store)
        let chain = store.spoolStatus.chain
        store.close()
        #expect(Set(backed.index.packs.map(\.chain)) == [try #require(chain)])
        for _ in 0..<CaptureTests.points {
            let goal = try #require(backed.looks.keys.sorted().randomElement(using: &backed.random))
            let found = try backed.restore(.commit(goal))
            #expect(found.looks == backed.looks[goal], "seed \(backed.random.seed), commit \(goal)")
            #expect(found.restored.commit == goal)
        }
        let newest = try backed.restore(.latest)
        #expect(newest.restored.commit == last, "seed \(backed.random.seed)")
        #expect(newest.looks == backed.looks[last], "seed \(backed.random.seed)")
    }

    @Test func `a snapshot that is taken while the writer goes on is exact`() throws {
        let backed = try BackedUp()
        let store = try backed.open()
        for _ in 0..<400 { try backed.change(store) }
        let target = backed.target
        var parts = 0
        let snapshot = try store.takeSnapshot(SnapshotNotes()) { name, bytes in
            parts += 1
            // Commits, and copying them back, go on between the parts.
            for _ in 0..<50 { try backed.change(store) }
            store.beginLogAnew()
            try target.put(name, bytes)
        }
        try backed.ship(store, snapshot: snapshot)
        let commit = try backed.look(store)
        store.close()
        #expect(parts > 0)
        #expect(try backed.restore(.commit(commit)).looks == backed.looks[commit])
    }

    @Test func `what was captured before a kill goes on after it without a hole`() throws {
        let backed = try BackedUp()
        var store = try backed.open()
        try backed.takeSnapshot(store)
        for _ in 0..<20 { try backed.change(store) }
        try store.captureNow()
        for _ in 0..<20 { try backed.change(store) }
        // The files as a kill would leave them: the last commits are in the log only.
        let killed = try backed.room.copied()
        let chain = store.spoolStatus.chain
        store.close()
        try FileManager.default.removeItem(atPath: backed.room.base)
        try FileManager.default.copyItem(atPath: killed.base, toPath: backed.room.base)
        store = try backed.open()
        try backed.ship(store)
        let commit = try backed.look(store)
        #expect(store.spoolStatus.chain == chain)
        #expect(store.spoolStatus.gap == nil)
        store.close()
        #expect(try backed.restore(.latest).looks == backed.looks[commit])
    }

    @Test func `a log that vanished is a gap, and a new snapshot heals it`() throws {
        let backed = try BackedUp()
        var store = try backed.open()
        try backed.takeSnapshot(store)
        for _ in 0..<5 { try backed.change(store) }
        try backed.ship(store)
        let chain = store.spoolStatus.chain
        // Begins the log anew behind the back of the spool, as another program would.
        store.vault.tap(nil)
        store.beginLogAnew()
        store.close()
        store = try backed.open()
        try backed.change(store)
        try store.captureNow()
        #expect(store.spoolStatus.gap != nil)
        #expect(store.spoolStatus.chain != chain)
        try backed.ship(store)
        let status = store.spoolStatus
        #expect(!backed.index.isWhole(try #require(status.chain)))
        try backed.takeSnapshot(store)
        #expect(backed.index.isWhole(try #require(status.chain)))
        let commit = try backed.look(store)
        store.close()
        #expect(try backed.restore(.latest).looks == backed.looks[commit])
    }

    /// What may lie in the file, and the number that commits are counted from.
    static let marks: [(text: String, commit: Int64)] = [
        ("41", 41), ("0", 0), ("-7", 0), ("", 0), ("many", 0), ("9223372036854775807", 0),
        ("9223372036854775808", 0), ("-9223372036854775808", 0), ("72057594037927936", 1 << 56),
        ("72057594037927937", 0), ("41 ", 0), (String(repeating: "9", count: 500), 0),
    ]

    @Test(arguments: marks)
    func `a mark of a new chain is taken for what it can be`(_ mark: (text: String, commit: Int64))
        throws
    {
        let backed = try BackedUp()
        var store = try backed.open()
        try backed.change(store)
        try store.captureNow()
        let chain = store.spoolStatus.chain
        store.close()
        let path = "\(backed.room.folder)/new-chain"
        try Data(mark.text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(try NewChainMark(besides: "\(backed.room.folder)/store.db")?.commit == mark.commit)
        guard mark.commit < NewChainMark.commits.upperBound else { return }
        store = try backed.open()
        let before = store.spoolStatus.commit
        try backed.change(store)
        try store.captureNow()
        let status = store.spoolStatus
        store.close()
        #expect(status.chain != chain)
        #expect(status.commit > max(before, mark.commit) && status.commit < mark.commit + 100)
    }

    @Test func `a fault of the system says what the system says`() throws {
        errno = EROFS
        let fault = BackupFault.system(SystemFault("open /mnt/x"))
        #expect(fault.description == "open /mnt/x: Read-only file system")
    }
}

extension SealedStore {
    /// Copies the log back and cuts it, as an idle writer does.
    func beginLogAnew() {
        let done = DispatchSemaphore(value: 0)
        try? writer.queue.putAlone { connection in
            sqlite3_wal_checkpoint_v2(
                connection.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
            done.signal()
        }
        done.wait()
    }
}
