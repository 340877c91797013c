// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel

/// The reading connections: at most as many reads at a time as there are connections.
final class ReaderPool: @unchecked Sendable {  // `condition` guards all that changes.
    private let condition = NSCondition()
    private var free: [Connection]
    private let all: [Connection]
    private var isClosed = false
    private let clock: @Sendable () -> Instant

    init(_ connections: [Connection], clock: @escaping @Sendable () -> Instant) {
        free = connections
        all = connections
        self.clock = clock
    }

    /// Reads with a connection that is free, or waits for one.
    func read<T>(_ body: (ReadTransaction) throws -> T) throws -> T {
        condition.lock()
        while free.isEmpty, !isClosed { condition.wait() }
        return try readLocked(body)
    }

    /// Reads if a connection is free now; nil otherwise.
    func readIfFree<T>(_ body: (ReadTransaction) throws -> T) throws -> T? {
        condition.lock()
        if free.isEmpty, !isClosed {
            condition.unlock()
            return nil
        }
        return try readLocked(body)
    }

    /// Takes a connection, unlocks, and reads.
    private func readLocked<T>(_ body: (ReadTransaction) throws -> T) throws -> T {
        guard !isClosed, let connection = free.popLast() else {
            condition.unlock()
            throw StoreFault.closed
        }
        condition.unlock()
        defer {
            condition.lock()
            free.append(connection)
            condition.signal()
            condition.unlock()
        }
        return try connection.use { connection in
            let transaction = ReadTransaction(connection, now: clock())
            defer { transaction.end() }
            try connection.command("BEGIN DEFERRED")
            // Ending a read cannot fail in a way that changes what was read.
            defer { connection.abandon() }
            return try body(transaction)
        }
    }

    /// Reads that run now.
    var busy: Int {
        condition.lock()
        defer { condition.unlock() }
        return all.count - free.count
    }

    /// Waits for the reads that run, then closes all connections.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        while free.count < all.count { condition.wait() }
        condition.unlock()
        for connection in all { connection.close() }
    }
}
