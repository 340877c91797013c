// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// A spool that cannot take more, and a program that is killed.
@Suite(.serialized) struct SpoolFailureTests {
    @Test func `a full spool does not stop the writer, and the chain heals`() throws {
        let backed = try BackedUp()
        backed.room.spoolBytes = 3_000_000
        let store = try backed.open()
        try backed.takeSnapshot(store)
        let chain = store.spoolStatus.chain
        for _ in 0..<400 { try backed.change(store) }
        #expect(throws: BackupFault.spoolFull) { try store.captureNow() }
        #expect(store.spoolStatus.fault == .spoolFull)
        // As long as the log is not begun anew nothing is missing.
        #expect(store.spoolStatus.gap == nil)
        store.beginLogAnew()
        #expect(store.spoolStatus.gap != nil)
        for _ in 0..<20 { try backed.change(store) }
        // What was captured goes out; then there is room again.
        let shipment = try store.ship(to: backed.target, backed.index)
        backed.index = shipment.index
        store.forgetSegments(shipment.segments)
        // The new chain may have had room for its beginning.
        #expect(backed.index.packs.first?.chain == chain)
        try store.captureNow()
        #expect(store.spoolStatus.fault == nil)
        #expect(store.spoolStatus.chain != chain)
        try backed.takeSnapshot(store)
        let commit = try backed.look(store)
        try backed.ship(store)
        store.close()
        #expect(try backed.restore(.commit(commit)).looks == backed.looks[commit])
    }

    @Test func `a spool on a disk without room does not stop the writer`() throws {
        let backed = try BackedUp()
        let disk = backed.room.spool
        try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
        guard run("/bin/mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]) else {
            // Only root may mount; the test before this one fills the spool without a disk.
            return
        }
        defer { _ = run("/bin/umount", [disk]) }
        let store = try backed.room.open(spool: true)
        for _ in 0..<200 { try backed.change(store) }
        #expect(throws: BackupFault.self) { try store.captureNow() }
        guard case .system(let fault) = store.spoolStatus.fault else {
            Issue.record("no fault of the system: \(String(describing: store.spoolStatus.fault))")
            return store.close()
        }
        #expect(fault.number == ENOSPC)
        for _ in 0..<20 { try backed.change(store) }
        #expect(try store.count() > 0)
        #expect(try store.integrityCheck() == [])
        store.close()
    }

    private func run(_ program: String, _ arguments: [String]) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: program) else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test func `after kills the chain is whole, and the spool alone lacks a second at most`() throws
    {
        let cycles =
            ProcessInfo.processInfo.environment["SLUICE_KILL_CYCLES"].flatMap { Int($0) } ?? 4
        let crash = try Crash()
        var lags: [Int64] = []
        for cycle in 0..<min(cycles, 60) {
            let killed = try crash.killedRun(milliseconds: cycle % 2 == 0 ? 1300 : 150)
            // From the spool and the first snapshot alone, as if the main disk were gone.
            lags.append(try crash.lost(at: killed))
            try crash.compareWithStore()
        }
        let worst = try #require(lags.max())
        print("spool behind the kill, microseconds: \(lags.sorted())")
        #expect(lags.sorted()[lags.count / 2] <= 1_000_000)
        // A machine that is busy with other things may be late once.
        #expect(worst <= 3_000_000)
    }
}

/// The program that writes numbers until it is killed, with a spool and a target.
private final class Crash {
    let folder = NSTemporaryDirectory() + "sluice-crash-" + UUID().uuidString
    let key: RootKey
    let target: FolderTarget
    var index = BackupIndex()
    private var acknowledged: [(number: Int64, thread: Int64, at: Int64)] = []

    var store: String { folder + "/store" }
    var spool: String { folder + "/spool" }
    var keyFile: String { folder + "/key" }

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/target", withIntermediateDirectories: true)
        try KeyFile.newSecretFile(at: folder + "/key.secret")
        key = try KeyFile.create(at: folder + "/key", slot: .file(folder + "/key.secret")).root
        target = try FolderTarget(folder + "/target")
        let store = try open()
        try store.beginCapture()
        let target = target
        let snapshot = try store.takeSnapshot(SnapshotNotes(), keep: target.put)
        index = try store.ship(to: target, index, snapshot: snapshot).index
        store.close()
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func open() throws -> SealedStore {
        try SealedStore.open(
            folder: store, key: key, schemas: [CrashProgram.schema], clock: Room.clock,
            backup: BackupPlan(spool: spool, keyFile: keyFile))
    }

    /// Lets the program write and kills it. Returns the last acknowledged moment.
    func killedRun(milliseconds: Int) throws -> Int64 {
        let arguments = [store, keyFile, "4", "usual", spool]
        for words in try CrashProgram.killed(arguments, after: milliseconds * 1000)
        where words.count == 3 {
            acknowledged.append((words[1], words[0], words[2]))
        }
        return acknowledged.map(\.at).max() ?? 0
    }

    /// Brings the spool as the kill left it to the target, without the store, and restores it.
    /// Returns how old the oldest acknowledgement is that is not in there, in microseconds.
    func lost(at killed: Int64) throws -> Int64 {
        let shipper = Shipper(
            spool: spool, seal: try BackupSeal(key), now: Room.clock())
        index = try shipper.ship(to: target, index).index
        let looks = try restored { store in
            try store.read { tx in
                try tx.all("SELECT thread, max(number) FROM crash_number GROUP BY thread") {
                    ($0.int64(0), $0.int64(1))
                }
            }
        }
        let newest = Dictionary(looks) { first, _ in first }
        let missing = acknowledged.filter { newest[$0.thread, default: 0] < $0.number }
        return missing.map { killed - $0.at }.max() ?? 0
    }

    /// Opens the store again, brings the rest, and compares what comes back with what is there.
    func compareWithStore() throws {
        let store = try open()
        #expect(store.spoolStatus.gap == nil)
        try store.captureNow()
        #expect(store.spoolStatus.gap == nil)
        let shipment = try store.ship(to: target, index)
        index = shipment.index
        store.forgetSegments(shipment.segments)
        let live = try store.tableHashes()
        store.close()
        let acknowledged = acknowledged
        try restored { copy in
            #expect(try copy.tableHashes() == live)
            let count = try copy.read { try $0.integer("SELECT count(*) FROM crash_number") ?? 0 }
            #expect(count >= acknowledged.count)
        }
        #expect(Set(index.packs.map(\.chain)).count <= 1)
    }

    @discardableResult
    private func restored<T>(_ body: (SealedStore) throws -> T) throws -> T {
        let place = folder + "/restored"
        defer { try? FileManager.default.removeItem(atPath: place) }
        let restorer = Restorer(target, seal: try BackupSeal(key))
        let plan = try RestorePlan(index, .latest)
        let commit = try restorer.check(plan)
        _ = try restorer.build(plan, commit: commit, in: place, commitMost: index.commitMost)
        let store = try SealedStore.open(
            folder: place, key: key, schemas: [CrashProgram.schema], clock: Room.clock)
        defer { store.close() }
        return try body(store)
    }
}
