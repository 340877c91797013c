// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Something that is bought, kept and sold. What is counted is its variants.
package struct Item: IDNoun, Sendable, Equatable {
    package static let prefix = "itm"

    package let id: ID<Item>
    /// Names one item of the house, whatever the case or width of its letters.
    package let code: String
    package let name: String
    /// What one of it is called: `瓶`, `kg`. Fixed, like the scale: stock is counted in it.
    package let baseUnit: String
    /// Digits behind the point of its quantities, 0…6.
    package let scale: Int
    package let tracking: Tracking
    /// Other words by which people look for it, separated by spaces.
    package let alias: String
    package let note: String
    package let state: ItemState
    package let createdAt: Instant
    package let changedAt: Instant
    /// Counts the edits of the item and all that belongs to it, for ETags.
    package let edition: Int64
}

package enum ItemState: String, Sendable, CaseIterable {
    case active
    /// No longer bought; what is left may leave.
    case retired
}

/// What may become of an item.
package let itemLifecycle = Lifecycle<ItemState>(
    initial: .active,
    transitions: [
        .init(from: .active, verb: "retire", to: .retired),
        .init(from: .retired, verb: "reinstate", to: .active),
    ],
    ends: [.retired])

/// What must be known of every piece that moves.
package struct Tracking: Hashable, Sendable {
    package let lot: Bool
    package let expiry: Bool
    package let serial: Bool

    package init(lot: Bool, expiry: Bool, serial: Bool) {
        self.lot = lot
        self.expiry = expiry
        self.serial = serial
    }

    package static let none = Tracking(lot: false, expiry: false, serial: false)
}

/// One make of an item: a colour, a size. An item that comes in one make has one variant whose
/// name is empty.
package struct Variant: IDNoun, Sendable, Equatable {
    package static let prefix = "var"

    package let id: ID<Variant>
    package let item: ID<Item>
    /// Names one variant of its item.
    package let code: String
    package let name: String
}

/// A variant with its item: what other rooms need to know of goods.
package struct VariantCard: Sendable, Equatable {
    package let item: Item
    package let variant: Variant

    package init(item: Item, variant: Variant) {
        self.item = item
        self.variant = variant
    }
}

/// How pieces of a variant are bundled. Its content never changes: when a supplier changes the
/// case, the old packaging is retired and another one added, and what was booked stays true.
package struct Packaging: IDNoun, Sendable, Equatable {
    package static let prefix = "pkg"

    package let id: ID<Packaging>
    package let variant: ID<Variant>
    package let level: PackagingLevel
    package let name: String
    /// Base units in one of it: 24/1 for a case of 24.
    package let content: Ratio
    package let state: PackagingState
}

package enum PackagingLevel: String, Sendable, CaseIterable {
    /// One base unit. Every variant has exactly one of these.
    case base
    case inner
    case `case`
    case pallet
}

package enum PackagingState: String, Sendable, CaseIterable {
    case active, retired
}

/// What may become of a packaging.
package let packagingLifecycle = Lifecycle<PackagingState>(
    initial: .active,
    transitions: [.init(from: .active, verb: "retire", to: .retired)],
    ends: [.active, .retired])

/// A code that a scanner reads off a packaging.
///
/// On one day a code means one packaging; a supplier may use it for another later.
package struct Barcode: IDNoun, Sendable, Equatable {
    package static let prefix = "cod"

    package let id: ID<Barcode>
    package let packaging: ID<Packaging>
    /// As it was typed, leading zeros and all.
    package let code: CodeText
    /// First business day on which it means this packaging.
    package let validFrom: BusinessDay
    /// Last such day; nil while no end is known.
    package let validTo: BusinessDay?
}

/// What a code means on a day.
package struct CodeMatch: Sendable, Equatable {
    package let item: Item
    package let variant: Variant
    package let packaging: Packaging

    package init(item: Item, variant: Variant, packaging: Packaging) {
        self.item = item
        self.variant = variant
        self.packaging = packaging
    }
}

/// An item with all that belongs to it, in the order in which it was added.
package struct ItemCard: Sendable, Equatable {
    package let item: Item
    package let variants: [VariantPart]

    package struct VariantPart: Sendable, Equatable {
        package let variant: Variant
        package let packagings: [PackagingPart]
    }

    package struct PackagingPart: Sendable, Equatable {
        package let packaging: Packaging
        package let codes: [Barcode]
    }
}

/// A line of the item list.
struct ItemSummary: Sendable, Equatable {
    let item: Item
    let variants: Int64
    /// Active ones.
    let packagings: Int64
}

/// An item to be.
package struct ItemDraft: Sendable, Equatable {
    package var code: String
    package var name: String
    package var baseUnit: String
    package var scale: Int
    package var tracking: Tracking
    package var alias: String
    package var note: String

    package init(
        code: String, name: String, baseUnit: String, scale: Int = 0, tracking: Tracking = .none,
        alias: String = "", note: String = ""
    ) {
        self.code = code
        self.name = name
        self.baseUnit = baseUnit
        self.scale = scale
        self.tracking = tracking
        self.alias = alias
        self.note = note
    }
}

/// What an edit of an item changes; nil keeps.
struct ItemEdit: Sendable, Equatable {
    var name: String?
    var alias: String?
    var note: String?
    var tracking: Tracking?
}

/// A packaging to be.
package struct PackagingDraft: Sendable, Equatable {
    package var level: PackagingLevel
    package var name: String
    package var content: Ratio

    package init(level: PackagingLevel, name: String, content: Ratio) {
        self.level = level
        self.name = name
        self.content = content
    }
}
