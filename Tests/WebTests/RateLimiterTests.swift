// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization
import Testing

@testable import Web

/// A clock that a test sets, in nanoseconds.
private final class Hands: Sendable {
    private let time: Atomic<Int64>
    init(_ start: Int64 = 1_000_000_000_000) { time = Atomic(start) }
    var now: Int64 { time.load(ordering: .relaxed) }
    func forward(nanoseconds: Int64) { time.wrappingAdd(nanoseconds, ordering: .relaxed) }
    func forward(seconds: Int) { forward(nanoseconds: Int64(seconds) * 1_000_000_000) }
}

/// Seconds to wait, or nil when the request was counted.
private func wait(_ limiter: RateLimiter, _ subject: RateSubject) throws -> Int? {
    do {
        try limiter.admit(subject)
        return nil
    } catch .rateLimited(let seconds, _) {
        return seconds
    }
}

@Suite struct RateLimiterTests {
    private func limiter(
        _ rate: Rate, most: Int = 100, _ hands: Hands
    ) -> RateLimiter {
        RateLimiter(rate, most: most, clock: { hands.now })
    }

    @Test(arguments: [(1, 1), (1, 10), (5, 5), (50, 500), (1_000_000, 10)])
    func `a burst passes, the next waits as told and then passes`(
        _ perSecond: Int, _ burst: Int
    ) throws {
        let hands = Hands()
        let limiter = limiter(Rate(perSecond: perSecond, burst: burst), hands)
        for _ in 0..<burst { #expect(try wait(limiter, .device(1)) == nil) }
        let seconds = try #require(try wait(limiter, .device(1)))
        #expect(seconds >= 1)
        // Asking in vain costs nothing.
        for _ in 0..<1000 { #expect(try wait(limiter, .device(1)) == seconds) }
        hands.forward(seconds: seconds)
        #expect(try wait(limiter, .device(1)) == nil)
    }

    @Test func `over any stretch of time nobody gets more than burst and rate allow`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var dice = SeededNumbers(seed)
        for _ in 0..<200 {
            let rate = Rate(
                perSecond: Int.random(in: 1...200, using: &dice),
                burst: Int.random(in: 1...300, using: &dice))
            let hands = Hands()
            let limiter = limiter(rate, hands)
            var passed: [Int64] = []
            for _ in 0..<400 {
                hands.forward(nanoseconds: Int64.random(in: 0...40_000_000, using: &dice))
                if try wait(limiter, .account(7)) == nil { passed.append(hands.now) }
            }
            for start in stride(from: 0, to: passed.count, by: 17) {
                for end in start..<passed.count {
                    let span = passed[end] - passed[start]
                    let allowed = Int64(rate.burst) + span * Int64(rate.perSecond) / 1_000_000_000
                    #expect(Int64(end - start + 1) <= allowed + 1, "seed \(seed)")
                }
            }
        }
    }

    @Test func `whoever keeps to the rate is never refused`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var dice = SeededNumbers(seed)
        for _ in 0..<50 {
            let perSecond = Int.random(in: 1...500, using: &dice)
            let hands = Hands()
            let limiter = limiter(Rate(perSecond: perSecond, burst: 1), hands)
            for _ in 0..<500 {
                #expect(try wait(limiter, .token([1])) == nil, "seed \(seed)")
                hands.forward(nanoseconds: 1_000_000_000 / Int64(perSecond))
            }
        }
    }

