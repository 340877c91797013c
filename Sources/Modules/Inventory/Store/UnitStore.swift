// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import SealedStore

private struct UnitKey: Hashable, Sendable {
    let variant: ID<Variant>
    let lot: ID<Lot>?
    let serial: ExactText?
}

private let unitMemo = Memo<UnitKey, ID<StockUnit>>(of: "stock_unit", outlivesInserts: true)

extension ReadTransaction {
    func lot(_ code: String, of variant: ID<Variant>) throws -> Lot? {
        try first(
            """
            SELECT id, variant_id, code, expiry_day, created_us FROM stock_lot
            WHERE variant_id = ? AND code = ?
            """, [variant.raw, code], Lot.init(row:))
    }

    func lots(_ ids: Set<ID<Lot>>) throws -> [ID<Lot>: Lot] {
        guard !ids.isEmpty else { return [:] }
        let marks = ids.map { _ in "?" }.joined(separator: ",")
        let lots = try all(
            """
            SELECT id, variant_id, code, expiry_day, created_us FROM stock_lot
            WHERE id IN (\(marks))
            """, ids.sorted().map { $0.raw as any SQLBindable }, Lot.init(row:))
        return Dictionary(uniqueKeysWithValues: lots.map { ($0.id, $0) })
    }

    /// Lots of a variant in the order of their codes, as far as a bin in sight holds or held them.
    func lots(
        of variant: ID<Variant>, within scope: Scope, after code: String, limit: Int
    ) throws -> [Lot] {
        let seen = lotScope(scope)
        return try all(
            """
            SELECT id, variant_id, code, expiry_day, created_us FROM stock_lot AS l
            WHERE variant_id = ? AND code > ? AND \(seen.sql) ORDER BY code LIMIT ?
            """, [variant.raw, code] + seen.arguments + [limit], Lot.init(row:))
    }

    func stockUnit(
        of variant: ID<Variant>, lot: ID<Lot>?, serial: String?
    ) throws -> ID<StockUnit>? {
        let key = UnitKey(variant: variant, lot: lot, serial: serial.map(ExactText.init))
        return try remembered(unitMemo, key) {
            try integer(
                """
                SELECT id FROM stock_unit
                WHERE variant_id = ? AND coalesce(lot_id, 0) = ? AND coalesce(serial, '') = ?
                """, [variant.raw, lot?.raw ?? 0, serial ?? ""]
            ).map { ID($0) }
        }
    }

    /// The bin in which a serial of a variant is now, whatever its lot.
    func bin(ofSerial serial: String, variant: ID<Variant>) throws -> ID<Place>? {
        try integer(
            """
            SELECT b.account FROM stock_unit AS u JOIN stock_balance AS b ON b.unit = u.id
            WHERE u.serial = ? AND u.variant_id = ? AND b.outside = 0 AND b.amount > 0 LIMIT 1
            """, [serial, variant.raw]
        ).map { ID($0) }
    }

    /// Lots in sight that hold goods and expire on or before `day`.
    func lotsOnHand(expiringBy day: BusinessDay, within scope: Scope) throws -> Int64 {
        let seen = scopeCondition("p.warehouse_id", scope)
        return try integer(
            """
            SELECT count(DISTINCT l.id) FROM stock_lot AS l
            JOIN stock_unit AS u ON u.lot_id = l.id
            JOIN stock_balance AS b ON b.unit = u.id AND b.outside = 0 AND b.amount > 0
            JOIN stock_place AS p ON p.id = b.account
            WHERE l.expiry_day <= ? AND \(seen.sql)
            """, [day.description] + seen.arguments) ?? 0
    }
}

/// A lot is in sight when a bin in sight has a balance of it, be it zero by now.
private func lotScope(_ scope: Scope) -> (sql: String, arguments: [any SQLBindable]) {
    guard scope.values(of: .warehouse) != nil else { return ("1", []) }
    let seen = scopeCondition("p.warehouse_id", scope)
    return (
        """
        EXISTS (SELECT 1 FROM stock_unit AS u JOIN stock_balance AS b ON b.unit = u.id
            JOIN stock_place AS p ON p.id = b.account
            WHERE u.lot_id = l.id AND b.outside = 0 AND \(seen.sql))
        """, seen.arguments
    )
}

extension WriteTransaction {
    func insertLot(_ code: String, of variant: ID<Variant>, expiry: BusinessDay?) throws -> ID<Lot>
    {
        ID(
            try insert(
                """
                INSERT INTO stock_lot (variant_id, code, expiry_day, created_us)
                VALUES (?, ?, ?, ?)
                """, [variant.raw, code, expiry?.description, now]))
    }

    func insertStockUnit(
        item: ID<Item>, variant: ID<Variant>, lot: ID<Lot>?, serial: String?
    ) throws -> ID<StockUnit> {
        ID(
            try insert(
                "INSERT INTO stock_unit (item_id, variant_id, lot_id, serial) VALUES (?, ?, ?, ?)",
                [item.raw, variant.raw, lot?.raw, serial]))
    }
}

extension Lot {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), variant: ID(row.int64(1)), code: row.text(2),
            expiry: try row.textOrNil(3).map { try BusinessDay($0) },
            createdAt: Instant(microseconds: row.int64(4)))
    }
}
