// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing

@testable import Access

@Suite struct PasswordRuleTests {
    @Test(
        arguments: [
            "harbour crane nine", "九号码头的蓝色大吊车在动着", "Tr4ctor-beam!x", "correct horse battery",
            String(repeating: "ab3xy", count: 50),
        ])
    func `a long password of one's own is good enough`(_ password: String) throws {
        try PasswordRule.require(password, unlike: ["Lin"])
    }

    @Test(arguments: ["", "short", "elevenchars", "一二三四五六七八九十一"])
    func `fewer than twelve characters are too short, of any script`(_ password: String) {
        #expect(throws: DoorRefusal.passwordTooShort(least: 12)) {
            try PasswordRule.require(password, unlike: [])
        }
    }

    @Test func `more than 256 bytes are too long`() {
        #expect(throws: DoorRefusal.passwordTooLong(most: 256)) {
            try PasswordRule.require(String(repeating: "abcde", count: 52), unlike: [])
        }
    }

    @Test(
        arguments: [
            "123456789012", "aaaaaaaaaaaa", "abcabcabcabc", "Password2026!", "PASSWORDPASSWORD",
            "qwertyuiopas", "administrator", "1q2w3e4r5t6y", "Warehouse-2026", "woaini123456",
        ])
    func `what everybody types is too common`(_ password: String) {
        #expect(throws: DoorRefusal.passwordTooCommon) {
            try PasswordRule.require(password, unlike: [])
        }
    }

    @Test func `one's own name with numbers is too common`() {
        #expect(throws: DoorRefusal.passwordTooCommon) {
            try PasswordRule.require("Wanglin-2026!", unlike: ["wanglin"])
        }
    }
}

@Suite struct ThrottleRuleTests {
    private let now = TestClock.monday

    @Test func `four failures cost nothing, then each doubles the pause up to an hour`() throws {
        var throttle: Throttle?
        var pauses: [Int64] = []
        for _ in 0..<14 {
            throttle = try ThrottleRule.person.afterFailure(throttle, at: now)
            pauses.append(((throttle?.until.microseconds ?? 0) - now.microseconds) / 1_000_000)
        }
        #expect(
            pauses == [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600])
        #expect(throttle?.failures == 14)
    }
}

@Suite struct SessionRuleTests {
    private func alive(age: Int64, idle: Int64) throws -> Bool {
        let now = TestClock.monday
        return SessionRule.isAlive(
            Session(
                id: ID(1), user: ID(1), createdAt: try now.adding(seconds: -age),
                seenAt: try now.adding(seconds: -idle), provedAt: now, address: "", agent: "",
                way: .password), at: now)
    }

    @Test func `a session ends after half an idle hour, or twelve hours in all`() throws {
        #expect(try alive(age: 0, idle: 0))
        #expect(try alive(age: 3600, idle: 1800 - 1))
        #expect(try !alive(age: 3600, idle: 1800))
        #expect(try alive(age: 12 * 3600 - 1, idle: 10))
        #expect(try !alive(age: 12 * 3600, idle: 10))
    }
}

@Suite struct RoleTests {
    private let roles = RoleTable(
        ["item.see", "item.edit", "stock.see", "stock.ship", "scan.make", "user.manage"].map {
            Permission($0)
        })

    private func codes(_ role: ShippedRole) -> [String] {
        roles.permissions(of: role).map(\.code).sorted()
    }

    @Test func `each role may do what its name says`() {
        #expect(
            codes(.owner)
                == ["item.edit", "item.see", "scan.make", "stock.see", "stock.ship", "user.manage"])
        #expect(codes(.packer) == ["item.see", "scan.make", "stock.see", "stock.ship"])
        #expect(codes(.support) == ["item.see", "stock.see"])
        #expect(roles.device.map(\.code) == ["scan.make"])
    }
}
