// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A request target that is refused before anything looks at it.
enum TargetFault: Error {
    case bad
}

/// The path and query of a request target in origin form (RFC 9112, 3.2.1), decoded once.
///
/// Everything that two programs could read differently is refused instead of repaired: dot
/// segments in any spelling, malformed percent escapes, bytes that are no UTF-8, control
/// characters, a fragment, the absolute form.
struct TargetReader {
    /// As received, before the question mark.
    let path: String
    /// Decoded pieces between the slashes; "/ui/" has two, the last one empty.
    let segments: [String]
    let query: [(name: String, value: String)]
    /// As received, after the question mark; nil without one.
    let rawQuery: String?

    init(_ raw: [UInt8]) throws(TargetFault) {
        guard raw.first == UInt8(ascii: "/") else { throw .bad }
        for byte in raw {
            guard byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "#") else { throw .bad }
        }
        let mark = raw.firstIndex(of: UInt8(ascii: "?")) ?? raw.endIndex
        path = String(decoding: raw[..<mark], as: UTF8.self)
        var segments: [String] = []
        var start = 1
        for index in 1...mark where index == mark || raw[index] == UInt8(ascii: "/") {
            let segment = try Percent.decoded(raw[start..<index], plusIsSpace: false)
            guard segment != "." && segment != "..",
                !segment.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f })
            else { throw .bad }
            segments.append(segment)
            start = index + 1
        }
        self.segments = segments
        rawQuery =
            mark < raw.endIndex ? String(decoding: raw[(mark + 1)...], as: UTF8.self) : nil
        query = mark < raw.endIndex ? try QueryReader.pairs(of: raw[(mark + 1)...]) : []
    }
}

/// Names and values joined by `&` and `=`: queries and form bodies.
enum QueryReader {
    static let pairsMax = 64

    static func pairs(
        of bytes: ArraySlice<UInt8>
    ) throws(TargetFault) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < pairsMax else { throw .bad }
            let equals = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            let name = try Percent.decoded(piece[..<equals], plusIsSpace: true)
            let rest = equals < piece.endIndex ? piece[(equals + 1)...] : []
            pairs.append((name, try Percent.decoded(rest, plusIsSpace: true, allowsLines: true)))
        }
        return pairs
    }
}

/// Percent-decoding (RFC 3986, 2.1), once and strictly.
enum Percent {
    static func decoded(
        _ bytes: ArraySlice<UInt8>, plusIsSpace: Bool, allowsLines: Bool = false
    ) throws(TargetFault) -> String {
        let isPlain = !bytes.contains {
            $0 == UInt8(ascii: "%") || (plusIsSpace && $0 == UInt8(ascii: "+"))
        }
        if isPlain { return try text(bytes, allowsLines: allowsLines) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if plusIsSpace && byte == UInt8(ascii: "+") {
                output.append(0x20)
            } else if byte == UInt8(ascii: "%") {
                guard index + 1 < bytes.endIndex,
                    let high = HexDigit.value(of: bytes[index]),
                    let low = HexDigit.value(of: bytes[index + 1])
                else { throw .bad }
                output.append(high << 4 | low)
                index += 2
            } else {
                output.append(byte)
            }
        }
        return try text(output[...], allowsLines: allowsLines)
    }

    /// GS (0x1d) is let through, because it separates the elements of a GS1 code.
    private static func text(
        _ bytes: ArraySlice<UInt8>, allowsLines: Bool
    ) throws(TargetFault) -> String {
        for byte in bytes where byte < 0x20 || byte == 0x7f {
            let isLine = byte == 0x0a || byte == 0x0d || byte == 0x09
            guard byte == 0x1d || (allowsLines && isLine) else { throw .bad }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .bad }
        return text
    }
}
