// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import Web

/// What one base unit is called: 1…20 characters.
struct UnitName: WireText {
    static let rule = Schema.TextRule(least: 1, most: unitLengthMax)
    static let sample = UnitName(checked: "瓶")
    let text: String
    init(checked text: String) { self.text = text }
}

/// Other words by which people look for an item: 0…200 characters.
struct Aliases: WireText {
    static let rule = Schema.TextRule(most: aliasLengthMax)
    static let sample = Aliases(checked: "山泉 矿泉水")
    let text: String
    init(checked text: String) { self.text = text }
}

/// What a search box holds: 0…200 characters.
struct SearchWords: WireText {
    static let rule = Schema.TextRule(most: 200)
    static let sample = SearchWords(checked: "nfsq")
    let text: String
    init(checked text: String) { self.text = text }
}

/// A name that may be left empty: 0…200 characters.
struct OptionalName: WireText {
    static let rule = Schema.TextRule(most: Limit.nameLength)
    static let sample = OptionalName(checked: "红色")
    let text: String
    init(checked text: String) { self.text = text }
}

/// A whole number above zero as text, so that no client rounds it: 1…10 digits.
struct Numeral: WireText {
    static let rule = Schema.TextRule(least: 1, most: 10, pattern: "^[1-9][0-9]{0,9}$")
    static let sample = Numeral(checked: "24")
    let text: String

    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        guard (1...10).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "0"),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw WireFault("bad_form") }
        self.text = text
    }

    /// At most ten digits always fit.
    var value: Int64 { Int64(text) ?? 0 }
}

struct TrackingForm: Codable, Sendable {
    let lot: Bool
    let expiry: Bool
    let serial: Bool

    init(_ tracking: Tracking) {
        lot = tracking.lot
        expiry = tracking.expiry
        serial = tracking.serial
    }

    var tracking: Tracking { Tracking(lot: lot, expiry: expiry, serial: serial) }
}

struct ContentForm: Codable, Sendable {
    let num: Numeral
    let den: Numeral
}

struct ItemQuery: Codable, Sendable {
    let q: SearchWords?
    let state: Choice<ItemState>?
    let limit: PageLimit?
    let after: Cursor?
}

struct ItemRequest: WireRecord, Described {
    let code: Code
    let name: Name
    let baseUnit: UnitName
    let scale: Whole<0, 6>?
    let tracking: TrackingForm?
    let alias: Aliases?
    let note: Note?

    static let notes = [
        "code": "Names one item; case and width of letters do not count.",
        "baseUnit": "What stock is counted in. Fixed from now on.",
        "scale": "Digits behind the point of quantities, 0 for whole pieces. Fixed from now on.",
        "tracking": "What must be told of every piece that moves. Fixed once stock has moved.",
        "alias": "Other words to find it by, separated by spaces.",
    ]

    var draft: ItemDraft {
        ItemDraft(
            code: code.text, name: name.text, baseUnit: baseUnit.text, scale: scale?.value ?? 0,
            tracking: tracking?.tracking ?? .none, alias: alias?.text ?? "",
            note: note?.text ?? "")
    }
}

struct ItemEditRequest: WireRecord {
    let name: Name?
    let alias: Aliases?
    let note: Note?
    let tracking: TrackingForm?

    var edit: ItemEdit {
        ItemEdit(
            name: name?.text, alias: alias?.text, note: note?.text, tracking: tracking?.tracking)
    }
}

struct VariantRequest: WireRecord {
    let code: Code
    let name: OptionalName?
}

struct PackagingRequest: WireRecord, Described {
    let level: Choice<PackagingLevel>
    let name: Name
    let content: ContentForm
    let codes: List<Code, 64>?

    static let notes = [
        "content": "Base units in one packaging, as a fraction. Never changes.",
        "codes": "Barcodes printed on it, valid from today.",
    ]
}

struct CodeRequest: WireRecord, Described {
    let code: Code
    let validFrom: BusinessDay?
    let validTo: BusinessDay?

    static let notes = [
        "validFrom": "First day on which the code means this packaging; today when absent.",
        "validTo": "Last such day; no end when absent.",
    ]
}

struct CodeEndRequest: WireRecord, Described {
    let validTo: BusinessDay?

    static let notes = [
        "validTo": "Last day of the code, today when absent. A code that begins later, or that "
            + "began today when no day is named, is taken off altogether."
    ]
}

struct CodeView: Codable, Sendable {
    let id: ID<Barcode>
    let code: String
    let gtin: String?
    let validFrom: BusinessDay
    let validTo: BusinessDay?

    init(_ barcode: Barcode) {
        id = barcode.id
        code = barcode.code.text
        gtin = barcode.code.gtin
        validFrom = barcode.validFrom
        validTo = barcode.validTo
    }
}

struct ContentView: Codable, Sendable {
    let num: String
    let den: String

    init(_ content: Ratio) {
        num = String(content.num)
        den = String(content.den)
    }
}

struct PackagingView: Codable, Sendable {
    let id: ID<Packaging>
    let level: Choice<PackagingLevel>
    let name: String
    let content: ContentView
    let state: Choice<PackagingState>
    let codes: [CodeView]

    init(_ part: ItemCard.PackagingPart) {
        id = part.packaging.id
        level = Choice(part.packaging.level)
        name = part.packaging.name
        content = ContentView(part.packaging.content)
        state = Choice(part.packaging.state)
        codes = part.codes.map { CodeView($0) }
    }
}

struct VariantView: Codable, Sendable {
    let id: ID<Variant>
    let code: String
    let name: String
    /// A variant is in use as long as its item is.
    let state: Choice<ItemState>
    let packagings: [PackagingView]

    init(_ part: ItemCard.VariantPart, state: ItemState) {
        id = part.variant.id
        code = part.variant.code
        name = part.variant.name
        self.state = Choice(state)
        packagings = part.packagings.map { PackagingView($0) }
    }
}

struct ItemView: WireRecord, Tagged {
    let id: ID<Item>
    let code: String
    let name: String
    let baseUnit: String
    let scale: Int
    let state: Choice<ItemState>
    let tracking: TrackingForm
    let alias: String
    let note: String
    let createdAt: Instant
    let changedAt: Instant
    let etag: String
    let variants: [VariantView]

    init(_ card: ItemCard) {
        let item = card.item
        id = item.id
        code = item.code
        name = item.name
        baseUnit = item.baseUnit
        scale = item.scale
        state = Choice(item.state)
        tracking = TrackingForm(item.tracking)
        alias = item.alias
        note = item.note
        createdAt = item.createdAt
        changedAt = item.changedAt
        etag = editionTag(item.edition)
        variants = card.variants.map { VariantView($0, state: item.state) }
    }
}

struct ItemSummaryView: Codable, Sendable {
    let id: ID<Item>
    let code: String
    let name: String
    let baseUnit: String
    let scale: Int
    let state: Choice<ItemState>
    let tracking: TrackingForm
    let variants: Int64
    let packagings: Int64
    let changedAt: Instant

    init(_ summary: ItemSummary) {
        let item = summary.item
        id = item.id
        code = item.code
        name = item.name
        baseUnit = item.baseUnit
        scale = item.scale
        state = Choice(item.state)
        tracking = TrackingForm(item.tracking)
        variants = summary.variants
        packagings = summary.packagings
        changedAt = item.changedAt
    }
}
