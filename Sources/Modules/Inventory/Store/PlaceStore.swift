// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let warehouseColumns = """
    w.id, w.code, w.name, w.state, w.edition,
    (SELECT count(*) FROM stock_place AS p
     WHERE p.warehouse_id = w.id AND p.kind = 'bin' AND p.state = 'open')
    """
private let placeColumns = "id, code, name, kind, warehouse_id, parent_id, state, edition"

private let placeMemo = Memo<ID<Place>, Place>(of: "stock_place")
private let placeOfCodeMemo = Memo<ExactText, Place>(of: "stock_place")
private let openPlaceMemo = Memo<ID<Place>, Bool>(of: "stock_place", "stock_warehouse")

extension ReadTransaction {
    func warehouse(_ id: ID<Warehouse>, within scope: Scope) throws -> Warehouse? {
        guard scope.allows(warehouse: id.raw) else { return nil }
        return try first(
            "SELECT \(warehouseColumns) FROM stock_warehouse AS w WHERE w.id = ?", [id.raw],
            Warehouse.init(row:))
    }

    /// Warehouses in the order of their ids.
    func warehouses(
        within scope: Scope, after id: Int64, limit: Int
    ) throws -> [Warehouse] {
        let seen = scopeCondition("w.id", scope)
        return try all(
            """
            SELECT \(warehouseColumns) FROM stock_warehouse AS w
            WHERE w.id > ? AND \(seen.sql) ORDER BY w.id LIMIT ?
            """, [id] + seen.arguments + [limit], Warehouse.init(row:))
    }

    func warehouseCodes(of ids: Set<ID<Warehouse>>) throws -> [ID<Warehouse>: String] {
        guard !ids.isEmpty else { return [:] }
        let marks = ids.map { _ in "?" }.joined(separator: ",")
        let pairs = try all(
            "SELECT id, code FROM stock_warehouse WHERE id IN (\(marks))",
            ids.sorted().map { $0.raw as any SQLBindable }
        ) { (ID<Warehouse>($0.int64(0)), $0.text(1)) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    func place(_ id: ID<Place>, within scope: Scope) throws -> Place? {
        let place = try remembered(placeMemo, id) {
            try first(
                "SELECT \(placeColumns) FROM stock_place WHERE id = ?", [id.raw], Place.init(row:))
        }
        return place.flatMap { $0.inScope(scope) ? $0 : nil }
    }

    func place(code: String, within scope: Scope) throws -> Place? {
        let place = try remembered(placeOfCodeMemo, ExactText(code)) {
            try first(
                "SELECT \(placeColumns) FROM stock_place WHERE code = ?", [code],
                Place.init(row:))
        }
        return place.flatMap { $0.inScope(scope) ? $0 : nil }
    }

    func places(_ ids: Set<ID<Place>>) throws -> [ID<Place>: Place] {
        guard !ids.isEmpty else { return [:] }
        let marks = ids.map { _ in "?" }.joined(separator: ",")
        let places = try all(
            "SELECT \(placeColumns) FROM stock_place WHERE id IN (\(marks))",
            ids.sorted().map { $0.raw as any SQLBindable }, Place.init(row:))
        return Dictionary(uniqueKeysWithValues: places.map { ($0.id, $0) })
    }

    /// Zones and bins in the order of their codes.
    func places(
        _ filter: PlaceFilter, within scope: Scope, after code: String, limit: Int
    ) throws -> [Place] {
        let seen = scopeCondition("warehouse_id", scope)
        var conditions = ["kind <> 'outside'", "code > ?", seen.sql]
        var arguments: [any SQLBindable] = [code] + seen.arguments
        if let warehouse = filter.warehouse {
            conditions.append("warehouse_id = ?")
            arguments.append(warehouse.raw)
        }
        if let kind = filter.kind {
            conditions.append("kind = ?")
            arguments.append(kind.rawValue)
        }
        if let text = filter.text {
            conditions.append("(code LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\')")
            let pattern = "%\(escapedForLike(text))%"
            arguments += [pattern, pattern]
        }
        return try all(
            """
            SELECT \(placeColumns) FROM stock_place
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY code LIMIT ?
            """, arguments + [limit], Place.init(row:))
    }

    /// Whether a place is open, and all that it stands in.
    func isOpen(_ id: ID<Place>) throws -> Bool {
        try remembered(
            openPlaceMemo, id,
            always: {
                try integer(
                    """
                    SELECT 1 FROM stock_place AS p
                    JOIN stock_warehouse AS w ON w.id = p.warehouse_id
                    LEFT JOIN stock_place AS z ON z.id = p.parent_id
                    WHERE p.id = ? AND p.state = 'open' AND w.state = 'open'
                        AND coalesce(z.state, 'open') = 'open'
                    """, [id.raw]) != nil
            })
    }

    /// Whether any bin of the warehouse holds anything.
    func warehouseHoldsGoods(_ id: ID<Warehouse>) throws -> Bool {
        try integer(
            """
            SELECT 1 FROM stock_place AS p JOIN stock_balance AS b ON b.account = p.id
            WHERE p.warehouse_id = ? AND b.amount > 0 LIMIT 1
            """, [id.raw]) != nil
    }

    /// Whether a bin, or a bin of a zone, holds anything.
    func placeHoldsGoods(_ id: ID<Place>) throws -> Bool {
        try integer(
            """
            SELECT 1 FROM stock_place AS p JOIN stock_balance AS b ON b.account = p.id
            WHERE (p.id = ? OR p.parent_id = ?) AND b.amount > 0 LIMIT 1
            """, [id.raw, id.raw]) != nil
    }
}

extension WriteTransaction {
    func insertWarehouse(code: String, name: String) throws -> ID<Warehouse> {
        ID(
            try insert(
                """
                INSERT INTO stock_warehouse (code, name, state, edition) VALUES (?, ?, 'open', 1)
                """, [code, name]))
    }

    func updateWarehouse(_ id: ID<Warehouse>, name: String, state: PlaceState) throws {
        try run(
            """
            UPDATE stock_warehouse SET name = ?, state = ?, edition = edition + 1 WHERE id = ?
            """, [name, state.rawValue, id.raw])
    }

    func insertPlace(
        warehouse: ID<Warehouse>, parent: ID<Place>?, kind: PlaceKind, code: String, name: String
    ) throws -> ID<Place> {
        ID(
            try insert(
                """
                INSERT INTO stock_place (warehouse_id, parent_id, kind, code, name, state, edition)
                VALUES (?, ?, ?, ?, ?, 'open', 1)
                """, [warehouse.raw, parent?.raw, kind.rawValue, code, name]))
    }

    func updatePlace(_ id: ID<Place>, name: String, state: PlaceState) throws {
        try run(
            "UPDATE stock_place SET name = ?, state = ?, edition = edition + 1 WHERE id = ?",
            [name, state.rawValue, id.raw])
    }
}

/// The part of a WHERE that keeps a reader within its warehouses.
func scopeCondition(_ column: String, _ scope: Scope) -> (sql: String, arguments: [any SQLBindable])
{
    guard let ids = scope.values(of: .warehouse) else { return ("1", []) }
    let marks = ids.map { _ in "?" }.joined(separator: ",")
    return ("\(column) IN (\(marks))", ids.sorted().map { $0 as any SQLBindable })
}

/// `text` with what LIKE would take for a wildcard made plain.
func escapedForLike(_ text: String) -> String {
    var escaped = ""
    for character in text {
        if character == "%" || character == "_" || character == "\\" { escaped.append("\\") }
        escaped.append(character)
    }
    return escaped
}

extension Place {
    /// Outside places belong to everybody: they have no stock of their own to hide.
    fileprivate func inScope(_ scope: Scope) -> Bool {
        guard let warehouse else { return true }
        return scope.allows(warehouse: warehouse.raw)
    }

    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), code: row.text(1), name: row.text(2),
            kind: try stored(row.text(3)), warehouse: row.int64OrNil(4).map { ID($0) },
            parent: row.int64OrNil(5).map { ID($0) }, state: try stored(row.text(6)),
            edition: row.int64(7))
    }
}

extension Warehouse {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), code: row.text(1), name: row.text(2),
            state: try stored(row.text(3)), bins: row.int64(5), edition: row.int64(4))
    }
}
