// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Symbology
import Testing

/// That what is drawn reads back is tried with another maker's reader: `Tests/Browser/test_devices.py`.
@Suite struct QRCodeTests {
    @Test(arguments: [
        (0, 21), (14, 21), (15, 25), (26, 25), (27, 29), (42, 29), (62, 33), (84, 37), (106, 41),
        (122, 45), (152, 49), (180, 53), (213, 57), (666, 97),
    ])
    func `a text takes the smallest version that holds it`(bytes: Int, size: Int) throws {
        let code = try #require(QRCode(String(repeating: "a", count: bytes)))
        #expect(code.size == size)
        #expect(code.rows.count == size && code.rows.allSatisfy { $0.count == size })
    }

    @Test func `a text beyond version 20 is refused`() {
        #expect(QRCode(String(repeating: "a", count: 667)) == nil)
        #expect(QRCode(String(repeating: "漢", count: 222))?.size == 97)
        #expect(QRCode(String(repeating: "漢", count: 223)) == nil)
    }

    @Test(arguments: [1, 30, 100, 150, 300, 600])
    func `every code has its three corners, its timing and its dark square`(bytes: Int) throws {
        let code = try #require(QRCode(String(repeating: "x", count: bytes)))
        let corner = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]
        for (x, y) in [(0, 0), (code.size - 7, 0), (0, code.size - 7)] {
            let drawn = (0..<7).map { dy in
                String(code.rows[y + dy][x..<(x + 7)].map { $0 ? "#" : "." })
            }
            #expect(drawn == corner)
        }
        for at in 8..<(code.size - 8) {
            #expect(code.rows[6][at] == (at % 2 == 0))
            #expect(code.rows[at][6] == (at % 2 == 0))
        }
        #expect(code.rows[code.size - 8][8])
    }

    @Test(arguments: [5, 60, 200, 500])
    func `both copies of the format agree and say level M`(bytes: Int) throws {
        let code = try #require(QRCode(String(repeating: "q", count: bytes)))
        let (rows, size) = (code.rows, code.size)
        let first =
            (0...5).map { rows[$0][8] } + [rows[7][8], rows[8][8], rows[8][7]]
            + (9..<15).map { rows[8][14 - $0] }
        let second =
            (0..<8).map { rows[8][size - 1 - $0] } + (8..<15).map { rows[size - 15 + $0][8] }
        #expect(first == second)
        let bits = first.enumerated().reduce(0) { $0 | ($1.element ? 1 << $1.offset : 0) } ^ 0x5412
        #expect(bits >> 13 == 0)
        // The remainder of a proper format by the polynomial of ISO/IEC 18004, annex C, is nothing.
        var rest = bits
        for bit in stride(from: 14, through: 10, by: -1) where rest >> bit & 1 == 1 {
            rest ^= 0x537 << (bit - 10)
        }
        #expect(rest == 0)
    }

    @Test func `the drawing has the quiet zone and as many squares as the code`() throws {
        let code = try #require(QRCode("https://sluice.local/ui/trust"))
        #expect(code.svg.contains("viewBox=\"0 0 \(code.size + 8) \(code.size + 8)\""))
        let dark = code.rows.reduce(0) { $0 + $1.count { $0 } }
        let runs = code.svg.matches(of: /h(\d+)v1h-/).compactMap { Int($0.output.1) }
        #expect(runs.reduce(0, +) == dark)
        #expect(code.blocks.split(separator: "\n").count == (code.size + 5) / 2)
    }

    @Test func `the same text is always the same code, and another text another`() throws {
        #expect(QRCode("A-01")?.rows == QRCode("A-01")?.rows)
        #expect(QRCode("A-01")?.rows != QRCode("A-02")?.rows)
    }
}
