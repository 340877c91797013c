// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// Puts numbers and byte strings one behind the other, numbers little-endian.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// With its length before it.
    mutating func putCounted(_ more: [UInt8]) {
        put(UInt32(more.count))
        put(more)
    }

    mutating func put(_ text: String) { putCounted(Array(text.utf8)) }
    mutating func put(_ instant: Instant) { put(instant.microseconds) }
}

/// Takes apart what `ByteWriter` put together. Nothing of it is trusted.
struct ByteReader {
    private var rest: ArraySlice<UInt8>
    private let name: String

    /// - Parameter name: of the object, for the fault.
    init(_ bytes: ArraySlice<UInt8>, name: String) {
        rest = bytes
        self.name = name
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// - Throws: `BackupFault.cut` when there are fewer bytes left.
    mutating func take(count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, rest.count >= count else { throw BackupFault.cut(name) }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func take<T: FixedWidthInteger>(_ type: T.Type) throws -> T {
        try take(count: MemoryLayout<T>.size).reversed().reduce(0) { $0 << 8 | T($1) }
    }

    mutating func takeCounted(limit: Int) throws -> [UInt8] {
        let count = Int(try take(UInt32.self))
        guard count <= limit else { throw BackupFault.altered(name) }
        return Array(try take(count: count))
    }

    mutating func takeText(limit: Int = 256) throws -> String {
        String(decoding: try takeCounted(limit: limit), as: UTF8.self)
    }

    mutating func takeInstant() throws -> Instant {
        Instant(microseconds: try take(Int64.self))
    }

    /// A count or number that is not negative and below `limit`.
    mutating func takeNumber(limit: Int64 = 1 << 56) throws -> Int64 {
        let number = try take(Int64.self)
        guard number >= 0, number < limit else { throw BackupFault.altered(name) }
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
