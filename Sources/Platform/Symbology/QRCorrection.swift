// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// What fits into a QR code of a version at error correction level M, and how it is protected.
///
/// Source: ISO/IEC 18004, tables 7 and 9.
enum QRVersion {
    /// Correction bytes of each block, by version.
    private static let correction = [
        10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    ]
    /// Blocks, by version.
    private static let blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]
    /// The largest version that is made: 97 squares a side, which a phone reads from a screen.
    static let most = 20

    /// Squares of a side.
    static func size(_ version: Int) -> Int { version * 4 + 17 }

    /// Bytes of data and correction together.
    static func capacity(_ version: Int) -> Int {
        var bits = (16 * version + 128) * version + 64
        if version >= 2 {
            let marks = version / 7 + 2
            bits -= (25 * marks - 10) * marks - 55
            if version >= 7 { bits -= 36 }
        }
        return bits / 8
    }

    /// Bytes of data.
    static func room(_ version: Int) -> Int {
        capacity(version) - correction[version - 1] * blocks[version - 1]
    }

    /// The smallest version for `count` bytes; nil when there is none.
    static func smallest(for count: Int) -> Int? {
        (1...most).first { count + ($0 < 10 ? 2 : 3) <= room($0) }
    }

    /// Centres of the alignment patterns, in both directions.
    static func alignments(_ version: Int) -> [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let last = version * 4 + 10
        let step = ((last - 6) + 2 * (count - 1) - 1) / (2 * (count - 1)) * 2
        return [6] + (0..<(count - 1)).map { last - (count - 2 - $0) * step }
    }

    /// Data and correction in the order in which they are drawn.
    static func codewords(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        let data = padded(bytes, version)
        let (count, perBlock) = (blocks[version - 1], correction[version - 1])
        let short = data.count / count
        let longFrom = count - data.count % count
        var parts: [[UInt8]] = []
        var start = 0
        for block in 0..<count {
            let length = short + (block >= longFrom ? 1 : 0)
            parts.append(Array(data[start..<(start + length)]))
            start += length
        }
        let checks = parts.map { QRField.remainder($0, perBlock) }
        var all: [UInt8] = []
        for index in 0...short { all += parts.filter { index < $0.count }.map { $0[index] } }
        for index in 0..<perBlock { all += checks.map { $0[index] } }
        return all
    }

    /// Mode, length and bytes, then the padding that the standard names.
    private static func padded(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var bits = QRBits()
        bits.put(4, 4)
        bits.put(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { bits.put(Int(byte), 8) }
        let room = room(version)
        bits.put(0, min(4, room * 8 - bits.count))
        bits.put(0, (8 - bits.count % 8) % 8)
        let padding = (0..<max(0, room - bits.bytes.count)).map {
            $0 % 2 == 0 ? 0xec : 0x11 as UInt8
        }
        return bits.bytes + padding
    }
}

/// Bits one after the other, the highest first.
private struct QRBits {
    var bytes: [UInt8] = []
    var count = 0

    mutating func put(_ value: Int, _ length: Int) {
        for bit in stride(from: length - 1, through: 0, by: -1) {
            if count % 8 == 0 { bytes.append(0) }
            if value >> bit & 1 == 1 { bytes[count / 8] |= 0x80 >> UInt8(count % 8) }
            count += 1
        }
    }
}

/// Reed-Solomon correction over the field of 256 elements with the polynomial 0x11d.
private enum QRField {
    /// Product of two elements.
    static func times(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var (a, b, product) = (UInt16(a), b, UInt16(0))
        while b > 0 {
            if b & 1 == 1 { product ^= a }
            a = a & 0x80 == 0 ? a << 1 : (a << 1) ^ 0x11d
            b >>= 1
        }
        return UInt8(truncatingIfNeeded: product)
    }

    /// The `count` correction bytes of `data`.
    static func remainder(_ data: [UInt8], _ count: Int) -> [UInt8] {
        var divisor: [UInt8] = [1]
        var power: UInt8 = 1
        for _ in 0..<count {
            var next = divisor + [0]
            for (index, one) in divisor.enumerated() { next[index + 1] ^= times(one, power) }
            divisor = next
            power = times(power, 2)
        }
        var rest = [UInt8](repeating: 0, count: count)
        for byte in data {
            let factor = byte ^ rest.removeFirst()
            rest.append(0)
            for index in 0..<count { rest[index] ^= times(divisor[index + 1], factor) }
        }
        return rest
    }
}
