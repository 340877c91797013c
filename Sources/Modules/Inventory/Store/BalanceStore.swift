// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import SealedStore

/// Which places a list shows.
struct PlaceFilter: Sendable {
    var warehouse: ID<Warehouse>?
    var kind: PlaceKind?
    var text: String?
}

/// Which balances a list shows; nil shows all. Empty `items` shows none.
struct BalanceFilter: Sendable {
    var items: [ID<Item>]?
    var variant: ID<Variant>?
    var warehouse: ID<Warehouse>?
    var place: ID<Place>?
    var lot: ID<Lot>?
}

/// The statement of a page of balances above zero in bins, in the order of (stock unit, place).
func balanceQuery(
    _ filter: BalanceFilter, within scope: Scope, after key: (unit: Int64, place: Int64),
    limit: Int
) -> (sql: String, arguments: [any SQLBindable]) {
    var where_ = Conditions()
    where_.add("(b.unit, b.account) > (?, ?)", [key.unit, key.place])
    where_.add("b.outside = 0 AND b.amount > 0")
    where_.add(filter, scope)
    return (
        """
        SELECT b.account, b.unit, u.item_id, u.variant_id, u.lot_id, u.serial, b.amount,
            b.moved_us
        FROM stock_balance AS b JOIN stock_unit AS u ON u.id = b.unit
        JOIN stock_place AS p ON p.id = b.account
        WHERE \(where_.sql) ORDER BY b.unit, b.account LIMIT ?
        """, where_.arguments + [limit]
    )
}

/// The statement of a page of sums per variant over the bins in sight.
func levelQuery(
    _ filter: BalanceFilter, within scope: Scope, after key: (item: Int64, variant: Int64),
    limit: Int
) -> (sql: String, arguments: [any SQLBindable]) {
    var where_ = Conditions()
    where_.add("(u.item_id, u.variant_id) > (?, ?)", [key.item, key.variant])
    where_.add("b.outside = 0 AND b.amount > 0")
    where_.add(filter, scope)
    return (
        """
        SELECT u.item_id, u.variant_id, sum(b.amount), count(DISTINCT b.account),
            max(b.moved_us)
        FROM stock_unit AS u JOIN stock_balance AS b ON b.unit = u.id
        JOIN stock_place AS p ON p.id = b.account
        WHERE \(where_.sql)
        GROUP BY u.item_id, u.variant_id ORDER BY u.item_id, u.variant_id LIMIT ?
        """, where_.arguments + [limit]
    )
}

extension ReadTransaction {
    /// Balances above zero in bins, in the order of (stock unit, place).
    func balances(
        _ filter: BalanceFilter, within scope: Scope, after key: (unit: Int64, place: Int64),
        limit: Int
    ) throws -> [Balance] {
        let query = balanceQuery(filter, within: scope, after: key, limit: limit)
        return try all(query.sql, query.arguments) {
            Balance(
                place: ID($0.int64(0)), unit: ID($0.int64(1)), item: ID($0.int64(2)),
                variant: ID($0.int64(3)), lot: $0.int64OrNil(4).map { ID($0) },
                serial: $0.textOrNil(5), amount: $0.int64(6),
                movedAt: Instant(microseconds: $0.int64(7)))
        }
    }

    /// Sums per variant over the bins in sight, in the order of (item, variant).
    func levels(
        _ filter: BalanceFilter, within scope: Scope, after key: (item: Int64, variant: Int64),
        limit: Int
    ) throws -> [Level] {
        let query = levelQuery(filter, within: scope, after: key, limit: limit)
        return try all(query.sql, query.arguments) {
            Level(
                item: ID($0.int64(0)), variant: ID($0.int64(1)), amount: $0.int64(2),
                places: $0.int64(3), movedAt: Instant(microseconds: $0.int64(4)))
        }
    }

    /// What a place holds of a variant, all lots together.
    func amount(of variant: ID<Variant>, at place: ID<Place>) throws -> Int64 {
        try integer(
            """
            SELECT sum(b.amount) FROM stock_unit AS u
            JOIN stock_balance AS b ON b.unit = u.id AND b.account = ?
            WHERE u.variant_id = ?
            """, [place.raw, variant.raw]) ?? 0
    }

    /// What all bins in sight hold of a variant.
    func amount(of variant: ID<Variant>, within scope: Scope) throws -> Int64 {
        let seen = scopeCondition("p.warehouse_id", scope)
        return try integer(
            """
            SELECT sum(b.amount) FROM stock_unit AS u
            JOIN stock_balance AS b ON b.unit = u.id AND b.outside = 0
            JOIN stock_place AS p ON p.id = b.account
            WHERE u.variant_id = ? AND \(seen.sql)
            """, [variant.raw] + seen.arguments) ?? 0
    }

    /// Variants of which anything is in sight.
    func stockedVariants(within scope: Scope) throws -> Int64 {
        let seen = scopeCondition("p.warehouse_id", scope)
        return try integer(
            """
            SELECT count(DISTINCT u.variant_id) FROM stock_balance AS b
            JOIN stock_unit AS u ON u.id = b.unit JOIN stock_place AS p ON p.id = b.account
            WHERE b.outside = 0 AND b.amount > 0 AND \(seen.sql)
            """, seen.arguments) ?? 0
    }

    /// Open bins in sight.
    func openBins(within scope: Scope) throws -> Int64 {
        let seen = scopeCondition("warehouse_id", scope)
        return try integer(
            """
            SELECT count(*) FROM stock_place
            WHERE kind = 'bin' AND state = 'open' AND \(seen.sql)
            """, seen.arguments) ?? 0
    }
}

/// Conditions of a WHERE with their arguments, in step.
struct Conditions {
    private var parts: [String] = []
    private(set) var arguments: [any SQLBindable] = []

    var sql: String { parts.isEmpty ? "1" : parts.joined(separator: " AND ") }

    mutating func add(_ part: String, _ values: [any SQLBindable] = []) {
        parts.append(part)
        arguments += values
    }

    /// What a balance list is narrowed to, on the aliases u (stock unit), b (balance), p (place).
    mutating func add(_ filter: BalanceFilter, _ scope: Scope) {
        let seen = scopeCondition("p.warehouse_id", scope)
        add(seen.sql, seen.arguments)
        if let items = filter.items {
            add(
                "u.item_id IN (\(items.map { _ in "?" }.joined(separator: ",")))",
                items.map { $0.raw as any SQLBindable })
        }
        if let variant = filter.variant { add("u.variant_id = ?", [variant.raw]) }
        if let warehouse = filter.warehouse { add("p.warehouse_id = ?", [warehouse.raw]) }
        if let place = filter.place { add("b.account = ?", [place.raw]) }
        if let lot = filter.lot { add("u.lot_id = ?", [lot.raw]) }
    }
}
