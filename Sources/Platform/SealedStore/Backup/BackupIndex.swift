// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What a target should hold. It is written after the objects that it names and is authenticated, so
/// an object that is missing, or older than it should be, is noticed.
///
/// It is written with each shipment, so packs of past hours are listed in objects of their own, see
/// `PackList`: the index itself names those lists and the packs of the last hour.
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
    /// The lists that the first of the packs stand in, as they were when `fold` was called last.
    private(set) var lists: [PackList] = []
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
        snapshots.map(\.manifest) + packs.map(\.name) + lists.map(\.name)
            + [BackupIndex.name, BackupIndex.keyFileName]
    }
}

extension BackupIndex {
    /// Lists the packs of past hours anew. Returns the lists, of which those that the target has not
    /// got must be there before the index is.
    mutating func fold(_ seal: BackupSeal) throws -> [(name: String, bytes: [UInt8])] {
        var objects: [(name: String, bytes: [UInt8])] = []
        lists = []
        // The last stretch grows.
        for stretch in PackList.stretches(of: packs).dropLast() {
            let bytes = try PackList.make(stretch, seal)
            let list = PackList(hash: BackupSeal.hash(bytes[...]), count: stretch.count)
            lists.append(list)
            objects.append((list.name, bytes))
        }
        return objects
    }

    /// The bytes of the index as they are kept.
    package func sealed(_ seal: BackupSeal) throws -> [UInt8] {
        var out = ByteWriter()
        out.put(edition)
        out.putCounted(previous)
        out.put(at)
        out.putCounted(keysHash)
        out.put(UInt32(snapshots.count))
        for entry in snapshots { entry.put(to: &out) }
        out.put(UInt32(lists.count))
        for list in lists {
            out.put(list.hash)
            out.put(UInt32(list.count))
        }
        let rest = packs.dropFirst(lists.reduce(0) { $0 + $1.count })
        out.put(UInt32(rest.count))
        for pack in rest { pack.put(to: &out) }
        // Indexes of before have none, and nothing after their packs.
        if !anchor.isEmpty { out.put(anchor) }
        return try Container.make(.index, head: out.bytes, seal: seal)
    }

    /// BLAKE2b-256 of the index as it is kept.
    package func hash(seal: BackupSeal) throws -> [UInt8] {
        BackupSeal.hash(try sealed(seal)[...])
    }

    /// The index that a target holds; nil for a target without one.
    ///
    /// - Parameter known: an index of this target that was read before: its lists are not fetched again.
    /// - Throws: `BackupFault`, and what the target throws.
    package init?(
        of target: any BackupTarget, seal: BackupSeal, known: BackupIndex? = nil
    ) throws {
        guard let bytes = try target.get(BackupIndex.name) else { return nil }
        let seen = known?.packsByList ?? [:]
        self = try BackupIndex(bytes, seal: seal) { list in
            if let packs = seen[list.hash] { return packs }
            let bytes = try target.fetch(list.name, hash: list.hash)
            let content = try Container.open(bytes[...], as: .list, name: list.name, seal: seal)
            guard content.length == bytes.count else { throw BackupFault.altered(list.name) }
            return try PackList.read(content.head, name: list.name)
        }
    }

    private var packsByList: [[UInt8]: [Pack]] {
        var found: [[UInt8]: [Pack]] = [:]
        var start = 0
        for list in lists where start + list.count <= packs.count {
            found[list.hash] = Array(packs[start..<start + list.count])
            start += list.count
        }
        return found
    }

    /// Reads an index back.
    ///
    /// - Parameter packs: reads the packs of a list.
    /// - Throws: `BackupFault`, and what `packs` throws.
    init(_ bytes: [UInt8], seal: BackupSeal, packs: (PackList) throws -> [Pack]) throws {
        let name = BackupIndex.name
        let content = try Container.open(bytes[...], as: .index, name: name, seal: seal)
        guard content.length == bytes.count else { throw BackupFault.altered(name) }
        try take(content.head, packs)
    }

    /// Reads the index of a key that is not at hand. What it says is proven by nothing but, where
    /// somebody knows it, the hash of `bytes`; its lists are proven by their hashes in it.
    ///
    /// - Parameter fetch: the bytes of a list.
    /// - Returns: the index, and the database and epoch that it says it is of.
    /// - Throws: `BackupFault`, and what `fetch` throws.
    static func unproven(
        _ bytes: [UInt8], fetch: (PackList) throws -> [UInt8]
    ) throws -> (index: BackupIndex, databaseID: [UInt8], epoch: UInt32) {
        func head(_ bytes: [UInt8], _ kind: Container.Kind, _ name: String) throws
            -> Container.Parts
        {
            let parts = try asBackupFault(of: name) {
                try Container.parts(of: bytes[...], as: kind, name: name)
            }
            guard parts.length == bytes.count else { throw BackupFault.altered(name) }
            return parts
        }
        let parts = try head(bytes, .index, name)
        var index = BackupIndex()
        try index.take(parts.head) { list in
            try PackList.read(head(try fetch(list), .list, list.name).head, name: list.name)
        }
        return (index, parts.databaseID, parts.epoch)
    }

    private mutating func take(
        _ head: ArraySlice<UInt8>, _ packsOf: (PackList) throws -> [Pack]
    ) throws {
        let name = BackupIndex.name
        var reader = ByteReader(head)
        try asBackupFault(of: name) { try takeSnapshots(&reader) }
        let lists = try asBackupFault(of: name) { try PackList.takeAll(&reader) }
        let rest = try asBackupFault(of: name) {
            let found = try Pack.takeAll(&reader)
            if !reader.isAtEnd { anchor = try reader.takeText() }
            guard reader.isAtEnd else { throw ByteFault.range }
            return found
        }
        for list in lists {
            let found = try packsOf(list)
            guard found.count == list.count, packs.count + found.count <= Pack.most else {
                throw BackupFault.altered(list.name)
            }
            packs += found
        }
        packs += rest
        self.lists = lists
    }

    private mutating func takeSnapshots(_ reader: inout ByteReader) throws {
        edition = try reader.takeNumber()
        previous = try reader.takeCounted(limit: 32)
        at = try reader.takeInstant()
        keysHash = try reader.takeCounted(limit: 32)
        let entries = Int(try reader.take(UInt32.self))
        guard entries <= BackupIndex.entriesMost else { throw ByteFault.range }
        for _ in 0..<entries { snapshots.append(try Entry(&reader)) }
    }
}

extension BackupIndex.Entry {
    fileprivate func put(to out: inout ByteWriter) {
        out.put(chain.description)
        for number in [logStart, sequence, commit] { out.put(number) }
        out.put(began)
        out.put(ended)
        out.put(bytes)
        out.put(Int64(parts))
        out.put(manifest)
        out.put(hash)
    }

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
