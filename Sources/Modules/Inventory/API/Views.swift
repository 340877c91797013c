// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Catalog
package import Kernel
import ModuleKit
package import SealedStore
import Web

/// A record by its id, with what a person calls it.
package struct NamedRef<Noun: IDNoun>: Codable, Sendable {
    package let id: ID<Noun>
    package let code: String
    package let name: String

    package init(id: ID<Noun>, code: String, name: String) {
        self.id = id
        self.code = code
        self.name = name
    }
}

struct LotRef: Codable, Sendable {
    let id: ID<Lot>
    let code: String
    let expiry: BusinessDay?
}

struct PlaceRef: Codable, Sendable {
    let id: ID<Place>
    let code: String
    let warehouse: String?
}

/// One side of a movement.
struct SideRef: Codable, Sendable {
    let id: ID<Place>?
    let code: String
    let outside: String?

    init(_ id: ID<Place>, _ place: Place?) {
        let outside = Outside(rawValue: id.raw)
        self.id = outside == nil ? id : nil
        code = outside?.code ?? place?.code ?? id.description
        self.outside = outside?.code
    }
}

package struct BalanceView: WireRecord {
    let place: PlaceRef
    let item: NamedRef<Item>
    let variant: NamedRef<Variant>
    let lot: LotRef?
    let serial: String?
    let quantity: Quantity
    let unit: String
    let movedAt: Instant
}

struct LevelView: WireRecord {
    let item: NamedRef<Item>
    let variant: NamedRef<Variant>
    let quantity: Quantity
    let unit: String
    let places: Int64
    let movedAt: Instant
}

struct PointView: WireRecord {
    let quantity: Quantity
    let unit: String
}

struct LotView: WireRecord {
    let id: ID<Lot>
    let code: String
    let expiry: BusinessDay?
    let variant: ID<Variant>
    let createdAt: Instant

    init(_ lot: Lot) {
        id = lot.id
        code = lot.code
        expiry = lot.expiry
        variant = lot.variant
        createdAt = lot.createdAt
    }
}

struct EnteredView: Codable, Sendable {
    let count: String
    let packaging: String
}

struct MovementView: WireRecord {
    let id: ID<Movement>
    let at: Instant
    let kind: Choice<MovementKind>
    let item: NamedRef<Item>
    let variant: NamedRef<Variant>
    let lot: LotRef?
    let serial: String?
    let quantity: Quantity
    let unit: String
    let entered: EnteredView?
    let from: SideRef
    let to: SideRef
    let reason: String?
    let note: String
    let actor: String
    /// Null for whoever may not read the names of people.
    let actorName: String?
    let device: String?
    let deviceAt: Instant?
    let reverses: ID<Movement>?
    let reversedBy: ID<Movement>?
    let seq: Int64
}

struct DayView: Codable, Sendable {
    let day: BusinessDay
    let received: Int64
    let shipped: Int64
}

struct OverviewView: WireRecord {
    let items: Int64
    let stockedVariants: Int64
    let bins: Int64
    let movementsToday: Int64
    let receivedToday: Int64
    let shippedToday: Int64
    let expiringSoon: Int64
    let days: [DayView]
    let latest: [MovementView]
}

extension VariantCard {
    package var itemRef: NamedRef<Item> {
        NamedRef(id: item.id, code: item.code, name: item.name)
    }

    package var variantRef: NamedRef<Variant> {
        NamedRef(id: variant.id, code: variant.code, name: variant.name)
    }
}

/// Balances with the names that a person reads, looked up for the whole page at once.
package func balanceViews(
    _ balances: [Balance], in tx: ReadTransaction
) throws -> [BalanceView] {
    let goods = try variantCards(unique(balances.map(\.variant)), in: tx)
    let places = try tx.places(Set(balances.map(\.place)))
    let warehouses = try tx.warehouseCodes(of: Set(places.values.compactMap(\.warehouse)))
    let lots = try tx.lots(Set(balances.compactMap(\.lot)))
    return try balances.compactMap { balance in
        guard let card = goods[balance.variant], let place = places[balance.place] else {
            return nil
        }
        return BalanceView(
            place: PlaceRef(
                id: place.id, code: place.code,
                warehouse: place.warehouse.flatMap { warehouses[$0] }),
            item: card.itemRef, variant: card.variantRef, lot: lotRef(balance.lot, lots),
            serial: balance.serial,
            quantity: try Quantity(units: balance.amount, scale: card.item.scale),
            unit: card.item.baseUnit, movedAt: balance.movedAt)
    }
}

/// Movements with the names that a person reads, looked up for the whole page at once.
func movementViews(
    _ movements: [Movement], for caller: Caller, in tx: ReadTransaction
) throws -> [MovementView] {
    let seesNames = caller.sees(.personName)
    let goods = try variantCards(unique(movements.map(\.variant)), in: tx)
    let places = try tx.places(Set(movements.flatMap { [$0.from, $0.to] }))
    let lots = try tx.lots(Set(movements.compactMap(\.lot)))
    let packagings = try packagings(unique(movements.compactMap(\.packaging)), in: tx)
    return movements.compactMap { movement in
        guard let card = goods[movement.variant] else { return nil }
        let packaging = movement.packaging.flatMap { packagings[$0] }
        return MovementView(
            id: movement.id, at: movement.at, kind: Choice(movement.kind), item: card.itemRef,
            variant: card.variantRef, lot: lotRef(movement.lot, lots), serial: movement.serial,
            quantity: movement.quantity, unit: card.item.baseUnit,
            entered: packaging.flatMap {
                $0.level == .base
                    ? nil : EnteredView(count: movement.count, packaging: $0.name)
            },
            from: SideRef(movement.from, places[movement.from]),
            to: SideRef(movement.to, places[movement.to]), reason: movement.reason,
            note: movement.note, actor: movement.actor,
            actorName: seesNames ? movement.actorName : nil,
            device: movement.device.map { "dev-\($0)" }, deviceAt: movement.deviceAt,
            reverses: movement.reverses, reversedBy: movement.reversedBy, seq: movement.seq)
    }
}

private func lotRef(_ id: ID<Lot>?, _ lots: [ID<Lot>: Lot]) -> LotRef? {
    id.flatMap { lots[$0] }.map { LotRef(id: $0.id, code: $0.code, expiry: $0.expiry) }
}

/// Each id once, in a settled order, so that the same page asks the same statement.
func unique<Noun>(_ ids: [ID<Noun>]) -> [ID<Noun>] { Set(ids).sorted() }
