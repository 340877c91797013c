// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Web

extension ErrandTarget {
    /// A service that sends short messages to telephones for whoever posts them to it.
    package struct Gateway: Sendable, Equatable {
        /// Where messages are posted: `https://host/path`, without a query, since addresses stand
        /// in the logs of others. `http` only to this machine or a private address.
        package var address: String
        package var media: MessageMedia
        /// What is posted, with `{to}`, `{text}` and, where the gateway wants it there, `{secret}`.
        package var template: String
        /// Name of the header field that carries the secret; nil for none.
        package var header: String?
        package var secret: SecretText?
        /// Seconds that one message may take, connecting included.
        package var seconds: Int

        package init(
            address: String, media: MessageMedia, template: String, header: String?,
            secret: SecretText?, seconds: Int
        ) {
            self.address = address
            self.media = media
            self.template = template
            self.header = header
            self.secret = secret
            self.seconds = seconds
        }
    }
}

/// What a gateway takes.
package enum MessageMedia: String, Sendable, CaseIterable {
    case json, form

    /// As it stands in `Content-Type`. Source: RFC 8259, 11; WHATWG URL, 5.
    package var type: String {
        switch self {
        case .json: "application/json"
        case .form: "application/x-www-form-urlencoded"
        }
    }
}

extension ErrandTarget.Gateway {
    /// Fields that say how the body travels, or whose it is: they are the courier's to set.
    private static let ownFields: Set<String> = [
        "connection", "content-encoding", "content-length", "content-type", "cookie", "expect",
        "host", "te", "trailer", "transfer-encoding", "upgrade", "user-agent",
    ]

    func check() throws(ErrandRefusal) {
        try checkAddress()
        let own = "target.gateway."
        try Form.demand(
            ErrandLimit.messageSeconds.contains(seconds), own + "seconds",
            "\(ErrandLimit.messageSeconds.lowerBound) to \(ErrandLimit.messageSeconds.upperBound)")
        if let header {
            try Form.demand(
                Form.isToken(header) && !Self.ownFields.contains(header.lowercased()),
                own + "header", "the name of a header field, for example Authorization")
            try Form.demand(
                secret != nil, own + "secret", "what stands in the header field; it is missing")
        }
        if let secret {
            // It may be two words, as "Bearer abc" is.
            try Form.demand(
                (1...ErrandLimit.wordBytes).contains(secret.revealed.utf8.count)
                    && secret.revealed.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
                    && secret.revealed.first != " " && secret.revealed.last != " ",
                own + "secret", "1 to \(ErrandLimit.wordBytes) visible ASCII characters")
        }
        let found = try placeholders()
        for field in [MessageField.to, .text] {
            try Form.demand(
                found.contains(field), own + "template", "a value with {\(field.rawValue)} in it")
        }
        try Form.demand(
            secret != nil || !found.contains(.secret), own + "secret",
            "what stands for {secret}; it is missing")
        try Form.demand(
            secret == nil || header != nil || found.contains(.secret), own + "header",
            "a header field for the secret, or {secret} in the body")
    }

    private func checkAddress() throws(ErrandRefusal) {
        let scheme = ["https://", "http://"].first(where: address.hasPrefix)
        let rest = address.dropFirst(scheme?.count ?? 0)
        let host = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(host.count)
        let isPath = path.utf8.allSatisfy {
            (0x21..<0x7f).contains($0) && !"?#{}\\\"<>^`|".utf8.contains($0)
        }
        try Form.demand(
            scheme != nil && address.utf8.count <= ErrandLimit.messageAddressBytes
                && Form.isHost(String(host), withPort: true) && isPath,
            "target.gateway.address", "https://host/path, without ? and # behind it")
        try Form.demand(
            scheme == "https://" || Form.isThisMachine(host) || Form.isPrivate(host),
            "target.gateway.address",
            "https://; without TLS only this machine or a private address is taken")
    }

    var json: JSON {
        var fields: [String: JSON] = [
            "address": .text(address), "media": .text(media.rawValue), "template": .text(template),
            "seconds": .integer(Int64(seconds)),
        ]
        if let header { fields["header"] = .text(header) }
        if let secret { fields["secret"] = .text(secret.revealed) }
        return .object(fields)
    }

    init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "target.gateway")
        address = try fields.text("address")
        guard let media = MessageMedia(rawValue: try fields.text("media")) else {
            throw .fieldInvalid(field: "target.gateway.media", wants: "json or form")
        }
        self.media = media
        template = try fields.text("template")
        header = try fields.textOrNil("header")
        secret = try fields.textOrNil("secret").map { SecretText($0) }
        seconds = Int(clamping: try fields.integer("seconds"))
        try fields.end()
    }
}

extension Form {
    /// A token of HTTP (RFC 9110, 5.6.2), as names of fields are.
    static func isToken(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains($0)
                }
            }
    }

    /// Whether a host, with or without a port, is an address that only networks of one's own have:
    /// 10/8, 172.16/12, 192.168/16 (RFC 1918) and fc00::/7 (RFC 4193). Names are none: who
    /// answers to a name can change.
    static func isPrivate(_ text: Substring) -> Bool {
        if text.hasPrefix("[") {
            let group = text.dropFirst().prefix { $0 != ":" }
            guard group.count == 4, let first = UInt16(group, radix: 16) else { return false }
            return first & 0xfe00 == 0xfc00
        }
        let parts = text.prefix { $0 != ":" }.split(
            separator: ".", omittingEmptySubsequences: false)
        let octets = parts.compactMap { part in
            UInt8(part).flatMap { String($0) == part ? $0 : nil }
        }
        guard parts.count == 4, octets.count == 4 else { return false }
        return octets[0] == 10 || (octets[0] == 172 && (16...31).contains(octets[1]))
            || (octets[0] == 192 && octets[1] == 168)
    }

    /// A number as telephones have it everywhere: a plus sign and 7 to 15 digits (ITU-T E.164, 6).
    static func isNumber(_ text: String) -> Bool {
        text.hasPrefix("+") && (8...16).contains(text.utf8.count)
            && text.utf8.dropFirst().allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            } && !text.hasPrefix("+0")
    }
}

/// Whether a text is a telephone number in the form of E.164: `+8613800138000`.
package func isTelephoneNumber(_ text: String) -> Bool { Form.isNumber(text) }
