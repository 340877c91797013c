// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Backup

struct SchemaTests {
    private let folder: TestFolder
    private let key: RootKey
    private let clock = TestClock()

    init() throws {
        folder = try TestFolder()
        key = try RootKey.random()
    }

    private func open(migrations: Int) throws -> SealedStore {
        let schema = RoomSchema(
            room: "backup", prefix: "backup",
            migrations: Array(backupSchema.migrations.prefix(migrations)))
        return try SealedStore.open(
            folder: folder.path + "/store", key: key, schemas: [schema], clock: clock.now)
    }

    @Test func `the limits of a rate are those that the document of the API names`() throws {
        let fields = try SchemaProbe.schema(of: TargetRequest.self).fields
        let rate = try #require(fields.first { $0.name == "bytesPerSecond" })
        #expect(rate.schema.shape == .integer(1024...10_000_000_000))
        #expect(try ByteRate(10_000_000_000).value == 10_000_000_000)
        for wrong in [0, 1023, 10_000_000_001, .max] as [Int64] {
            #expect(throws: WireFault.self) { try ByteRate(wrong) }
        }
    }

    @Test func `targets and points of the first version are there in the second`() throws {
        let before = try open(migrations: 1)
        try before.write { tx in
            try tx.run(
                """
                INSERT INTO backup_target (id, name, kind, place, created_us, edition, index_hash,
                    commit_number, fault, fault_words, fault_us)
                VALUES (7, 'disk', 'folder', '/mnt/x', 5, 3, x'0102', 11, 'c', 'w', 6)
                """)
            try tx.run("INSERT INTO backup_point VALUES (7, 9, 100, 4096, NULL, NULL)")
            try tx.run("INSERT INTO backup_point VALUES (7, 4, 50, 4096, 60, 8)")
            tx.markTold()
        }
        before.close()
        let store = try open(migrations: 4)
        defer { store.close() }
        let target = try #require(try store.read { try $0.backupTargets() }.first)
        #expect(target.id == ID(7) && target.kind == .folder && target.place == "/mnt/x")
        #expect(target.edition == 3 && target.indexHash == [1, 2] && target.commit == 11)
        #expect(target.epoch == 1 && target.access == nil)
        #expect(target.fault?.code == "c" && target.fault?.words == "w")
        let points = try store.read { try $0.restorePoints(of: ID(7)) }
        #expect(points.map(\.epoch) == [1, 1])
        #expect(points.map(\.point.commit) == [4, 9])
        #expect(points.map(\.point.untilCommit) == [8, nil])
        // A target that goes takes its points along, as before.
        try store.write { tx in
            try tx.removeTarget(ID(7))
            tx.markTold()
        }
        #expect(try store.read { try $0.restorePoints(of: ID(7)) } == [])
    }

    @Test func `damage of the second version is damage in the third, and no failure`() throws {
        let before = try open(migrations: 2)
        try before.write { tx in
            for (name, code) in [("a", "backup.target_damaged"), ("b", "backup.target_failed")] {
                try tx.run(
                    """
                    INSERT INTO backup_target (name, kind, place, created_us, fault, fault_words,
                        fault_us)
                    VALUES (?, 'folder', ?, 5, ?, 'packs/x is missing', 6)
                    """, [name, "/mnt/\(name)", code])
            }
            tx.markTold()
        }
        before.close()
        let store = try open(migrations: 4)
        defer { store.close() }
        let targets = try store.read { try $0.backupTargets() }
        let found = TargetFault(
            code: "backup.target_damaged", words: "packs/x is missing",
            since: Instant(microseconds: 6))
        #expect(targets.map(\.damage) == [found, nil])
        #expect(targets.map(\.fault?.code) == [nil, "backup.target_failed"])
        #expect(targets.allSatisfy { $0.snapshotFault == nil && !$0.sharesDisk })
    }

    @Test func `what a target on another machine needs is kept whole, and refused half`() throws {
        let store = try open(migrations: 4)
        defer { store.close() }
        let access = ErrandTarget(
            name: "backup",
            place: .sftp(
                ErrandTarget.RemoteFolder(
                    host: "nas", port: 2222, path: "/box", user: "u",
                    credential: .password(SecretText("the-password")),
                    hostKeys: [ErrandTarget.noHostKey])))
        let draft = TargetDraft(name: "NAS", access: access)
        #expect(draft.kind == .sftp && draft.place == "sftp://u@nas:2222/box")
        #expect(!"\(draft)".contains("the-password"))
        #expect(!"\(draft.facts)".contains("the-password"))
        try store.write { tx in
            _ = try tx.addTarget(draft, epoch: 2)
            tx.markTold()
        }
        let target = try #require(try store.read { try $0.backupTargets() }.first)
        #expect(target.access == access && target.epoch == 2)
        #expect(TargetDraft(target) == draft)
        #expect(throws: StoreFault.self) {
            try store.write { tx in
                try tx.run(
                    "INSERT INTO backup_target (name, kind, place, created_us) VALUES ('x', 's3', 'y', 1)"
                )
                tx.markTold()
            }
        }
    }
}
