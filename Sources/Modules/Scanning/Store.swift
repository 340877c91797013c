// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Inventory
import Kernel
import SealedStore

private let parkedColumns = """
    id, event, code, task, place, to_place, count, lot, expiry_day, serial, at_us, actor,
    actor_name, state, known, reason, movement_id, warehouse_id
    """

extension ReadTransaction {
    func parkedScan(_ id: ID<ParkedScan>, within scope: Scope) throws -> ParkedScan? {
        let seen = parkedScope(scope)
        return try first(
            "SELECT \(parkedColumns) FROM scan_parked WHERE id = ? AND \(seen.sql)",
            [id.raw] + seen.arguments, ParkedScan.init(row:))
    }

    /// Parked scans of a state, newest first, before `id`.
    func parkedScans(
        _ state: ParkedState, within scope: Scope, before id: Int64, limit: Int
    ) throws -> [ParkedScan] {
        let seen = parkedScope(scope)
        return try all(
            """
            SELECT \(parkedColumns) FROM scan_parked
            WHERE state = ? AND id < ? AND \(seen.sql) ORDER BY id DESC LIMIT ?
            """, [state.rawValue, id] + seen.arguments + [limit], ParkedScan.init(row:))
    }

    /// The parked scan of an event that comes back after its answer was forgotten.
    func parkedScan(event: String, by actor: String) throws -> ID<ParkedScan>? {
        try integer(
            "SELECT id FROM scan_parked WHERE actor = ? AND event = ?", [actor, event]
        ).map { ID($0) }
    }

    /// All open scans of a code in sight, oldest first: the order in which the goods moved.
    func openScans(of code: String, within scope: Scope) throws -> [ParkedScan] {
        let seen = parkedScope(scope)
        return try all(
            """
            SELECT \(parkedColumns) FROM scan_parked
            WHERE state = 'open' AND code = ? AND \(seen.sql) ORDER BY at_us, id
            """, [code] + seen.arguments, ParkedScan.init(row:))
    }

    /// Codes of open scans that nobody knew when they were scanned, at most `limit`.
    func openUnknownCodes(limit: Int) throws -> [String] {
        try all(
            """
            SELECT DISTINCT code FROM scan_parked WHERE state = 'open' AND known = 0 LIMIT ?
            """, [limit]
        ) { $0.text(0) }
    }
}

/// A scan whose bin nobody knows lies in no warehouse, and only who sees everything sees it.
private func parkedScope(_ scope: Scope) -> (sql: String, arguments: [any SQLBindable]) {
    guard let ids = scope.values(of: .warehouse) else { return ("1", []) }
    let marks = ids.map { _ in "?" }.joined(separator: ",")
    return ("warehouse_id IN (\(marks))", ids.sorted().map { $0 as any SQLBindable })
}

extension WriteTransaction {
    func park(_ scan: Scan, in warehouse: ID<Warehouse>?, by caller: Caller) throws -> ID<
        ParkedScan
    > {
        ID(
            try insert(
                """
                INSERT INTO scan_parked (event, code, task, place, to_place, count, lot,
                    expiry_day, serial, at_us, actor, actor_name, warehouse_id, state, known)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 0)
                """,
                [
                    scan.event, scan.code, scan.task.rawValue, scan.place, scan.toPlace,
                    scan.count, scan.lot, scan.expiry?.description, scan.serial, scan.at ?? now,
                    caller.actor.description, caller.name, warehouse?.raw,
                ]))
    }

    func closeParked(
        _ id: ID<ParkedScan>, as state: ParkedState, reason: String?, movement: ID<Movement>?
    ) throws {
        try run(
            "UPDATE scan_parked SET state = ?, reason = ?, movement_id = ? WHERE id = ?",
            [state.rawValue, reason, movement?.raw, id.raw])
    }

    /// Notes why an open scan could not be carried out.
    func noteReason(_ reason: String, of id: ID<ParkedScan>) throws {
        try run("UPDATE scan_parked SET reason = ? WHERE id = ?", [reason, id.raw])
    }

    /// Marks open scans whose code is known by now. A note for the office, not a change of goods.
    func markKnown(code: String) throws {
        try runUntold(
            "UPDATE scan_parked SET known = 1 WHERE state = 'open' AND code = ?", [code])
    }
}

extension ParkedScan {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), event: row.text(1), code: row.text(2),
            task: try stored(row.text(3)), place: row.textOrNil(4), toPlace: row.textOrNil(5),
            count: row.textOrNil(6), lot: row.textOrNil(7),
            expiry: try row.textOrNil(8).map { try BusinessDay($0) }, serial: row.textOrNil(9),
            at: Instant(microseconds: row.int64(10)), actor: row.text(11),
            actorName: row.text(12), state: try stored(row.text(13)),
            known: row.int64(14) == 1, reason: row.textOrNil(15),
            movement: row.int64OrNil(16).map { ID($0) },
            warehouse: row.int64OrNil(17).map { ID($0) })
    }
}
