// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

struct InstantTests {
    /// 9999-12-31T23:59:59.999999Z.
    private static let last: Int64 = 253_402_300_799_999_999

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (1, "1970-01-01T00:00:00.000001Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_000_000_000_000_000, "2001-09-09T01:46:40.000000Z"),
            (1_234_567_890_123_456, "2009-02-13T23:31:30.123456Z"),
            (1_795_420_800_000_000, "2026-11-23T08:00:00.000000Z"),
            (2_147_483_648_000_000, "2038-01-19T03:14:08.000000Z"),
            (last, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)])
    func `an instant is written in UTC with six digits`(microseconds: Int64, text: String) throws {
        #expect(Instant(microseconds: microseconds).rfc3339 == text)
        #expect(try Instant(rfc3339: text).microseconds == microseconds)
    }

    @Test(
        arguments: [
            ("2026-11-23T16:00:00+08:00", 1_795_420_800_000_000),
            ("2026-11-23T03:00:00-05:00", 1_795_420_800_000_000),
            ("2026-11-23T13:30:00.5+05:30", 1_795_420_800_500_000),
            ("2026-11-23t08:00:00z", 1_795_420_800_000_000),
            ("2026-11-23T08:00:00-00:00", 1_795_420_800_000_000),
            ("2026-11-23T08:00:00.000001Z", 1_795_420_800_000_001),
            ("1970-01-01T08:00:00+08:00", 0),
        ] as [(String, Int64)])
    func `offsets and fractions are read`(text: String, microseconds: Int64) throws {
        #expect(try Instant(rfc3339: text).microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-11-23", "2026-11-23 08:00:00Z", "2026-11-23T08:00Z",
        "2026-11-23T08:00:00", "2026-11-23T08:00:00.Z", "2026-11-23T08:00:00+0800",
        "2026-11-23T08:00:00+08", "2026-11-23T08:00:00Zx", "2026-11-23T08:00:00Z ",
        "2026-1-23T08:00:00Z", "+026-11-23T08:00:00Z", "２０26-11-23T08:00:00Z",
        "2026-11-23T08:00:00,5Z", "20261123T080000Z",
    ])
    func `a text that is no instant is refused`(text: String) {
        #expect(throws: ArithmeticRefusal.malformed) { try Instant(rfc3339: text) }
    }

    @Test(arguments: [
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T23:60:00Z", "2026-11-23T23:59:60Z", "2026-11-23T08:00:00+24:00",
        "2026-11-23T08:00:00+08:60", "2026-11-23T08:00:00.1234567Z", "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z", "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
    func `an instant outside the calendar or the range is refused`(text: String) {
        #expect(throws: ArithmeticRefusal.outOfRange) { try Instant(rfc3339: text) }
    }

    @Test func `what is printed reads back as the same instant`() throws {
        var dice = Dice()
        for _ in 0..<5_000 {
            let instant = Instant(microseconds: dice.number(0...Self.last))
            if try Instant(rfc3339: instant.rfc3339) != instant {
                Issue.record("\(instant), \(dice.note)")
            }
        }
    }

    @Test func `instants agree with the calendar of Foundation`() throws {
        var dice = Dice()
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<500 {
            let seconds = dice.number(0...Self.last / 1_000_000)
            let ours = Instant(microseconds: seconds * 1_000_000).rfc3339
            let theirs = Date(timeIntervalSince1970: Double(seconds)).formatted(style)
            if ours != theirs.replacing("Z", with: ".000000Z") {
                Issue.record("\(ours) is not \(theirs), \(dice.note)")
            }
        }
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, Int64.max])
    func `every number of microseconds has a text`(microseconds: Int64) {
        #expect(Instant(microseconds: microseconds).rfc3339.hasSuffix("Z"))
    }

    @Test func `adding moves an instant or refuses`() throws {
        let start = Instant(microseconds: 1_000_000)
        #expect(try start.adding(seconds: 2).microseconds == 3_000_000)
        #expect(try start.adding(seconds: -1).microseconds == 0)
        #expect(try start.adding(microseconds: 5).microseconds == 1_000_005)
        #expect(throws: ArithmeticRefusal.overflow) { try start.adding(seconds: .max) }
        #expect(throws: ArithmeticRefusal.overflow) { try start.adding(seconds: .min) }
        #expect(throws: ArithmeticRefusal.overflow) { try start.adding(microseconds: .max) }
    }

    @Test func `instants sort like their texts`() {
        var dice = Dice()
        let instants = (0..<500).map { _ in Instant(microseconds: dice.number(0...Self.last)) }
        #expect(instants.sorted().map(\.rfc3339) == instants.map(\.rfc3339).sorted(), dice.note)
    }
}
