// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing

@testable import Appliance
@testable import SealedStore

extension Journeys.StartTests {
    /// MiB that the store has; nil when nobody asks for the measurement.
    private static let mebibytes = ProcessInfo.processInfo.environment["SLUICE_START_MIB"]
        .flatMap { Int($0) }
    /// The daemon that is measured; nil for the one that was built with these tests.
    private static let daemon = ProcessInfo.processInfo.environment["SLUICE_START_DAEMON"]
    private static let logBytes = 64 << 20
    private static let rounds = 5

    /// Kept answers of 32 KiB, as many as fill `bytes`.
    private func fill(_ store: SealedStore, from first: Int, bytes: Int) throws -> Int {
        let body = [UInt8](repeating: 5, count: 32 << 10)
        let request = [UInt8](repeating: 1, count: 32)
        var next = first
        while (next - first) * body.count < bytes {
            let numbers = next..<next + 64
            try store.write { tx in
                for number in numbers {
                    try tx.runUntold(
                        """
                        INSERT INTO kit_answer (caller, key, request, status, media_type, body, at_us)
                        VALUES ('user-1', ?, ?, 200, 'application/json', ?, 1)
                        """, ["start-\(number)", request, body])
                }
            }
            next += numbers.count
        }
        return next
    }

    /// Figures, no test of the normal run: how long a start takes depends on who else is at work.
    @Test(.enabled(if: mebibytes != nil, "asked for by SLUICE_START_MIB; make start-time"))
    func `a daemon with a large store and a long log serves soon after it was killed`() throws {
        let mebibytes = try #require(Self.mebibytes)
        let folder = try TestFolder()
        let (data, killed) = (folder.path + "/box", folder.path + "/killed")
        let maker = try Daemon(data: data)
        _ = try maker.setUp()
        _ = try Shop(maker)
        #expect(maker.stop() == 0)
        let never = CopyPace(start: .max / 4, again: .max / 4, most: .max / 4, few: 0)
        func open(_ pace: CopyPace) throws -> SealedStore {
            try SealedStore.open(
                folder: "\(data)/store", key: try KeyRing(data: data).openExisting(),
                schemas: allSchemas(allModules().modules), clock: systemClock, readers: 1,
                pace: pace)
        }
        let filler = try open(.usual)
        let next = try fill(filler, from: 0, bytes: mebibytes << 20)
        filler.close()
        // What a kill leaves: main file, a log that nobody copied back, tag table, and ledger.
        let store = try open(never)
        _ = try fill(store, from: next, bytes: Self.logBytes)
        try FileManager.default.createDirectory(
            atPath: killed + "/ledger", withIntermediateDirectories: true)
        try store.copy(to: killed + "/store")
        store.close()
        try FileManager.default.copyItem(atPath: data + "/keys", toPath: killed + "/keys")
        func size(_ path: String) -> Int { Disk.size(of: "\(killed)/store/\(path)") ?? 0 }
        #expect(size("store.db") >= mebibytes << 20)
        #expect(size("store.db-wal") >= Self.logBytes)
        var times: [Double] = []
        for round in 1...Self.rounds {
            let daemon = try Daemon(data: killed, built: Self.daemon)
            times.append(daemon.secondsToServe)
            // Its log is as long at the next start when it is killed before it copies it back.
            daemon.kill9()
            print(
                "start \(round): \(daemon.secondsToServe) s, store \(size("store.db") >> 20) MiB,"
                    + " log \(size("store.db-wal") >> 20) MiB")
        }
        print("start: first \(times[0]) s, slowest \(times.max() ?? 0) s")
        #expect(times[0] < 60)
    }
}
