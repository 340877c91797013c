// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization

@testable import SealedStore

/// A folder of its own for one test, with a store and its ledger, and the key.
final class Room {
    /// Holds the store's folder and `ledger`.
    let base: String
    let folder: String
    let key: RootKey
    let schemas: [RoomSchema]
    var spoolBytes = 4 << 30

    init(_ schemas: [RoomSchema] = [things]) throws {
        base = try Room.newBase()
        folder = base + "/store"
        key = try RootKey.random()
        self.schemas = schemas
    }

    /// A second database under the same secret.
    init(secret: SecretBytes) throws {
        base = try Room.newBase()
        folder = base + "/store"
        key = RootKey(secret: secret, databaseID: randomBytes(16), epoch: 1)
        schemas = [Room.things]
    }

    deinit { try? FileManager.default.removeItem(atPath: base) }

    private static func newBase() throws -> String {
        let base = NSTemporaryDirectory() + "sluice-store-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: base, withIntermediateDirectories: true)
        return Disk.resolved(base) ?? base
    }

    var main: String { folder + "/store.db" }
    var spool: String { folder + ".spool" }
    var log: String { folder + "/store.db-wal" }
    var tags: String { folder + "/store.db-tags" }
    var ledger: String { base + "/ledger/store" }

    /// - Parameter spool: whether commits can be captured.
    func open(
        key: RootKey? = nil, readers: Int = 2, pace: CopyPace = .usual, spool: Bool = false
    ) throws -> SealedStore {
        try SealedStore.open(
            folder: folder, key: key ?? self.key, schemas: schemas, clock: Room.clock,
            readers: readers, pace: pace,
            backup: spool ? BackupPlan(spool: self.spool, keyFile: "", spoolBytes: spoolBytes) : nil
        )
    }

    /// A second folder with the files as they lie on disk now.
    func copied() throws -> Room {
        let other = try Room(sharing: self)
        try FileManager.default.removeItem(atPath: other.base)
        try FileManager.default.copyItem(atPath: base, toPath: other.base)
        return other
    }

    /// A folder that is not there yet, for a store with the key of another one.
    convenience init(sharingKeyOf room: Room) throws { try self.init(sharing: room) }

    private init(sharing room: Room) throws {
        base = try Room.newBase()
        folder = base + "/store"
        key = room.key
        schemas = room.schemas
    }

    /// The size of a file; nil when there is none.
    func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    static let clock: @Sendable () -> Instant = {
        Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    static let things = RoomSchema(
        room: "things", prefix: "thing",
        migrations: [
            Migration(
                1, "things",
                """
                CREATE TABLE thing (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    amount INTEGER NOT NULL DEFAULT 0 CONSTRAINT amount_positive CHECK (amount >= 0),
                    note TEXT,
                    filling BLOB
                ) STRICT;
                CREATE TABLE thing_part (
                    id INTEGER PRIMARY KEY,
                    thing_id INTEGER NOT NULL REFERENCES thing (id),
                    later_id INTEGER REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED
                ) STRICT;
                CREATE TABLE thing_pair (
                    a INTEGER NOT NULL, b TEXT NOT NULL, PRIMARY KEY (a, b)
                ) STRICT, WITHOUT ROWID;
                CREATE VIRTUAL TABLE thing_text USING fts5 (words);
                """)
        ])
}

let things = Room.things

extension SealedStore {
    /// Adds a thing and tells.
    @discardableResult
    func add(_ name: String, amount: Int = 0, filling: [UInt8]? = nil) throws -> Int64 {
        try write { tx in
            tx.markTold()
            return try tx.insert(
                "INSERT INTO thing (name, amount, filling) VALUES (?, ?, ?)",
                [name, amount, filling])
        }
    }

    func count() throws -> Int64 {
        try read { try $0.integer("SELECT count(*) FROM thing") ?? -1 }
    }
}
