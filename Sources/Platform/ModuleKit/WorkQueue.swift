// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization

/// A few threads for what must not hold up an HTTP worker or the writer: hashing a password,
/// reading a list, taking an import apart.
///
/// The queue is bounded; when it is full the caller is told to come back (`request.busy`) instead
/// of waiting without end.
package final class WorkQueue: @unchecked Sendable {
    // Sendable by the condition: `waiting` and `stopping` are touched only while it is held.
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []
    private var head = 0
    private var stopping = false
    private let limit: Int

    package init(name: String, threads: Int, limit: Int) {
        self.limit = limit
        for number in 1...threads {
            let thread = Thread { [self] in work() }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    /// Queues `work`; false when the queue is full or stopped.
    package func submit(_ work: @escaping @Sendable () -> Void) -> Bool {
        condition.withLock {
            guard !stopping, waiting.count - head < limit else { return false }
            waiting.append(work)
            condition.signal()
            return true
        }
    }

    /// Does what is queued and ends the threads.
    package func stop() {
        condition.withLock {
            stopping = true
            condition.broadcast()
        }
    }

    private func work() {
        while let next = take() { next() }
    }

    private func take() -> (@Sendable () -> Void)? {
        condition.withLock {
            while head == waiting.count, !stopping { condition.wait() }
            guard head < waiting.count else { return nil }
            let next = waiting[head]
            head += 1
            if head == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                head = 0
            }
            return next
        }
    }
}