    @Test func `senders are counted apart, and by their own credential`() throws {
        let hands = Hands()
        let limiter = limiter(Rate(perSecond: 1, burst: 2), hands)
        let senders: [RateSubject] = [
            .address("192.0.2.1"), .address("192.0.2.2"), .account(1), .account(2), .device(1),
            .token([1]), .token([2]),
        ]
        for sender in senders {
            #expect(try wait(limiter, sender) == nil)
            #expect(try wait(limiter, sender) == nil)
        }
        for sender in senders { #expect(try wait(limiter, sender) != nil) }
    }

    @Test func `the table is bounded, strangers beyond it share, and known ones keep theirs`()
        throws
    {
        let hands = Hands()
        let limiter = limiter(Rate(perSecond: 1, burst: 5), most: 100, hands)
        for number in 0..<100 { #expect(try wait(limiter, .address("a\(number)")) == nil) }
        var passed = 0
        for number in 0..<10_000 where try wait(limiter, .address("b\(number)")) == nil {
            passed += 1
        }
        #expect(passed == 5)
        #expect(limiter.count == 100)
        #expect(try wait(limiter, .address("a0")) == nil)
        // A flood of addresses takes nothing from scanners and people.
        #expect(try wait(limiter, .device(1)) == nil)
        #expect(try wait(limiter, .account(1)) == nil)
        // Those at rest are forgotten when there is need.
        hands.forward(seconds: 60)
        #expect(try wait(limiter, .address("c")) == nil)
        #expect(limiter.count <= 3)
    }

    @Test func `times at the end of the clock do not overflow`() throws {
        let hands = Hands(.max - 20_000_000_000_000)
        let limiter = limiter(Rate(perSecond: 1, burst: 10_000_000), hands)
        for _ in 0..<100 { #expect(try wait(limiter, .device(1)) == nil) }
    }

    @Test(arguments: [0, -5, 1, 1_000_000, .max])
    func `a rate out of range is brought into it`(_ number: Int) {
        let rate = Rate(perSecond: number, burst: number)
        #expect((1...Limit.ratedPerSecond).contains(rate.perSecond))
        #expect((1...Limit.ratedPerSecond * 10).contains(rate.burst))
        #expect(Rate.average(number).burst >= 10)
    }
}

@Suite struct RatedAPITests {
    private static func caller(_ actor: Actor) -> Caller {
        Caller(
            actor: actor, name: "x", permissions: [Permission("thing.see")], scope: .everything,
            language: .en)
    }

    private func rated(_ hands: Hands) throws -> API {
        try API(
            endpoints: try sampleEndpoints(), problems: problemWriter(),
            authenticate: { request, _ in
                let head = request.head
                guard let field = head.header("authorization") else {
                    return head.cookie("session") == nil ? .guest : Self.caller(.user(1))
                }
                guard let number = Int64(field.dropFirst("Bearer ".count)) else {
                    throw AccessRefusal.unauthenticated
                }
                return Self.caller(.device(number))
            },
            rates: RateLimiter(Rate(perSecond: 2, burst: 20), clock: { hands.now }))
    }

    private func ask(
        _ api: API, _ headers: [(String, String)] = [], from address: String = "192.0.2.1"
    ) throws -> Response {
        let head = try RequestHead(
            .get, "/api/v1/things/thg-1",
            headers: [("Host", "box"), ("Accept-Language", "en")] + headers, clientAddress: address)
        return try #require(api.answer(to: Request(head), problems: problemWriter()))
    }

    @Test func `a warehouse behind one address scans on while somebody floods from there`() throws {
        let api = try rated(Hands())
        var turnedAway = 0
        for round in 0..<20 {
            for _ in 0..<50 where try ask(api).status == 429 { turnedAway += 1 }
            for _ in 0..<50 where try ask(api, [("Authorization", "Bearer x")]).status == 429 {
                turnedAway += 1
            }
            for device in 0..<60 {
                let answer = try ask(api, [("Authorization", "Bearer \(device)")])
                #expect(answer.status == 200, "device \(device) in round \(round)")
            }
        }
        #expect(turnedAway == 20 * 100 - 20)
    }

    @Test func `a refusal says when to come back, and coming back then works`() throws {
        let hands = Hands()
        let api = try rated(hands)
        for _ in 0..<20 { #expect(try ask(api, [("Cookie", "session=1")]).status == 200) }
        let refused = try ask(api, [("Cookie", "session=1")])
        #expect(refused.status == 429)
        let seconds = try #require(refused.header("Retry-After").flatMap { Int($0) })
        let problem = try JSON(reading: refused.bytes)
        #expect(problem["code"]?.text == "request.rate_limited")
        #expect(problem["parameters"]?["seconds"]?.integer == Int64(seconds))
        #expect(problem["parameters"]?["by"]?.text == "account")
        // Another address does not help, another person is not held up.
        #expect(try ask(api, [("Cookie", "session=1")], from: "192.0.2.9").status == 429)
        #expect(try ask(api, [("Authorization", "Bearer 1")]).status == 200)
        hands.forward(seconds: seconds)
        #expect(try ask(api, [("Cookie", "session=1")]).status == 200)
    }

    @Test func `the box itself is not counted`() throws {
        let head = try RequestHead(.get, "/", clientAddress: "local", peerUser: 0)
        #expect(RateSubject(.system("root"), head) == nil)
        #expect(RateSubject(.guest, head) == .address("local"))
    }
}

/// Numbers that a seed repeats (SplitMix64).
private struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
