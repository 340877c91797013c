// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import SealedStore

/// Which movements a list shows; nil shows all.
struct MovementFilter: Sendable {
    var item: ID<Item>?
    var variant: ID<Variant>?
    var place: ID<Place>?
    var lot: ID<Lot>?
    var kind: MovementKind?
    var since: Instant?
    var until: Instant?

    /// Whether it leads to its movements by an index of its own.
    var isIndexed: Bool { item != nil || variant != nil || place != nil || lot != nil }
}

/// Days of a warehouse that are looked up at a time.
private let sightsAtOnce = 64
/// Warehouses whose days are looked up apart; SQLite joins at most 500 selects, and whoever sees
/// more than these reads past little.
private let sightedMost = 100

/// From the last movement of a day to where its sight reaches, at most: so many may pass before the
/// index of sights is written again.
private let reachMask: Int64 = 1023

/// Where the days of some warehouses begin and reach to, by the latter, newest first. Between the last
/// movement of a day and its reach there is none of it, so readers find nothing there.
func sightQuery(
    of warehouses: Set<Int64>, before id: Int64, limit: Int
) -> (sql: String, arguments: [any SQLBindable]) {
    let ids = warehouses.sorted()
    let days = ids.flatMap { _ in
        ["stock_day", "stock_visit"].map {
            """
            SELECT * FROM (SELECT first_id, reach_id FROM \($0)
            WHERE warehouse_id = ? AND first_id < ? ORDER BY reach_id DESC LIMIT ?)
            """
        }
    }
    let arguments: [any SQLBindable] = ids.flatMap { one -> [any SQLBindable] in
        [one, id, limit, one, id, limit]
    }
    return (
        """
        \(days.isEmpty ? "SELECT 0, 0 WHERE 0" : days.joined(separator: " UNION ALL "))
        ORDER BY 2 DESC, 1 DESC LIMIT ?
        """, arguments + [limit]
    )
}

private let movementColumns = """
    m.id, m.at_us, m.kind, m.item_id, m.variant_id, m.lot_id, m.serial, m.amount, m.scale,
    m.packaging_id, m.count, m.source, m.target, m.reason, m.note, m.actor, m.actor_name,
    m.device_id, m.device_at_us, m.reverses_id, r.id, m.seq
    """
private let movementJoins = """
    stock_movement AS m LEFT JOIN stock_movement AS r ON r.reverses_id = m.id
    """

/// The statements of a page of movements, newest first.
///
/// Each filter leads an index whose second column is the id, so a page costs its own length: a
/// place has one index for each side, and the two are merged.
func movementQueries(
    _ filter: MovementFilter, within scope: Scope, after first: Int64 = 0, before id: Int64,
    limit: Int
) -> [(sql: String, arguments: [any SQLBindable])] {
    let seen = movementScope(scope)
    var where_ = Conditions()
    where_.add(seen.sql, seen.arguments)
    if let item = filter.item { where_.add("m.item_id = ?", [item.raw]) }
    if let variant = filter.variant {
        // A variant is of one item, whose index leads to its movements.
        where_.add(
            """
            m.item_id = (SELECT item_id FROM stock_unit WHERE variant_id = ? LIMIT 1)
            AND m.variant_id = ?
            """, [variant.raw, variant.raw])
    }
    if let lot = filter.lot { where_.add("m.lot_id = ?", [lot.raw]) }
    // Written into the statement, so that the indexes of rare kinds are seen to fit.
    if let kind = filter.kind { where_.add("m.kind = '\(kind.rawValue)'") }
    if let since = filter.since { where_.add("m.at_us >= ?", [since]) }
    if let until = filter.until { where_.add("m.at_us < ?", [until]) }
    let sides: [(condition: String, arguments: [any SQLBindable])]
    if let place = filter.place {
        sides = ["m.source", "m.target"].map { (sideCondition($0, of: place.raw), [place.raw]) }
    } else {
        sides = [("1", [])]
    }
    return sides.map { side in
        (
            """
            SELECT \(movementColumns) FROM \(movementJoins)
            WHERE \(side.condition) AND m.id < ? AND m.id > ? AND \(where_.sql)
            ORDER BY m.id DESC LIMIT ?
            """, side.arguments + [id, first] + where_.arguments + [limit]
        )
    }
}

