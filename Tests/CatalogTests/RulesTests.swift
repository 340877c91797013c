// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

@testable import Catalog

struct RulesTests {
    @Test(
        arguments: [
            ("6901234567892", "06901234567892"), ("06901234567892", "06901234567892"),
            ("96385074", "00000096385074"), ("036000291452", "00036000291452"),
            ("10012345678902", "10012345678902"), ("425261", nil), ("04252614", "00042100005264"),
            ("6901234567890", nil), ("690123456789A", nil), ("0000000000000", nil), ("", nil),
        ] as [(String, String?)])
    func `a number is a GTIN only with its check digit`(text: String, gtin: String?) {
        #expect(gtin14(text) == gtin)
    }

    @Test func `every number gets exactly one check digit`() {
        var random = SystemRandomNumberGenerator()
        let seed = random.next() % 1_000_000
        for step in 0..<500 {
            let body =
                String(repeating: "0", count: 12).dropLast(String(seed + UInt64(step)).count)
                + String(seed + UInt64(step))
            let fitting = (0...9).filter { gtin14("\(body)\($0)") != nil }
            #expect(fitting.count == 1, "seed \(seed), step \(step)")
            #expect(checkDigit(for: "\(body)0").map { [$0] } == fitting.map { "\($0)" })
        }
    }

    @Test func `a code keeps its text and is compared without case and width`() throws {
        let wide = try CodeText(" ａｂｃ－１２ ")
        #expect(wide.text == "ａｂｃ－１２")
        #expect(wide.key == "abc-12")
        #expect(try CodeText("ABC-12").key == wide.key)
        #expect(try CodeText("0012").key == "0012")
        #expect(try CodeText("6901234567892").key == CodeText("０6901234567892").key)
    }

