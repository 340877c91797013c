// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

@testable import Catalog

struct ImportRulesTests {
    private let heading =
        "item_code,item_name,base_unit,decimals,track_lot,track_expiry,track_serial,alias,"
        + "variant_code,variant_name,packaging_level,packaging_name,content,barcode\n"

    private func plan(_ rows: String, _ facts: ImportFacts = ImportFacts()) throws -> ImportPlan {
        let sheet = try importSheet(try readCSV(Array((heading + rows).utf8), rowsMax: 1000))
        return planImport(sheet, facts)
    }

    private func errors(_ rows: String) throws -> [String] {
        try plan(rows).errors.map { "\($0.row) \($0.column.rawValue) \($0.code) \($0.value)" }
    }

    @Test func `rows of one item become one item`() throws {
        let plan = try plan(
            """
            007,水,瓶,,是,1,no,山泉,,,,,,6901234567892
            007,,,,,,,,,,case,箱,24,16901234567899;B-1
            007,水,瓶,0,,,,,RED,红,base,,1,R-1
            """)
        #expect(plan.errors.isEmpty)
        let item = try #require(plan.items.first)
        #expect(plan.items.count == 1 && item.draft.code == "007")
        #expect(item.draft.tracking == Tracking(lot: true, expiry: true, serial: false))
        #expect(item.variants.map(\.code) == ["007", "RED"])
        #expect(item.variants[0].packagings.map(\.draft.level) == [.base, .case])
        #expect(item.variants[0].packagings[1].codes.map(\.text) == ["16901234567899", "B-1"])
        #expect(item.variants[1].packagings.map(\.draft.name) == ["瓶"])
        #expect(plan.newItems == 1 && plan.newCodes == 4)
    }

    @Test(
        arguments: [
            (",水,瓶,,,,,,,,,,,", ["2 item_code import.required "]),
            ("A,,瓶,,,,,,,,,,,", ["2 item_name import.required "]),
            ("A,水,,,,,,,,,,,,", ["2 base_unit import.required "]),
            ("A,水,瓶,7,,,,,,,,,,", ["2 decimals import.not_decimals 7"]),
            ("A,水,瓶,,maybe,,,,,,,,,", ["2 track_lot import.not_yes_or_no maybe"]),
            ("A,水,瓶,2,,,1,,,,,,,", ["2 track_serial item.serial_needs_whole 1"]),
            ("A,水,瓶,,,,,,,,crate,,,", ["2 packaging_level import.not_a_level crate"]),
            ("A,水,瓶,,,,,,,,case,,,", ["2 content import.required "]),
            ("A,水,瓶,,,,,,,,case,,abc,", ["2 content import.not_a_content abc"]),
            ("A,水,瓶,,,,,,,,case,,0.5,", ["2 content packaging.content_not_whole 1/2"]),
            ("A,水,瓶,,,,,,,,case,,0,", ["2 content packaging.content_invalid 0"]),
            ("A,水,瓶,,,,,,,,base,,24,", ["2 content packaging.content_invalid 24"]),
            ("A,水,瓶,,,,,,,,,,,6901234567890", ["2 barcode code.check_digit 6901234567890"]),
            ("A,水,瓶,,,,,,,,,,,6.90E+12", ["2 barcode import.scientific 6.90E+12"]),
            ("6.9E+12,水,瓶,,,,,,,,,,,", ["2 item_code import.scientific 6.9E+12"]),
            (
                "A,水,瓶,9,x,,,,,,crate,,,123E+10",
                [
                    "2 packaging_level import.not_a_level crate",
                    "2 decimals import.not_decimals 9",
                    "2 track_lot import.not_yes_or_no x", "2 barcode import.scientific 123E+10",
                ]
            ),
            ("A,水,瓶,,,,,,,,,,,\nA,茶,,,,,,,,,,,,", ["3 item_name import.item_differs 茶"]),
            ("A,水,瓶,,,,,,,,,,,\nA,,,,1,,,,,,,,,", ["3 track_lot import.item_differs true"]),
            (
                "A,水,瓶,,,,,,,,箱,,24,\nA,,,,,,,,,,箱,,12,",
                ["3 content import.packaging_differs 12"]
            ),
            (
                "A,水,瓶,,,,,,R,红,,,,\nA,,,,,,,,r,蓝,,,,",
                ["3 variant_name import.variant_differs 蓝"]
            ),
            (
                "A,水,瓶,,,,,,,,,,,X1\nB,茶,瓶,,,,,,,,,,,x1",
                ["3 barcode code.taken x1"]
            ),
        ] as [(String, [String])])
    func `a bad row names column, reason and value`(rows: String, expected: [String]) throws {
        #expect(try errors(rows) == expected)
    }

    @Test func `a bad row adds nothing, not even in part`() throws {
        let plan = try plan(
            "A,水,瓶,,,,,,,,,,,X1\nA,,,,,,,,,,箱,,24,X1;X2\nB,,,,,,,,,,,,,\nC,茶,袋,,,,,,,,,,,X2\n")
        #expect(plan.badRows == [3, 4])
        #expect(plan.items.map(\.draft.code) == ["A", "C"])
        #expect(plan.items[0].variants[0].packagings.count == 1)
        #expect(plan.newCodes == 2)
    }

    @Test func `the same row twice is good and adds nothing more`() throws {
        let row = "A,水,瓶,,,,,,,,箱,,24,X1\n"
        let plan = try plan(row + row)
        #expect(plan.errors.isEmpty)
        #expect(plan.newCodes == 1)
    }

    @Test func `Chinese headings are understood, in any order`() throws {
        let text = "条码;商品名称;商品编码;基本单位;包装级别;含量;随便\n6901234567892;水;0001;瓶;整箱;1/2;?\n"
        let sheet = try importSheet(try readCSV(Array(text.utf8), rowsMax: 10))
        let draft = try #require(rowDraft(sheet.rows[0], in: sheet).0)
        #expect(draft.itemCode == "0001" && draft.level == .case && draft.packagingName == "整箱")
        #expect(draft.content == (try Ratio(1, 2)))
    }

    @Test func `a heading is needed once`() {
        func sheet(_ text: String) throws -> ImportSheet {
            try importSheet(try readCSV(Array(text.utf8), rowsMax: 10))
        }
        #expect(throws: ImportRefusal.headingMissing(column: "item_code")) {
            try sheet("name,unit\na,b")
        }
        #expect(throws: ImportRefusal.headingTwice(column: "item_code")) {
            try sheet("item_code,货号\na,b")
        }
        #expect(throws: ImportRefusal.empty) { try sheet("item_code\n") }
        #expect(throws: ImportRefusal.empty) { try sheet("") }
    }
}
