// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Web

// The JSON form of errands: between daemon and courier, in the outbox, and for whoever drives the
// courier by hand. Reading is strict and ends with the checks of the values.

extension NumberedErrand {
    package var json: JSON {
        .object(["id": .integer(id), "target": errand.target.json, "work": errand.work.json])
    }

    /// Reads one errand. Throws `ErrandRefusal.fieldInvalid`.
    package init(reading bytes: [UInt8]) throws(ErrandRefusal) {
        try self.init(JSON.document(bytes, bytesMax: ErrandLimit.errandBytes))
    }

    package init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "")
        id = try fields.integer("id")
        errand = Errand(
            target: try ErrandTarget(fields.value("target") ?? .null),
            work: try Errand.Work(fields.value("work") ?? .null))
        try fields.end()
        try errand.check()
    }
}

extension Errand.Work {
    package var json: JSON {
        var fields: [String: JSON] = ["kind": .text(kind)]
        switch self {
        case .put(let object, let file, let size, let sha256):
            fields["object"] = .text(object.text)
            fields["file"] = .text(file)
            fields["size"] = .integer(size)
            fields["sha256"] = .text(sha256)
        case .get(let object, let file, let size, let sha256):
            fields["object"] = .text(object.text)
            fields["file"] = .text(file)
            if let size { fields["size"] = .integer(size) }
            if let sha256 { fields["sha256"] = .text(sha256) }
        case .list(let prefix, let after, let limit):
            fields["prefix"] = .text(prefix)
            if let after { fields["after"] = .text(after) }
            fields["limit"] = .integer(Int64(limit))
        case .delete(let object):
            fields["object"] = .text(object.text)
        case .probe: break
        case .message(let number, let text, let until):
            fields["to"] = .text(number.revealed)
            fields["text"] = .text(text.revealed)
            fields["until"] = .integer(until)
        }
        return .object(fields)
    }

    /// Throws `ErrandRefusal.fieldInvalid`; what the fields hold is checked with the errand.
    package init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "work")
        switch try fields.text("kind") {
        case "object.put":
            self = .put(
                object: try ObjectName(try fields.text("object")), file: try fields.text("file"),
                size: try fields.integer("size"), sha256: try fields.text("sha256"))
        case "object.get":
            self = .get(
                object: try ObjectName(try fields.text("object")), file: try fields.text("file"),
                size: try fields.integerOrNil("size"), sha256: try fields.textOrNil("sha256"))
        case "object.list":
            self = .list(
                prefix: try fields.textOrNil("prefix") ?? "", after: try fields.textOrNil("after"),
                limit: Int(clamping: try fields.integerOrNil("limit") ?? Int64(ErrandLimit.listed)))
        case "object.delete":
            self = .delete(object: try ObjectName(try fields.text("object")))
        case "object.probe":
            self = .probe
        case "message.send":
            self = .message(
                to: SecretText(try fields.text("to")), text: SecretText(try fields.text("text")),
                until: try fields.integer("until"))
        default:
            let kinds = Self.kinds.joined(separator: ", ")
            throw .fieldInvalid(field: "work.kind", wants: "one of \(kinds)")
        }
        try fields.end()
    }
}

extension ErrandTarget {
    /// With its secrets: for the courier and the sealed store only.
    package var json: JSON {
        var fields: [String: JSON] = ["name": .text(name)]
        switch place {
        case .s3(let bucket): fields["s3"] = bucket.json
        case .sftp(let folder): fields["sftp"] = folder.json
        case .gateway(let gateway): fields["gateway"] = gateway.json
        }
        if let bytesPerSecond { fields["bytesPerSecond"] = .integer(bytesPerSecond) }
        return .object(fields)
    }

    /// The bytes of `json`.
    package var bytes: [UInt8] { json.bytes() }

    /// Reads the bytes of a target. Throws `ErrandRefusal.fieldInvalid`.
    package init(reading bytes: [UInt8]) throws(ErrandRefusal) {
        try self.init(JSON.document(bytes, bytesMax: ErrandLimit.errandBytes))
        try check()
    }

    /// Throws `ErrandRefusal.fieldInvalid`; what the fields hold is checked by `check`.
    package init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "target")
        name = try fields.text("name")
        bytesPerSecond = try fields.integerOrNil("bytesPerSecond")
        switch (fields.value("s3"), fields.value("sftp"), fields.value("gateway")) {
        case (let bucket?, nil, nil): place = .s3(try Bucket(bucket))
        case (nil, let folder?, nil): place = .sftp(try RemoteFolder(folder))
        case (nil, nil, let gateway?): place = .gateway(try Gateway(gateway))
        default: throw .fieldInvalid(field: "target", wants: "one of s3, sftp and gateway")
        }
        try fields.end()
    }
}

extension ErrandTarget.Bucket {
    fileprivate var json: JSON {
        .object([
            "endpoint": .text(endpoint), "bucket": .text(bucket), "prefix": .text(prefix),
            "region": .text(region), "accessKey": .text(accessKey),
            "secretKey": .text(secretKey.revealed), "pathStyle": .flag(pathStyle),
        ])
    }

    fileprivate init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "target.s3")
        endpoint = try fields.text("endpoint")
        bucket = try fields.text("bucket")
        prefix = try fields.textOrNil("prefix") ?? ""
        region = try fields.text("region")
        accessKey = try fields.text("accessKey")
        secretKey = SecretText(try fields.text("secretKey"))
        pathStyle = try fields.flag("pathStyle")
        try fields.end()
    }
}

extension ErrandTarget.RemoteFolder {
    fileprivate var json: JSON {
        var fields: [String: JSON] = [
            "host": .text(host), "port": .integer(Int64(port)), "path": .text(path),
            "user": .text(user), "hostKeys": .list(hostKeys.map { .text($0) }),
        ]
        switch credential {
        case .password(let secret): fields["password"] = .text(secret.revealed)
        case .privateKey(let secret): fields["privateKey"] = .text(secret.revealed)
        }
        return .object(fields)
    }

    fileprivate init(_ json: JSON) throws(ErrandRefusal) {
        var fields = try FieldReader(json, at: "target.sftp")
        host = try fields.text("host")
        port = Int(clamping: try fields.integerOrNil("port") ?? 22)
        path = try fields.text("path")
        user = try fields.text("user")
        switch (try fields.textOrNil("password"), try fields.textOrNil("privateKey")) {
        case (let password?, nil): credential = .password(SecretText(password))
        case (nil, let key?): credential = .privateKey(SecretText(key))
        default:
            throw .fieldInvalid(field: "target.sftp", wants: "either password or privateKey")
        }
        var keys: [String] = []
        for key in try fields.list("hostKeys", most: ErrandLimit.fingerprints) {
            keys.append(key.text ?? "")
        }
        hostKeys = keys
        try fields.end()
    }
}
