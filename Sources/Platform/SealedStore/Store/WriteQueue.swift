// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// A piece of work that waits for the writer, with the one who waits for its answer.
///
/// It is handed over under the queue's lock and then touched by the writer's thread only.
class Work: @unchecked Sendable {  // The lock orders the one hand-over.
    func perform(_ transaction: WriteTransaction) throws {}
    /// Answers with the outcome of `perform`, or with what happened to its commit instead.
    func answer(_ failure: (any Error)?) {}
}

final class TypedWork<T: Sendable>: Work, @unchecked Sendable {  // See `Work`.
    private let body: @Sendable (WriteTransaction) throws -> T
    private let then: @Sendable (Result<T, any Error>) -> Void
    private var outcome: Result<T, any Error> = .failure(StoreFault.closed)

    init(
        _ body: @escaping @Sendable (WriteTransaction) throws -> T,
        _ then: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        self.body = body
        self.then = then
    }

    override func perform(_ transaction: WriteTransaction) throws {
        outcome = .success(try body(transaction))
    }

    override func answer(_ failure: (any Error)?) {
        then(failure.map { .failure($0) } ?? outcome)
    }
}

/// What waits for the writer's thread, first come first served.
final class WriteQueue: @unchecked Sendable {  // `condition` guards all that changes.
    enum Taken {
        case batch([Work])
        /// Something that needs the writer to itself, between two commits.
        case alone(@Sendable (Connection) -> Void)
        case nothing
        case closed
    }

    private let condition = NSCondition()
    private let room: Int
    private var waiting: [Work] = []
    private var lone: [@Sendable (Connection) -> Void] = []
    private var isClosed = false
    private var isWoken = false
    private var sleeps = false

    init(room: Int) {
        self.room = room
        waiting.reserveCapacity(room)
    }

    /// - Throws: `StoreRefusal.busy` when as much waits as may wait; `StoreFault.closed`.
    func put(_ work: Work) throws {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { throw StoreFault.closed }
        guard waiting.count < room else { throw StoreRefusal.busy }
        waiting.append(work)
        if sleeps { condition.signal() }
    }

    func putAlone(_ job: @escaping @Sendable (Connection) -> Void) throws {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { throw StoreFault.closed }
        lone.append(job)
        if sleeps { condition.signal() }
    }

    /// Lets `take` return, if only with nothing.
    func wake() {
        condition.lock()
        isWoken = true
        if sleeps { condition.signal() }
        condition.unlock()
    }

    /// Everything that waits, at most `limit`; sleeps for at most `seconds` when nothing does.
    func take(limit: Int, seconds: Double?) -> Taken {
        condition.lock()
        defer { condition.unlock() }
        if waiting.isEmpty, lone.isEmpty, !isClosed, !isWoken {
            sleeps = true
            if let seconds {
                _ = condition.wait(until: Date(timeIntervalSinceNow: seconds))
            } else {
                condition.wait()
            }
            sleeps = false
        }
        isWoken = false
        if !lone.isEmpty { return .alone(lone.removeFirst()) }
        guard !waiting.isEmpty else { return isClosed ? .closed : .nothing }
        if waiting.count <= limit {
            let batch = waiting
            waiting.removeAll(keepingCapacity: true)
            return .batch(batch)
        }
        let batch = Array(waiting.prefix(limit))
        waiting.removeFirst(limit)
        return .batch(batch)
    }

    /// Takes nothing more; what waits is still done.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }

    var count: Int {
        condition.lock()
        defer { condition.unlock() }
        return waiting.count
    }
}
