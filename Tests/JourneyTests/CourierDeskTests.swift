// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Foundation
import Glibc
import Kernel
import Outbox
import SealedStore
import TestKit
import Testing

@testable import Appliance
@testable import Web

/// The desk at which the courier takes errands, in a real house and without a socket.
struct CourierDeskTests {
    /// An answer, when it comes.
    private final class Awaited: ReplyTarget, @unchecked Sendable {
        // Under a lock of the system, which the thread sanitizer knows.
        private let lock = NSLock()
        private var response: Response?
        private var gone = false

        var isGone: Bool { lock.withLock { gone } }
        /// Closes the line, as a process does that is killed.
        func hangUp() { lock.withLock { gone = true } }
        func deliver(_ response: Response) { lock.withLock { self.response = response } }

        var status: Int? { lock.withLock { response?.status } }
        var json: JSON {
            let bytes = lock.withLock { response?.bytes }
            return bytes.flatMap { try? JSON(reading: $0) } ?? .null
        }
        var errands: [Int64] { json["errands"]?.elements.compactMap { $0["id"]?.integer } ?? [] }
    }

    private let house: TestHouse
    private let switchboard = Switchboard()
    private let desk: CourierDesk
    private let hatch = Hatch()

    init() throws {
        house = try TestHouse()
        desk = CourierDesk(switchboard: switchboard, users: [4711], hatch: hatch)
        switchboard.connect(house.house)
        desk.start()
    }

    private func ask(_ path: String, _ json: String, as user: UInt32? = 4711) throws -> Awaited {
        let head = try RequestHead(.post, path, headers: [("Host", "box")], peerUser: user)
        let awaited = Awaited()
        desk.handle(
            Request(head, body: Array(json.utf8)),
            Reply(head: head, problems: house.problems, target: awaited))
        return awaited
    }

    private func claim(
        _ courier: String = "the-courier-of-now", first: Bool = false, holding: [Int64] = [],
        as user: UInt32? = 4711
    ) throws -> Awaited {
        let json = """
            {"courier":"\(courier)","first":\(first),"holding":\(holding),"most":3}
            """
        return try ask("/courier/v1/claims", json, as: user)
    }

    private func enqueue() throws -> Int64 {
        let target = ErrandTarget(
            name: "off-site",
            place: .s3(
                ErrandTarget.Bucket(
                    endpoint: "https://s3.example.org", bucket: "box", prefix: "", region: "r",
                    accessKey: "a", secretKey: SecretText("s"), pathStyle: true)))
        return try house.store.write {
            try Outbox.enqueue(Errand(target: target, work: .probe), in: $0).raw
        }
    }

    @Test func `a claim waits for the commit that brings an errand`() throws {
        defer { desk.stop() }
        let claim = try claim(first: true)
        #expect(claim.status == nil)
        let start = ContinuousClock.now
        let id = try enqueue()
        #expect(comes(within: 10) { claim.status != nil })
        #expect(claim.errands == [id])
        // The commit rang; the look that comes anyway is rarer.
        #expect((ContinuousClock.now - start).seconds < Double(CourierDesk.lookSeconds))
    }

    @Test func `a later claim takes the place of the one that waits`() throws {
        defer { desk.stop() }
        let first = try claim(first: true)
        let second = try claim()
        #expect(first.status == 200)
        #expect(first.errands == [])
        let id = try enqueue()
        #expect(comes(within: 10) { second.status != nil })
        #expect(second.errands == [id])
    }

    @Test func `a new courier takes over, and the old one is told`() throws {
        defer { desk.stop() }
        let old = try claim("the-courier-of-old", first: true)
        let new = try claim(first: true)
        #expect(old.status == 200)
        #expect(try claim("the-courier-of-old").json["code"]?.text == "errand.courier_replaced")
        #expect(new.status == nil)
        let id = try enqueue()
        #expect(comes(within: 10) { new.status != nil })
        // It says that it never got the answer.
        let again = try claim(holding: [])
        #expect(comes(within: 10) { again.status != nil })
        #expect(again.errands == [id])
    }

