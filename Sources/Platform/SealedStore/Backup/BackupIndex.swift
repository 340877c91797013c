// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// The list of all that a target should hold. It is written after the objects that it names and
/// is authenticated, so an object that is missing, or older than it should be, is noticed.
package struct BackupIndex: Sendable, Equatable {
    /// Grows by one with each writing.
    package var edition: Int64 = 0
    /// Hash of the edition before; empty in the first.
    package var previous: [UInt8] = []
    package var at = Instant(microseconds: 0)
    /// Hash of the key file that lies there.
    private(set) var keysHash: [UInt8] = []
    /// Oldest first.
    package var snapshots: [Entry] = []
    /// Oldest first; those of one chain follow each other without a hole.
    package var packs: [Pack] = []
    /// The last anchor of the journal, as a line; empty before the first. It tells later whether the
    /// journal was shortened or written anew since.
    package var anchor = ""

    package static let name = "index"
    /// The key file of the store, with its key wrapped: a new box needs it.
    package static let keyFileName = "keys"
    private static let entriesMost = 1_000_000

    package init() {}

    /// Notes which key file lies at the target.
    package mutating func noteKeys(_ bytes: [UInt8]) { keysHash = BackupSeal.hash(bytes[...]) }

    /// A snapshot that is whole.
    package struct Entry: Sendable, Equatable {
        package let chain: ChainID
        package let logStart: Int64
        package let sequence: Int64
        package let commit: Int64
        package let began: Instant
        package let ended: Instant
        package let bytes: Int64
        package let parts: Int
        package let manifest: String
        package let hash: [UInt8]

        package init(_ snapshot: Snapshot, manifestHash: [UInt8]) {
            chain = snapshot.chain
            logStart = snapshot.logStart
            sequence = snapshot.sequence
            commit = snapshot.commit
            began = snapshot.began
            ended = snapshot.ended
            bytes = snapshot.bytes
            parts = snapshot.parts.count
            manifest = snapshot.manifestName
            hash = manifestHash
        }

        package var folder: String { String(manifest.dropLast("/manifest".count)) }
    }

    /// Segments that follow each other, in one object.
    package struct Pack: Sendable, Equatable {
        package let chain: ChainID
        package let first: Int64
        package let last: Int64
        /// The last commit before the pack, and the last one in it.
        package let commitBefore: Int64
        package let commit: Int64
        package let from: Instant
        package let until: Instant
        package let size: Int64
        package let hash: [UInt8]

        package var name: String {
            "packs/\(chain)-\(sixteenDigits(first))-\(sixteenDigits(last))"
        }
    }

    /// The newest commit of a chain that can be had; nil for a chain without a snapshot.
    package func reach(of chain: ChainID) -> (commit: Int64, at: Instant)? {
        let pack = packs.last { $0.chain == chain }
        let snapshot = snapshots.last { $0.chain == chain }
        guard let snapshot else { return nil }
        guard let pack, pack.last >= snapshot.sequence else {
            return (snapshot.commit, snapshot.ended)
        }
        return (pack.commit, max(pack.until, snapshot.ended))
    }

    /// Names of all objects besides the parts of snapshots.
    package var names: [String] {
        snapshots.map(\.manifest) + packs.map(\.name) + [BackupIndex.name, BackupIndex.keyFileName]
    }
}

extension BackupIndex {
    /// The bytes of the index as they are kept.
    package func sealed(_ seal: BackupSeal) throws -> [UInt8] {
        var out = ByteWriter()
        out.put(edition)
        out.putCounted(previous)
        out.put(at)
        out.putCounted(keysHash)
        out.put(UInt32(snapshots.count))
        for entry in snapshots {
            out.put(entry.chain.description)
            for number in [entry.logStart, entry.sequence, entry.commit] { out.put(number) }
            out.put(entry.began)
            out.put(entry.ended)
            out.put(entry.bytes)
            out.put(Int64(entry.parts))
            out.put(entry.manifest)
            out.put(entry.hash)
        }
        out.put(UInt32(packs.count))
        for pack in packs {
            out.put(pack.chain.description)
            for number in [pack.first, pack.last, pack.commitBefore, pack.commit] {
                out.put(number)
            }
            out.put(pack.from)
            out.put(pack.until)
            out.put(pack.size)
            out.put(pack.hash)
        }
        // Indexes of before have none, and nothing after their packs.
        if !anchor.isEmpty { out.put(anchor) }
        return try Container.make(.index, head: out.bytes, seal: seal)
    }

    /// BLAKE2b-256 of the index as it is kept.
    package func hash(seal: BackupSeal) throws -> [UInt8] {
        BackupSeal.hash(try sealed(seal)[...])
    }

    /// Reads an index back.
    ///
    /// - Throws: `BackupFault`.
    package init(_ bytes: [UInt8], seal: BackupSeal) throws {
        let name = BackupIndex.name
        let content = try Container.open(bytes[...], as: .index, name: name, seal: seal)
        guard content.length == bytes.count else { throw BackupFault.altered(name) }
        try asBackupFault(of: name) { try take(content.head) }
    }

    private mutating func take(_ head: ArraySlice<UInt8>) throws {
        var reader = ByteReader(head)
        edition = try reader.takeNumber()
        previous = try reader.takeCounted(limit: 32)
        at = try reader.takeInstant()
        keysHash = try reader.takeCounted(limit: 32)
        let entries = Int(try reader.take(UInt32.self))
        guard entries <= BackupIndex.entriesMost else { throw ByteFault.range }
        for _ in 0..<entries { snapshots.append(try Entry(&reader)) }
        let count = Int(try reader.take(UInt32.self))
        guard count <= BackupIndex.entriesMost else { throw ByteFault.range }
        for _ in 0..<count { packs.append(try Pack(&reader)) }
        if !reader.isAtEnd { anchor = try reader.takeText() }
        guard reader.isAtEnd else { throw ByteFault.range }
    }

    /// The index that a target holds; nil for a target without one.
    package init?(of target: any BackupTarget, seal: BackupSeal) throws {
        guard let bytes = try target.get(BackupIndex.name) else { return nil }
        self = try BackupIndex(bytes, seal: seal)
    }
}

extension BackupIndex.Entry {
    fileprivate init(_ reader: inout ByteReader) throws {
        guard let chain = ChainID(try reader.takeText()) else { throw ByteFault.range }
        self.chain = chain
        logStart = try reader.takeNumber()
        sequence = try reader.takeNumber()
        commit = try reader.takeNumber()
        began = try reader.takeInstant()
        ended = try reader.takeInstant()
        bytes = try reader.takeNumber()
        parts = Int(try reader.takeNumber(limit: 1 << 20))
        manifest = try reader.takeText()
        hash = Array(try reader.take(count: 32))
        guard BackupObject.isName(manifest), manifest.hasSuffix("/manifest") else {
            throw ByteFault.range
        }
    }
}

extension BackupIndex.Pack {
    fileprivate init(_ reader: inout ByteReader) throws {
        guard let chain = ChainID(try reader.takeText()) else { throw ByteFault.range }
        self.chain = chain
        first = try reader.takeNumber()
        last = try reader.takeNumber()
        commitBefore = try reader.takeNumber()
        commit = try reader.takeNumber()
        from = try reader.takeInstant()
        until = try reader.takeInstant()
        size = try reader.takeNumber()
        hash = Array(try reader.take(count: 32))
        guard first > 0, last >= first else { throw ByteFault.range }
    }
}
