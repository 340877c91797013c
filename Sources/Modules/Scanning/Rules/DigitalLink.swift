// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A web address that carries GS1 keys: `https://example.com/01/09506000134352/10/LOT7?17=261200`.
///
/// Source: GS1 Digital Link Standard, URI Syntax (uncompressed form).
enum DigitalLink {
    /// The keys that a path may begin with and, in their order, what may qualify each of them.
    private static let qualifiers: [String: [[String]]] = [
        "00": [[]], "01": [["22", "10", "21"], ["235"]], "253": [[]], "255": [[]], "401": [[]],
        "402": [[]], "414": [["254"]], "417": [[]], "8003": [[]], "8004": [[]],
        "8006": [["22", "10", "21"]], "8010": [["8011"]], "8013": [[]], "8017": [["8019"]],
        "8018": [["8019"]],
    ]

    /// True for any web address.
    static func isAddress(_ text: [UInt8]) -> Bool { start(of: text) != nil }

    /// The elements of a link, nil when the address carries no key.
    ///
    /// Errors: a key is there, but its data is wrong.
    static func elements(
        of text: [UInt8], today: BusinessDay
    ) throws(ReadingRefusal) -> [CodeElement]? {
        guard let start = start(of: text) else { return nil }
        let address = text[start...].prefix { $0 != UInt8(ascii: "#") }
        let halves = address.split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var segments = halves[0].split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        // The first segment is the host; a slash at the end means nothing.
        segments.removeFirst()
        if segments.last?.isEmpty == true { segments.removeLast() }
        guard let pairs = path(segments) else { return nil }
        var elements: [CodeElement] = []
        for (code, data) in pairs {
            try elements.append(element(code, data, today: today))
        }
        if halves.count > 1 {
            for part in halves[1].split(whereSeparator: { [0x26, 0x3B].contains($0) }) {
                guard let middle = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
                // Names that are no number belong to the web server.
                let name = part[..<middle]
                guard !name.isEmpty, name.allSatisfy(\.isDigit) else { continue }
                let data = part[(middle + 1)...]
                try elements.append(element(name.asText, data, today: today))
            }
        }
        return try ElementPairs.checked(elements)
    }

    private static func start(of text: [UInt8]) -> Int? {
        for scheme in ["https://", "http://"] {
            let length = scheme.utf8.count
            let lower = text.prefix(length).map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
            if text.count > length, lower.elementsEqual(scheme.utf8) { return length }
        }
        return nil
    }

    /// Key and qualifiers at the end of the path, found from behind in steps of two, so that
    /// data that looks like a key is not taken for one.
    private static func path(
        _ segments: [ArraySlice<UInt8>]
    ) -> [(String, ArraySlice<UInt8>)]? {
        var index = segments.count - 2
        while index >= 0 {
            let code = segments[index].asText
            let tail = stride(from: index, to: segments.count, by: 2).map {
                (segments[$0].asText, segments[$0 + 1])
            }
            if let orders = qualifiers[code] {
                let names = tail.dropFirst().map(\.0)
                return orders.contains { isOrdered(names, in: $0) } ? tail : nil
            }
            index -= 2
        }
        return nil
    }

    private static func isOrdered(_ names: [String], in order: [String]) -> Bool {
        var rest = order[...]
        for name in names {
            guard let index = rest.firstIndex(of: name) else { return false }
            rest = rest[(index + 1)...]
        }
        return true
    }

    private static func element(
        _ code: String, _ data: ArraySlice<UInt8>, today: BusinessDay
    ) throws(ReadingRefusal) -> CodeElement {
        guard let identifier = ApplicationIdentifier.named(code) else {
            throw .identifierUnknown(found: code)
        }
        guard var bytes = decoded(data) else { throw .charset(identifier: code) }
        // Earlier editions allowed the shorter trade item numbers as they are.
        if code == "01", [8, 12, 13].contains(bytes.count) {
            bytes = Array(repeating: .digitZero, count: 14 - bytes.count) + bytes
        }
        return try CodeElement(identifier, data: bytes[...], today: today)
    }

    /// Percent signs taken out; nil when what follows one is no hexadecimal pair.
    private static func decoded(_ data: ArraySlice<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var index = data.startIndex
        while index < data.endIndex {
            guard data[index] == UInt8(ascii: "%") else {
                result.append(data[index])
                index += 1
                continue
            }
            guard index + 2 < data.endIndex, let high = nibble(data[index + 1]),
                let low = nibble(data[index + 2])
            else { return nil }
            result.append(high << 4 | low)
            index += 3
        }
        return result
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
