// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Catalog
package import Kernel

/// A building, or a part of one, that is counted by itself.
package struct Warehouse: IDNoun, Sendable, Equatable {
    package static let prefix = "whs"

    package let id: ID<Warehouse>
    package let code: String
    package let name: String
    package let state: PlaceState
    /// Bins in it that are open.
    package let bins: Int64
    /// Counts the edits, for ETags.
    package let edition: Int64
}

/// Where goods can be: a zone groups bins, a bin holds goods, an outside place is the other side
/// of what comes in and goes out.
package struct Place: IDNoun, Sendable, Equatable {
    package static let prefix = "plc"

    package let id: ID<Place>
    /// What its label says. Names one place of the whole site.
    package let code: String
    package let name: String
    package let kind: PlaceKind
    /// Nil for outside places.
    package let warehouse: ID<Warehouse>?
    package let parent: ID<Place>?
    package let state: PlaceState
    package let edition: Int64

    package var isOutside: Bool { kind == .outside }
}

package enum PlaceKind: String, Sendable, CaseIterable {
    case zone, bin, outside
}

package enum PlaceState: String, Sendable, CaseIterable {
    case open, closed
}

/// The places beyond the walls. Their balances are negative: what they gave us.
package enum Outside: Int64, Sendable, CaseIterable {
    case supplier = 1
    case customer = 2
    /// Where found goods come from and lost goods go.
    case loss = 3

    package var id: ID<Place> { ID(rawValue) }

    package var code: String {
        switch self {
        case .supplier: "supplier"
        case .customer: "customer"
        case .loss: "loss"
        }
    }
}

/// Goods of one variant made or received together.
package struct Lot: IDNoun, Sendable, Equatable {
    package static let prefix = "lot"

    package let id: ID<Lot>
    package let variant: ID<Variant>
    package let code: String
    /// The last day on which it may be used; nil when the goods do not expire.
    package let expiry: BusinessDay?
    package let createdAt: Instant
}

/// What a balance counts: a variant, with its lot and serial when it is tracked by them.
package struct StockUnit: IDNoun, Sendable {
    package static let prefix = "stu"
}

/// Why and between which sides goods move.
package enum MovementKind: String, Sendable, CaseIterable {
    /// From the supplier into a bin.
    case receive
    /// From a bin to the customer.
    case ship
    /// From one bin to another.
    case move
    /// Between a bin and loss, with a reason.
    case adjust
}

package enum AdjustmentChange: String, Sendable, CaseIterable {
    case increase, decrease
}

package enum AdjustmentReason: String, Sendable, CaseIterable {
    case damaged, lost, found, expired, sample, correction, other
}

/// What somebody wants to move, before anything is decided.
package struct MovementDraft: Sendable {
    package var kind: MovementKind
    package var variant: ID<Variant>
    /// What `count` counts; nil counts base units.
    package var packaging: ID<Packaging>?
    package var count: Quantity
    package var place: ID<Place>
    /// The other bin of a move.
    package var toPlace: ID<Place>?
    package var change: AdjustmentChange?
    package var lot: String?
    package var expiry: BusinessDay?
    package var serial: String?
    package var reason: AdjustmentReason?
    package var note: String
    /// When the device says it was scanned; may be long before it arrives.
    package var deviceAt: Instant?

    package init(
        kind: MovementKind, variant: ID<Variant>, packaging: ID<Packaging>? = nil,
        count: Quantity, place: ID<Place>, toPlace: ID<Place>? = nil,
        change: AdjustmentChange? = nil, lot: String? = nil, expiry: BusinessDay? = nil,
        serial: String? = nil, reason: AdjustmentReason? = nil, note: String = "",
        deviceAt: Instant? = nil
    ) {
        self.kind = kind
        self.variant = variant
        self.packaging = packaging
        self.count = count
        self.place = place
        self.toPlace = toPlace
        self.change = change
        self.lot = lot
        self.expiry = expiry
        self.serial = serial
        self.reason = reason
        self.note = note
        self.deviceAt = deviceAt
    }
}

/// A movement as it was booked. Never changed; a mistake is corrected by a reversal.
package struct Movement: IDNoun, Sendable, Equatable {
    package static let prefix = "mov"

    package let id: ID<Movement>
    package let at: Instant
    package let kind: MovementKind
    package let item: ID<Item>
    package let variant: ID<Variant>
    package let lot: ID<Lot>?
    package let serial: String?
    /// In the item's smallest unit, with its scale.
    package let quantity: Quantity
    /// What was typed or scanned, when it was not base units: two cases.
    package let packaging: ID<Packaging>?
    package let count: String
    package let from: ID<Place>
    package let to: ID<Place>
    package let reason: String?
    package let note: String
    package let actor: String
    package let actorName: String
    package let device: Int64?
    package let deviceAt: Instant?
    package let reverses: ID<Movement>?
    package let reversedBy: ID<Movement>?
    /// Its event in the journal.
    package let seq: Int64
}

/// What one bin holds of one stock unit.
package struct Balance: Sendable, Equatable {
    package let place: ID<Place>
    package let unit: ID<StockUnit>
    package let item: ID<Item>
    package let variant: ID<Variant>
    package let lot: ID<Lot>?
    package let serial: String?
    /// In the item's smallest unit.
    package let amount: Int64
    package let movedAt: Instant
}

/// What all bins in sight hold of a variant.
package struct Level: Sendable, Equatable {
    package let item: ID<Item>
    package let variant: ID<Variant>
    package let amount: Int64
    package let places: Int64
    package let movedAt: Instant
}

/// Movements of one business day, counted.
package struct DayFigures: Sendable, Equatable {
    package let day: BusinessDay
    package let received: Int64
    package let shipped: Int64
    package let all: Int64
}
