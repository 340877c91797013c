// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Kernel
import ModuleKit
import SealedStore
import Web

struct BalanceQuery: Codable, Sendable {
    let q: Name?
    let item: ID<Item>?
    let variant: ID<Variant>?
    let warehouse: ID<Warehouse>?
    let place: ID<Place>?
    let lot: ID<Lot>?
    let limit: PageLimit?
    let after: Cursor?
}

struct PointQuery: Codable, Sendable {
    let variant: ID<Variant>
    let place: ID<Place>?
}

struct LotQuery: Codable, Sendable {
    let variant: ID<Variant>
    let limit: PageLimit?
    let after: Cursor?
}

struct MovementQuery: Codable, Sendable {
    let item: ID<Item>?
    let variant: ID<Variant>?
    let place: ID<Place>?
    let lot: ID<Lot>?
    let kind: Choice<MovementKind>?
    let since: Instant?
    let until: Instant?
    let limit: PageLimit?
    let after: Cursor?
}

/// A movement booked by hand.
struct MovementRequest: WireRecord {
    let kind: Choice<MovementKind>
    let variant: ID<Variant>
    let packaging: ID<Packaging>?
    let count: Quantity
    let place: ID<Place>
    let toPlace: ID<Place>?
    let change: Choice<AdjustmentChange>?
    let lot: TrackingCode?
    let expiry: BusinessDay?
    let serial: TrackingCode?
    let reason: Choice<AdjustmentReason>?
    let note: Note?
}

/// A lot or serial number: what GS1 allows in AI 10 and 21, and a little longer.
struct TrackingCode: WireText {
    static let rule = Schema.TextRule(least: 1, most: 40)
    static let sample = TrackingCode(checked: "L2026-11")
    let text: String

    init(checked text: String) { self.text = text }
}

struct ReversalRequest: WireRecord {
    let reason: Note
}

let stockEndpoints: [Route] = [
    .look(
        "/api/v1/stock/levels", needs: .permission(StockPermission.see),
        summary: "List what is on hand, per variant", query: BalanceQuery.self,
        answers: PageView<LevelView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let key = try query.after?.integers(2) ?? [0, 0]
        let rows = try tx.levels(
            try filter(query, in: tx), within: caller.scope,
            after: (item: key[0], variant: key[1]), limit: request.limit + 1)
        let page = Page(rows, limit: request.limit) {
            [.integer($0.item.raw), .integer($0.variant.raw)]
        }
        let goods = try variantCards(unique(page.items.map(\.variant)), in: tx)
        return PageView(
            items: try page.items.compactMap { level in
                guard let card = goods[level.variant] else { return nil }
                return LevelView(
                    item: card.itemRef, variant: card.variantRef,
                    quantity: try Quantity(units: level.amount, scale: card.item.scale),
                    unit: card.item.baseUnit, places: level.places, movedAt: level.movedAt)
            }, next: page.next)
    },
    .look(
        "/api/v1/stock/level", needs: .permission(StockPermission.see),
        summary: "Read what is on hand of one variant, in one bin or in all",
        query: PointQuery.self, answers: PointView.self,
        refusals: [StockRefusal.self, CatalogRefusal.self],
        pace: .quick
    ) { query, caller, tx in
        let card = try variantCard(query.variant, in: tx)
        let amount: Int64
        if let id = query.place {
            guard try tx.place(id, within: caller.scope) != nil else {
                throw StockRefusal.placeUnknown(code: id.description)
            }
            amount = try tx.amount(of: query.variant, at: id)
        } else {
            amount = try tx.amount(of: query.variant, within: caller.scope)
        }
        return PointView(
            quantity: try Quantity(units: amount, scale: card.item.scale),
            unit: card.item.baseUnit)
    },
    .look(
        "/api/v1/stock/balances", needs: .permission(StockPermission.see),
        summary: "List what each bin holds, per lot and serial", query: BalanceQuery.self,
        answers: PageView<BalanceView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let key = try query.after?.integers(2) ?? [0, 0]
        let rows = try tx.balances(
            try filter(query, in: tx), within: caller.scope, after: (unit: key[0], place: key[1]),
            limit: request.limit + 1)
        let page = Page(rows, limit: request.limit) {
            [.integer($0.unit.raw), .integer($0.place.raw)]
        }
        return PageView(items: try balanceViews(page.items, in: tx), next: page.next)
    },
    .look(
        "/api/v1/lots", needs: .permission(StockPermission.see),
        summary: "List the lots of a variant", query: LotQuery.self,
        answers: PageView<LotView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let rows = try tx.lots(
            of: query.variant, within: caller.scope, after: try query.after?.singleText() ?? "",
            limit: request.limit + 1)
        return PageView(Page(rows, limit: request.limit) { [.text($0.code)] }.map(LotView.init))
    },
    .look(
        "/api/v1/stock/overview", needs: .permission(StockPermission.see),
        summary: "The figures of the home screen",
        query: NoQuery.self, answers: OverviewView.self
    ) { _, caller, tx in
        try overview(for: caller, in: tx)
    },
]

