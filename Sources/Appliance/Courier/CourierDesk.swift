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
/// from the last, whose next claim is refused.
final class CourierDesk: RequestHandler {
    /// The longest wait of a claim in seconds; below the 30 s after which the server answers.
    static let waitSeconds = 25
    /// Seconds between looks at errands that come due without anybody's commit.
    static let lookSeconds = 5
    /// Rest after a look, in seconds: under load one look serves the commits of that time.
    static let rest = 0.1

    private let switchboard: Switchboard
    private let users: Set<UInt32>
    private let bell = Bell()
    private let isAwaited = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        /// The token of the courier that is served; nil until one came.
        var courier: String?
        var claim: Claim?
        var isStopping = false
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
    init(switchboard: Switchboard, users: Set<UInt32>) {
        self.switchboard = switchboard
        self.users = users
        switchboard.onCommit { [weak self] in self?.ring() }
    }

    func start() {
        let thread = Thread { [self] in work() }
        thread.name = "courier-desk"
        thread.start()
    }

    func stop() {
        let claim = state.withLock { state in
            state.isStopping = true
            return take(&state.claim)
        }
        claim?.reply.fail(WebRefusal.stopping)
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
            case "/courier/v1/results": try settle(try ResultForm(request.body), reply)
            default: throw WebRefusal.notFound
            }
        } catch {
            reply.fail(error, in: .en)
        }
    }

    private func claim(_ form: ClaimForm, _ reply: Reply) throws {
        let claim = Claim(holding: form.holding, most: form.most, reply: reply)
        let before = try state.withLock { state in
            guard !state.isStopping else { throw WebRefusal.stopping }
            if form.isFirst || state.courier == nil { state.courier = form.courier }
            guard state.courier == form.courier else { throw ErrandRefusal.courierReplaced }
            defer { state.claim = claim }
            return state.claim
        }
        before?.reply.send(Self.errands([]))
        isAwaited.store(true, ordering: .relaxed)
        bell.ring()
    }

    private func settle(_ form: ResultForm, _ reply: Reply) throws {
        guard let house = switchboard.house else { throw WebRefusal.stopping }
        // A courier that was replaced still knows what it has done.
        house.store.submit({ try Outbox.settle(form.report, in: $0) }) { result in
            switch result {
            case .success: reply.send(.json(bytes: Array("{}".utf8)))
            case .failure(let error): reply.fail(error, in: .en)
            }
        }
    }

    private static func errands(_ errands: [NumberedErrand]) -> Response {
        .json(bytes: JSON.object(["errands": .list(errands.map(\.json))]).bytes())
    }

    // MARK: The desk's own thread

    private func work() {
        while true {
            let (claim, isStopping) = state.withLock { ($0.claim, $0.isStopping) }
            if isStopping { return }
            guard let claim else {
                isAwaited.store(false, ordering: .relaxed)
                bell.wait(seconds: Self.lookSeconds)
                continue
            }
            serve(claim)
            Thread.sleep(forTimeInterval: Self.rest)
            bell.wait(seconds: Self.lookSeconds)
        }
    }

    /// Answers the claim when there is something for it or its time is over.
    private func serve(_ claim: Claim) {
        do {
            let errands = try dueErrands(for: claim)
            guard !errands.isEmpty || ContinuousClock.now >= claim.deadline else { return }
            end(claim)
            claim.reply.send(Self.errands(errands))
        } catch {
            end(claim)
            claim.reply.fail(error, in: .en)
        }
    }

    /// Practice books are a copy of the real ones: their errands are not carried a second time.
    private func dueErrands(for claim: Claim) throws -> [NumberedErrand] {
        guard let store = switchboard.house?.store,
            try store.read({ try !($0.site()?.isPractice ?? false) })
        else { return [] }
        // Taking back what a lost courier held and handing out is one change; most looks find
        // nothing to do and stay readers.
        guard try store.read({ try needsClaim(holding: claim.holding, in: $0) }) else { return [] }
        return try store.write {
            try claimErrands(holding: claim.holding, most: claim.most, in: $0)
        }
    }

    private func end(_ claim: Claim) {
        state.withLock { if $0.claim === claim { $0.claim = nil } }
    }
}

/// Takes what is there and leaves nothing.
private func take<T>(_ value: inout T?) -> T? {
    defer { value = nil }
    return value
}
