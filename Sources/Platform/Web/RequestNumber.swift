// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Synchronization

/// Numbers for requests: a random start per process, so that two runs rarely share an id, then
/// counted up. The text is made only when somebody wants to see it.
enum RequestNumber {
    private static let start = UInt64(UInt32.random(in: .min ... .max)) << 32
    private static let counter = Atomic<UInt64>(0)

    static func next() -> UInt64 {
        start | (counter.wrappingAdd(1, ordering: .relaxed).newValue & 0xffff_ffff)
    }

    static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return "req-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
