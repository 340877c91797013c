// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands

/// Errands to a bucket, by the REST interface of Amazon S3 with signature version 4.
///
/// Source: Amazon S3 API reference (PutObject, HeadObject, GetObject, ListObjectsV2,
/// DeleteObject); CURLOPT_AWS_SIGV4(3).
struct BucketWork {
    private let bucket: ErrandTarget.Bucket
    private let transfer: Transfer
    private let settings: CarriageSettings
    private let bytesPerSecond: Int64?

    /// SHA-256 of nothing, which requests without a body are signed with.
    private static let emptyHash =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    init(
        _ bucket: ErrandTarget.Bucket, _ transfer: Transfer, _ settings: CarriageSettings,
        bytesPerSecond: Int64?
    ) {
        self.bucket = bucket
        self.transfer = transfer
        self.settings = settings
        self.bytesPerSecond = bytesPerSecond
    }

    func carryOut(_ work: Errand.Work) throws(CarriageFailure) -> Outcome.Answer {
        switch work {
        case .put(let object, let file, let size, let sha256):
            try put(
                try Source(file, size: size, sha256: sha256, folders: settings.folders),
                as: object.text)
            return .stored
        case .get(let object, let file, let size, let sha256):
            let partial = try PartialFile(file, folders: settings.folders)
            try get(object.text, into: partial)
            return try settle(partial, size: size, sha256: sha256 ?? transfer.flow.keptHash)
        case .list(let prefix, let after, let limit):
            return try list(prefix, after: after, limit: limit)
        case .delete(let object):
            try delete(object.text)
            return .deleted
        case .probe:
            return try probe()
        case .message:
            throw .wrongTarget
        }
    }

    /// The object appears when all of it has arrived, and not before; then it is looked at.
    private func put(_ source: Source, as object: String) throws(CarriageFailure) {
        begin(
            object: object, hash: source.hexDigest,
            more: [
                "\(Flow.hashHeader): \(source.hexDigest)", "Content-Type: application/octet-stream",
            ])
        transfer.upload(source)
        try expect(200..<300, try transfer.perform(), about: .object)
        begin(object: object)
        transfer.set(CURLOPT_NOBODY, 1)
        try expect(200..<300, try transfer.perform(), about: .object)
        guard transfer.objectSize == source.size, transfer.flow.keptHash == source.hexDigest else {
            throw CarriageFailure(
                .notVerified, "The target took the object but does not show what was sent.")
        }
    }

    private func get(_ object: String, into file: PartialFile) throws(CarriageFailure) {
        begin(object: object)
        transfer.flow.file = file
        try expect(200..<201, try transfer.perform(), about: .object)
    }

    private func delete(_ object: String) throws(CarriageFailure) {
        begin(object: object)
        transfer.set(CURLOPT_CUSTOMREQUEST, "DELETE")
        do throws(CarriageFailure) {
            try expect(200..<300, try transfer.perform(), about: .object)
        } catch {
            guard error.reason == .objectMissing else { throw error }
        }
    }

    /// Pages of nothing but other people's objects that a list goes through.
    private static let strangePages = 200

    private func list(
        _ prefix: String, after: String?, limit: Int
    ) throws(CarriageFailure) -> Outcome.Answer {
        var start = after.map { bucket.prefix + $0 }
        for _ in 0..<Self.strangePages {
            // The signature is made over the query as it stands: names in alphabetical order.
            var query = "list-type=2&max-keys=\(limit)&prefix=\(escaped(bucket.prefix + prefix))"
            if let start { query += "&start-after=\(escaped(start))" }
            begin(url: bucketURL + "?" + query, hash: Self.emptyHash)
            try expect(200..<300, try transfer.perform(), about: .bucket)
            let page = try BucketList(transfer.flow.memory)
            guard page.objects.count <= limit else {
                throw CarriageFailure(.answerUnreadable, "The target lists more than asked.")
            }
            let own = page.objects.compactMap(listed)
            if !page.hasMore { return .listed(own, next: nil) }
            if let last = own.last { return .listed(own, next: last.object.text) }
            guard let key = page.objects.last?.key, start.map({ $0 != key }) ?? true else { break }
            start = key
        }
        throw CarriageFailure(
            .answerUnreadable,
            "The bucket is full of other objects; give this box a prefix of its own.")
    }

    /// Nil for an object of somebody else in the same bucket.
    private func listed(_ one: BucketList.Entry) -> Outcome.Listed? {
        guard one.key.hasPrefix(bucket.prefix),
            let name = try? ObjectName(String(one.key.dropFirst(bucket.prefix.count)))
        else { return nil }
        return Outcome.Listed(object: name, size: one.size)
    }

    private func probe() throws(CarriageFailure) -> Outcome.Answer {
        try put(try Source(Carrier.probeBytes), as: Carrier.probeObject)
        begin(object: Carrier.probeObject)
        try expect(200..<201, try transfer.perform(), about: .object)
        guard transfer.flow.memory == Carrier.probeBytes else {
            throw CarriageFailure(.notVerified, "The target gives back other bytes than it got.")
        }
        do throws(CarriageFailure) {
            try delete(Carrier.probeObject)
            return .probed(mayDelete: true)
        } catch {
            guard error.reason == .accessDenied else { throw error }
            return .probed(mayDelete: false)
        }
    }

    // MARK: Requests

    /// Address of the bucket, ending in a slash.
    var bucketURL: String {
        guard !bucket.pathStyle else { return "\(bucket.endpoint)/\(bucket.bucket)/" }
        let scheme = bucket.endpoint.hasPrefix("https://") ? "https://" : "http://"
        return "\(scheme)\(bucket.bucket).\(bucket.endpoint.dropFirst(scheme.count))/"
    }

    private func begin(object: String, hash: String = emptyHash, more: [String] = []) {
        begin(url: bucketURL + bucket.prefix + object, hash: hash, more: more)
    }

    private func begin(url: String, hash: String, more: [String] = []) {
        transfer.begin(url, protocols: url.hasPrefix("https://") ? "https" : "http")
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_AWS_SIGV4, "aws:amz:\(bucket.region):s3")
        transfer.set(CURLOPT_USERNAME, bucket.accessKey)
        transfer.set(CURLOPT_PASSWORD, bucket.secretKey.revealed)
        transfer.set(CURLOPT_HTTPHEADER, lines: ["x-amz-content-sha256: \(hash)"] + more)
        if let bytesPerSecond {
            transfer.set(CURLOPT_MAX_SEND_SPEED_LARGE, size: bytesPerSecond)
            transfer.set(CURLOPT_MAX_RECV_SPEED_LARGE, size: bytesPerSecond)
        }
    }

    private func expect(
        _ good: Range<Int>, _ status: Int, about subject: BucketRefusal.Subject
    ) throws(CarriageFailure) {
        guard !good.contains(status) else { return }
        throw BucketRefusal.failure(status, body: transfer.flow.memory, about: subject)
    }

    /// A value of a query: all but the unreserved characters is escaped (RFC 3986, 2.3).
    private func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                output.append(byte)
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
