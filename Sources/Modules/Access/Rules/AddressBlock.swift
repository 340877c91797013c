// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Addresses that begin alike: `192.168.1.0/24`, `10.0.0.7`, `fd00::/8`.
///
/// Source: RFC 4632, 3.1 and RFC 4291, 2.3. An IPv4 address that came as IPv6
/// (`::ffff:10.0.0.7`) is the IPv4 address.
struct AddressBlock: Sendable, Equatable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let bits: Int
    let description: String

    /// Nil for what is no block, and for one whose address has bits beyond its length.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = Self.bytes(of: String(parts[0])) else {
            return nil
        }
        var bits = bytes.count * 8
        if parts.count == 2 {
            guard parts[1].utf8.count <= 3, let given = Int(parts[1]), "\(given)" == parts[1],
                (0...bits).contains(given)
            else { return nil }
            bits = given
        }
        guard Self.masked(bytes, bits) == bytes else { return nil }
        (self.bytes, self.bits, description) = (bytes, bits, text)
    }

    /// Whether an address, as a connection names it, lies in the block.
    func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
        return Self.masked(other, bits) == bytes
    }

    private static func masked(_ bytes: [UInt8], _ bits: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let kept = min(max(bits - index * 8, 0), 8)
            return kept == 0 ? 0 : byte & (0xff << UInt8(8 - kept))
        }
    }

    /// 4 or 16 bytes; nil for what is no address. A zone (`%eth0`) is left out.
    private static func bytes(of text: String) -> [UInt8]? {
        let plain = String(text.prefix { $0 != "%" })
        guard plain.utf8.count <= 45 else { return nil }
        guard plain.contains(":") else { return dotted(plain) }
        guard let bytes = colons(plain) else { return nil }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...11] == [0xff, 0xff]
        return isMapped ? Array(bytes[12...]) : bytes
    }

    private static func dotted(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in UInt8(part).flatMap { "\($0)" == part ? $0 : nil } }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    private static func colons(_ text: String) -> [UInt8]? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text).flatMap { $0.count == 16 ? $0 : nil }
        }
        let rest = text[gap.upperBound...]
        guard !rest.contains("::"), !rest.hasPrefix(":"),
            let head = groups(String(text[..<gap.lowerBound])), let tail = groups(String(rest)),
            head.count + tail.count < 16
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// Groups of hexadecimal digits between colons, the last of which may be an IPv4 address.
    private static func groups(_ text: String) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(".") {
                guard let four = dotted(String(part)) else { return nil }
                bytes += four
                continue
            }
            guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
        }
        return bytes
    }
}
