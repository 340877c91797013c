// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
import Synchronization

/// A clock that stands still until a test moves it.
package final class TestClock: Sendable {
    private let state: Mutex<Instant>

    /// A Monday morning in Shanghai, 2026-11-23 10:00.
    package static let monday = Instant(microseconds: 1_795_399_200_000_000)

    package init(_ start: Instant = monday) { state = Mutex(start) }

    package func now() -> Instant { state.withLock { $0 } }

    package func pass(microseconds: Int64) {
        state.withLock { $0 = Instant(microseconds: $0.microseconds + microseconds) }
    }

    package func pass(seconds: Int64) throws {
        try state.withLock { $0 = try $0.adding(seconds: seconds) }
    }
}
