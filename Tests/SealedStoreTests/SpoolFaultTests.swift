// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

/// Power cuts and failing disks below books that are captured for backup.
@Suite(.serialized) struct SpoolFaultTests {
    private static func environment(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private var seed: UInt64 {
        SpoolFaultTests.environment("SLUICE_FAULT_SEED").map { UInt64($0) }
            ?? UInt64.random(in: 1...UInt64(Int32.max))
    }

    @Test func `after a power cut the chain goes on, and a target gives back what the books hold`()
        throws
    {
        let wanted = (SpoolFaultTests.environment("SLUICE_CRASH_STATES") ?? 1_000) / 20
        let figures = try TestProgram.faults("spool", seed: seed, wanted)
        #expect(figures["states"] == wanted)
        #expect(figures["bad"] == 0)
        // Packs of past hours were listed apart from the index.
        #expect(figures["lists"] ?? 0 > 1)
    }

    @Test
    func `whatever fails while commits are captured, a target gives back what the books hold`()
        throws
    {
        let step = SpoolFaultTests.environment("SLUICE_FAULT_STEP") ?? 7
        let figures = try TestProgram.faults("spool-trouble", seed: seed, step)
        #expect(figures["points"] ?? 0 > 8)
        #expect(figures["failures"] ?? 0 > 8)
        #expect(figures["bad"] == 0)
    }
}
