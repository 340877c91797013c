// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

@testable import Catalog

struct CSVRulesTests {
    private func cells(_ text: String) throws -> [[String]] {
        try readCSV(Array(text.utf8), rowsMax: 100).map(\.cells)
    }

    @Test(
        arguments: [
            ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
            ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
            ("a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
            ("a;b\n1,5;2", [["a", "b"], ["1,5", "2"]]),
            ("a\tb\n\"1\t5\"\t2", [["a", "b"], ["1\t5", "2"]]),
            (
                "\"a,b\",c\n\"say \"\"yes\"\"\",\"two\r\nlines\"",
                [["a,b", "c"], ["say \"yes\"", "two\r\nlines"]]
            ),
            ("a,b\n,\n\n3,4", [["a", "b"], ["3", "4"]]),
            ("a,b\n1,", [["a", "b"], ["1", ""]]),
            ("", []),
        ] as [(String, [[String]])])
    func `a file falls into rows and cells`(text: String, expected: [[String]]) throws {
        #expect(try cells(text) == expected)
    }

    @Test func `rows are numbered as a spreadsheet numbers them`() throws {
        let rows = try readCSV(Array("a\n\n\"x\ny\"\nz".utf8), rowsMax: 100)
        #expect(rows.map(\.row) == [1, 3, 4])
    }

    @Test func `what is written is read back`() throws {
        let rows = [["a;b;c;d", "x"], [" space ", "\"q\""], ["line\nend", "，"], ["", "1,2"]]
        for row in rows { #expect(try csvCells(csvLine(row)) == row) }
    }

    @Test func `formulas are disarmed`() {
        #expect(
            csvLineForSpreadsheets(["=1+1", "+1", "-1", "@x", "a=b"])
                == "'=1+1,'+1,'-1,'@x,a=b\r\n")
    }

    @Test func `limits are kept`() {
        #expect(throws: ImportRefusal.tooManyRows(most: 2)) {
            try readCSV(Array("h\n1\n2\n3".utf8), rowsMax: 2)
        }
        #expect(throws: ImportRefusal.tooManyColumns(row: 1, most: importColumnsMax)) {
            try cells(String(repeating: ",", count: importColumnsMax))
        }
        #expect(throws: ImportRefusal.quoteOpen(row: 2)) { try cells("a\n\"b") }
        #expect(throws: ImportRefusal.cellTooLong(row: 1, most: importCellLengthMax)) {
            try cells(String(repeating: "x", count: importCellLengthMax * 4 + 1))
        }
    }

    @Test func `GB18030 is read where UTF-8 is not`() throws {
        // 商品编码,商品名称 and 农夫山泉 as Chinese Excel writes them.
        let heading: [UInt8] = [
            0xC9, 0xCC, 0xC6, 0xB7, 0xB1, 0xE0, 0xC2, 0xEB, 0x2C, 0xC9, 0xCC, 0xC6, 0xB7, 0xC3,
            0xFB, 0xB3, 0xC6, 0x0A, 0x30, 0x31, 0x2C, 0xC5, 0xA9, 0xB7, 0xF2, 0xC9, 0xBD, 0xC8,
            0xAA,
        ]
        #expect(String(decoding: try decodedText(heading), as: UTF8.self) == "商品编码,商品名称\n01,农夫山泉")
    }

    @Test func `byte order marks are taken off`() throws {
        #expect(try decodedText([0xEF, 0xBB, 0xBF, 0x61]) == [0x61])
        #expect(try decodedText([0xFF, 0xFE, 0x61, 0, 0x2C, 0]) == [0x61, 0x2C])
        #expect(try decodedText([0xFE, 0xFF, 0, 0x61]) == [0x61])
    }

    @Test(arguments: [[0xEF, 0xBB, 0xBF, 0xFF], [0x50, 0x4B, 0, 3], [0xFF, 0xFE, 0x61], [0xFF]])
    func `what is no text is refused`(bytes: [UInt8]) {
        #expect(throws: ImportRefusal.unreadableText) { try decodedText(bytes) }
    }
}