extension ReadTransaction {
    func movement(_ id: ID<Movement>, within scope: Scope) throws -> Movement? {
        let seen = movementScope(scope)
        return try first(
            "SELECT \(movementColumns) FROM \(movementJoins) WHERE m.id = ? AND \(seen.sql)",
            [id.raw] + seen.arguments, Movement.init(row:))
    }

    /// Movements that fit `filter`, newest first, before the movement `before`.
    func movements(
        _ filter: MovementFilter, within scope: Scope, before id: Int64, limit: Int
    ) throws -> [Movement] {
        let after = try filter.since.map { try lastMovement(before: $0) } ?? 0
        let end = try filter.until.map { try firstMovement(after: $0) } ?? Int64.max
        if let warehouses = scope.values(of: .warehouse), !filter.isIndexed,
            warehouses.count <= sightedMost
        {
            return try movements(
                filter, of: warehouses, within: scope, after: after, before: min(id, end),
                limit: limit)
        }
        let queries = movementQueries(
            filter, within: scope, after: after, before: min(id, end), limit: limit)
        let rows = try queries.flatMap { try all($0.sql, $0.arguments, Movement.init(row:)) }
        return Array(rows.sorted { $0.id > $1.id }.prefix(limit))
    }

    /// The same for a reader of some warehouses: only the days on which something was booked there
    /// are read, newest first, so that a quiet warehouse does not read past all the others.
    private func movements(
        _ filter: MovementFilter, of warehouses: Set<Int64>, within scope: Scope,
        after first: Int64, before id: Int64, limit: Int
    ) throws -> [Movement] {
        var rows: [Movement] = []
        var end = id
        while rows.count < limit, end > first {
            let query = sightQuery(of: warehouses, before: end, limit: sightsAtOnce)
            let sights = try all(query.sql, query.arguments) { ($0.int64(0), $0.int64(1)) }
            for (from, to) in sights where from < end && rows.count < limit && to > first {
                for page in movementQueries(
                    filter, within: scope, after: max(first, from - 1), before: min(end, to + 1),
                    limit: limit - rows.count)
                {
                    rows += try all(page.sql, page.arguments, Movement.init(row:))
                }
                end = from
            }
            if sights.count < sightsAtOnce { break }
        }
        return rows
    }

    /// A movement before which all others happened before `instant`. Two days are looked at more
    /// than the calendar of Greenwich says, so that it holds in every time zone.
    func lastMovement(before instant: Instant) throws -> Int64 {
        guard let day = try? SiteZone.utc.day(of: instant).adding(days: -1) else { return 0 }
        let first = try integer(
            "SELECT min(first_id) FROM stock_day WHERE day >= ?", [day.description])
        return first.map { $0 - 1 } ?? Int64.max
    }

    /// A movement from which on all others happened after `instant`.
    func firstMovement(after instant: Instant) throws -> Int64 {
        guard let day = try? SiteZone.utc.day(of: instant).adding(days: 1) else {
            return Int64.max
        }
        let last = try integer(
            "SELECT max(last_id) FROM stock_day WHERE day <= ?", [day.description])
        return last.map { $0 + 1 } ?? 0
    }

    /// Movements are numbered without gaps, so the last number counts them.
    func movementCount() throws -> Int64 {
        try integer("SELECT max(id) FROM stock_movement") ?? 0
    }

    /// The movement that an entry of the journal tells of, unless it is a reversal or reversed.
    func reversibleMovement(seq: Int64, _ id: ID<Movement>) throws -> Movement? {
        try first(
            """
            SELECT \(movementColumns) FROM \(movementJoins)
            WHERE m.id = ? AND m.seq = ? AND m.reverses_id IS NULL AND r.id IS NULL
            """, [id.raw, seq], Movement.init(row:))
    }

