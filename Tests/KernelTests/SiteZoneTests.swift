// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct SiteZoneTests {
    @Test(arguments: [
        "", "Mars/Olympus", "Asia", "Asia/Nowhere", "../../etc/passwd", "/etc/localtime",
        "Asia/Shanghai\u{0}", " Asia/Shanghai", String(repeating: "A", count: 100_000),
    ])
    func `an unknown zone is refused`(identifier: String) {
        #expect(throws: TimeRefusal.zoneUnknown(identifier)) {
            try SiteZone(identifier: identifier)
        }
    }

    @Test(
        arguments: [
            ("Asia/Shanghai", "2026-11-23", "2026-11-22T16:00:00.000000Z"),
            // China kept summer time from 1986 to 1991.
            ("Asia/Shanghai", "1988-07-01", "1988-06-30T15:00:00.000000Z"),
            // Berlin springs forward on 29 March and falls back on 25 October 2026.
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000000Z"),
            ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000000Z"),
            ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000000Z"),
            ("Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00.000000Z"),
            ("America/New_York", "2026-03-08", "2026-03-08T05:00:00.000000Z"),
            ("America/New_York", "2026-03-09", "2026-03-09T04:00:00.000000Z"),
            ("America/New_York", "2026-11-01", "2026-11-01T04:00:00.000000Z"),
            ("America/New_York", "2026-11-02", "2026-11-02T05:00:00.000000Z"),
            ("America/New_York", "2024-02-29", "2024-02-29T05:00:00.000000Z"),
            ("America/New_York", "2027-01-01", "2027-01-01T05:00:00.000000Z"),
            // The clock of São Paulo jumped over midnight in 2018, and back over it.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000000Z"),
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00.000000Z"),
            // Midnight in UTC is ten hours into the day of Sydney, behind the change of clocks.
            ("Australia/Sydney", "2026-10-04", "2026-10-03T14:00:00.000000Z"),
            ("Australia/Sydney", "2026-10-05", "2026-10-04T13:00:00.000000Z"),
            ("Australia/Sydney", "2026-04-05", "2026-04-04T13:00:00.000000Z"),
            ("Australia/Sydney", "2026-04-06", "2026-04-05T14:00:00.000000Z"),
            // Samoa had no 30 December 2011: that day is empty and begins where the next does.
            ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00.000000Z"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000000Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000000Z"),
            ("UTC", "1970-01-01", "1970-01-01T00:00:00.000000Z"),
        ] as [(String, String, String)])
    func `a day starts at its first instant`(zone: String, day: String, start: String) throws {
        let zone = try SiteZone(identifier: zone)
        #expect(zone.start(of: try BusinessDay(day)).rfc3339 == start)
    }

    @Test(
        arguments: [
            ("Asia/Shanghai", "2026-11-22T15:59:59.999999Z", "2026-11-22"),
            ("Asia/Shanghai", "2026-11-22T16:00:00Z", "2026-11-23"),
            ("Asia/Shanghai", "2026-12-31T16:00:00Z", "2027-01-01"),
            ("Asia/Shanghai", "2024-02-28T16:00:00Z", "2024-02-29"),
            ("Europe/Berlin", "2026-10-25T22:59:59.999999Z", "2026-10-25"),
            ("Europe/Berlin", "2026-10-25T23:00:00Z", "2026-10-26"),
            ("America/New_York", "2026-03-09T03:59:59.999999Z", "2026-03-08"),
            ("America/New_York", "2026-03-09T04:00:00Z", "2026-03-09"),
        ] as [(String, String, String)])
    func `an instant falls on the day of the site`(
        zone: String, instant: String, day: String
    ) throws {
        let zone = try SiteZone(identifier: zone)
        #expect(zone.day(of: try Instant(rfc3339: instant)).description == day)
    }

    @Test(arguments: [
        "Asia/Shanghai", "Europe/Berlin", "America/New_York", "America/Sao_Paulo",
        "Australia/Sydney",
    ])
    func `the days of sixteen years follow each other without gap or overlap`(
        identifier: String
    ) throws {
        let zone = try SiteZone(identifier: identifier)
        let first = try BusinessDay("2014-01-01")
        var start = zone.start(of: first)
        for number in Int64(0)..<5_844 {
            let day = try first.adding(days: number)
            let next = zone.start(of: try day.adding(days: 1))
            let hours = (next.microseconds - start.microseconds) / 3_600_000_000
            let end = try next.adding(microseconds: -1)
            if zone.day(of: start) != day || zone.day(of: end) != day || !(23...25).contains(hours)
            {
                Issue.record("\(day) from \(start) to \(next)")
            }
            start = next
        }
    }

    @Test func `a year has one short and one long day where clocks change`() throws {
        let zone = try SiteZone(identifier: "Europe/Berlin")
        var lengths: [Int64: [String]] = [:]
        var day = try BusinessDay("2026-01-01")
        while day.year == 2026 {
            let next = try day.adding(days: 1)
            let length = zone.start(of: next).microseconds - zone.start(of: day).microseconds
            lengths[length / 3_600_000_000, default: []].append(day.description)
            day = next
        }
        #expect(lengths[23] == ["2026-03-29"])
        #expect(lengths[25] == ["2026-10-25"])
        #expect(lengths[24]?.count == 363)
    }

    @Test(arguments: ["Asia/Shanghai", "America/New_York", "Pacific/Apia"])
    func `the ends of time are answered, not trapped`(identifier: String) throws {
        let zone = try SiteZone(identifier: identifier)
        for edge in [Int64.min, Int64.min + 1, -1, 0, Int64.max] {
            let day = zone.day(of: Instant(microseconds: edge))
            _ = zone.start(of: day)
        }
        for edge in ["0000-01-01", "1970-01-01", "9999-12-31"] {
            let day = try BusinessDay(edge)
            #expect(zone.day(of: zone.start(of: day)) == day)
        }
    }
}
