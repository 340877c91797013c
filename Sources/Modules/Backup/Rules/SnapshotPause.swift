// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// How long a target that did not take a snapshot is left alone before the next try. A stick that is
/// too small stays too small, and each try copies the whole store. Pure.
enum SnapshotPause {
    /// Seconds after the first failure.
    static let first: Int64 = 60
    /// Seconds at most, however often it failed.
    static let most: Int64 = 3600

    /// Seconds to the next try, twice as long after each failure in a row.
    ///
    /// - Parameter tries: failures in a row, at least 1.
    static func seconds(after tries: Int64) -> Int64 {
        let doublings = min(max(tries, 1) - 1, 16)
        return min(most, first << doublings)
    }

    /// Whether it may be tried again. A time farther off than any pause is of a clock that was ahead.
    ///
    /// - Parameter again: when the pause ends; nil when there is none.
    static func isOver(_ again: Instant?, now: Instant) -> Bool {
        guard let again else { return true }
        let left = again.microseconds.subtractingReportingOverflow(now.microseconds)
        return left.overflow || left.partialValue <= 0 || left.partialValue > most * 1_000_000
    }
}