let movementEndpoints: [Route] = [
    .look(
        "/api/v1/stock/movements", needs: .permission(StockPermission.see),
        summary: "List movements, newest first", query: MovementQuery.self,
        answers: PageView<MovementView>.self
    ) { query, caller, tx in
        let request = PageRequest(query.limit, query.after)
        let filter = MovementFilter(
            item: query.item, variant: query.variant, place: query.place, lot: query.lot,
            kind: query.kind?.value, since: query.since, until: query.until)
        let rows = try tx.movements(
            filter, within: caller.scope, before: try query.after?.integers(1)[0] ?? Int64.max,
            limit: request.limit + 1)
        let page = Page(rows, limit: request.limit) { [.integer($0.id.raw)] }
        return PageView(
            items: try movementViews(page.items, for: caller, in: tx), next: page.next)
    },
    .look(
        "/api/v1/stock/movements/{id}", needs: .permission(StockPermission.see),
        summary: "Read one movement", query: ByID<Movement>.self, answers: MovementView.self,
        refusals: [StockRefusal.self]
    ) { path, caller, tx in
        guard let movement = try tx.movement(path.id, within: caller.scope) else {
            throw StockRefusal.movementUnknown
        }
        return try view(movement, for: caller, in: tx)
    },
    .change(
        .post, "/api/v1/stock/movements", needs: .signedIn,
        summary: "Receive, ship, move or adjust goods by hand",
        query: NoQuery.self, body: MovementRequest.self,
        answers: MovementView.self, status: 201,
        refusals: [StockRefusal.self, CatalogRefusal.self],
        example: MovementRequest(
            kind: Choice(.receive), variant: ID(1), packaging: nil, count: Quantity(pieces: 12),
            place: ID(4),
            toPlace: nil, change: nil, lot: nil, expiry: nil, serial: nil, reason: nil, note: nil)
    ) { _, body, caller, tx in
        let permission = StockPermission.needed(for: body.kind.value)
        try caller.require(permission)
        let caller = caller.acting(under: permission)
        let draft = MovementDraft(
            kind: body.kind.value, variant: body.variant, packaging: body.packaging,
            count: body.count, place: body.place, toPlace: body.toPlace,
            change: body.change?.value, lot: body.lot?.text, expiry: body.expiry,
            serial: body.serial?.text, reason: body.reason?.value, note: body.note?.text ?? "")
        return try view(try move(draft, by: caller, in: tx), for: caller, in: tx)
    },
    .change(
        .post, "/api/v1/stock/movements/{id}/reversal",
        needs: .permission(StockPermission.adjust),
        summary: "Take a movement back by booking its opposite", query: ByID<Movement>.self,
        body: ReversalRequest.self, answers: MovementView.self, status: 201,
        refusals: [StockRefusal.self], example: ReversalRequest(reason: .sample)
    ) { path, body, caller, tx in
        try view(
            try reverse(path.id, note: body.reason.text, by: caller, in: tx), for: caller, in: tx)
    },
]

/// A single movement as it is shown.
private func view(
    _ movement: Movement, for caller: Caller, in tx: ReadTransaction
) throws -> MovementView {
    guard let view = try movementViews([movement], for: caller, in: tx).first else {
        throw StockRefusal.movementUnknown
    }
    return view
}

/// What a query narrows a list to. A search text is looked up in the catalogue first.
private func filter(_ query: BalanceQuery, in tx: ReadTransaction) throws -> BalanceFilter {
    var items = query.item.map { [$0] }
    if let text = query.q?.text {
        let found = try itemsMatching(text, limit: Limit.pageSize, in: tx)
        items = items.map { $0.filter(found.contains) } ?? found
    }
    return BalanceFilter(
        items: items, variant: query.variant, warehouse: query.warehouse, place: query.place,
        lot: query.lot)
}

/// Days on the home screen's chart.
private let chartDays: Int64 = 14
/// A lot is worth a look this many days before it expires.
private let expiryNoticeDays: Int64 = 30
/// Movements on the home screen.
private let latestMovements = 8

private func overview(for caller: Caller, in tx: ReadTransaction) throws -> OverviewView {
    let today = try tx.today()
    let first = try today.adding(days: 1 - chartDays)
    let figures = Dictionary(
        uniqueKeysWithValues: try tx.dayFigures(since: first, within: caller.scope).map {
            ($0.day, $0)
        })
    let days = try (0..<chartDays).map { offset in
        let day = try first.adding(days: offset)
        return DayView(
            day: day, received: figures[day]?.received ?? 0, shipped: figures[day]?.shipped ?? 0)
    }
    let latest = try tx.movements(
        MovementFilter(), within: caller.scope, before: Int64.max, limit: latestMovements)
    return OverviewView(
        items: try itemCount(in: tx), stockedVariants: try tx.stockedVariants(within: caller.scope),
        bins: try tx.openBins(within: caller.scope), movementsToday: figures[today]?.all ?? 0,
        receivedToday: figures[today]?.received ?? 0, shippedToday: figures[today]?.shipped ?? 0,
        expiringSoon: try tx.lotsOnHand(
            expiringBy: try today.adding(days: expiryNoticeDays), within: caller.scope),
        days: days, latest: try movementViews(latest, for: caller, in: tx))
}
