// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// Lets one through at a time; whoever waits for too long is sent away.
package final class Turnstile: Sendable {
    private let lock = NSLock()

    package init() {}

    /// Runs `work` while nobody else is inside.
    ///
    /// - Parameter seconds: the longest wait; 0 does not wait at all.
    /// - Throws: `Occupied`, or what `work` throws.
    package func pass<T>(within seconds: Int, _ work: () throws -> T) throws -> T {
        guard lock.lock(before: Date(timeIntervalSinceNow: TimeInterval(seconds))) else {
            throw Occupied()
        }
        defer { lock.unlock() }
        return try work()
    }

    /// Somebody else was inside for too long.
    package struct Occupied: Error {}
}

/// Remembers values for a while, by key.
package final class Reminder<Key: Hashable & Sendable, Value: Sendable>: @unchecked Sendable {
    // `lock` guards all that changes.
    private let lock = NSLock()
    private var kept: [Key: (value: Value, since: ContinuousClock.Instant)] = [:]
    private let seconds: Int

    /// - Parameter seconds: for which a value is remembered from the time when it was new.
    package init(seconds: Int) { self.seconds = seconds }

    /// What is remembered; nil when it is too old.
    package func recall(_ key: Key) -> Value? {
        lock.withLock {
            guard let found = kept[key], ContinuousClock.now - found.since < .seconds(seconds)
            else { return nil }
            return found.value
        }
    }

    /// What was remembered last, however old it is; nil when nothing was.
    package func last(_ key: Key) -> Value? { lock.withLock { kept[key]?.value } }

    /// Remembers a value. One that only follows the last one is no younger than that was.
    package func keep(_ value: Value, for key: Key) {
        lock.withLock {
            let since = kept[key]?.since
            let isOld = since.map { ContinuousClock.now - $0 >= .seconds(seconds) } ?? true
            kept[key] = (value, isOld ? .now : since ?? .now)
        }
    }

    /// Lets a value be too old at once: it is not recalled, and still the last.
    package func age(_ key: Key) {
        lock.withLock { kept[key]?.since = .now.advanced(by: .seconds(-seconds)) }
    }
}