    private func attend(_ courier: String = "the-courier-of-now") throws -> Awaited {
        try ask("/courier/v1/presence", #"{"courier":"\#(courier)"}"#)
    }

    private func look() throws -> Errand {
        let target = ErrandTarget(
            name: "off-site",
            place: .s3(
                ErrandTarget.Bucket(
                    endpoint: "https://s3.example.org", bucket: "box", prefix: "", region: "r",
                    accessKey: "a", secretKey: SecretText("s"), pathStyle: true)))
        return Errand(
            target: target,
            work: .get(object: try ObjectName("index"), file: "/x/in/f", size: nil, sha256: nil))
    }

    /// Somebody who waits for an errand, on a thread of its own, and how that ends.
    private func wait(for errand: Errand) -> Waiting {
        let waiting = Waiting()
        let hatch = hatch
        Thread { waiting.end(Result { try hatch.carry(errand, within: 120) }) }.start()
        return waiting
    }

    private final class Waiting: @unchecked Sendable {
        // Under a lock of the system, which the thread sanitizer knows.
        private let lock = NSLock()
        private var outcome: Result<Outcome.Answer, any Error>?
        func end(_ outcome: Result<Outcome.Answer, any Error>) {
            lock.withLock { self.outcome = outcome }
        }
        var answer: Outcome.Answer? { lock.withLock { try? outcome?.get() } }
        var fault: CarryFault? {
            lock.withLock {
                if case .failure(let error) = outcome { error as? CarryFault } else { nil }
            }
        }
    }

    @Test func `who waits for an errand gets its answer, and nothing is written for it`() throws {
        defer { desk.stop() }
        let waiting = wait(for: try look())
        let claim = try claim(first: true)
        #expect(comes(within: 10) { claim.status != nil })
        let id = try #require(claim.errands.first)
        #expect(id < 0)
        #expect(try house.store.read { try backlog(of: "off-site", in: $0).count } == 0)
        let report = ErrandReport(id: id, outcome: .done(.deleted)).json.bytes()
        let settled = try ask(
            "/courier/v1/results",
            #"{"courier":"the-courier-of-now","report":\#(String(decoding: report, as: UTF8.self))}"#
        )
        #expect(settled.status == 200)
        #expect(comes(within: 10) { waiting.answer == .deleted })
    }

    @Test func `a courier that hangs up is given nothing, and who waits is told`() throws {
        defer { desk.stop() }
        let claim = try claim(first: true)
        let presence = try attend()
        claim.hangUp()
        presence.hangUp()
        let start = ContinuousClock.now
        let waiting = wait(for: try look())
        #expect(comes(within: 60) { waiting.fault != nil })
        #expect(waiting.fault == .courierAway)
        #expect(claim.errands == [])
        // Not as long as a claim may wait, and far from as long as a transfer may take.
        #expect((ContinuousClock.now - start).seconds < Double(Hatch.awaySeconds) + 10)
    }

    @Test func `what a courier held that hung up is handed to the next`() throws {
        defer { desk.stop() }
        let waiting = wait(for: try look())
        let claim = try claim(first: true)
        let presence = try attend()
        #expect(comes(within: 10) { claim.status != nil })
        let kept = try enqueue()
        presence.hangUp()
        #expect(comes(within: 10) { !hatch.hasCourier })
        let next = try self.claim("the-courier-of-next", first: true)
        #expect(comes(within: 10) { next.status != nil })
        #expect(next.errands == claim.errands + [kept])
        #expect(waiting.fault == nil)
    }

    @Test func `a stop answers whoever waits, and whoever comes later`() throws {
        let waiting = try claim(first: true)
        desk.stop()
        #expect(waiting.status == 503)
        #expect(try claim().status == 503)
    }

    @Test(arguments: [nil, 0, 4710, 65_534] as [UInt32?])
    func `nobody but the users named at start is served`(_ user: UInt32?) throws {
        defer { desk.stop() }
        _ = try enqueue()
        let claim = try claim(first: true, as: user)
        #expect(claim.status == 401)
        #expect(claim.errands == [])
        #expect(try ask("/courier/v1/results", "{}", as: user).status == 401)
        #expect(try ask("/api/v1/jobs", "{}", as: user).status == 401)
    }

    @Test func `users are those of the machine, root and the daemon's own`() {
        #expect(courierUsers(named: "nobody-of-this-name") == [0, getuid()])
        #expect(courierUsers(named: "daemon") == [0, getuid(), 1])
    }
}
