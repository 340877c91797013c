// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing

@testable import Audit

/// The rules by themselves: entries in, crossings out.
@Suite struct WatchRulesTests {
    private let monday = TestClock.monday

    private func told(
        _ kind: String, _ seq: Int64, at seconds: Int64 = 0, actor: String = "guest",
        subject: String = "", address: String = "10.0.0.5", count: Int64 = 1, detail: String = ""
    ) -> Told {
        Told(
            seq: seq, at: Instant(microseconds: monday.microseconds + seconds * 1_000_000),
            kind: kind, actor: actor, actorName: actor, subject: subject, address: address,
            count: count, detail: detail)
    }

    private func found(
        _ told: [Told], now: Int64 = 0, known: [String: Set<String>] = [:],
        changes: [String: Int64] = [:], seen: Int64 = 0
    ) throws -> [Crossing] {
        let head = told.max { $0.seq < $1.seq }
        return crossings(
            in: told,
            WatchContext(
                now: Instant(microseconds: monday.microseconds + now * 1_000_000),
                zone: try SiteZone(identifier: "Asia/Shanghai"), administrators: ["usr-1"],
                knownAddresses: known, changes: changes, head: head.map { ($0.seq, $0.at) },
                seen: seen))
    }

    @Test func `failures at one account count, whatever address they come from`() throws {
        let most = WatchLimit.failuresOfAccount
        func tries(_ count: Int64) -> [Told] {
            (1...count).map {
                told(
                    "access.sign_in_refused", $0, at: $0 * 10, subject: "usr-7",
                    address: "10.0.0.\($0)")
            }
        }
        #expect(try found(tries(most - 1)) == [])
        let crossed = try found(tries(most))
        #expect(crossed.map(\.rule) == [.failedSignIns])
        #expect(crossed.first?.key == "usr-7")
        #expect(crossed.first?.count == most)
        #expect(crossed.first?.lastSeq == most)
    }

    @Test func `failures from one address count, whatever names they use`() throws {
        let tries = (1...WatchLimit.failuresOfAddress).map {
            told("access.sign_in_refused", $0, at: $0)
        }
        #expect(try found(tries).map(\.key) == ["10.0.0.5"])
        #expect(try found(tries.dropLast()) == [])
    }

    @Test func `failures over a whole day are no crowd`() throws {
        let tries = (1...30).map {
            told("access.sign_in_refused", Int64($0), at: Int64($0) * 3000, subject: "usr-7")
        }
        #expect(try found(tries, now: 90_000) == [])
    }

    @Test func `refusals and exports are counted by what they sum up`() throws {
        let refused = told("audit.request_refused", 1, count: WatchLimit.refusals)
        #expect(try found([refused]).map(\.rule) == [.refusals])
        let exports = told(
            "audit.list_exported", 2, actor: "usr-4", count: WatchLimit.exportPages)
        #expect(try found([exports]).map(\.key) == ["usr-4"])
        let few = told("audit.list_exported", 2, actor: "usr-4", count: WatchLimit.exportPages - 1)
        #expect(try found([few]) == [])
    }

    @Test func `a huge count does not overflow`() throws {
        let refused = (1...3).map { told("audit.request_refused", $0, count: .max) }
        #expect(try found(refused).count <= 1)
    }

    @Test func `an administrator at a new address is told, the first address of all is not`() throws
    {
        let signIn = told("access.signed_in", 5, actor: "usr-1", address: "10.0.0.9")
        #expect(try found([signIn]) == [])
        #expect(try found([signIn], known: ["usr-1": ["10.0.0.9"]]) == [])
        let crossed = try found([signIn], known: ["usr-1": ["10.0.0.1"]])
        #expect(crossed.map(\.rule) == [.newAddress])
        #expect(crossed[0].key == "usr-1 10.0.0.9")
        let other = told("access.signed_in", 5, actor: "usr-2", address: "10.0.0.9")
        #expect(try found([other], known: ["usr-2": ["10.0.0.1"]]) == [])
    }

    /// Monday 10:00 in Shanghai is where the seconds begin.
    @Test(arguments: [(0, false), (11, false), (12, true), (19, true), (20, false)])
    func `night is from ten to six where the site is`(_ hours: Int64, _ isNight: Bool) throws {
        let signIn = told("access.signed_in", 5, at: hours * 3600, actor: "usr-1")
        let rules = try found([signIn], now: hours * 3600).map(\.rule)
        #expect(rules == (isNight ? [.unusualHour] : []), "\(hours)")
    }

    @Test func `what is news by itself`() throws {
        let cases: [(Told, WatchRule)] = [
            (told("access.rescued", 1, subject: "usr-2"), .accountRecovered),
            (told("access.counter_back", 1, subject: "usr-2"), .accountRecovered),
            (told("access.granted", 1, subject: "usr-3", detail: "sensitive"), .rightsRaised),
            (told("backup.restored", 1, subject: "backup"), .booksReturned),
            (told("store.key_rotated", 1), .booksReturned),
            (told("backup.alarm_raised", 1, detail: "stale"), .backupAlarm),
        ]
        for (entry, rule) in cases {
            #expect(try found([entry]).map(\.rule) == [rule], "\(entry.kind)")
            // An earlier look has dealt with it.
            #expect(try found([entry], seen: 1) == [], "\(entry.kind)")
        }
        let plain = told("access.user_added", 1, subject: "usr-3", detail: "viewer")
        #expect(try found([plain]) == [])
        let over = [
            told("backup.alarm_raised", 1, detail: "stale"),
            told("backup.alarm_cleared", 2, detail: "stale"),
        ]
        #expect(try found(over) == [])
    }

    @Test func `a clock that was set back, and a journal that is shorter than it was`() throws {
        let entry = told("stock.moved", 9, at: 0)
        #expect(try found([entry], now: -WatchLimit.clockSeconds) == [])
        #expect(try found([entry], now: -WatchLimit.clockSeconds - 1).map(\.rule) == [.clockBack])
        #expect(try found([entry], seen: 10).map(\.rule) == [.journalBroken])
    }

    @Test func `very many changes by a person are told, by a device not`() throws {
        let entry = told("catalog.item_changed", 9)
        let changes = ["usr-4": WatchLimit.changes, "usr-5": WatchLimit.changes - 1, "dev-1": 9999]
        #expect(try found([entry], changes: changes).map(\.key) == ["usr-4"])
    }
}
