// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

/// Power cuts, failing disks, full disks and failing allocations, all below the sealing layer. The
/// program `store-fault` does it: SQLite's file layer is set once in a process.
@Suite(.serialized) struct FaultTests {
    private static func environment(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// Runs the program and returns the figures of its last line.
    ///
    /// - Parameter lie: which flushes the disk only pretends to do; bad states are expected then.
    private func run(_ what: String, _ count: Int, lie: String? = nil) throws -> [String: Int] {
        let seed =
            FaultTests.environment("SLUICE_FAULT_SEED").map { UInt64($0) }
            ?? UInt64.random(in: 1...UInt64(Int32.max))
        return try TestProgram.faults(what, seed: seed, count, lie: lie)
    }

    @Test func `every state that a power cut may leave opens with all that was acknowledged`()
        throws
    {
        let wanted = FaultTests.environment("SLUICE_CRASH_STATES") ?? 1_000
        let figures = try run("states", wanted)
        #expect(figures["states"] == wanted)
        #expect(figures["recoveries"] ?? 0 > wanted / 8)
        #expect(figures["bad"] == 0)
    }

    @Test func `a store lives through one power cut after the other`() throws {
        let wanted = (FaultTests.environment("SLUICE_CRASH_STATES") ?? 1_000) / 4
        let figures = try run("lives", wanted)
        #expect(figures["lives"] == wanted)
        #expect(figures["bad"] == 0)
    }

    @Test func `a key whose rotation a power cut ends opens the books under exactly one epoch`()
        throws
    {
        let wanted = FaultTests.environment("SLUICE_CRASH_STATES").map { $0 / 4 } ?? 300
        let figures = try run("rotations", wanted)
        #expect(figures["states"] == wanted)
        #expect(figures["settlings"] ?? 0 > wanted / 6)
        #expect(figures["old"] ?? 0 > 0)
        #expect(figures["new"] ?? 0 > 0)
        #expect(figures["bad"] == 0)
    }

    @Test func `a restore that a power cut ends leaves the old books or the restored ones, whole`()
        throws
    {
        let wanted = FaultTests.environment("SLUICE_CRASH_STATES").map { $0 / 20 } ?? 60
        let figures = try run("restores", wanted)
        #expect(figures["states"] == wanted)
        #expect(figures["again"] ?? 0 > wanted / 8)
        #expect(figures["bad"] == 0)
        for kind in ["old", "undecided", "kept"] { #expect(figures[kind] ?? 0 > 0, "\(kind)") }
    }

    @Test(arguments: ["states", "rotations", "restores"], ["files", "folders"])
    func `a disk that lies about its flushes is found out`(_ what: String, _ lie: String) throws {
        let figures = try run(what, 60, lie: lie)
        #expect(figures["states"] == 60)
        #expect(figures["bad"] ?? 0 > 0)
    }

    /// Every how many points one is tried: as much as fits in the normal run. There are several thousand allocations, of which every 35th takes some 15 seconds.
    private static let steps = [("broken", 7), ("full", 7), ("memory", 35)]

    @Test(arguments: FaultTests.steps)
    func `whatever fails, nothing acknowledged is lost and every error is typed`(
        _ what: String, _ step: Int
    ) throws {
        let figures = try run(what, FaultTests.environment("SLUICE_FAULT_STEP") ?? step)
        #expect(figures["points"] ?? 0 > 20)
        #expect(figures["bad"] == 0)
        guard what == "broken" else { return }
        // The order is looked at for every flush that fails: fenced before the call returns, and
        // nothing acknowledged behind the fence. How long that takes by the clock depends on who
        // else has the processors and is printed; time of the thread's own it takes hardly any.
        #expect(figures["fences"] ?? 0 > 0)
        #expect(figures["calls"] ?? 0 > 0)
        #expect(figures["own_us"] ?? .max < 10_000)
    }
}
