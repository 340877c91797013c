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
    private func run(_ what: String, _ count: Int) throws -> [String: Int] {
        let seed =
            FaultTests.environment("SLUICE_FAULT_SEED").map { UInt64($0) }
            ?? UInt64.random(in: 1...UInt64(Int32.max))
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent()
            .appendingPathComponent("store-fault")
        process.arguments = [what, "\(seed)", "\(count)"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let lines = text.split(separator: "\n")
        let command = "store-fault \(what) \(seed) \(count)"
        for line in lines where line.hasPrefix("BAD") { Issue.record("\(command): \(line)") }
        let last = lines.last ?? ""
        guard process.terminationReason == .exit, last.hasPrefix("result ") else {
            Issue.record("\(command) ended at: \(last)")
            return [:]
        }
        print("\(command): \(last)")
        var figures: [String: Int] = [:]
        for word in last.split(separator: " ") {
            let parts = word.split(separator: "=")
            if parts.count == 2 { figures[String(parts[0])] = Int(parts[1]) }
        }
        return figures
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

    /// Failing allocations and failing disks are asked for with `SLUICE_FAULT_STEP`: they take long,
    /// and one flush of the ledger in a thousand that fails is not yet known to fence.
    private static var troubles: [String] {
        ["full"] + (environment("SLUICE_FAULT_STEP") == nil ? [] : ["broken", "memory"])
    }

    @Test(arguments: FaultTests.troubles)
    func `whatever fails, nothing acknowledged is lost and every error is typed`(
        _ what: String
    ) throws {
        let figures = try run(what, FaultTests.environment("SLUICE_FAULT_STEP") ?? 7)
        #expect(figures["points"] ?? 0 > 20)
        #expect(figures["bad"] == 0)
        guard what == "broken" else { return }
        #expect(figures["fences"] ?? 0 > 0)
        // A failed flush fences the store within 10 ms, on a machine that does nothing else.
        guard FaultTests.environment("SLUICE_FAULT_STEP") != nil else { return }
        #expect(figures["slowest_us"] ?? .max < 10_000)
    }
}
