// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let tokenColumns = """
    id, user_id, name, permissions, warehouses, addresses, created_us, expires_us, used_us,
    grace_until_us
    """

extension ReadTransaction {
    /// The token with that digest, or the one that had it until a rotation whose grace lasts.
    func apiToken(digest: [UInt8]) throws -> APIToken? {
        let present = try first(
            "SELECT \(tokenColumns) FROM access_token WHERE token = ?", [digest],
            APIToken.init(row:))
        if let present { return present }
        return try first(
            "SELECT \(tokenColumns) FROM access_token WHERE old_token = ? AND grace_until_us > ?",
            [digest, now], APIToken.init(row:))
    }

    func apiToken(_ id: ID<APIToken>) throws -> APIToken? {
        try first(
            "SELECT \(tokenColumns) FROM access_token WHERE id = ?", [id.raw], APIToken.init(row:))
    }

    /// The person's tokens, also those that have run out, oldest first.
    func apiTokens(of user: ID<User>) throws -> [APIToken] {
        try all(
            "SELECT \(tokenColumns) FROM access_token WHERE user_id = ? ORDER BY id", [user.raw],
            APIToken.init(row:))
    }

    func apiTokenCount(of user: ID<User>) throws -> Int64 {
        try integer("SELECT count(*) FROM access_token WHERE user_id = ?", [user.raw]) ?? 0
    }
}

extension WriteTransaction {
    func insertAPIToken(
        of user: ID<User>, name: String, digest: [UInt8], _ grant: TokenGrant, until end: Instant
    ) throws -> ID<APIToken> {
        let warehouses = grant.warehouses.map {
            $0.sorted().map(String.init).joined(separator: " ")
        }
        return ID(
            try insert(
                """
                INSERT INTO access_token (user_id, name, token, permissions, warehouses, addresses,
                    created_us, expires_us)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    user.raw, name, digest, grant.permissions.sorted().joined(separator: " "),
                    warehouses, grant.addresses.joined(separator: " "), now, end,
                ]))
    }

    /// A new text for a token; the one before stays good until `grace`.
    func rotateAPIToken(_ id: ID<APIToken>, to digest: [UInt8], grace: Instant) throws {
        try run(
            "UPDATE access_token SET old_token = token, token = ?, grace_until_us = ? WHERE id = ?",
            [digest, grace, id.raw])
    }

    /// Bookkeeping, not a change that anybody must be told.
    func touchAPIToken(_ id: ID<APIToken>) throws {
        try runUntold("UPDATE access_token SET used_us = ? WHERE id = ?", [now, id.raw])
    }

    func deleteAPIToken(_ id: ID<APIToken>) throws {
        try run("DELETE FROM access_token WHERE id = ?", [id.raw])
    }

    /// Ends all tokens of somebody. Returns how many.
    func deleteAPITokens(of user: ID<User>) throws -> Int {
        try run("DELETE FROM access_token WHERE user_id = ?", [user.raw])
    }
}

extension APIToken {
    fileprivate init(row: Row) throws {
        let warehouses = try row.textOrNil(4).map { text in
            Set(
                try text.split(separator: " ").map { part in
                    guard let id = Int64(part) else {
                        throw StoreFault.engine("a token is narrowed to \"\(text)\"")
                    }
                    return id
                })
        }
        self.init(
            id: ID(row.int64(0)), user: ID(row.int64(1)), name: row.text(2),
            grant: TokenGrant(
                permissions: Set(row.text(3).split(separator: " ").map(String.init)),
                warehouses: warehouses,
                addresses: row.text(5).split(separator: " ").map(String.init)),
            createdAt: Instant(microseconds: row.int64(6)),
            expiresAt: Instant(microseconds: row.int64(7)),
            usedAt: row.int64OrNil(8).map(Instant.init(microseconds:)),
            graceUntil: row.int64OrNil(9).map(Instant.init(microseconds:)))
    }
}
