// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Where a target is, in one line that people can keep, type and compare; without any secret.
///
///     s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1
///     sftp://user@host:22/folder
///
/// Forms are checked here only as far as the line is taken apart; the rest is `ErrandTarget.check`.
package enum TargetAddress: Sendable, Equatable, CustomStringConvertible {
    case s3(endpoint: String, bucket: String, prefix: String, region: String, pathStyle: Bool)
    case sftp(user: String, host: String, port: Int, path: String)

    /// The port of SSH (RFC 4253, 4.1).
    package static let sshPort = 22
    /// What stores in the same house call their region, as a rule.
    package static let usualRegion = "us-east-1"
    private static let lengthMost = 2000

    /// Whether a text is an address and not a folder.
    package static func isOne(_ text: String) -> Bool {
        text.hasPrefix("s3://") || text.hasPrefix("sftp://")
    }

    /// - Throws: `ErrandRefusal.fieldInvalid` with what an address looks like.
    package init(_ text: String) throws(ErrandRefusal) {
        guard text.utf8.count <= Self.lengthMost else {
            throw .fieldInvalid(field: "address", wants: "at most \(Self.lengthMost) characters")
        }
        if text.hasPrefix("s3://") {
            try self.init(bucket: text.dropFirst("s3://".count))
        } else if text.hasPrefix("sftp://") {
            try self.init(folder: text.dropFirst("sftp://".count))
        } else {
            throw .fieldInvalid(field: "address", wants: "s3://… or sftp://…")
        }
    }

    private init(bucket rest: Substring) throws(ErrandRefusal) {
        let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = halves[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var prefix = path.count > 1 ? String(path[1]) : ""
        // One slash ends it, however many were typed.
        while prefix.hasSuffix("/") { prefix.removeLast() }
        if !prefix.isEmpty { prefix += "/" }
        var (endpoint, region, pathStyle): (String?, String, Bool) = (nil, Self.usualRegion, true)
        for pair in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
            let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = words.count > 1 ? Self.plain(words[1]) : nil
            switch (words[0], value) {
            case ("endpoint", let value?): endpoint = value
            case ("region", let value?): region = value
            case ("style", "path"): pathStyle = true
            case ("style", "host"): pathStyle = false
            default:
                throw .fieldInvalid(
                    field: "address",
                    wants: "endpoint=, region= and style=path or host behind the ?")
            }
        }
        guard let endpoint else {
            throw .fieldInvalid(
                field: "address", wants: "s3://bucket/prefix?endpoint=https://host&region=name")
        }
        self = .s3(
            endpoint: endpoint, bucket: String(path[0]), prefix: prefix, region: region,
            pathStyle: pathStyle)
    }

    private init(folder rest: Substring) throws(ErrandRefusal) {
        let wrong = ErrandRefusal.fieldInvalid(
            field: "address", wants: "sftp://user@host/folder or sftp://user@host:port/folder")
        guard let slash = rest.firstIndex(of: "/"), let at = rest[..<slash].lastIndex(of: "@")
        else {
            throw wrong
        }
        var host = rest[rest.index(after: at)..<slash]
        var port = Self.sshPort
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let number = Int(host[host.index(after: colon)...]) else { throw wrong }
            port = number
            host = host[..<colon]
        }
        // What has colons is an address of IPv6, in brackets (RFC 3986, 3.2.2).
        guard !host.contains(":") || (host.hasPrefix("[") && host.hasSuffix("]")) else {
            throw wrong
        }
        var path = rest[slash...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        self = .sftp(user: String(rest[..<at]), host: String(host), port: port, path: String(path))
    }

    /// A value in which `%3A` and the like stand for characters (RFC 3986, 2.1); nil when they
    /// stand for none.
    private static func plain(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The other way: what would end the value, or stand for something else, is written so.
    private static func escaped(_ text: String) -> String {
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "%"): Array("%25".utf8)
            case UInt8(ascii: "&"): Array("%26".utf8)
            default: [byte]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    package var description: String {
        switch self {
        case .s3(let endpoint, let bucket, let prefix, let region, let pathStyle):
            "s3://\(bucket)\(prefix.isEmpty ? "" : "/\(prefix.dropLast())")"
                + "?endpoint=\(Self.escaped(endpoint))&region=\(Self.escaped(region))"
                + (pathStyle ? "" : "&style=host")
        case .sftp(let user, let host, let port, let path):
            "sftp://\(user)@\(host)\(port == Self.sshPort ? "" : ":\(port)")\(path)"
        }
    }

    /// The target at this address.
    ///
    /// - Parameters:
    ///   - accessKey: the name of the key to a bucket; empty for SFTP.
    ///   - hostKeys: fingerprints of a host of SFTP.
    package func target(
        name: String, accessKey: String, credential: ErrandTarget.Credential,
        hostKeys: [String]
    ) -> ErrandTarget {
        switch self {
        case .s3(let endpoint, let bucket, let prefix, let region, let pathStyle):
            var secret = SecretText("")
            if case .password(let text) = credential { secret = text }
            return ErrandTarget(
                name: name,
                place: .s3(
                    ErrandTarget.Bucket(
                        endpoint: endpoint, bucket: bucket, prefix: prefix, region: region,
                        accessKey: accessKey, secretKey: secret, pathStyle: pathStyle)))
        case .sftp(let user, let host, let port, let path):
            return ErrandTarget(
                name: name,
                place: .sftp(
                    ErrandTarget.RemoteFolder(
                        host: host, port: port, path: path, user: user, credential: credential,
                        hostKeys: hostKeys)))
        }
    }
}

extension ErrandTarget {
    /// Its address without secrets; nil for a gateway, which keeps nothing.
    package var address: TargetAddress? {
        switch place {
        case .s3(let one):
            .s3(
                endpoint: one.endpoint, bucket: one.bucket, prefix: one.prefix, region: one.region,
                pathStyle: one.pathStyle)
        case .sftp(let one):
            .sftp(user: one.user, host: one.host, port: one.port, path: one.path)
        case .gateway: nil
        }
    }

    /// Stands where the fingerprint of a host is not known yet: no host has it, so nobody is let in
    /// and nothing is sent; the refusal names the key that the host showed.
    package static let noHostKey = "SHA256:" + String(repeating: "A", count: 43)
}
