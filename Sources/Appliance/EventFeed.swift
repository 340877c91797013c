// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Foundation
import Journal
import Kernel
import SealedStore
import Synchronization
import Web

/// Hands what the journal says to the open browsers, in order, right after each commit.
final class EventFeed: Sendable {
    /// Rest after a round, in seconds: commits that come closer together share one, and a browser
    /// still sees a movement well within a second.
    static let rest = 0.04
    /// Entries read at once.
    static let batch = 256

    private let store: SealedStore
    private let hub: EventHub
    private let topics: [String: String]
    private let bell = Bell()
    private let state = Mutex(State())

    private struct State {
        var seq: Int64 = 0
        var stopping = false
    }

    init(store: SealedStore, hub: EventHub, kinds: [EventKind]) {
        self.store = store
        self.hub = hub
        topics = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0.needs.code) })
    }

    func start() throws {
        let head = try store.read { try $0.journalHead() }
        state.withLock { $0.seq = head }
        let thread = Thread { [self] in
            while !state.withLock({ $0.stopping }) {
                publish()
                Thread.sleep(forTimeInterval: Self.rest)
                bell.wait(seconds: 60)
            }
        }
        thread.name = "event-feed"
        thread.start()
    }

    func ring() { bell.ring() }

    func stop() {
        state.withLock { $0.stopping = true }
        bell.ring()
    }

    /// Nobody listening costs nothing: the place in the journal is then simply taken over.
    private func publish() {
        do {
            guard hub.count > 0 else {
                let head = try store.read { try $0.journalHead() }
                return state.withLock { $0.seq = head }
            }
            while true {
                let after = state.withLock { $0.seq }
                let entries = try store.read { try $0.journal(after: after, limit: Self.batch) }
                for entry in entries { hub.publish(try event(entry)) }
                guard let last = entries.last else { return }
                state.withLock { $0.seq = last.seq }
            }
        } catch StoreFault.closed {
            return
        } catch {
            Log.write(.error, "live events: \(error)")
        }
    }

    /// What a stream missed, oldest first.
    func past(after seq: Int64, limit: Int) throws -> [StreamEvent] {
        try store.read { try $0.journal(after: seq, limit: limit) }.map(event)
    }

    private func event(_ entry: JournalEntry) throws -> StreamEvent {
        StreamEvent(
            id: entry.seq, kind: entry.kind, data: try JSON(encoding: try EntryView(entry)).bytes(),
            topic: topics[entry.kind] ?? SystemPermission.seeJournal.code)
    }
}
