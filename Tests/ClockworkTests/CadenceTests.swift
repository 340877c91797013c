// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import SealedStore
import TestKit
import Testing

@testable import Clockwork

@Suite struct CadenceTests {
    private func instant(_ text: String) throws -> Instant { try Instant(rfc3339: text) }

    @Test func `every so many minutes counts from the last time`() throws {
        let next = try Cadence.every(minutes: 60).next(
            after: instant("2026-11-23T02:20:00.500000Z"), in: .utc)
        #expect(next.rfc3339 == "2026-11-23T03:20:00.500000Z")
    }

    @Test(
        arguments: [
            ("2026-11-22T18:00:00Z", "2026-11-22T19:10:00.000000Z"),
            ("2026-11-22T19:09:59Z", "2026-11-22T19:10:00.000000Z"),
            // Due at this very instant means that it was just run.
            ("2026-11-22T19:10:00Z", "2026-11-23T19:10:00.000000Z"),
            ("2026-11-23T02:00:00Z", "2026-11-23T19:10:00.000000Z"),
        ])
    func `a daily job is due at its time of the site's day`(_ after: String, _ due: String) throws {
        let zone = try SiteZone(identifier: "Asia/Shanghai")
        let next = try Cadence.daily(hour: 3, minute: 10).next(after: instant(after), in: zone)
        #expect(next.rfc3339 == due)
    }

    @Test(
        arguments: [
            "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
            "America/Sao_Paulo", "Pacific/Chatham",
        ], [(2, 30), (3, 10), (0, 0)])
    func `through every change of the clocks a daily job is due once on every day`(
        _ zone: String, _ time: (hour: Int, minute: Int)
    ) throws {
        let zone = try SiteZone(identifier: zone)
        let cadence = Cadence.daily(hour: time.hour, minute: time.minute)
        var at = try cadence.next(after: instant("2026-01-01T12:00:00Z"), in: zone)
        var day = zone.day(of: at)
        for _ in 0..<400 {
            at = try cadence.next(after: at, in: zone)
            #expect(zone.day(of: at) == (try day.adding(days: 1)), "\(at.rfc3339)")
            day = zone.day(of: at)
        }
    }

    @Test func `a cadence says itself what it is`() {
        #expect(Cadence.every(minutes: 60).description == "every 60 min")
        #expect(Cadence.daily(hour: 3, minute: 5).description == "daily 03:05")
    }
}
