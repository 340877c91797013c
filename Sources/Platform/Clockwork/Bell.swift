// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// Wakes one thread. A ring while nobody waits is kept for the next wait; several count as one.
package final class Bell: @unchecked Sendable {
    // Sendable by the condition: `rung` is touched only while it is held.
    private let condition = NSCondition()
    private var rung = false

    package init() {}

    package func ring() {
        condition.withLock {
            rung = true
            condition.signal()
        }
    }

    /// Returns at a ring, or after `seconds`; whether it was rung.
    @discardableResult
    package func wait(seconds: Int) -> Bool {
        condition.withLock {
            let limit = Date(timeIntervalSinceNow: TimeInterval(seconds))
            while !rung, condition.wait(until: limit) {}
            defer { rung = false }
            return rung
        }
    }
}
