// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import FuzzTargets
import Testing

/// Every input that was ever worth keeping, through the readers that `make fuzz` drives.
struct ReplayTests {
    private static let corpus = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/corpus")
    /// An input that takes longer is a hang (`-timeout` of libFuzzer, too).
    private static let patience = Duration.seconds(1)

    private static func inputs(of target: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: corpus.appendingPathComponent(target), includingPropertiesForKeys: nil
        ).sorted { $0.path < $1.path }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `the corpus is read without a crash, and each input within a second`(name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let inputs = try Self.inputs(of: name)
        #expect(!inputs.isEmpty, "no corpus for \(name)")
        target.tries([])
        for input in inputs {
            let bytes = [UInt8](try Data(contentsOf: input))
            let clock = ContinuousClock()
            let took = clock.measure { target.tries(bytes) }
            #expect(took < Self.patience, "\(input.lastPathComponent) took \(took)")
        }
    }

    @Test func `every folder of the corpus belongs to a target`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
    }
}
