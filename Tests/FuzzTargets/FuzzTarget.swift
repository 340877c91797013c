// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A reader of bytes that others have a hand in, and what must hold whatever the bytes are.
///
/// `make fuzz` drives each with libFuzzer; the test `ReplayTests` runs the corpus through it.
package struct FuzzTarget: Sendable {
    /// Also the name of its folder in `Tests/Fuzz/corpus`.
    package let name: String
    /// Bytes of an input at most.
    package let bytesMax: Int
    /// Reads the input. A broken promise stops the program, as a crash does.
    package let run: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, bytesMax: Int = 4_096,
        run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.bytesMax = bytesMax
        self.run = run
    }

    package static let all: [FuzzTarget] = web + rooms + secrets + files + store

    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }

    /// Runs the reader. What it refuses it may refuse; what it throws besides stops the program,
    /// because the daemon would have answered 500.
    package func tries(_ bytes: [UInt8]) {
        do {
            try run(Array(bytes.prefix(bytesMax)))
        } catch {
            fatalError("\(name): \(error)")
        }
    }
}

/// What must hold; otherwise the program ends, so that libFuzzer keeps the input.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
    if !holds { fatalError(what()) }
}
