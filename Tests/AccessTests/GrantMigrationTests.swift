// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Kernel
import SealedStore
import TestKit
import Testing

@testable import Access

/// Books with the three roles from before become books with grants.
struct GrantMigrationTests {
    private let folder: TestFolder
    private let key: RootKey
    private let clock = TestClock()

    init() throws {
        folder = try TestFolder()
        key = try RootKey.random()
    }

    private func open(_ count: Int) throws -> SealedStore {
        let schema = RoomSchema(
            room: accessSchema.room, prefix: accessSchema.prefix,
            migrations: Array(accessSchema.migrations.prefix(count)))
        return try SealedStore.open(
            folder: folder.path + "/store", key: key, schemas: [schema], clock: clock.now)
    }

    @Test func `sessions keep the way by which they were opened, and may be opened by a message`()
        throws
    {
        let old = try open(4)
        try old.write { tx in
            try tx.runUntold(
                """
                INSERT INTO access_user
                    (name, folded, password, state, language, created_us, edition)
                VALUES ('lin', 'lin', '', 'active', 'en', 1, 1)
                """)
            for (number, way) in Way.allCases.filter({ $0 != .sms }).enumerated() {
                try tx.runUntold(
                    """
                    INSERT INTO access_session (user_id, token, created_us, seen_us, way)
                    VALUES (1, ?, 1, ?, ?)
                    """, [tokenDigest(way.rawValue), Int64(number), way.rawValue])
            }
            try tx.runUntold(
                "INSERT INTO access_view (session_id, user_id, until_us) VALUES (1, 1, ?)",
                [try tx.now.adding(seconds: 60)])
        }
        old.close()
        let store = try open(accessSchema.migrations.count)
        defer { store.close() }
        for way in Way.allCases where way != .sms {
            let session = try store.read { try $0.session(token: tokenDigest(way.rawValue)) }
            #expect(session?.way == way)
        }
        #expect(try store.read { try $0.viewing(ID(1)) }?.user == ID(1))
        try store.write { tx in
            try tx.insertSession(
                of: ID(1), token: tokenDigest("sms"), way: .sms, address: "", agent: "",
                proves: false)
            tx.markTold()
        }
        let session = try store.read { try $0.session(token: tokenDigest("sms")) }
        #expect(session?.way == .sms)
        #expect(session?.provedAt == Instant(microseconds: 0))
        #expect(throws: (any Error).self) {
            try store.write { tx in
                try tx.runUntold("UPDATE access_session SET way = 'carrier pigeon'")
            }
        }
    }

    @Test func `people keep what they could do, and roles what they asked for`() throws {
        let old = try open(2)
        try old.write { tx in
            for (name, role, state) in [
                ("lin", "administrator", "active"), ("wang", "warehouse", "active"),
                ("zhao", "viewer", "suspended"), ("chen", "warehouse", "suspended"),
            ] {
                try tx.runUntold(
                    """
                    INSERT INTO access_user
                        (name, folded, password, role, state, language, created_us, edition)
                    VALUES (?, ?, '', ?, ?, 'en', 1, 1)
                    """, [name, name, role, state])
            }
            for role in ["administrator", "viewer"] {
                try tx.runUntold(
                    "INSERT INTO access_role (role, needs_factor) VALUES (?, 1)", [role])
            }
        }
        old.close()
        let store = try open(accessSchema.migrations.count)
        defer { store.close() }
        let table = allModules().roles
        let looks: Set = ["item.see", "stock.see", "parked.see", "field.person_name"]
        let wanted: [Set<String>] = [
            Set(table.all.map(\.code)),
            looks.union([
                "stock.receive", "stock.ship", "stock.move", "stock.adjust", "scan.make",
            ]), looks,
        ]
        try store.read { tx in
            for (number, codes) in wanted.enumerated() {
                let held = try allowances(of: ID(Int64(number + 1)), table, in: tx)
                #expect(Set(held.keys.map(\.code)) == codes, "\(number)")
                #expect(held.values.allSatisfy { $0 == [Allowance()] })
            }
            #expect(try tx.owners() == 1)
            let needing = try tx.rolesWithFactor()
            #expect(needing.count == 2 && needing.contains(.owner))
            #expect(try tx.mustHaveFactor(ID(3)))
            #expect(try !tx.mustHaveFactor(ID(2)))
            #expect(try tx.customRoles().map(\.name) == ["viewer", "warehouse"])
        }
    }

    @Test func `books without such people get no such roles`() throws {
        let old = try open(2)
        old.close()
        let store = try open(accessSchema.migrations.count)
        defer { store.close() }
        let roles = try store.read { try $0.customRoles() }
        let owners = try store.read { try $0.owners() }
        #expect(roles == [] && owners == 0)
    }
}
