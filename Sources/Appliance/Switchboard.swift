// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Synchronization
import Web

/// Leads every request to the house that is open. While one house takes the place of another,
/// requests wait for it, as many as `waitingMost`; without a house to come they are told that the box
/// is stopping.
final class Switchboard: RequestHandler {
    /// Live streams outlive a change of the house only as connections that are closed.
    let events = EventHub(streamsMax: Limit.eventStreams)
    private let line = Mutex(Exchange())
    private let bells = Mutex<[@Sendable () -> Void]>([])

    /// Requests that wait for the next house at most; a change takes a second or two.
    static let waitingMost = 256

    private struct Exchange {
        var house: House?
        /// Of the house before, whose paths and limits are those of the next one, too.
        var api: API?
        /// Whether another house is to come.
        var isChanging = false
        var waiting: [Held] = []
    }

    private struct Held {
        let request: Request
        let reply: Reply
    }

    var house: House? { line.withLock { $0.house } }

    /// Connects a house and serves what waited for it.
    func connect(_ house: House) {
        for bell in bells.withLock({ $0 }) { house.store.onCommit(bell) }
        let waiting = line.withLock { line in
            defer { line = Exchange(house: house, api: house.api) }
            return line.waiting
        }
        for held in waiting { house.api.handle(held.request, held.reply) }
    }

    /// Adds a bell that rings after each commit of whichever house is connected from now on.
    func onCommit(_ bell: @escaping @Sendable () -> Void) { bells.withLock { $0.append(bell) } }

    /// Takes the house away. What waits for another one is told that none comes, unless one does.
    func disconnect(forAnother isChanging: Bool = false) -> House? {
        let (house, waiting) = line.withLock { line in
            defer {
                line.house = nil
                line.isChanging = isChanging
                if !isChanging { line.waiting = [] }
            }
            return (line.house, isChanging ? [] : line.waiting)
        }
        for held in waiting { held.reply.fail(WebRefusal.stopping) }
        return house
    }

    func bodyLimit(for head: RequestHead) -> BodyRule {
        line.withLock { $0.api }?.bodyLimit(for: head) ?? .upTo(Limit.bodyBytesJSON)
    }

    func methods(at segments: [String]) -> [Web.Method] {
        line.withLock { $0.api }?.methods(at: segments) ?? []
    }

    func handle(_ request: Request, _ reply: Reply) {
        let (house, isHeld) = line.withLock { line in
            guard line.house == nil, line.isChanging, line.waiting.count < Self.waitingMost else {
                return (line.house, false)
            }
            line.waiting.append(Held(request: request, reply: reply))
            return (nil, true)
        }
        if isHeld { return }
        guard let house else { return reply.fail(WebRefusal.stopping) }
        house.api.handle(request, reply)
    }
}
