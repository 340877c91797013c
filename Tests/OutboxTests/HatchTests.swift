// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Foundation
import Testing

@testable import Outbox

/// Errands that somebody waits for, without a desk.
struct HatchTests {
    private let hatch = Hatch()

    private func errand(_ work: Errand.Work, at name: String = "a") -> Errand {
        Errand(
            target: ErrandTarget(
                name: name,
                place: .s3(
                    ErrandTarget.Bucket(
                        endpoint: "https://s3.example.org", bucket: "box", prefix: "", region: "r",
                        accessKey: "a", secretKey: SecretText("s"), pathStyle: true))),
            work: work)
    }

    private func get(_ name: String) throws -> Errand.Work {
        .get(object: try ObjectName(name), file: "/in/x", size: nil, sha256: nil)
    }

    private final class Waiting: @unchecked Sendable {
        private let lock = NSLock()
        private var found: Result<Outcome.Answer, CarryFault>?
        let done = DispatchSemaphore(value: 0)
        func end(_ found: Result<Outcome.Answer, CarryFault>) {
            lock.withLock { self.found = found }
            done.signal()
        }
        /// The end, when it comes within 20 seconds.
        func outcome() -> Result<Outcome.Answer, CarryFault>? {
            done.wait(timeout: .now() + 20) == .success ? lock.withLock { found } : nil
        }
    }

    private func wait(_ errand: Errand, within seconds: Int = 60) -> Waiting {
        let waiting = Waiting()
        let hatch = hatch
        Thread {
            do throws(CarryFault) {
                waiting.end(.success(try hatch.carry(errand, within: seconds)))
            } catch {
                waiting.end(.failure(error))
            }
        }.start()
        return waiting
    }

    /// Takes until there is something.
    private func take(most: Int = 3, holding: Set<Int64> = []) -> [NumberedErrand] {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            let found = hatch.take(most: most, holding: holding)
            if !found.isEmpty { return found }
            sched_yield()
        }
        return []
    }

    @Test func `an errand is handed out once, and its answer ends the wait`() throws {
        hatch.courierCame()
        let waiting = wait(errand(try get("x")))
        let given = take()
        #expect(given.map(\.errand) == [errand(try get("x"))])
        #expect(hatch.take(most: 3, holding: Set(given.map(\.id))).isEmpty)
        #expect(hatch.settle(ErrandReport(id: given[0].id, outcome: .done(.deleted))))
        #expect(waiting.outcome() == .success(.deleted))
        // A report that comes twice is nobody's.
        #expect(hatch.settle(ErrandReport(id: given[0].id, outcome: .done(.deleted))))
    }

    @Test func `a failure comes with its reason, and a stopped courier's errand goes out again`()
        throws
    {
        hatch.courierCame()
        let waiting = wait(errand(try get("x")))
        let first = take()
        _ = hatch.settle(ErrandReport(id: first[0].id, outcome: .undone(.stopped, text: "s")))
        let second = take()
        #expect(second == first)
        _ = hatch.settle(ErrandReport(id: first[0].id, outcome: .undone(.busy, text: "later")))
        #expect(waiting.outcome() == .failure(.undone(.busy, text: "later")))
    }

    @Test func `what the courier does not hold is handed out again`() throws {
        hatch.courierCame()
        let waiting = wait(errand(try get("x")))
        let first = take()
        #expect(take(holding: []) == first)
        hatch.courierLeft()
        hatch.courierCame()
        #expect(take(holding: []) == first)
        hatch.stop()
        #expect(waiting.outcome() == .failure(.stopping))
    }

    @Test func `of one object two errands are never under way`() throws {
        hatch.courierCame()
        let short = wait(errand(try get("index")), within: 1)
        let first = take()
        #expect(short.outcome() == .failure(.tookTooLong(seconds: 1)))
        // Nobody waits for it, but the courier has it.
        let other = wait(errand(try get("index")))
        let third = wait(errand(try get("index"), at: "b"))
        let held = Set(first.map(\.id))
        let given = take(holding: held)
        #expect(given.map(\.errand.target.name) == ["b"])
        #expect(hatch.take(most: 3, holding: held.union(given.map(\.id))).isEmpty)
        _ = hatch.settle(ErrandReport(id: first[0].id, outcome: .done(.stored)))
        #expect(take(holding: Set(given.map(\.id))).count == 1)
        hatch.stop()
        #expect(other.outcome() == .failure(.stopping))
        #expect(third.outcome() == .failure(.stopping))
    }

    @Test func `nothing is handed out while a courier carries something of another daemon`() throws
    {
        hatch.courierCame()
        let waiting = wait(errand(try get("index")))
        let mine = take()
        #expect(hatch.take(most: 3, holding: [-17]).isEmpty)
        #expect(take(holding: []) == mine)
        hatch.stop()
        #expect(waiting.outcome() == .failure(.stopping))
    }

    private var message: Errand {
        Errand(
            target: ErrandTarget(
                name: "sms",
                place: .gateway(
                    ErrandTarget.Gateway(
                        address: "https://sms.example.org/", media: .form,
                        template: "to={to}&text={text}", header: nil, secret: nil, seconds: 5))),
            work: .message(
                to: SecretText("+441632960123"), text: SecretText("287082"), until: 1))
    }

    @Test func `messages come first, several at once, and one carrier is always theirs`() throws {
        hatch.courierCame()
        let objects = try (0..<5).map { wait(errand(try get("x\($0)"))) }
        var held: Set<Int64> = []
        while held.count < ErrandLimit.transfersAtOnce {
            held.formUnion(hatch.take(most: 4, holding: held).map(\.id))
            sched_yield()
        }
        // Two objects wait, and none is given out.
        #expect(hatch.take(most: 1, holding: held).isEmpty)
        let messages = [wait(message), wait(message)]
        var given: [NumberedErrand] = []
        while given.count < 2 {
            given += hatch.take(most: 4, holding: held.union(given.map(\.id)))
            sched_yield()
        }
        #expect(given.map(\.errand) == [message, message])
        for one in given { _ = hatch.settle(ErrandReport(id: one.id, outcome: .done(.sent))) }
        for one in messages { #expect(one.outcome() == .success(.sent)) }
        hatch.stop()
        for one in objects { #expect(one.outcome() == .failure(.stopping)) }
    }

    @Test func `a message does not wait for what a courier carries of another daemon`() throws {
        hatch.courierCame()
        let waiting = wait(message)
        #expect(take(most: 1, holding: [-17]).map(\.errand) == [message])
        hatch.stop()
        #expect(waiting.outcome() == .failure(.stopping))
    }

    @Test func `a claim that waited while an errand was settled is served`() throws {
        hatch.courierCame()
        let waiting = wait(errand(try get("x")))
        let held = Set(take().map(\.id))
        for id in held { _ = hatch.settle(ErrandReport(id: id, outcome: .done(.stored))) }
        #expect(waiting.outcome() == .success(.stored))
        let next = wait(errand(try get("x")))
        #expect(take(holding: held).count == 1)
        hatch.stop()
        #expect(next.outcome() == .failure(.stopping))
    }

    @Test func `errands of the outbox have numbers of their own`() {
        #expect(!hatch.settle(ErrandReport(id: 1, outcome: .done(.stored))))
    }
}
