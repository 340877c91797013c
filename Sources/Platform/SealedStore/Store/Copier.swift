// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Foundation
import Synchronization

/// Copies the log back into the main file, beside the writer and ahead of it.
///
/// From `CopyPace.start` frames on, a thread of low priority copies what the log holds while the
/// writer goes on; then the writer copies the few frames that came meanwhile, between two commits,
/// and its next commit begins the log anew. Nobody waits for a long copy.
/// Source: https://www.sqlite.org/c3ref/wal_checkpoint_v2.html
final class Copier: @unchecked Sendable {  // `condition` guards all that changes.
    /// Rounds of the thread before the writer has to finish.
    static let rounds = 4

    private let connection: Connection
    private let vault: Vault
    private let pace: CopyPace
    private let condition = NSCondition()
    private var isAsked = false
    private var isClosing = false
    private var isRunning = false
    private var mustFinish = false
    private var copied = 0
    private var next: Int
    private var nextForced: Int
    private var progress: (@Sendable () -> Void)?
    private let ended = DispatchSemaphore(value: 0)

    init(_ connection: Connection, _ pace: CopyPace) {
        self.connection = connection
        self.pace = pace
        next = pace.start
        nextForced = pace.most
        vault = connection.vault
    }

    func startThread() {
        let thread = Thread { [self] in
            // The writer and the readers come first.
            Priority.copier.take()
            while waitUntilAsked() { copy() }
            ended.signal()
        }
        thread.name = "store-copier"
        thread.start()
    }

    /// Whether the log holds anything that an idle writer could copy back.
    var hasBacklog: Bool { vault.logFrames > 0 && !vault.isFenced }

    func onProgress(_ notify: @escaping @Sendable () -> Void) {
        condition.lock()
        progress = notify
        condition.unlock()
    }

    func close() {
        condition.lock()
        isClosing = true
        condition.broadcast()
        condition.unlock()
        ended.wait()
        connection.close()
    }

    // MARK: On the thread

    private func waitUntilAsked() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while !isAsked, !isClosing { condition.wait() }
        guard !isClosing else { return false }
        isAsked = false
        isRunning = true
        return true
    }

    private func copy() {
        var reached = 0
        for _ in 0..<Copier.rounds {
            guard !vault.isFenced else { break }
            let result = connection.use { Copier.checkpoint($0, SQLITE_CHECKPOINT_PASSIVE) }
            guard result.code == SQLITE_OK, result.copied > reached else { break }
            reached = result.copied
            if vault.logFrames - reached <= pace.few { break }
        }
        condition.lock()
        isRunning = false
        mustFinish = reached > 0
        copied = reached
        condition.broadcast()
        let notify = progress
        condition.unlock()
        notify?()
    }

    // MARK: On the writer's thread

    /// Between two commits: asks the thread when the log is long, finishes what it left.
    func afterCommit(_ writer: Connection) {
        condition.lock()
        let frames = vault.logFrames
        if frames < pace.again {
            next = pace.start
            nextForced = pace.most
        }
        if frames >= next, !isRunning, !isAsked, !mustFinish {
            isAsked = true
            next = frames + pace.again
            condition.broadcast()
        }
        let isForced = frames >= nextForced
        if isForced { nextForced = frames + pace.again }
        while isForced, isRunning || isAsked { condition.wait() }
        // The log is begun anew once it is captured for backup, unless it grows too long.
        let finishes = isForced || (mustFinish && vault.spool?.lags != true)
        if finishes { mustFinish = false }
        condition.unlock()
        if finishes, !vault.isFenced {
            _ = writer.use { Copier.checkpoint($0, SQLITE_CHECKPOINT_PASSIVE) }
        }
    }

    /// When nothing waits: has the log copied back, then cuts it to nothing.
    func idle(_ writer: Connection) {
        condition.lock()
        let frames = vault.logFrames
        let left = frames - copied
        let waits = isRunning || isAsked
        if !waits, left > pace.few, frames > 0 {
            isAsked = true
            condition.broadcast()
        }
        condition.unlock()
        if !waits, left <= pace.few { truncate(writer) }
    }

    /// Copies all and cuts the log to nothing, unless somebody reads from it.
    func truncate(_ writer: Connection) {
        let result = writer.use { Copier.checkpoint($0, SQLITE_CHECKPOINT_TRUNCATE) }
        guard result.code == SQLITE_OK else { return }
        condition.lock()
        copied = 0
        next = pace.start
        condition.unlock()
    }

    /// Waits for a copy that runs, and keeps the thread from starting one meanwhile.
    func paused<T>(_ body: () throws -> T) rethrows -> T {
        try connection.use { _ in try body() }
    }

    private static func checkpoint(
        _ connection: Connection, _ mode: Int32
    ) -> (code: Int32, frames: Int, copied: Int) {
        var frames: Int32 = 0
        var copied: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(connection.handle, "main", mode, &frames, &copied)
        return (code, Int(frames), Int(copied))
    }
}

/// When the log is copied back into the main file, in frames.
package struct CopyPace: Sendable {
    /// From how many on a thread copies it.
    package let start: Int
    /// How many more until the next try, when the log could not be begun anew.
    package let again: Int
    /// From how many on the writer waits for the thread: the log is never longer by much.
    package let most: Int
    /// How many the writer copies itself without being noticed.
    package let few: Int

    package static let usual = CopyPace(start: 8_000, again: 1_000, most: 20_000, few: 256)
    /// For tests that want many copies back in little time.
    package static let eager = CopyPace(start: 24, again: 8, most: 64, few: 8)
}
