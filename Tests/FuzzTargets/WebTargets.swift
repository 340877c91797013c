// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

@testable import Web

extension FuzzTarget {
    static let web = [guarded, target, query, host, json, upload]

    /// Header fields, a line each, the version in front. The guard's own refusals are the only ones.
    private static let guarded = FuzzTarget("guard", bytesMax: 20_000) { bytes in
        var walk = HeaderWalk()
        let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        for line in lines.dropFirst() {
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            Array(line[..<colon]).withUnsafeBufferPointer { name in
                Array(line[colon...].dropFirst()).withUnsafeBufferPointer { value in
                    walk.take(name: name, value: value)
                }
            }
        }
        let version = String(decoding: lines.first ?? [], as: UTF8.self)
        let refusal = walk.refusal(
            version: version, headerBytes: bytes.count, settings: settings,
            ownAddress: "127.0.0.1")
        guard refusal == nil else { return }
        promise(walk.host.map { HostField.name(of: $0) != nil } ?? false, "let in without a host")
        promise(!(walk.isChunked && walk.bodyLength != nil), "two ends of a body were let in")
        promise(walk.headers.count <= settings.headerFieldsMax, "too many fields")
    }

    private static let settings = ServerSettings(place: .address("127.0.0.1", port: 0))

    /// A path that was read has no segment that would lead elsewhere.
    private static let target = FuzzTarget("target") { bytes in
        guard let target = try? TargetReader(bytes) else { return }
        for segment in target.segments {
            promise(segment != "." && segment != "..", "a dot segment was let in")
            promise(
                segment.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f },
                "a control character was let in")
        }
    }

    private static let query = FuzzTarget("query") { bytes in
        guard let pairs = try? QueryReader.pairs(of: bytes[...]) else { return }
        promise(pairs.count <= QueryReader.pairsMax, "too many pairs")
    }

    /// A name that was read is read from itself.
    private static let host = FuzzTarget("host", bytesMax: 512) { bytes in
        guard let name = HostField.name(of: String(decoding: bytes, as: UTF8.self)) else { return }
        promise(HostField.name(of: name) == name, "\(name) is not read as itself")
    }

    /// A document that was read is written so that it is read as the same one.
    private static let json = FuzzTarget("json") { bytes in
        guard let document = try? JSON(reading: bytes) else { return }
        let written = document.bytes()
        let again = try JSON(reading: written)
        promise(again.bytes() == written, "written and read, it is another")
    }

    /// Only plain text is taken for a table.
    private static let upload = FuzzTarget("upload") { bytes in
        let isTaken = (try? UploadCheck.require(bytes, as: "text/csv")) != nil
        promise(isTaken == (SniffedKind(bytes) == .plain), "what was taken is no text")
    }
}
