// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization

/// The one thread that writes. It takes everything that waits, does each piece in a savepoint of
/// its own, commits once with a flush to disk, and only then answers all.
final class Writer: @unchecked Sendable {  // What changes is touched by its thread, or a Mutex.
    let queue = WriteQueue(room: Limit.writeQueue)
    private let connection: Connection
    private let clock: @Sendable () -> Instant
    private let copier: Copier
    private var lastNow = Instant(microseconds: .min)
    private let bells = Mutex<[@Sendable () -> Void]>([])
    private let figures = Mutex(WriterFigures())
    private let ended = DispatchSemaphore(value: 0)
    private let threadID = Atomic<UInt>(0)

    init(_ connection: Connection, copier: Copier, clock: @escaping @Sendable () -> Instant) {
        self.connection = connection
        self.copier = copier
        self.clock = clock
    }

    func start() {
        let thread = Thread { [self] in
            threadID.store(currentThread(), ordering: .releasing)
            copier.onProgress { [queue] in queue.wake() }
            while turn() {}
            finish()
            ended.signal()
        }
        thread.name = "store-writer"
        thread.stackSize = 8 << 20
        thread.start()
    }

    var isCurrentThread: Bool { threadID.load(ordering: .acquiring) == currentThread() }
    var snapshot: WriterFigures { figures.withLock { $0 } }

    func onCommit(_ bell: @escaping @Sendable () -> Void) { bells.withLock { $0.append(bell) } }

    /// Does what waits, closes, and returns when the thread has ended.
    func close() {
        queue.close()
        ended.wait()
    }

    /// One round. Returns false when there is nothing more to come.
    private func turn() -> Bool {
        switch queue.take(limit: Limit.writeBatch, seconds: copier.hasBacklog ? 1 : nil) {
        case .batch(let batch): run(batch)
        case .alone(let job):
            connection.use {
                job($0)
                $0.memory?.forgetAll()
            }
        case .nothing: copier.idle(connection)
        case .closed: return false
        }
        copier.afterCommit(connection)
        return true
    }

    private func finish() {
        copier.close()
        if !connection.vault.isFenced { copier.truncate(connection) }
    }

    // MARK: Batches

    private func run(_ batch: [Work]) {
        var rest = batch[...]
        while !rest.isEmpty {
            let started = ContinuousClock.now
            let done = connection.use { commit(rest, on: $0) }
            figures.withLock { $0.add(done, took: started.duration(to: .now)) }
            for (work, outcome) in zip(rest, done.outcomes) {
                work.answer(done.failure ?? outcome)
            }
            rest = rest.dropFirst(done.outcomes.count)
            if done.failure == nil, done.hasChanged {
                for bell in bells.withLock({ $0 }) { bell() }
            }
        }
    }

    struct Done {
        /// What each piece of work threw, as far as they came.
        var outcomes: [(any Error)?] = []
        /// What happened to the transaction of all.
        var failure: (any Error)?
        var hasChanged = false
    }

    private func commit(_ works: ArraySlice<Work>, on connection: Connection) -> Done {
        guard !connection.vault.isFenced else {
            return Done(outcomes: works.map { _ in nil }, failure: StoreFault.fenced)
        }
        return transact(works, on: connection, inSavepoints: false)
    }

    /// Does the works in one transaction. It stops early when SQLite gives the transaction up; then
    /// all that came so far have failed, and the others get a transaction of their own.
    ///
    /// A savepoint costs a copy of every page that its work changes, and hardly any work needs it:
    /// what is refused is mostly refused before it changed anything. So all works go without, and
    /// when one fails half-way everything is undone and done again, each in a savepoint.
    private func transact(
        _ works: ArraySlice<Work>, on connection: Connection, inSavepoints: Bool
    ) -> Done {
        var done = Done()
        do {
            try connection.command("BEGIN IMMEDIATE")
        } catch {
            return Done(outcomes: works.map { _ in nil }, failure: error)
        }
        let before = connection.totalChanges
        for work in works {
            let changes = connection.totalChanges
            do {
                try inSavepoints
                    ? performInSavepoint(work, on: connection) : perform(work, on: connection)
                done.outcomes.append(nil)
            } catch {
                if !inSavepoints, connection.totalChanges != changes {
                    connection.abandon()
                    return transact(works, on: connection, inSavepoints: true)
                }
                done.outcomes.append(error)
                if !connection.isInTransaction {
                    connection.abandon()
                    done.failure = error
                    return done
                }
            }
        }
        do {
            try connection.command("COMMIT")
            connection.memory?.settle()
            done.hasChanged = connection.totalChanges != before
        } catch {
            connection.abandon()
            done.failure = error
        }
        return done
    }

    private func perform(_ work: Work, on connection: Connection) throws {
        lastNow = max(lastNow, clock())
        let transaction = WriteTransaction(connection, now: lastNow)
        defer { transaction.end() }
        try work.perform(transaction)
        // Work that swallowed the error at which SQLite gave the transaction up has not happened.
        guard connection.isInTransaction else { throw StoreFault.ended }
        if transaction.isUntold { throw StoreFault.untold }
        if connection.owesForeignKeys { throw StoreFault.constraint(.foreignKey, "") }
    }

    private func performInSavepoint(_ work: Work, on connection: Connection) throws {
        try connection.command("SAVEPOINT work")
        do {
            try perform(work, on: connection)
            try connection.command("RELEASE work")
        } catch {
            try undo(error, on: connection)
        }
    }

    /// Rolls the savepoint back and throws `error` again. When even that fails, the transaction
    /// goes with it: half a piece of work must never be committed.
    private func undo(_ error: any Error, on connection: Connection) throws {
        connection.memory?.undo()
        if connection.isInTransaction {
            do {
                try connection.command("ROLLBACK TO work")
                try connection.command("RELEASE work")
            } catch {
                connection.abandon()
            }
        }
        throw error
    }
}

/// What the writer has done since the store was opened.
struct WriterFigures {
    var commits = 0
    var works = 0
    var failures = 0
    var largest = 0
    /// Batches by size: 1, 2–3, 4–7, and so on by powers of two.
    var sizes = [Int](repeating: 0, count: 10)
    var busy = Duration.zero

    mutating func add(_ done: Writer.Done, took: Duration) {
        let count = done.outcomes.count
        commits += done.failure == nil ? 1 : 0
        works += count
        failures += done.failure == nil ? done.outcomes.count { $0 != nil } : count
        largest = max(largest, count)
        if count > 0 {
            let power = Int.bitWidth - 1 - count.leadingZeroBitCount
            sizes[min(power, sizes.count - 1)] += 1
        }
        busy += took
    }
}

/// A number that tells threads apart.
func currentThread() -> UInt { UInt(pthread_self()) }
