// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Glibc

/// The first guard: what libmicrohttpd 0.9.75 lets through and this server does not.
///
/// One walk over the header fields copies them and checks framing (RFC 9112, 6) and names. A
/// front server and this one must never disagree about where a request ends.
struct HeaderWalk {
    var headers = HeaderBlock()
    private(set) var bodyLength: Int?
    private(set) var isChunked = false
    private(set) var host: String?
    private var hostCount = 0
    private var fault: WebRefusal?

    mutating func take(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        guard Self.isToken(name) && !Self.hasControl(value) else {
            fault = fault ?? .headersBad
            return
        }
        headers.append(name: name, value: value)
        switch name.count {
        case 4 where Self.isNamed(name, "host"):
            hostCount += 1
            host = String(decoding: value, as: UTF8.self)
        case 14 where Self.isNamed(name, "content-length"):
            takeLength(value)
        case 17 where Self.isNamed(name, "transfer-encoding"):
            if isChunked || !Self.isNamed(value, "chunked") { fault = fault ?? .framingBad }
            isChunked = true
        default:
            break
        }
    }

    private mutating func takeLength(_ value: UnsafeBufferPointer<UInt8>) {
        let isPlain = (1...18).contains(value.count) && value.allSatisfy { $0 >= 48 && $0 <= 57 }
        guard bodyLength == nil, isPlain, let length = Int(String(decoding: value, as: UTF8.self))
        else {
            fault = fault ?? .framingBad
            return
        }
        bodyLength = length
    }

    /// The refusal of the whole header, or nil.
    func refusal(
        version: UnsafePointer<CChar>?, headerBytes: Int, settings: ServerSettings,
        ownAddress: String
    ) -> WebRefusal? {
        if let fault { return fault }
        guard let version else { return .headersBad }
        let isOne = strcmp(version, "HTTP/1.1") == 0
        guard isOne || strcmp(version, "HTTP/1.0") == 0 else { return .headersBad }
        if isChunked && (bodyLength != nil || !isOne) { return .framingBad }
        if headers.count > settings.headerFieldsMax || headerBytes > settings.headerBytesMax {
            return .headersTooLarge
        }
        guard hostCount == 1, let host, let name = HostField.name(of: host) else {
            return .hostBad
        }
        guard let hosts = settings.hosts else { return nil }
        // The address that the client has connected to is never another site's name.
        if hosts.contains(name) || HostField.address(name) == ownAddress { return nil }
        return .hostUnknown(name)
    }

    private static func isNamed(_ bytes: UnsafeBufferPointer<UInt8>, _ name: StaticString) -> Bool {
        guard bytes.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count
        where HeaderBlock.lowered(bytes[index]) != name.utf8Start[index] {
            return false
        }
        return true
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !name.isEmpty else { return false }
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
                UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
                UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"),
                UInt8(ascii: "~"):
                continue
            default: return false
            }
        }
        return true
    }

    private static func hasControl(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in value where byte < 0x20 && byte != 0x09 || byte == 0x7f { return true }
        return false
    }
}
