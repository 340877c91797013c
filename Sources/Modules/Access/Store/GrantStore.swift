// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let grantColumns = """
    g.id, g.user_id, g.role, g.state, g.from_us, g.until_us, g.lent_id, g.note,
    g.given_by, g.given_name, g.given_us, g.confirmed_by, g.confirmed_name, g.confirmed_us,
    g.ended_by, g.ended_name, g.ended_us
    """

/// What makes a grant count at an instant, which is the only argument, given once as ?1. One that
/// was lent counts as long as the lender has it, and may come in.
private let inForce = """
    g.state = 'active' AND coalesce(g.from_us, ?1) <= ?1 AND coalesce(g.until_us, ?1 + 1) > ?1
    AND (g.lent_id IS NULL OR EXISTS (
        SELECT 1 FROM access_grant AS l JOIN access_user AS o ON o.id = l.user_id
        WHERE l.id = g.lent_id AND l.state = 'active' AND o.state = 'active'
            AND coalesce(l.from_us, ?1) <= ?1 AND coalesce(l.until_us, ?1 + 1) > ?1))
    """

/// Which grants a list shows; nil shows all.
struct GrantFilter: Sendable {
    var user: ID<User>?
    var state: GrantState?
}

extension ReadTransaction {
    func grant(_ id: ID<Grant>) throws -> Grant? {
        try first(
            "SELECT \(grantColumns) FROM access_grant AS g WHERE g.id = ?", [id.raw], grant(row:))
    }

    /// Grants that count now, in the order in which they were given.
    func grantsInForce(of user: ID<User>) throws -> [Grant] {
        try all(
            """
            SELECT \(grantColumns) FROM access_grant AS g
            WHERE g.user_id = ?2 AND \(inForce) ORDER BY g.id
            """, [now, user.raw], grant(row:))
    }

    /// Grants of any of some roles that count now, of people who may come in.
    func grantsInForce(ofAny roles: [Role]) throws -> [Grant] {
        guard !roles.isEmpty else { return [] }
        let marks = roles.indices.map { "?\($0 + 2)" }.joined(separator: ",")
        return try all(
            """
            SELECT \(grantColumns) FROM access_grant AS g JOIN access_user AS u ON u.id = g.user_id
            WHERE g.role IN (\(marks)) AND u.state = 'active' AND \(inForce) ORDER BY g.id
            """, [now] + roles.map { $0.code as any SQLBindable }, grant(row:))
    }

    /// Grants, newest first, before `id`.
    func grants(_ filter: GrantFilter, before id: Int64, limit: Int) throws -> [Grant] {
        var conditions = ["g.id < ?"]
        var arguments: [any SQLBindable] = [id]
        if let user = filter.user {
            conditions.append("g.user_id = ?")
            arguments.append(user.raw)
        }
        if let state = filter.state {
            conditions.append("g.state = ?")
            arguments.append(state.rawValue)
        }
        return try all(
            """
            SELECT \(grantColumns) FROM access_grant AS g
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY g.id DESC LIMIT ?
            """, arguments + [limit], grant(row:))
    }

    /// Grants of a role that are waiting or not ended, whether or not their time has come.
    func openGrants(of role: Role) throws -> [Grant] {
        try all(
            """
            SELECT \(grantColumns) FROM access_grant AS g
            WHERE g.role = ? AND g.state IN ('waiting', 'active') ORDER BY g.id
            """, [role.code], grant(row:))
    }

    /// How many grants of a person are waiting or not ended.
    func openGrants(of user: ID<User>) throws -> Int64 {
        try integer(
            """
            SELECT count(*) FROM access_grant
            WHERE user_id = ? AND state IN ('waiting', 'active')
            """, [user.raw]) ?? 0
    }

    /// Grants of a person that are waiting or not ended, whether or not they count now; at most
    /// `GrantRule.most`.
    func openGrantList(of user: ID<User>) throws -> [Grant] {
        try all(
            """
            SELECT \(grantColumns) FROM access_grant AS g
            WHERE g.user_id = ? AND g.state IN ('waiting', 'active') ORDER BY g.id
            """, [user.raw], grant(row:))
    }

    /// Whether a grant began or ended by itself, or a look through somebody's eyes did, after an
    /// instant and not later than now.
    func hasTurned(since then: Instant) throws -> Bool {
        try integer(
            """
            SELECT 1 WHERE EXISTS (
                SELECT 1 FROM access_grant WHERE state = 'active'
                    AND (from_us > ?1 AND from_us <= ?2 OR until_us > ?1 AND until_us <= ?2))
            OR EXISTS (SELECT 1 FROM access_view WHERE until_us > ?1 AND until_us <= ?2)
            """, [then, now]) != nil
    }

    /// Grants that were lent from one and are not ended.
    func openLoans(of grant: ID<Grant>) throws -> [Grant] {
        try all(
            """
            SELECT \(grantColumns) FROM access_grant AS g
            WHERE g.lent_id = ? AND g.state IN ('waiting', 'active') ORDER BY g.id
            """, [grant.raw], self.grant(row:))
    }

    /// People who own the house for good: active, by a grant without end and without bounds that
    /// was not lent. One at least there must always be.
    func owners() throws -> Int64 {
        try integer(
            """
            SELECT count(DISTINCT g.user_id) FROM access_grant AS g
            JOIN access_user AS u ON u.id = g.user_id
            WHERE g.role = 'owner' AND g.state = 'active' AND g.until_us IS NULL
                AND g.lent_id IS NULL AND u.state = 'active' AND coalesce(g.from_us, ?1) <= ?1
                AND NOT EXISTS (SELECT 1 FROM access_grant_bound AS b WHERE b.grant_id = g.id)
            """, [now]) ?? 0
    }

    /// Through whose eyes a session looks now; nil through its own.
    func viewing(_ session: ID<Session>) throws -> Viewing? {
        try first(
            "SELECT user_id, until_us FROM access_view WHERE session_id = ? AND until_us > ?",
            [session.raw, now]
        ) { Viewing(user: ID($0.int64(0)), until: Instant(microseconds: $0.int64(1))) }
    }

    private func bounds(of grant: Int64, _ side: String) throws -> Bounds {
        var values: [Dimension: Set<Int64>] = [:]
        let rows = try all(
            "SELECT dimension, value FROM access_grant_bound WHERE grant_id = ? AND side = ?",
            [grant, side]
        ) { (Dimension($0.text(0)), $0.int64(1)) }
        for (dimension, value) in rows { values[dimension, default: []].insert(value) }
        return Bounds(values)
    }

    private func grant(row: Row) throws -> Grant {
        let id = row.int64(0)
        return Grant(
            id: ID(id), user: ID(row.int64(1)), role: Role(row.text(2)),
            state: try stored(row.text(3)),
            from: row.int64OrNil(4).map(Instant.init(microseconds:)),
            until: row.int64OrNil(5).map(Instant.init(microseconds:)),
            reads: try bounds(of: id, "read"), writes: try bounds(of: id, "write"),
            lent: row.int64OrNil(6).map { ID($0) }, note: row.text(7),
            given: Stamp(
                actor: row.text(8), name: row.text(9), at: Instant(microseconds: row.int64(10))),
            confirmed: stamp(row, 11), ended: stamp(row, 14))
    }
}

private func stamp(_ row: Row, _ first: Int) -> Stamp? {
    guard let actor = row.textOrNil(first), let at = row.int64OrNil(first + 2) else { return nil }
    return Stamp(
        actor: actor, name: row.textOrNil(first + 1) ?? "", at: Instant(microseconds: at))
}

/// A grant to be.
struct GrantDraft: Sendable {
    var user: ID<User>
    var role: Role
    var from: Instant?
    var until: Instant?
    var reads: Bounds = .none
    var writes: Bounds = .none
    var lent: ID<Grant>?
    var note: String = ""
}

extension WriteTransaction {
    func insertGrant(_ draft: GrantDraft, _ state: GrantState, by caller: Caller) throws
        -> ID<Grant>
    {
        let id = try insert(
            """
            INSERT INTO access_grant (user_id, role, state, from_us, until_us, lent_id, note,
                given_by, given_name, given_us)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                draft.user.raw, draft.role.code, state.rawValue, draft.from, draft.until,
                draft.lent?.raw, draft.note, caller.actor.description, caller.name, now,
            ])
        for (side, bounds) in [("read", draft.reads), ("write", draft.writes)] {
            for (dimension, values) in bounds.values {
                for value in values.sorted() {
                    try run(
                        """
                        INSERT INTO access_grant_bound (grant_id, side, dimension, value)
                        VALUES (?, ?, ?, ?)
                        """, [id, side, dimension.name, value])
                }
            }
        }
        return ID(id)
    }

    func confirmGrant(_ id: ID<Grant>, by caller: Caller) throws {
        try run(
            """
            UPDATE access_grant SET state = 'active', confirmed_by = ?, confirmed_name = ?,
                confirmed_us = ? WHERE id = ?
            """, [caller.actor.description, caller.name, now, id.raw])
    }

    func endGrant(_ id: ID<Grant>, as state: GrantState, by caller: Caller) throws {
        try run(
            """
            UPDATE access_grant SET state = ?, ended_by = ?, ended_name = ?, ended_us = ?
            WHERE id = ?
            """, [state.rawValue, caller.actor.description, caller.name, now, id.raw])
    }

    func beginView(_ session: ID<Session>, of user: ID<User>, until: Instant) throws {
        try run(
            """
            INSERT INTO access_view (session_id, user_id, until_us) VALUES (?, ?, ?)
            ON CONFLICT (session_id) DO UPDATE
            SET user_id = excluded.user_id, until_us = excluded.until_us
            """, [session.raw, user.raw, until])
    }

    func endView(_ session: ID<Session>) throws {
        try run("DELETE FROM access_view WHERE session_id = ?", [session.raw])
    }
}
