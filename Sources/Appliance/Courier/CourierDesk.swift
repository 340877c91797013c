// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Errands
import Foundation
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Synchronization
import Web

/// Where the courier takes errands and reports: over a Unix socket of its own, and only for the
/// users named at start. Nothing else can be asked here, and nothing of this over the network.
///
/// A claim waits here until there is an errand for it. There is one courier: a new one takes over
/// from the last, whose next claim is refused. It keeps one request more open, its presence; when
/// that and the claim are closed it is gone, and what it held is free at once. A claim whose client
/// is gone is given nothing.
final class CourierDesk: RequestHandler {
    /// The longest wait of a claim in seconds; below the 30 s after which the server answers.
    static let waitSeconds = 25
    /// Seconds between looks at errands that come due without anybody's commit.
    static let lookSeconds = 5
    /// Seconds between looks whether the courier is still there.
    static let watchSeconds = 1
    /// Seconds for which a courier is taken to be there between two of its requests.
    static let graceSeconds = 10
    /// Rest after a look, in seconds: under load one look serves the commits of that time.
    static let rest = 0.1

    private let switchboard: Switchboard
    private let users: Set<UInt32>
    private let hatch: Hatch
    private let bell = Bell()
    private let isAwaited = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        /// The token of the courier that is served; nil until one came.
        var courier: String?
        var claim: Claim?
        var presence: Presence?
        /// When a request of the courier last came or was answered.
        var heardAt: ContinuousClock.Instant?
        var isStopping = false
    }

    private final class Presence: Sendable {
        let reply: Reply
        let deadline = ContinuousClock.now + .seconds(CourierDesk.waitSeconds)

        init(_ reply: Reply) { self.reply = reply }
    }

    private final class Claim: Sendable {
        let holding: Set<Int64>
        let most: Int
        let reply: Reply
        let deadline = ContinuousClock.now + .seconds(CourierDesk.waitSeconds)

        init(holding: Set<Int64>, most: Int, reply: Reply) {
            self.holding = holding
            self.most = most
            self.reply = reply
        }
    }

    /// - Parameter users: user ids that are served, as the kernel names them.
    init(switchboard: Switchboard, users: Set<UInt32>, hatch: Hatch) {
        self.switchboard = switchboard
        self.users = users
        self.hatch = hatch
        switchboard.onCommit { [weak self] in self?.ring() }
        hatch.onCall { [weak self] in self?.bell.ring() }
    }

    func start() {
        let thread = Thread { [self] in work() }
        thread.name = "courier-desk"
        thread.start()
    }

    func stop() {
        hatch.stop()
        let (claim, presence) = state.withLock { state in
            state.isStopping = true
            return (take(&state.claim), take(&state.presence))
        }
        claim?.reply.fail(WebRefusal.stopping)
        presence?.reply.fail(WebRefusal.stopping)
        bell.ring()
    }

    /// After each commit, on the writer's thread: does nothing unless a claim waits.
    private func ring() {
        if isAwaited.load(ordering: .relaxed) { bell.ring() }
    }

    // MARK: Requests

    func bodyLimit(for head: RequestHead) -> BodyRule { .upTo(ErrandLimit.reportBytes) }

    func handle(_ request: Request, _ reply: Reply) {
        do {
            guard let user = request.head.peerUser, users.contains(user) else {
                throw AccessRefusal.unauthenticated
            }
            guard request.head.method == .post else {
                throw WebRefusal.methodNotAllowed(allowed: [.post])
            }
            switch request.head.path {
            case "/courier/v1/claims": try claim(try ClaimForm(request.body), reply)
            case "/courier/v1/presence": try attend(try PresenceForm(request.body), reply)
            case "/courier/v1/results": try settle(try ResultForm(request.body), reply)
            default: throw WebRefusal.notFound
            }
        } catch {
            reply.fail(error, in: .en)
        }
    }

    private func claim(_ form: ClaimForm, _ reply: Reply) throws {
        let claim = Claim(holding: form.holding, most: form.most, reply: reply)
        let (before, last) = try state.withLock { state in
            guard !state.isStopping else { throw WebRefusal.stopping }
            if form.isFirst || state.courier == nil { state.courier = form.courier }
            guard state.courier == form.courier else { throw ErrandRefusal.courierReplaced }
            let last = form.isFirst ? take(&state.presence) : nil
            state.heardAt = .now
            defer { state.claim = claim }
            return (state.claim, last)
        }
        hatch.courierCame()
        last?.reply.send(Self.nothing)
        before?.reply.send(Self.errands([]))
        isAwaited.store(true, ordering: .relaxed)
        bell.ring()
    }

    private func attend(_ form: PresenceForm, _ reply: Reply) throws {
        let before = try state.withLock { state in
            guard !state.isStopping else { throw WebRefusal.stopping }
            guard state.courier == form.courier else { throw ErrandRefusal.courierReplaced }
            state.heardAt = .now
            defer { state.presence = Presence(reply) }
            return state.presence
        }
        hatch.courierCame()
        before?.reply.send(Self.nothing)
        bell.ring()
    }

    private static var nothing: Response { .json(bytes: Array("{}".utf8)) }

    private func settle(_ form: ResultForm, _ reply: Reply) throws {
        if hatch.settle(form.report) { return reply.send(Self.nothing) }
        guard let house = switchboard.house else { throw WebRefusal.stopping }
        // A courier that was replaced still knows what it has done.
        house.store.submit({ try Outbox.settle(form.report, in: $0) }) { result in
            switch result {
            case .success: reply.send(Self.nothing)
            case .failure(let error): reply.fail(error, in: .en)
            }
        }
    }

    private static func errands(_ errands: [NumberedErrand]) -> Response {
        .json(bytes: JSON.object(["errands": .list(errands.map(\.json))]).bytes())
    }

    // MARK: The desk's own thread

    private func work() {
        var lookedAt = ContinuousClock.now
        while true {
            let isStopping = state.withLock { $0.isStopping }
            if isStopping { return }
            watch()
            isAwaited.store(state.withLock { $0.claim != nil }, ordering: .relaxed)
            let isRung = bell.wait(seconds: hatch.hasCourier ? Self.watchSeconds : Self.lookSeconds)
            guard let claim = state.withLock({ $0.claim }) else { continue }
            let isDue = ContinuousClock.now - lookedAt >= .seconds(Self.lookSeconds)
            guard isRung || isDue || ContinuousClock.now >= claim.deadline else { continue }
            lookedAt = .now
            serve(claim)
            Thread.sleep(forTimeInterval: Self.rest)
        }
    }

    /// Notices a courier that is gone: whoever waits for it is told, and what it held is free.
    private func watch() {
        let now = ContinuousClock.now
        // Also what nobody reads is sent: it ends the request.
        let (isGone, over) = state.withLock { state -> (Bool, [Reply]) in
            var over: [Reply] = []
            if let claim = state.claim, claim.reply.isGone {
                state.claim = nil
                over.append(claim.reply)
            }
            if let presence = state.presence, presence.reply.isGone {
                state.presence = nil
                over.append(presence.reply)
                // Both lines of one process close together: there is no grace for it.
                if state.claim == nil { state.heardAt = nil }
            } else if let presence = state.presence, now >= presence.deadline {
                state.presence = nil
                over.append(presence.reply)
                state.heardAt = now
            }
            let isHeard = state.heardAt.map { now - $0 < .seconds(Self.graceSeconds) } ?? false
            return (state.claim == nil && state.presence == nil && !isHeard, over)
        }
        for reply in over { reply.send(Self.nothing) }
        guard isGone, hatch.hasCourier else { return }
        hatch.courierLeft()
        Log.write(.warning, "the courier is gone; what it held is free")
        guard let store = switchboard.house?.store,
            (try? store.read({ try needsClaim(holding: [], in: $0) })) == true
        else { return }
        _ = try? store.write { try claimErrands(holding: [], most: 0, in: $0) }
    }

    /// Answers the claim when there is something for it or its time is over.
    private func serve(_ claim: Claim) {
        guard !claim.reply.isGone else { return }
        do {
            var errands = hatch.take(most: claim.most, holding: claim.holding)
            // One carrier is left to messages, as the hatch leaves it.
            let free = ErrandLimit.transfersAtOnce - claim.holding.count - errands.count
            let room = min(claim.most - errands.count, free)
            if room > 0 { errands += try dueErrands(for: claim, most: room) }
            guard !errands.isEmpty || ContinuousClock.now >= claim.deadline else { return }
            end(claim)
            claim.reply.send(Self.errands(errands))
        } catch {
            end(claim)
            claim.reply.fail(error, in: .en)
        }
    }

    /// Practice books are a copy of the real ones: their errands are not carried a second time.
    private func dueErrands(for claim: Claim, most: Int) throws -> [NumberedErrand] {
        guard let store = switchboard.house?.store,
            try store.read({ try !($0.site()?.isPractice ?? false) })
        else { return [] }
        // Taking back what a lost courier held and handing out is one change; most looks find
        // nothing to do and stay readers.
        guard try store.read({ try needsClaim(holding: claim.holding, in: $0) }) else { return [] }
        return try store.write {
            try claimErrands(holding: claim.holding, most: most, in: $0)
        }
    }

    private func end(_ claim: Claim) {
        state.withLock {
            $0.heardAt = .now
            if $0.claim === claim { $0.claim = nil }
        }
    }
}

/// Takes what is there and leaves nothing.
private func take<T>(_ value: inout T?) -> T? {
    defer { value = nil }
    return value
}
