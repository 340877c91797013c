// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Audit
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
    /// Seconds after which every stream's reader is looked at again: sessions run out by themselves.
    static let recheckSeconds = 15
    /// Seconds after which it is asked whether a grant began or ended by itself, as long as anybody
    /// listens: that cuts streams as quickly as a change does.
    static let turnSeconds = 1
    /// What is told about the door and about people may take somebody's right to listen.
    private static let doorPrefix = "access."
    /// Entries read at once.
    static let batch = 256

    private let store: SealedStore
    private let gate: Gatekeeper
    private let hub: EventHub
    private let kinds: [String: EventKind]
    private let bell = Bell()
    private let state = Mutex(State())

    private struct State {
        var seq: Int64 = 0
        var stopping = false
        /// Until when it is known which grants began or ended.
        var turned: Instant?
        /// Whether a reader came since the last round.
        var hasGuest = false
    }

    init(store: SealedStore, gate: Gatekeeper, hub: EventHub, kinds: [EventKind]) {
        self.store = store
        self.gate = gate
        self.hub = hub
        self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
    }

    func start() throws {
        let head = try store.read { try $0.journalHead() }
        state.withLock { $0.seq = head }
        let thread = Thread { [self] in
            var checked = ContinuousClock.now
            while !state.withLock({ $0.stopping }) {
                let isDue = ContinuousClock.now - checked >= .seconds(Self.recheckSeconds)
                if look() || isDue {
                    hub.recheck()
                    checked = .now
                }
                Thread.sleep(forTimeInterval: Self.rest)
                bell.wait(seconds: hub.count > 0 ? Self.turnSeconds : Self.recheckSeconds)
            }
        }
        thread.name = "event-feed"
        thread.start()
    }

    func ring() { bell.ring() }

    /// Looks at all readers anew at the next round, because one came: what it was looked up by may
    /// be older than the last look at readers.
    func welcome() {
        state.withLock { $0.hasGuest = true }
        bell.ring()
    }

    func stop() {
        state.withLock { $0.stopping = true }
        bell.ring()
    }

    /// Publishes what is new. Returns whether somebody may have lost the right to listen: by what was
    /// told, or because the time of a grant came or went.
    func look() -> Bool {
        let hasGuest = state.withLock { state in
            defer { state.hasGuest = false }
            return state.hasGuest
        }
        let hasTurned = hasTimePassed()
        return publish() || hasTurned || hasGuest
    }

    private func hasTimePassed() -> Bool {
        guard hub.count > 0 else {
            state.withLock { $0.turned = nil }
            return false
        }
        guard let since = state.withLock({ $0.turned }) else {
            // The first reader has been looked at by `welcome`.
            let now = try? store.read { $0.now }
            state.withLock { $0.turned = now }
            return false
        }
        guard let (now, hasTurned) = try? gate.hasTurned(since: since) else { return false }
        state.withLock { $0.turned = now }
        return hasTurned
    }

    /// Nobody listening costs nothing: the place in the journal is then simply taken over.
    ///
    /// Returns whether something was told that may have ended somebody's session.
    private func publish() -> Bool {
        var isAboutTheDoor = false
        do {
            guard hub.count > 0 else {
                let head = try store.read { try $0.journalHead() }
                state.withLock { $0.seq = head }
                return false
            }
            while true {
                let after = state.withLock { $0.seq }
                let entries = try store.read { try $0.journal(after: after, limit: Self.batch) }
                for entry in entries {
                    hub.publish(try event(entry))
                    if entry.kind.hasPrefix(Self.doorPrefix) { isAboutTheDoor = true }
                }
                guard let last = entries.last else { return isAboutTheDoor }
                state.withLock { $0.seq = last.seq }
            }
        } catch StoreFault.closed {
            return isAboutTheDoor
        } catch {
            Log.write(.error, "live events: \(error)")
            return isAboutTheDoor
        }
    }

    /// What a stream missed, oldest first.
    func past(after seq: Int64, limit: Int) throws -> [StreamEvent] {
        try store.read { try $0.journal(after: seq, limit: limit) }.map(event)
    }

    private func event(_ entry: JournalEntry) throws -> StreamEvent {
        let view = try EntryView(entry, refused: false, showsOrigin: false)
        let kind = kinds[entry.kind]
        return StreamEvent(
            id: entry.seq, kind: entry.kind, data: try JSON(encoding: view).bytes(),
            topic: kind?.needs.code ?? AuditPermission.see.code,
            rows: kind?.needs.reach == .rows ? rows(of: view, kind?.rows) : nil,
            masked: try JSON(encoding: view.masked(kind)).bytes())
    }

    /// The rows that an entry says it is about: ids like `whs-3`, one or a list.
    private func rows(
        of view: EntryView, _ dimension: Kernel.Dimension?
    ) -> [[Kernel.Dimension: Int64]] {
        guard let dimension, let fact = view.facts[dimension.name] else { return [] }
        let texts = ([fact] + fact.elements).compactMap(\.text)
        return texts.compactMap { text in
            text.split(separator: "-").last.flatMap { Int64($0) }.map { [dimension: $0] }
        }
    }
}
