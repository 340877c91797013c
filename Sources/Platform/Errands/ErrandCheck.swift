// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

extension Errand {
    /// Throws `ErrandRefusal.fieldInvalid`, which names the field, unless all of it can be carried
    /// out as it is.
    package func check() throws(ErrandRefusal) {
        try target.check()
        let takesMessages = if case .gateway = target.place { true } else { false }
        try Form.demand(
            work.isFleeting == takesMessages, "work.kind",
            "message.send at a gateway and nowhere else")
        switch work {
        case .put(_, let file, let size, let sha256):
            try Form.path(file, "file")
            try Form.size(size, "size")
            try Form.hash(sha256, "sha256")
        case .get(_, let file, let size, let sha256):
            try Form.path(file, "file")
            if let size { try Form.size(size, "size") }
            if let sha256 { try Form.hash(sha256, "sha256") }
        case .list(let prefix, let after, let limit):
            try Form.demand(ObjectName.isPrefix(prefix), "prefix", "the beginning of a name")
            if let after { try Form.demand(ObjectName.isName(after), "after", "a name") }
            try Form.demand(
                (1...ErrandLimit.listed).contains(limit), "limit", "1 to \(ErrandLimit.listed)")
        case .message(let number, let text, _):
            try Form.demand(
                Form.isNumber(number.revealed), "work.to",
                "a telephone number such as +441632960123")
            try Form.demand(
                (1...ErrandLimit.messageLength).contains(text.revealed.count)
                    && text.revealed.utf8.count <= ErrandLimit.messageLength * 4
                    && text.revealed.unicodeScalars.allSatisfy {
                        $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value)
                    }, "work.text", "1 to \(ErrandLimit.messageLength) characters on one line")
        case .delete, .probe: break
        }
    }
}

extension ErrandTarget {
    /// Throws `ErrandRefusal.fieldInvalid` unless the target can be addressed.
    package func check() throws(ErrandRefusal) {
        try Form.demand(
            ObjectName.isName(name) && !name.contains("/") && name.utf8.count <= 64, "target.name",
            "up to 64 letters, digits and . _ - =")
        if let bytesPerSecond {
            try Form.demand(
                (1024...10_000_000_000).contains(bytesPerSecond), "target.bytesPerSecond",
                "1024 or more")
        }
        switch place {
        case .s3(let bucket): try bucket.check()
        case .sftp(let folder): try folder.check()
        case .gateway(let gateway): try gateway.check()
        }
    }
}

extension ErrandTarget.Bucket {
    func check() throws(ErrandRefusal) {
        let scheme = ["https://", "http://"].first(where: endpoint.hasPrefix)
        let rest = endpoint.dropFirst(scheme?.count ?? 0)
        try Form.demand(
            scheme != nil && Form.isHost(String(rest), withPort: true), "target.s3.endpoint",
            "https://host or https://host:port, and nothing behind it")
        // What is stored is sealed, but names, sizes and who asks would be read by others.
        try Form.demand(
            scheme == "https://" || Form.isThisMachine(rest), "target.s3.endpoint",
            "https://; without TLS only a store on this machine is taken")
        // Amazon's rules for names of buckets.
        let isBucket =
            (3...63).contains(bucket.utf8.count)
            && bucket.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            } && bucket.first != "." && bucket.first != "-" && !bucket.contains("..")
        try Form.demand(
            isBucket, "target.s3.bucket", "3 to 63 small letters, digits, hyphens and points")
        try Form.demand(
            prefix.isEmpty || (prefix.hasSuffix("/") && ObjectName.isPrefix(prefix)),
            "target.s3.prefix", "nothing, or a folder with a slash at the end")
        try Form.word(region, "target.s3.region")
        try Form.word(accessKey, "target.s3.accessKey")
        try Form.word(secretKey.revealed, "target.s3.secretKey")
        // Both stand in a signature's scope, between slashes and colons.
        try Form.demand(
            !region.contains("/") && !region.contains(":"), "target.s3.region",
            "a region's name, for example eu-central-1")
        try Form.demand(
            !accessKey.contains(":") && !accessKey.contains("/"), "target.s3.accessKey",
            "an access key's name")
    }
}

