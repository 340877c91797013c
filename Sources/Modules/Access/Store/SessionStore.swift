// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let sessionColumns =
    "id, user_id, created_us, seen_us, proved_us, address, agent, way"

extension ReadTransaction {
    func session(token: [UInt8]) throws -> Session? {
        try first(
            "SELECT \(sessionColumns) FROM access_session WHERE token = ?", [token],
            Session.init(row:))
    }

    func session(_ id: ID<Session>) throws -> Session? {
        try first(
            "SELECT \(sessionColumns) FROM access_session WHERE id = ?", [id.raw],
            Session.init(row:))
    }

    /// The person's sessions, the one used last first; some may have run out.
    func sessions(of user: ID<User>) throws -> [Session] {
        try all(
            """
            SELECT \(sessionColumns) FROM access_session WHERE user_id = ?
            ORDER BY seen_us DESC, id DESC
            """, [user.raw], Session.init(row:))
    }

    func ticket(token: [UInt8]) throws -> Ticket? {
        try first(
            "SELECT id, user_id, created_us, failures FROM access_ticket WHERE token = ?", [token]
        ) {
            Ticket(
                id: ID($0.int64(0)), user: ID($0.int64(1)),
                createdAt: Instant(microseconds: $0.int64(2)), failures: $0.int64(3))
        }
    }

    func lane(token: [UInt8]) throws -> Lane? {
        try first("SELECT id, user_id FROM access_lane WHERE token = ?", [token]) {
            Lane(id: ID($0.int64(0)), user: ID($0.int64(1)))
        }
    }
}

extension WriteTransaction {
    /// - Parameter proves: whether opening it was a proof of who sits there, as changes that could
    ///   open the house ask for.
    func insertSession(
        of user: ID<User>, token: [UInt8], way: Way, address: String, agent: String,
        proves: Bool = true
    ) throws {
        try insert(
            """
            INSERT INTO access_session
                (user_id, token, created_us, seen_us, proved_us, address, agent, way)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                user.raw, token, now, now, proves ? now : Instant(microseconds: 0), address, agent,
                way.rawValue,
            ])
        // The one that was used longest ago makes room.
        try run(
            """
            DELETE FROM access_session WHERE user_id = ? AND id NOT IN
                (SELECT id FROM access_session WHERE user_id = ?
                ORDER BY seen_us DESC, id DESC LIMIT ?)
            """, [user.raw, user.raw, SessionRule.most])
    }

    /// A new token for a session whose rights rise: who had the old one has nothing.
    ///
    /// - Parameter proves: whether that counts as a new proof; the last one stands otherwise.
    func renewSession(_ id: ID<Session>, token: [UInt8], proves: Bool = true) throws {
        try run(
            """
            UPDATE access_session SET token = ?, seen_us = ?, proved_us = iif(?, ?, proved_us)
            WHERE id = ?
            """, [token, now, proves, now, id.raw])
    }

    /// Bookkeeping, not a change that anybody must be told.
    func touchSession(token: [UInt8]) throws {
        try runUntold("UPDATE access_session SET seen_us = ? WHERE token = ?", [now, token])
    }

    func deleteSession(_ id: ID<Session>) throws {
        try run("DELETE FROM access_session WHERE id = ?", [id.raw])
    }

    /// Ends the person's sessions, all but one. Returns how many.
    @discardableResult
    func deleteSessions(of user: ID<User>, except kept: ID<Session>?) throws -> Int {
        try run("DELETE FROM access_ticket WHERE user_id = ?", [user.raw])
        return try run(
            "DELETE FROM access_session WHERE user_id = ? AND id IS NOT ?",
            [user.raw, kept?.raw])
    }

    /// Removes sessions that nobody can use any more.
    func deleteSessions(createdBefore created: Instant, seenBefore seen: Instant) throws -> Int {
        try runUntold(
            "DELETE FROM access_session WHERE created_us < ? OR seen_us < ?", [created, seen])
    }

    func insertTicket(of user: ID<User>, token: [UInt8]) throws {
        try insert(
            "INSERT INTO access_ticket (user_id, token, created_us, failures) VALUES (?, ?, ?, 0)",
            [user.raw, token, now])
        try run(
            """
            DELETE FROM access_ticket WHERE user_id = ? AND id NOT IN
                (SELECT id FROM access_ticket WHERE user_id = ? ORDER BY id DESC LIMIT ?)
            """, [user.raw, user.raw, TicketRule.most])
    }

    func noteFailure(of ticket: ID<Ticket>) throws {
        try run(
            "UPDATE access_ticket SET failures = failures + 1 WHERE id = ?", [ticket.raw])
    }

    func deleteTicket(_ id: ID<Ticket>) throws {
        try run("DELETE FROM access_ticket WHERE id = ?", [id.raw])
    }

    func deleteTickets(createdBefore created: Instant) throws {
        try runUntold("DELETE FROM access_ticket WHERE created_us < ?", [created])
    }

    func insertLane(of user: ID<User>, token: [UInt8]) throws {
        try insert(
            "INSERT INTO access_lane (user_id, token, used_us) VALUES (?, ?, ?)",
            [user.raw, token, now])
        try run(
            """
            DELETE FROM access_lane WHERE user_id = ? AND id NOT IN
                (SELECT id FROM access_lane WHERE user_id = ?
                ORDER BY used_us DESC, id DESC LIMIT ?)
            """, [user.raw, user.raw, SessionRule.lanesMost])
    }

    func touchLane(_ id: ID<Lane>) throws {
        try run("UPDATE access_lane SET used_us = ? WHERE id = ?", [now, id.raw])
    }

    /// Forgets the browsers of somebody whose account may be in other hands.
    func deleteLanes(of user: ID<User>) throws {
        try run("DELETE FROM access_lane WHERE user_id = ?", [user.raw])
    }

    func deleteLanes(usedBefore instant: Instant) throws {
        try runUntold("DELETE FROM access_lane WHERE used_us < ?", [instant])
    }
}

extension Session {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), user: ID(row.int64(1)),
            createdAt: Instant(microseconds: row.int64(2)),
            seenAt: Instant(microseconds: row.int64(3)),
            provedAt: Instant(microseconds: row.int64(4)),
            address: row.text(5), agent: row.text(6), way: try stored(row.text(7)))
    }
}
