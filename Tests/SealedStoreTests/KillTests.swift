// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization
import Testing

@testable import SealedStore

@Suite struct KillTests {
    private static let threads: Int64 = 4

    /// What the killed program said: for each thread the highest number that was acknowledged.
    private final class Oracle: Sendable {
        private let state = Mutex((highest: [Int64: Int64](), lines: 0))

        func hear(_ words: [Int64]) {
            guard words.count == 2 else { return }
            state.withLock {
                $0.highest[words[0]] = words[1]
                $0.lines += 1
            }
        }

        var highest: [Int64: Int64] { state.withLock { $0.highest } }
        var lines: Int { state.withLock { $0.lines } }
    }

    private static let cycles =
        ProcessInfo.processInfo.environment["SLUICE_KILL_CYCLES"].flatMap { Int($0) } ?? 50

    @Test func `no acknowledged commit is lost or doubled when the program is killed`() throws {
        try run(pace: "usual", verifyEach: 2)
    }

    /// A copy back every few commits, so that kills hit every step between page, table and log; any
    /// alarm about a state that a crash left would fail the next start.
    @Test func `kills amid copies back of the log lose nothing and raise no alarm`() throws {
        try run(pace: "eager", verifyEach: 10)
    }

    private func run(pace: String, verifyEach: Int) throws {
        let cycles = KillTests.cycles
        var random = SeededRandom()
        let room = try Room([])
        let keyPath = room.folder + ".key"
        defer {
            try? FileManager.default.removeItem(atPath: keyPath)
            try? FileManager.default.removeItem(atPath: keyPath + ".secret")
        }
        try KeyFile.newSecretFile(at: keyPath + ".secret")
        let (_, key) = try KeyFile.create(at: keyPath, slot: .file(keyPath + ".secret"))
        let oracle = Oracle()
        for cycle in 0..<cycles {
            let microseconds = Int.random(in: 2_000...60_000, using: &random)
            let arguments = [room.folder, keyPath, "\(KillTests.threads)", pace]
            let said = try CrashProgram.killed(arguments, after: microseconds)
            for words in said { oracle.hear(words) }
            // All other times the program itself recovers what the one before left.
            guard cycle % verifyEach == verifyEach - 1 || cycle == cycles - 1 else { continue }
            try #require(
                try verify(room.folder, key, oracle), "seed \(random.seed), cycle \(cycle)")
        }
        print("\(pace): kill cycles \(cycles), acknowledged \(oracle.lines), seed \(random.seed)")
        #expect(oracle.lines > cycles)
    }

    private func verify(_ folder: String, _ key: RootKey, _ oracle: Oracle) throws -> Bool {
        let store = try SealedStore.open(
            folder: folder, key: key, schemas: [CrashProgram.schema], clock: Room.clock)
        defer { store.close() }
        guard try store.integrityCheck() == [] else { return false }
        return try store.read { tx in
            for (thread, highest) in oracle.highest {
                let kept = try tx.integer(
                    "SELECT count(*) FROM crash_number WHERE thread = ? AND number <= ?",
                    [thread, highest])
                let refused = try tx.integer(
                    "SELECT count(*) FROM crash_number WHERE thread = ? AND number % 7 = 3",
                    [thread])
                let total = try tx.integer(
                    """
                    SELECT numbers - (SELECT count(*) FROM crash_number AS n WHERE n.thread = t.thread)
                    FROM crash_total AS t WHERE thread = ?
                    """, [thread])
                // Every number that leaves 3 when divided by 7 was refused.
                let expected = highest - (highest + 4) / 7
                guard kept == expected, refused == 0, total == 0 else {
                    print(
                        "thread \(thread) to \(highest): \(kept ?? -1) of \(expected), \(refused ?? -1) refused, off by \(total ?? -1)"
                    )
                    return false
                }
            }
            return true
        }
    }
}
