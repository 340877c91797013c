// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Puts numbers and byte strings one behind the other, numbers big-endian: in tag
/// table, ledger and backup.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// With its length before it.
    mutating func putCounted(_ more: [UInt8]) {
        put(UInt32(more.count))
        put(more)
    }

    mutating func put(_ text: String) { putCounted(Array(text.utf8)) }
    mutating func put(_ instant: Instant) { put(instant.microseconds) }

    /// Zeros up to `count` bytes in all.
    mutating func pad(to count: Int) {
        bytes += [UInt8](repeating: 0, count: max(0, count - bytes.count))
    }
}

/// What is wrong with bytes that are taken apart.
enum ByteFault: Error {
    /// There are fewer than there should be.
    case short
    /// A number or length is none that was ever written.
    case range
}

/// Takes apart what `ByteWriter` put together. Nothing of it is trusted.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(count: Int) throws(ByteFault) -> ArraySlice<UInt8> {
        guard count >= 0, rest.count >= count else { throw .short }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func take<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(ByteFault) -> T {
        try take(count: T.bitWidth / 8).reduce(0) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }

    mutating func takeCounted(limit: Int) throws(ByteFault) -> [UInt8] {
        let count = Int(try take(UInt32.self))
        guard count <= limit else { throw .range }
        return Array(try take(count: count))
    }

    mutating func takeText(limit: Int = 256) throws(ByteFault) -> String {
        String(decoding: try takeCounted(limit: limit), as: UTF8.self)
    }

    mutating func takeInstant() throws(ByteFault) -> Instant {
        Instant(microseconds: try take(Int64.self))
    }

    /// A count or number that is not negative and below `limit`.
    mutating func takeNumber(limit: Int64 = 1 << 56) throws(ByteFault) -> Int64 {
        let number = try take(Int64.self)
        guard number >= 0, number < limit else { throw .range }
        return number
    }
}

/// Bytes as hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}

/// A number as 16 hexadecimal digits, so that names sort as their numbers do.
func sixteenDigits(_ number: Int64) -> String {
    let digits = String(UInt64(bitPattern: number), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