    @Test func `a code with a wrong check digit names the right one`() {
        #expect(throws: CatalogRefusal.codeCheckDigit(code: "6901234567890", expected: "2")) {
            try CodeText("6901234567890")
        }
    }

    @Test(arguments: ["", "   ", "a\u{7}b", String(repeating: "1", count: 129)])
    func `an unreadable code is refused`(text: String) {
        #expect(throws: CatalogRefusal.self) { try CodeText(text) }
    }

    @Test func `a group separator may stand in a code`() throws {
        #expect(try CodeText("01\u{1d}17").text == "01\u{1d}17")
    }

    @Test(
        arguments: [
            ("2", 24, 1, 0, "48"), ("1", 24, 1, 3, "24.000"), ("1.5", 24, 1, 0, "36"),
            ("3", 1, 3, 0, "1"), ("0.25", 1, 1, 2, "0.25"), ("1", 1, 8, 3, "0.125"),
            ("-2", 12, 1, 0, "-24"),
        ] as [(String, Int64, Int64, Int, String)])
    func `a count becomes base units exactly`(
        count: String, num: Int64, den: Int64, scale: Int, expected: String
    ) throws {
        let quantity = try baseQuantity(
            of: try Quantity(decimal: count), content: try Ratio(num, den), scale: scale)
        #expect(quantity.decimal == expected)
        #expect(quantity.scale == scale)
    }

    @Test func `a count that comes to a fraction is refused, never rounded`() throws {
        let count = try Quantity(decimal: "1")
        let third = try Ratio(1, 3)
        #expect(throws: CatalogRefusal.countNotWhole(count: count, content: third, scale: 6)) {
            try baseQuantity(of: count, content: third, scale: 6)
        }
        let half = try Quantity(decimal: "0.5")
        #expect(throws: CatalogRefusal.countNotWhole(count: half, content: .one, scale: 0)) {
            try baseQuantity(of: half, content: .one, scale: 0)
        }
    }

    @Test func `a count beyond all stock is refused`() throws {
        let count = try Quantity(units: .max, scale: 0)
        #expect(throws: CatalogRefusal.countTooLarge(count: count)) {
            try baseQuantity(of: count, content: try Ratio(2), scale: 0)
        }
    }

    @Test func `packing and unpacking gives back what was there`() throws {
        for num in Int64(1)...200 {
            for den in Int64(1)...50 {
                let content = try Ratio(num, den)
                let whole = try baseQuantity(
                    of: try Quantity(units: content.den, scale: 0), content: content, scale: 0)
                #expect(whole.units == content.num)
                let back = try baseQuantity(
                    of: whole, content: try content.inverted(), scale: 0)
                #expect(back.units == content.den)
            }
        }
    }

    @Test func `a content is above zero and whole for whole pieces`() throws {
        let half = try Ratio(1, 2)
        let none = try Ratio(0)
        #expect(throws: CatalogRefusal.contentNotWhole(content: half)) {
            try requireSound(half, scale: 0)
        }
        #expect(throws: CatalogRefusal.contentInvalid(content: none)) {
            try requireSound(none, scale: 0)
        }
        #expect(throws: CatalogRefusal.self) { try requireSound(try Ratio(-1), scale: 0) }
        #expect(throws: CatalogRefusal.self) {
            try requireSound(try Ratio(contentNumMax + 1), scale: 0)
        }
        try requireSound(half, scale: 1)
        try requireSound(try Ratio(24), scale: 0)
    }

    @Test func `serial numbers need whole pieces`() {
        let serial = Tracking(lot: false, expiry: false, serial: true)
        #expect(throws: CatalogRefusal.serialNeedsWhole(scale: 3)) {
            try requireSound(serial, scale: 3)
        }
    }

    @Test(
        arguments: [
            ("2026-01-01", nil, "2026-05-01", nil, true),
            ("2026-01-01", "2026-04-30", "2026-05-01", nil, false),
            ("2026-01-01", "2026-05-01", "2026-05-01", nil, true),
            ("2026-05-01", nil, "2026-01-01", "2026-04-30", false),
            ("2026-05-01", "2026-05-01", "2026-05-01", "2026-05-01", true),
        ] as [(String, String?, String, String?, Bool)])
    func `two spans of days overlap when they share a day`(
        from: String, to: String?, otherFrom: String, otherTo: String?, expected: Bool
    ) throws {
        let a = (from: try BusinessDay(from), to: try to.map { try BusinessDay($0) })
        let b = (from: try BusinessDay(otherFrom), to: try otherTo.map { try BusinessDay($0) })
        #expect(overlap(a, b) == expected)
        #expect(overlap(b, a) == expected)
    }

    @Test func `lifecycles have no dead ends`() {
        #expect(itemLifecycle.unreachable.isEmpty && itemLifecycle.deadEnds.isEmpty)
        #expect(packagingLifecycle.unreachable.isEmpty && packagingLifecycle.deadEnds.isEmpty)
        #expect(importLifecycle.unreachable.isEmpty && importLifecycle.deadEnds.isEmpty)
    }

    @Test func `every refusal is in the catalogue once`() throws {
        let one = try Ratio(1)
        let day = try BusinessDay("2026-11-23")
        let count = try Quantity(units: 1, scale: 0)
        let all: [CatalogRefusal] = [
            .itemUnknown(item: ""), .itemCodeTaken(code: ""), .itemRetired(item: ""),
            .scaleInvalid(scale: 0), .serialNeedsWhole(scale: 0), .trackingFixed(item: ""),
            .variantUnknown(variant: ""), .variantCodeTaken(code: "", item: ""),
            .variantTooMany(most: 0), .packagingUnknown(packaging: ""),
            .packagingForeign(packaging: "", item: ""), .packagingRetired(name: ""),
            .packagingNameTaken(name: ""), .packagingTooMany(most: 0), .baseFixed,
            .contentInvalid(content: one), .contentNotWhole(content: one),
            .countNotWhole(count: count, content: one, scale: 0), .countTooLarge(count: count),
            .codeUnknown(code: ""), .codeUnreadable(code: ""),
            .codeCheckDigit(code: "", expected: ""), .codeTaken(code: "", item: ""),
            .codeTooMany(most: 0), .codeEnded(code: "", validTo: day),
            .validityInvalid(from: day, to: day),
        ]
        #expect(all.map(\.code) == CatalogRefusal.catalogue.map(\.code))
        #expect(Set(all.map(\.code)).count == all.count)
        let imports: [ImportRefusal] = [
            .unknown(file: ""), .empty, .unreadableText, .quoteOpen(row: 1),
            .headingMissing(column: ""), .headingTwice(column: ""), .tooManyRows(most: 1),
            .tooManyColumns(row: 1, most: 1), .cellTooLong(row: 1, most: 1), .badRows(bad: 1),
            .nothingToApply, .inUse(items: []),
        ]
        #expect(imports.map(\.code) == ImportRefusal.catalogue.map(\.code))
    }
}
