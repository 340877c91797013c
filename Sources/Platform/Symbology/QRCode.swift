// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A text as a QR code: its UTF-8 bytes at error correction level M, versions 1 to 20.
///
/// Source: ISO/IEC 18004. Pure: the same text always gives the same squares.
package struct QRCode: Sendable {
    /// Squares of a side, without the quiet zone.
    package let size: Int
    /// Row after row; true is dark.
    package private(set) var rows: [[Bool]]
    private let version: Int
    /// Squares that belong to patterns and are never masked.
    private var isFixed: [[Bool]]

    /// Nil when the text has more than 666 bytes, which is what version 20 holds.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.smallest(for: bytes.count) else { return nil }
        self.version = version
        size = QRVersion.size(version)
        rows = Array(repeating: Array(repeating: false, count: size), count: size)
        isFixed = rows
        drawPatterns()
        fill(QRVersion.codewords(bytes, version))
        applyBestMask()
    }

    private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
        guard (0..<size).contains(x), (0..<size).contains(y) else { return }
        rows[y][x] = isDark
        isFixed[y][x] = true
    }

    /// A square pattern around a centre; `isDark` says it ring by ring, 0 being the centre.
    private mutating func square(_ cx: Int, _ cy: Int, reach: Int, _ isDark: (Int) -> Bool) {
        for dy in -reach...reach {
            for dx in -reach...reach { set(cx + dx, cy + dy, isDark(max(abs(dx), abs(dy)))) }
        }
    }

    private mutating func drawPatterns() {
        for at in 0..<size {
            set(6, at, at % 2 == 0)
            set(at, 6, at % 2 == 0)
        }
        let end = size - 4
        for (x, y) in [(3, 3), (end, 3), (3, end)] {
            square(x, y, reach: 4) { $0 != 2 && $0 != 4 }
        }
        let centres = QRVersion.alignments(version)
        let last = centres.count - 1
        for (i, x) in centres.enumerated() {
            for (j, y) in centres.enumerated() {
                let isAtCorner = [(0, 0), (0, last), (last, 0)].contains { $0 == i && $1 == j }
                if !isAtCorner { square(x, y, reach: 2) { $0 != 1 } }
            }
        }
        drawFormat(mask: 0)
        if version >= 7 { drawVersion() }
    }

    private mutating func drawVersion() {
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1f25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            let (far, near) = (size - 11 + index % 3, index / 3)
            set(far, near, bits >> index & 1 == 1)
            set(near, far, bits >> index & 1 == 1)
        }
    }

    /// Level M is 00 in the format; the number of the mask follows.
    private mutating func drawFormat(mask: Int) {
        var rest = mask
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (mask << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { set(8, index, bit(index)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for index in 9..<15 { set(14 - index, 8, bit(index)) }
        for index in 0..<8 { set(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { set(8, size - 15 + index, bit(index)) }
        set(8, size - 8, true)
    }

    /// Fills what is left in columns of two from the right, upwards and downwards in turn.
    private mutating func fill(_ words: [UInt8]) {
        var index = 0
        var right = size - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            for step in 0..<size {
                let y = (right + 1) & 2 == 0 ? size - 1 - step : step
                for x in [right, right - 1] where !isFixed[y][x] {
                    let isWithin = index < words.count * 8
                    rows[y][x] = isWithin && words[index / 8] >> UInt8(7 - index % 8) & 1 == 1
                    index += 1
                }
            }
            right -= 2
        }
    }

    private mutating func applyBestMask() {
        var best = (number: 0, penalty: Int.max)
        for number in 0..<8 {
            apply(mask: number)
            drawFormat(mask: number)
            let penalty = QRPenalty.of(rows)
            if penalty < best.penalty { best = (number, penalty) }
            apply(mask: number)
        }
        apply(mask: best.number)
        drawFormat(mask: best.number)
    }

    /// Turns the squares of a mask over; twice is nothing.
    private mutating func apply(mask number: Int) {
        for y in 0..<size {
            for x in 0..<size where !isFixed[y][x] && Self.isTurned(number, x, y) {
                rows[y][x].toggle()
            }
        }
    }

    private static func isTurned(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }
}

/// How hard a symbol is to read: long runs, squares, what looks like a corner, and imbalance.
private enum QRPenalty {
    private static let corners: [[Bool]] = [
        [true, false, true, true, true, false, true, false, false, false, false],
        [false, false, false, false, true, false, true, true, true, false, true],
    ]

    static func of(_ rows: [[Bool]]) -> Int {
        let size = rows.count
        let columns = (0..<size).map { x in rows.map { $0[x] } }
        var total = 0
        for line in rows + columns { total += ofLine(line) }
        for y in 1..<size {
            for x in 1..<size {
                let one = rows[y][x]
                if rows[y][x - 1] == one && rows[y - 1][x] == one && rows[y - 1][x - 1] == one {
                    total += 3
                }
            }
        }
        let dark = rows.reduce(0) { $0 + $1.count { $0 } }
        return total + abs(dark * 20 - size * size * 10) / (size * size) * 10
    }

    private static func ofLine(_ line: [Bool]) -> Int {
        var (total, run) = (0, 1)
        for at in 1...line.count {
            if at < line.count && line[at] == line[at - 1] {
                run += 1
                continue
            }
            if run >= 5 { total += run - 2 }
            run = 1
        }
        for at in 0...(line.count - 11)
        where corners.contains(where: { $0 == Array(line[at..<(at + 11)]) }) {
            total += 40
        }
        return total
    }
}
