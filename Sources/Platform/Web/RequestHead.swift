// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// The methods that Sluice answers; every other is refused with 405.
package enum Method: String, Sendable, CaseIterable, Comparable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"

    /// Methods that must not change anything (RFC 9110, 9.2.1).
    package var isSafe: Bool { self == .get || self == .head }

    package static func < (a: Method, b: Method) -> Bool { a.rawValue < b.rawValue }
}

/// Everything of a request except its body. Made once per request, after the first guard; it may
/// be kept for as long as anybody wants.
package final class RequestHead: Sendable {
    package let method: Method
    /// The path as received, without the query, starting with a slash.
    package let path: String
    /// Path and query as received: what a signature is over.
    package let target: String
    /// The decoded pieces of the path.
    package let segments: [String]
    /// The decoded pairs of the query, in order.
    package let query: [(name: String, value: String)]
    package let headers: HeaderBlock
    /// The address of the other end, "127.0.0.1" or "fe80::1", or "local" for a Unix socket.
    package let clientAddress: String
    /// The user id of the process at the other end of a Unix socket (SO_PEERCRED), else nil.
    package let peerUser: UInt32?
    /// Whether it came over TLS to this server itself. Behind a proxy that ends TLS it did not.
    package let isTLS: Bool
    private let number: UInt64

    init(
        method: Method, target: TargetReader, headers: HeaderBlock, clientAddress: String,
        peerUser: UInt32?, number: UInt64, isTLS: Bool
    ) {
        self.isTLS = isTLS
        self.method = method
        self.path = target.path
        self.target = target.rawQuery.map { target.path + "?" + $0 } ?? target.path
        self.segments = target.segments
        self.query = target.query
        self.headers = headers
        self.clientAddress = clientAddress
        self.peerUser = peerUser
        self.number = number
    }

    /// A head without a connection, for tests and for callers inside the process.
    ///
    /// Throws `WebRefusal.targetBad` when the target would be refused on the wire.
    package convenience init(
        _ method: Method, _ target: String, headers: [(String, String)] = [],
        clientAddress: String = "127.0.0.1", peerUser: UInt32? = nil, isTLS: Bool = false
    ) throws {
        let reader: TargetReader
        do throws(TargetFault) {
            reader = try TargetReader(Array(target.utf8))
        } catch {
            throw WebRefusal.targetBad
        }
        self.init(
            method: method, target: reader, headers: HeaderBlock(headers),
            clientAddress: clientAddress, peerUser: peerUser, number: RequestNumber.next(),
            isTLS: isTLS)
    }

    /// Names this request in answers and logs; the process draws a random start, then
    /// counts.
    package var requestID: String { RequestNumber.text(number) }

    /// The value of the first header field of that name (any case), or nil.
    package func header(_ name: String) -> String? { headers[name] }

    /// The value of a cookie. A name sent twice yields nil: one of the two was planted.
    package func cookie(_ name: String) -> String? {
        var found: String?
        for line in headers.all("cookie") {
            // By bytes: a walk over characters costs more than all the rest of a quick answer.
            for pair in line.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = pair.drop { $0 == UInt8(ascii: " ") }
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                    pair[..<equals].elementsEqual(name.utf8)
                else { continue }
                guard found == nil else { return nil }
                found = String(Substring(pair[pair.index(after: equals)...]))
            }
        }
        return found
    }

    /// Whether the client shows what it gets as it is: it asks for plain text, or sends it.
    package var wantsLine: Bool {
        if let accept = header("accept"), accept.lowercased().hasPrefix("text/plain") {
            return true
        }
        return header("content-type").map(MediaType.essence) == "text/plain"
    }

    /// Path and query as they can be put into an address.
    package var pathAndQuery: String {
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }
            .joined(separator: "&")
    }

    /// All but the unreserved characters of RFC 3986, 2.3, as `%XX`.
    private static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The language the client prefers (RFC 9110, 12.5.4), Chinese when it names none of ours.
    package var language: Language { Language.preferred(in: header("accept-language")) }
}

/// A request with its whole body.
package struct Request: Sendable {
    package let head: RequestHead
    package let body: [UInt8]

    package init(_ head: RequestHead, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

extension Language {
    /// Reads an Accept-Language value; weights are compared in thousandths.
    package static func preferred(in header: String?) -> Language {
        guard let header, header.utf8.count <= 256 else { return .zhCN }
        var best: (language: Language, weight: Int)?
        for piece in header.split(separator: ",") {
            let parts = piece.split(separator: ";")
            guard let tag = parts.first?.filter({ $0 != " " }).lowercased() else { continue }
            let language: Language
            if tag == "zh" || tag.hasPrefix("zh-") {
                language = .zhCN
            } else if tag == "en" || tag.hasPrefix("en-") {
                language = .en
            } else {
                continue
            }
            let weight = parts.dropFirst().compactMap(Self.weight).first ?? 1000
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        return best?.language ?? .zhCN
    }

    /// "q=0.8" as 800, a weight that is none as 0; nil for any other parameter.
    private static func weight(_ parameter: Substring) -> Int? {
        let text = parameter.filter { $0 != " " }
        guard text.hasPrefix("q=") else { return nil }
        let digits = text.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = digits.first.flatMap({ Int($0) }), (0...1).contains(whole) else {
            return 0
        }
        guard digits.count > 1 else { return whole * 1000 }
        let fraction = (digits[1] + "000").prefix(3)
        return whole * 1000 + (Int(fraction) ?? 0)
    }
}
