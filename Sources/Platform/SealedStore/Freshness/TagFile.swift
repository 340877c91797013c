// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The authentication tag of one page of the main file.
struct PageTag: Sendable, Equatable {
    let high: UInt64
    let low: UInt64

    static let size = Format.tag

    init(_ bytes: UnsafePointer<UInt8>) {
        let raw = UnsafeRawPointer(bytes)
        high = UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    init(_ reader: inout ByteReader) throws(ByteFault) {
        self.init(high: try reader.take(), low: try reader.take())
    }

    func write(to writer: inout ByteWriter) {
        writer.put(high)
        writer.put(low)
    }
}

/// What a complete copy back of the log proves: which generation of the log it copied, up to which
/// frame, and the number of the last commit in it.
struct CopyCertificate: Sendable, Equatable {
    var generation: UInt64 = 0
    var frame: UInt64 = 0
    var commit: UInt64 = 0

    /// Whether all commits of `generation` up to `frame` are in the main file.
    func covers(_ generation: UInt64, _ frame: UInt64) -> Bool {
        frame == 0 || self.generation > generation
            || (self.generation == generation && self.frame >= frame)
    }
}

/// The layout of `store.db-tags`: a base with the tags of all pages, then what changed with each
/// copy back. Every record names the one before it by its tag, so records cannot be exchanged,
/// left out or taken from another file.
///
/// Record: header 96, which is clear and bound · nonce 24 · sealed entries · tag 16.
/// Header, big-endian: magic 4 · version 1 · algorithm 1 · kind 1 · zero 1 · epoch 4 · database 16
/// · sequence 8 · pages 4 · entries 4 · certificate 24 · ledger sequence 8 · tag before 16 · zero 4.
/// An entry is 16 bytes in a base, the page's number and 16 bytes after it.
enum TagFile {
    enum Kind: UInt8 {
        case base = 1
        case change = 2

        var entrySize: Int { self == .base ? PageTag.size : 4 + PageTag.size }
    }

    struct Head: Sendable, Equatable {
        var kind: Kind
        /// From 1, one more with each record, also across new bases.
        var sequence: UInt64
        /// Pages of the main file after this copy back.
        var pages: UInt32
        var entries: UInt32
        var certificate: CopyCertificate
        /// The last record of the generation ledger when this one was written.
        var ledgerSequence: UInt64
        /// Tag of the record before.
        var previous: [UInt8]
    }

    static let headSize = 96
    static let version: UInt8 = 1
    static let magic = Array("SlTg".utf8)
    /// Bytes of a file at most: tags for a store of 256 GiB.
    static let bytesMax = 1 << 30

    static func bytes(of head: Head, databaseID: [UInt8], epoch: UInt32) -> [UInt8] {
        var out = ByteWriter()
        out.put(magic)
        out.put([version, Format.algorithm, head.kind.rawValue, 0])
        out.put(epoch)
        out.put(databaseID)
        out.put(head.sequence)
        out.put(head.pages)
        out.put(head.entries)
        out.put(head.certificate.generation)
        out.put(head.certificate.frame)
        out.put(head.certificate.commit)
        out.put(head.ledgerSequence)
        out.put(head.previous)
        out.pad(to: headSize)
        return out.bytes
    }

    /// Nil for bytes that are no head of this database and epoch.
    static func head(_ bytes: [UInt8], databaseID: [UInt8], epoch: UInt32) -> Head? {
        guard bytes.count == headSize, bytes.starts(with: magic), bytes[4] == version,
            bytes[5] == Format.algorithm, let kind = Kind(rawValue: bytes[6])
        else { return nil }
        var reader = ByteReader(bytes[8...])
        guard (try? reader.take(UInt32.self)) == epoch,
            (try? reader.take(count: 16)).map(Array.init) == databaseID
        else { return nil }
        return try? Head(
            kind: kind, sequence: reader.take(), pages: reader.take(), entries: reader.take(),
            certificate: CopyCertificate(
                generation: reader.take(), frame: reader.take(), commit: reader.take()),
            ledgerSequence: reader.take(), previous: Array(reader.take(count: Format.tag)))
    }
}
