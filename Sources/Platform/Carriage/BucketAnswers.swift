// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands

/// One page of ListObjectsV2: keys with sizes, and whether there is more.
struct BucketList {
    struct Entry: Equatable {
        let key: String
        let size: Int64
    }

    let objects: [Entry]
    let hasMore: Bool

    init(_ bytes: [UInt8]) throws(CarriageFailure) {
        var objects: [Entry] = []
        var (key, size): (String?, Int64?) = (nil, nil)
        var more: Bool?
        var isList = false
        var reader = XMLReader(bytes)
        while let element = try reader.next() {
            switch element {
            case .leaf("Key", let text, parent: "Contents"): key = text
            case .leaf("Size", let text, parent: "Contents"): size = Int64(text)
            case .leaf("IsTruncated", let text, parent: "ListBucketResult"): more = text == "true"
            case .end("Contents"):
                guard let known = key, let bytes = size, bytes >= 0 else {
                    throw XMLReader.unreadable
                }
                objects.append(Entry(key: known, size: bytes))
                (key, size) = (nil, nil)
            case .end("ListBucketResult"): isList = true
            case .leaf, .end: break
            }
        }
        guard isList, let more else { throw XMLReader.unreadable }
        self.objects = objects
        hasMore = more
    }
}

/// What a store like S3 means by a "no" (Amazon S3 API reference, "Error responses").
enum BucketRefusal {
    /// What the request was about: tells a missing bucket from a missing object.
    enum Subject {
        case bucket, object
    }

    static func failure(_ status: Int, body: [UInt8], about subject: Subject) -> CarriageFailure {
        let (code, message) = words(body)
        let said = [code, message].compactMap(\.self).joined(separator: ", ")
        let detail = said.isEmpty ? "HTTP \(status)" : "\(said) (HTTP \(status))"
        switch (code, status) {
        case ("InvalidAccessKeyId", _), ("SignatureDoesNotMatch", _), ("InvalidToken", _), (_, 401):
            return CarriageFailure(
                .credentialsRefused, "The target refused the access key: \(detail).")
        case ("RequestTimeTooSkewed", _), ("RequestExpired", _):
            return CarriageFailure(
                .clockDiffers, "The clocks of this box and of the target differ: \(detail).")
        case ("AuthorizationHeaderMalformed", _), ("PermanentRedirect", _),
            ("TemporaryRedirect", _), (_, 300..<400):
            return CarriageFailure(
                .regionWrong, "The bucket lies in another region or elsewhere: \(detail).")
        case ("NoSuchBucket", _):
            return CarriageFailure(.placeMissing, "There is no such bucket: \(detail).")
        case (_, 404) where subject == .bucket:
            return CarriageFailure(.placeMissing, "There is no such bucket: \(detail).")
        case (_, 404):
            return CarriageFailure(.objectMissing, "The target has no such object: \(detail).")
        case ("XAmzContentSHA256Mismatch", _), ("BadDigest", _):
            return CarriageFailure(
                .notVerified, "The target received other bytes than were sent: \(detail).")
        case (_, 403):
            return CarriageFailure(.accessDenied, "The target does not allow it: \(detail).")
        case (_, 507):
            return CarriageFailure(.targetFull, "The target is full: \(detail).")
        case (_, 429), (_, 500...):
            return CarriageFailure(.busy, "The target cannot do it now: \(detail).")
        default:
            return CarriageFailure(.refused, "The target refused: \(detail).")
        }
    }

    /// Code and message of an error document; nil when the body is none.
    private static func words(_ body: [UInt8]) -> (code: String?, message: String?) {
        var (code, message): (String?, String?) = (nil, nil)
        var reader = XMLReader(body)
        while let element = try? reader.next() {
            switch element {
            case .leaf("Code", let text, _): code = code ?? text
            case .leaf("Message", let text, _): message = message ?? text
            case .leaf, .end: break
            }
        }
        return (code, message)
    }
}

/// Reads the small XML documents of S3: elements with text in them, no more. Attributes, comments
/// and declarations are passed over; entities are the five of XML and numbers.
///
/// Source: Extensible Markup Language (XML) 1.0, fifth edition, without document types.
struct XMLReader {
    enum Element: Equatable {
        /// An element with nothing but text in it.
        case leaf(String, String, parent: String)
        /// The end of an element with others in it.
        case end(String)
    }

    static let unreadable = CarriageFailure(
        .answerUnreadable, "The target's answer is not the XML that was expected.")
    private static let depthMax = 16

    private let bytes: [UInt8]
    private var position = 0
    private var open: [String] = []
    private var text: [UInt8] = []
    /// Whether the innermost element has had no others in it so far.
    private var isLeaf = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next leaf or end; nil at the end of the document.
    mutating func next() throws(CarriageFailure) -> Element? {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else {
                let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
                text += bytes[position..<end]
                position = end
                continue
            }
            if let element = try tag() { return element }
        }
        guard open.isEmpty else { throw Self.unreadable }
        return nil
    }

    private mutating func tag() throws(CarriageFailure) -> Element? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: ">")) else {
            throw Self.unreadable
        }
        let inner = bytes[(position + 1)..<end]
        position = end + 1
        switch inner.first {
        case UInt8(ascii: "?"): return nil
        case UInt8(ascii: "!"): throw Self.unreadable
        case UInt8(ascii: "/"): return try close(name(inner.dropFirst()))
        default: break
        }
        guard open.count < Self.depthMax else { throw Self.unreadable }
        open.append(name(inner))
        text = []
        isLeaf = true
        return inner.last == UInt8(ascii: "/") ? try close(name(inner)) : nil
    }

    private mutating func close(_ name: String) throws(CarriageFailure) -> Element {
        guard open.popLast() == name else { throw Self.unreadable }
        defer {
            text = []
            isLeaf = false
        }
        return isLeaf ? .leaf(name, try plain(text), parent: open.last ?? "") : .end(name)
    }

    private func name(_ inner: ArraySlice<UInt8>) -> String {
        let end = inner.firstIndex { $0 <= 0x20 || $0 == UInt8(ascii: "/") } ?? inner.endIndex
        return String(decoding: inner[..<end], as: UTF8.self)
    }

    private func plain(_ bytes: [UInt8]) throws(CarriageFailure) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("&") else { return text }
        let pieces = text.split(separator: "&", omittingEmptySubsequences: false)
        var output = String(pieces[0])
        for piece in pieces.dropFirst() {
            guard let end = piece.firstIndex(of: ";"),
                let character = Self.entity(piece[..<end])
            else { throw Self.unreadable }
            output.unicodeScalars.append(character)
            output += piece[piece.index(after: end)...]
        }
        return output
    }

    private static func entity(_ name: Substring) -> Unicode.Scalar? {
        switch name {
        case "amp": "&"
        case "lt": "<"
        case "gt": ">"
        case "quot": "\""
        case "apos": "'"
        default:
            if name.hasPrefix("#x") {
                UInt32(name.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
            } else if name.hasPrefix("#") {
                UInt32(name.dropFirst()).flatMap(Unicode.Scalar.init)
            } else {
                nil
            }
        }
    }
}
