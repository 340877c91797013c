// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// The Host field (RFC 9110, 7.2): a name or address and perhaps a port.
package enum HostField {
    /// The name in lower case, without the port; nil when this is no host.
    package static func name(of field: String) -> String? {
        let bytes = Array(field.utf8)
        guard !bytes.isEmpty && bytes.count <= 255 else { return nil }
        var end = bytes.count
        if bytes[0] == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            end = close + 1
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            end = colon
        }
        guard end > 0 else { return nil }
        if end < bytes.count {
            let port = bytes[(end + 1)...]
            guard bytes[end] == UInt8(ascii: ":"), port.count <= 5,
                port.allSatisfy({ $0 >= 48 && $0 <= 57 })
            else { return nil }
        }
        for byte in bytes[..<end] {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                continue
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"):
                guard bytes[0] == UInt8(ascii: "[") else { return nil }
            default: return nil
            }
        }
        // No label is empty, but for the root's behind the last dot (RFC 1034, 3.1).
        let dot = UInt8(ascii: ".")
        guard bytes[0] != dot,
            !zip(bytes[..<end], bytes[1...]).contains(where: { $0 == dot && $1 == dot })
        else { return nil }
        // "box.local." is "box.local" (RFC 1034, 3.1).
        if end > 1 && bytes[end - 1] == UInt8(ascii: ".") { end -= 1 }
        return String(decoding: bytes[..<end].map(HeaderBlock.lowered), as: UTF8.self)
    }

    /// The name in lower case of a text that is a name or address and nothing else, or nil.
    package static func plain(_ text: String) -> String? {
        guard let name = name(of: text), text.hasPrefix("[") || !text.contains(":"),
            !text.hasPrefix("[") || text.hasSuffix("]")
        else { return nil }
        return name
    }

    /// Whether a host, as `name(of:)` gives it, is a name and no address.
    package static func isName(_ host: String) -> Bool { address(host) == nil && host.first != "[" }

    /// An address in the one spelling that inet_ntop(3) gives it, or nil when the name is none.
    /// An IPv4 address inside an IPv6 one (RFC 4291, 2.5.5.2) is given as IPv4.
    static func address(_ name: String) -> String? {
        let isSix = name.hasPrefix("[") && name.hasSuffix("]")
        let text = isSix ? String(name.dropFirst().dropLast()) : name
        // The zone of a link-local address is this machine's affair.
        let bare = String(text.prefix { $0 != "%" })
        let family = bare.contains(":") ? AF_INET6 : AF_INET
        guard isSix == (family == AF_INET6) || !name.hasPrefix("[") else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(family, bare, &bytes) == 1 else { return nil }
        let isMapped =
            family == AF_INET6 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xff
            && bytes[11] == 0xff
        if isMapped { return bytes[12...].map { String($0) }.joined(separator: ".") }
        var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &written, socklen_t(written.count)) != nil else {
            return nil
        }
        return String(
            decoding: written.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