    /// Movements of the warehouses in sight, per day from `day` on; days without any are left out.
    func dayFigures(since day: BusinessDay, within scope: Scope) throws -> [DayFigures] {
        let seen = scopeCondition("warehouse_id", scope)
        return try all(
            """
            SELECT day, sum(iif(kind = 'receive', movements, 0)),
                sum(iif(kind = 'ship', movements, 0)), sum(movements)
            FROM stock_day WHERE day >= ? AND \(seen.sql) GROUP BY day ORDER BY day
            """, [day.description] + seen.arguments
        ) {
            DayFigures(
                day: try BusinessDay($0.text(0)), received: $0.int64(1), shipped: $0.int64(2),
                all: $0.int64(3))
        }
    }
}

extension WriteTransaction {
    /// Notes that a movement that is counted in another warehouse touches this one, too.
    func noteVisit(_ id: ID<Movement>, to warehouse: ID<Warehouse>, on day: BusinessDay) throws {
        try run(
            """
            INSERT INTO stock_visit (day, warehouse_id, first_id, last_id, reach_id)
            VALUES (?1, ?2, ?3, ?3, ?4)
            ON CONFLICT (day, warehouse_id) DO UPDATE SET last_id = excluded.last_id,
                reach_id = excluded.reach_id
            """, [day.description, warehouse.raw, id.raw, id.raw | reachMask])
    }

    func countMovement(
        _ id: ID<Movement>, as kind: MovementKind, of warehouse: ID<Warehouse>, on day: BusinessDay
    ) throws {
        let row: [any SQLBindable] = [day.description, warehouse.raw, kind.rawValue, id.raw]
        try run(
            """
            INSERT INTO stock_day (day, warehouse_id, kind, movements, first_id, last_id)
            VALUES (?1, ?2, ?3, 1, ?4, ?4)
            ON CONFLICT (day, warehouse_id, kind)
            DO UPDATE SET movements = movements + 1, last_id = excluded.last_id
            """, row)
        // A statement of its own: one that names the column writes its index, also with what is there.
        try run(
            """
            UPDATE stock_day SET reach_id = ?5
            WHERE day = ?1 AND warehouse_id = ?2 AND kind = ?3 AND reach_id < ?4
            """, row + [id.raw | reachMask])
    }
}

/// A movement is in sight when one of its sides is.
private func movementScope(_ scope: Scope) -> (sql: String, arguments: [any SQLBindable]) {
    guard scope.values(of: .warehouse) != nil else { return ("1", []) }
    let seen = scopeCondition("warehouse_id", scope)
    return (
        """
        EXISTS (SELECT 1 FROM stock_place WHERE id IN (m.source, m.target) AND \(seen.sql))
        """, seen.arguments
    )
}

extension Movement {
    /// What is kept of it beside its transfer, in the order of the book's details.
    func details(scale: Int) -> [any SQLBindable] {
        [
            kind.rawValue, item.raw, variant.raw, lot?.raw, serial, scale, packaging?.raw, count,
            reason, note, actor, actorName, device, deviceAt, reverses?.raw, seq,
        ]
    }

    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), at: Instant(microseconds: row.int64(1)),
            kind: try stored(row.text(2)), item: ID(row.int64(3)), variant: ID(row.int64(4)),
            lot: row.int64OrNil(5).map { ID($0) }, serial: row.textOrNil(6),
            quantity: try Quantity(units: row.int64(7), scale: Int(row.int64(8))),
            packaging: row.int64OrNil(9).map { ID($0) }, count: row.text(10),
            from: ID(row.int64(11)), to: ID(row.int64(12)), reason: row.textOrNil(13),
            note: row.text(14), actor: row.text(15), actorName: row.text(16),
            device: row.int64OrNil(17),
            deviceAt: row.int64OrNil(18).map(Instant.init(microseconds:)),
            reverses: row.int64OrNil(19).map { ID($0) },
            reversedBy: row.int64OrNil(20).map { ID($0) }, seq: row.int64(21))
    }
}
