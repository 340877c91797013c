// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel
package import SealedStore
import Synchronization

/// Lets those who listen hear what the journal says, on a thread of its own.
///
/// Rung after every commit. A listener that fails is tried again with growing pauses and does not
/// hold up the others; its cursor stays, so nothing is skipped.
package final class ListenerRunner: Sendable {
    /// Entries read at once; bounds the memory of a listener that was away for long.
    static let batch = 256
    /// Rest after a round, in seconds: under load one round then serves a hundred commits, and what
    /// is heard is a tenth of a second late at most.
    static let rest = 0.1
    /// The longest pause after failures, in seconds.
    static let pauseMax = 60

    private let store: SealedStore
    private let listeners: [Listener]
    private let log: @Sendable (String) -> Void
    private let bell = Bell()
    private let stopping = Mutex(false)

    package init(
        store: SealedStore, listeners: [Listener], log: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.listeners = listeners
        self.log = log
    }

    package func start() {
        let thread = Thread { [self] in
            var failures = 0
            while !stopping.withLock({ $0 }) {
                failures = deliverAll() ? 0 : failures + 1
                Thread.sleep(forTimeInterval: Self.rest)
                bell.wait(
                    seconds: failures == 0
                        ? Self.pauseMax : min(Self.pauseMax, 1 << min(failures, 6)))
            }
        }
        thread.name = "listeners"
        thread.start()
    }

    /// Called after a commit.
    package func ring() { bell.ring() }

    package func stop() {
        stopping.withLock { $0 = true }
        bell.ring()
    }

    /// Lets every listener hear all that it has not heard. Returns false when one failed.
    @discardableResult
    package func deliverAll() -> Bool {
        var good = true
        for listener in listeners {
            do {
                while try deliver(to: listener) == Self.batch {}
            } catch {
                good = false
                log("listener \(listener.name): \(error)")
            }
        }
        return good
    }

    private func deliver(to listener: Listener) throws -> Int {
        let entries = try store.read { tx in
            try tx.journal(
                after: try tx.journalCursor(of: listener.name), kinds: listener.kinds,
                limit: Self.batch)
        }
        for entry in entries {
            try store.write { tx in
                tx.origin = .own("listener", listener.name)
                try listener.hear(entry, tx)
                try tx.moveJournalCursor(of: listener.name, to: entry.seq)
            }
        }
        return entries.count
    }
}
