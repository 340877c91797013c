// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let passkeyColumns =
    "id, user_id, credential, algorithm, key, counter, name, created_us, used_us"

extension ReadTransaction {
    func totp(of user: ID<User>) throws -> TotpSeed? {
        try first(
            "SELECT seed, confirmed_us, last_step FROM access_totp WHERE user_id = ?", [user.raw]
        ) {
            TotpSeed(
                sealed: $0.bytes(0),
                confirmedAt: $0.int64OrNil(1).map(Instant.init(microseconds:)),
                lastStep: $0.int64(2))
        }
    }

    /// Every seed with its owner, for sealing them under another key.
    func seeds() throws -> [(user: ID<User>, sealed: [UInt8])] {
        try all("SELECT user_id, seed FROM access_totp ORDER BY user_id", []) {
            (ID($0.int64(0)), $0.bytes(1))
        }
    }

    func passkeys(of user: ID<User>) throws -> [Passkey] {
        try all(
            "SELECT \(passkeyColumns) FROM access_passkey WHERE user_id = ? ORDER BY id",
            [user.raw], Passkey.init(row:))
    }

    func passkey(_ id: ID<Passkey>) throws -> Passkey? {
        try first(
            "SELECT \(passkeyColumns) FROM access_passkey WHERE id = ?", [id.raw],
            Passkey.init(row:))
    }

    func passkey(credential: [UInt8]) throws -> Passkey? {
        try first(
            "SELECT \(passkeyColumns) FROM access_passkey WHERE credential = ?", [credential],
            Passkey.init(row:))
    }

    /// Recovery codes that were not used yet.
    func recoveryCodes(of user: ID<User>) throws -> Int64 {
        try integer("SELECT count(*) FROM access_recovery WHERE user_id = ?", [user.raw]) ?? 0
    }
}

extension WriteTransaction {
    /// Keeps a seed that is not confirmed yet, in the place of another that is not.
    func setSeed(_ sealed: [UInt8], of user: ID<User>) throws {
        try run(
            """
            INSERT INTO access_totp (user_id, seed, last_step) VALUES (?, ?, 0)
            ON CONFLICT (user_id) DO UPDATE SET seed = excluded.seed, confirmed_us = NULL,
                last_step = 0
            """, [user.raw, sealed])
    }

    /// The same seed, sealed under another key.
    func resealSeed(_ sealed: [UInt8], of user: ID<User>) throws {
        try run("UPDATE access_totp SET seed = ? WHERE user_id = ?", [sealed, user.raw])
    }

    func confirmSeed(of user: ID<User>, step: Int64) throws {
        try run(
            "UPDATE access_totp SET confirmed_us = ?, last_step = ? WHERE user_id = ?",
            [now, step, user.raw])
    }

    /// Takes a step, unless it or a later one was taken. Returns whether it was taken now.
    func takeStep(_ step: Int64, of user: ID<User>) throws -> Bool {
        try run(
            "UPDATE access_totp SET last_step = ? WHERE user_id = ? AND last_step < ?",
            [step, user.raw, step]) == 1
    }

    func deleteSeed(of user: ID<User>) throws {
        try run("DELETE FROM access_totp WHERE user_id = ?", [user.raw])
    }

    func insertRecoveryCode(_ code: [UInt8], of user: ID<User>) throws {
        try insert(
            "INSERT INTO access_recovery (user_id, code) VALUES (?, ?)", [user.raw, code])
    }

    /// Uses a code up. Returns whether it was there.
    func takeRecoveryCode(_ code: [UInt8], of user: ID<User>) throws -> Bool {
        try run(
            "DELETE FROM access_recovery WHERE user_id = ? AND code = ?", [user.raw, code]) == 1
    }

    func deleteRecoveryCodes(of user: ID<User>) throws {
        try run("DELETE FROM access_recovery WHERE user_id = ?", [user.raw])
    }

    func insertPasskey(
        of user: ID<User>, credential: [UInt8], algorithm: KeyAlgorithm, key: [UInt8],
        counter: Int64, name: String
    ) throws -> ID<Passkey> {
        ID(
            try insert(
                """
                INSERT INTO access_passkey
                    (user_id, credential, algorithm, key, counter, name, created_us)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [user.raw, credential, algorithm.rawValue, key, counter, name, now]))
    }

    func notePasskeyUse(_ id: ID<Passkey>, counter: Int64) throws {
        try run(
            "UPDATE access_passkey SET counter = ?, used_us = ? WHERE id = ?",
            [counter, now, id.raw])
    }

    func renamePasskey(_ id: ID<Passkey>, to name: String) throws {
        try run("UPDATE access_passkey SET name = ? WHERE id = ?", [name, id.raw])
    }

    func deletePasskey(_ id: ID<Passkey>) throws {
        try run("DELETE FROM access_passkey WHERE id = ?", [id.raw])
    }

    func deletePasskeys(of user: ID<User>) throws {
        try run("DELETE FROM access_passkey WHERE user_id = ?", [user.raw])
    }
}

extension Passkey {
    fileprivate init(row: Row) throws {
        guard let algorithm = KeyAlgorithm(rawValue: row.int64(3)) else {
            throw StoreFault.engine("a column holds an algorithm that is none of ours")
        }
        self.init(
            id: ID(row.int64(0)), user: ID(row.int64(1)), credential: row.bytes(2),
            algorithm: algorithm, key: row.bytes(4), counter: row.int64(5), name: row.text(6),
            createdAt: Instant(microseconds: row.int64(7)),
            usedAt: row.int64OrNil(8).map(Instant.init(microseconds:)))
    }
}
