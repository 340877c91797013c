// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Audit
import Clockwork
import Foundation
import Journal
import Kernel
import SealedStore
import Synchronization
import Web

/// Writes down who was refused and who read what, beside the requests: they never wait for it.
final class AuditClerk: RequestWitness {
    /// Seconds between a first refusal and its entry.
    private static let rest = 1.0
    /// Seconds between two looks at sums whose minute may be over.
    private static let look = 15

    /// Refusals that say nothing against anybody: a step on the way, or told by the room itself.
    private static let passedOver: Set = [
        "access.step_up_needed", "access.password_needed", "access.factor_needed",
        "session.refused", "session.code_wrong", "session.ticket_void", "password.wrong",
        "passkey.refused",
    ]

    private let store: SealedStore
    private let clock: @Sendable () -> Instant
    private let tally = Mutex(Tally())
    private let bell = Bell()
    private let isStopping = Mutex(false)

    init(store: SealedStore, clock: @escaping @Sendable () -> Instant) {
        self.store = store
        self.clock = clock
    }

    func start() {
        let thread = Thread { [self] in
            while !isStopping.withLock({ $0 }) {
                bell.wait(seconds: tally.withLock({ $0.isEmpty }) ? 3600 : Self.look)
                if isStopping.withLock({ $0 }) { return }
                Thread.sleep(forTimeInterval: Self.rest)
                write()
            }
        }
        thread.name = "audit-clerk"
        thread.start()
    }

    /// Writes down what is left. The store must still be open.
    func stop() {
        isStopping.withLock { $0 = true }
        bell.ring()
        write(all: true)
    }

    func refused(_ request: WitnessedRequest, _ refusal: any Refusal) {
        guard !Self.passedOver.contains(refusal.code) else { return }
        // Somebody who has not signed in and looks gets the sign-in page: that is no refusal.
        let isStranger = request.caller.actor == .guest && request.head.method.isSafe
        let shows = request.head.header("authorization") != nil
        if isStranger, !shows, refusal.kind == .unauthenticated { return }
        count(.refused, request, refusal.code)
    }

    func answered(_ request: WitnessedRequest) {
        // The daemon's own command line looks in all the time, as its jobs do.
        count(request.exports ? .exported : .read, request, "")
    }

    private func count(_ kind: Sighting.Kind, _ request: WitnessedRequest, _ code: String) {
        let caller = request.caller
        let origin =
            caller.origin
            ?? Origin(
                address: request.head.clientAddress, credential: caller.credential,
                route: request.route)
        let sighting = Sighting(
            kind: kind, actor: caller.actor, actorName: caller.name, origin: origin, code: code)
        let query = request.head.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        let path = request.head.path + (query.isEmpty ? "" : "?\(query)")
        let now = clock()
        if tally.withLock({ $0.add(sighting, path: path, at: now) }) { bell.ring() }
    }

    /// Tells what is due. Tests call it directly.
    func write(all: Bool = false) {
        let now = clock()
        let due = tally.withLock { $0.take(at: now, all: all) }
        guard !due.isEmpty else { return }
        do {
            try store.write { tx in
                for sum in due { try tell(sum, in: tx) }
            }
        } catch {
            Log.write(.error, "audit: \(due.count) sums could not be written: \(error)")
        }
    }
}

private func tell(_ sum: Summed, in tx: WriteTransaction) throws {
    let sighting = sum.sighting
    let caller = Caller.named(sighting.actor, sighting.actorName).from(sighting.origin)
    let kind: EventKind =
        switch sighting.kind {
        case .refused: AuditEvent.refused
        case .read: AuditEvent.read
        case .exported: AuditEvent.listExported
        }
    var facts: [String: Fact] = [
        "count": .integer(sum.count), "since": .instant(sum.since), "path": .text(sum.path),
    ]
    if !sighting.code.isEmpty { facts["code"] = .text(sighting.code) }
    let subject = sighting.actor == .guest ? "" : sighting.actor.description
    try tx.tell(kind, about: subject, facts, by: caller)
}
