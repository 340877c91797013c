// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing

@testable import Appliance

@Suite struct TallyTests {
    private let start = TestClock.monday

    private func at(_ seconds: Int64) -> Instant {
        Instant(microseconds: start.microseconds + seconds * 1_000_000)
    }

    private func sighting(
        _ address: String = "10.0.0.9", code: String = "access.forbidden",
        kind: Sighting.Kind = .refused
    ) -> Sighting {
        Sighting(
            kind: kind, actor: .guest, actorName: "guest",
            origin: Origin(address: address, credential: "none", route: "GET /api/v1/users"),
            code: code)
    }

    /// Takes what is due, as numbers.
    private func counts(_ tally: inout Tally, at second: Int64, all: Bool = false) -> [Int64] {
        tally.take(at: at(second), all: all).map(\.count)
    }

    @Test func `the first is told at once, the rest of the minute together`() {
        var tally = Tally()
        let isNew = tally.add(sighting(), path: "/a", at: at(0))
        #expect(isNew)
        let first = counts(&tally, at: 1)
        #expect(first == [1])
        for second: Int64 in 2...50 { _ = tally.add(sighting(), path: "/b", at: at(second)) }
        let early = counts(&tally, at: 51)
        #expect(early == [])
        let told = tally.take(at: at(61))
        #expect(told.map(\.count) == [49])
        #expect(told.first?.path == "/b")
        #expect(told.first?.since == at(2))
        let quiet = counts(&tally, at: 130)
        #expect(quiet == [])
        #expect(tally.isEmpty)
    }

    @Test func `nothing is lost when the house is closed`() {
        var tally = Tally()
        for second: Int64 in 0...9 { _ = tally.add(sighting(), path: "/a", at: at(second)) }
        let first = counts(&tally, at: 9)
        #expect(first == [10])
        _ = tally.add(sighting(), path: "/a", at: at(10))
        let last = counts(&tally, at: 11, all: true)
        #expect(last == [1])
    }

    /// An attacker from as many addresses as they like, for a day.
    @Test func `a flood fills neither memory nor journal, and its size is still known`() {
        var dice = SeededDice()
        var tally = Tally()
        var rows = 0
        var sum: Int64 = 0
        var sent: Int64 = 0
        for second: Int64 in 0..<7200 {
            for _ in 0..<20 {
                let address = "10.\(dice.next() % 256).\(dice.next() % 256).\(dice.next() % 256)"
                _ = tally.add(sighting(address), path: "/a", at: at(second))
                sent += 1
            }
            guard second % 10 == 0 else { continue }
            let told = tally.take(at: at(second))
            rows += told.count
            sum += told.reduce(0) { $0 + $1.count }
        }
        let rest = tally.take(at: at(7200), all: true)
        sum += rest.reduce(0) { $0 + $1.count }
        #expect(Int64(rows) <= 3 * Tally.refusedPerHour, "seed \(dice.seed)")
        #expect(sum == sent, "seed \(dice.seed)")
    }

    @Test func `strangers leave people's reading its room`() {
        var tally = Tally()
        for number in 0..<300 {
            _ = tally.add(sighting("10.0.1.\(number)"), path: "/", at: at(0))
        }
        _ = tally.take(at: at(1))
        _ = tally.add(sighting(code: "", kind: .read), path: "/api/v1/users", at: at(2))
        let told = tally.take(at: at(3))
        #expect(told.contains { $0.sighting.kind == .read })
    }
}