extension ErrandTarget.RemoteFolder {
    func check() throws(ErrandRefusal) {
        try Form.demand(
            Form.isHost(host, withPort: false), "target.sftp.host", "a name or an address")
        try Form.demand((1...65_535).contains(port), "target.sftp.port", "1 to 65535")
        try Form.demand(
            path.hasPrefix("/") && ObjectName.isName(String(path.dropFirst())), "target.sftp.path",
            "an absolute path of letters, digits and . _ - =, without a slash at the end")
        try Form.word(user, "target.sftp.user")
        switch credential {
        case .password(let secret): try Form.word(secret.revealed, "target.sftp.password")
        case .privateKey(let secret):
            let text = secret.revealed
            try Form.demand(
                text.utf8.count <= ErrandLimit.keyBytes && text.hasPrefix("-----BEGIN ")
                    && text.contains("PRIVATE KEY-----"), "target.sftp.privateKey",
                "a private key in PEM or OpenSSH form, without a passphrase")
        }
        try Form.demand(
            (1...ErrandLimit.fingerprints).contains(hostKeys.count), "target.sftp.hostKeys",
            "1 to \(ErrandLimit.fingerprints) fingerprints")
        for key in hostKeys {
            try Form.demand(
                key.hasPrefix("SHA256:") && key.utf8.count == 50
                    && key.utf8.dropFirst(7).allSatisfy(Form.isBase64), "target.sftp.hostKeys",
                "fingerprints as ssh-keygen -l prints them: SHA256: and 43 characters")
        }
    }
}

/// Forms that several fields share.
enum Form {
    static func demand(
        _ holds: Bool, _ field: String, _ wants: String
    ) throws(ErrandRefusal) {
        guard holds else { throw .fieldInvalid(field: field, wants: wants) }
    }

    /// Visible text without line ends: it stands in headers and commands.
    static func word(_ text: String, _ field: String) throws(ErrandRefusal) {
        try demand(
            (1...ErrandLimit.wordBytes).contains(text.utf8.count)
                && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }, field,
            "1 to \(ErrandLimit.wordBytes) visible characters")
    }

    static func path(_ text: String, _ field: String) throws(ErrandRefusal) {
        let pieces = text.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPath =
            text.hasPrefix("/") && text.utf8.count <= ErrandLimit.pathBytes && pieces.count > 1
            && pieces.dropFirst().allSatisfy {
                !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
                    && !$0.contains(0)
            }
        try demand(isPath, field, "the absolute path of a file, without . and ..")
    }

    static func size(_ size: Int64, _ field: String) throws(ErrandRefusal) {
        try demand(
            (0...ErrandLimit.objectBytes).contains(size), field,
            "0 to \(ErrandLimit.objectBytes) bytes")
    }

    static func hash(_ text: String, _ field: String) throws(ErrandRefusal) {
        let isHash =
            text.utf8.count == 64
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
        try demand(isHash, field, "64 hexadecimal digits, small letters")
    }

    /// A name, an IPv4 address or an IPv6 address in brackets, with a port when that is allowed.
    static func isHost(_ text: String, withPort: Bool) -> Bool {
        var rest = Substring(text)
        if withPort, let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            let digits = rest[rest.index(after: colon)...]
            guard let port = UInt16(digits), port > 0, String(port) == digits else { return false }
            rest = rest[..<colon]
        }
        if rest.hasPrefix("["), rest.hasSuffix("]") {
            let inner = rest.dropFirst().dropLast()
            return inner.utf8.count >= 2 && inner.contains(":")
                && inner.allSatisfy { $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") }
        }
        return (1...253).contains(rest.utf8.count) && rest.first != "-" && rest.first != "."
            && rest.allSatisfy {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".")
            }
    }

    /// Whether a host, with or without a port, is the machine itself, by name or address.
    static func isThisMachine(_ text: Substring) -> Bool {
        if text.hasPrefix("[") { return text == "[::1]" || text.hasPrefix("[::1]:") }
        let host = text.prefix { $0 != ":" }
        return host == "localhost"
            || host.hasPrefix("127.") && host.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
    }

    static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
