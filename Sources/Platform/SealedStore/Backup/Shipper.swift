// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What one shipment brought to a target.
package struct Shipment: Sendable {
    package let index: BackupIndex
    /// Hash of the index as it is kept.
    package let indexHash: [UInt8]
    /// Segments of the spool that the target now has.
    package let segments: [String]
    /// A segment of the spool that is damaged, and those of its chain behind it.
    package let lost: [String]
}

/// Brings captured segments and snapshots to a target.
package struct Shipper: Sendable {
    /// Bytes of one pack at most, unless one segment alone is larger.
    static let packBytes = 16 << 20

    let folder: SpoolFolder
    let seal: BackupSeal
    let now: Instant
    /// Names of the segments that may leave; nil when nobody captures into the spool.
    private let names: [String]?

    init(folder: SpoolFolder, seal: BackupSeal, now: Instant, names: [String]?) {
        self.folder = folder
        self.seal = seal
        self.now = now
        self.names = names
    }

    /// For the spool of a store that is not open, such as one whose main disk is gone.
    package init(spool path: String, seal: BackupSeal, now: Instant) {
        self.init(folder: SpoolFolder(path), seal: seal, now: now, names: nil)
    }

    /// Brings what the spool holds, and a snapshot if one is given, to `target`, and writes its
    /// index anew when there was anything.
    ///
    /// - Parameters:
    ///   - index: what the target holds now.
    ///   - remove: takes objects out of the index, for retention; they are deleted afterwards.
    package func ship(
        to target: any BackupTarget, _ index: BackupIndex, snapshot: Snapshot? = nil,
        anchor: String? = nil,
        remove: Set<String> = []
    ) throws -> Shipment {
        var fresh = index
        if let anchor { fresh.anchor = anchor }
        let names = try self.names ?? abandoned()
        let lost = try pack(names, into: &fresh, target)
        if let snapshot { try add(snapshot, to: &fresh, target) }
        fresh.snapshots.removeAll { remove.contains($0.manifest) }
        fresh.packs.removeAll { remove.contains($0.name) }
        if fresh != index || index.edition == 0 {
            fresh.edition = index.edition + 1
            fresh.previous = index.edition == 0 ? [] : try index.hash(seal: seal)
            fresh.at = now
            let known = Set(index.lists.map(\.name))
            for list in try fresh.fold(seal) where !known.contains(list.name) {
                try target.put(list.name, list.bytes)
            }
            try target.put(BackupIndex.name, try fresh.sealed(seal))
        }
        let hash = try fresh.hash(seal: seal)
        return Shipment(
            index: fresh, indexHash: hash, segments: names.filter { !lost.contains($0) },
            lost: lost)
    }

    /// What a program left that has ended.
    private func abandoned() throws -> [String] {
        try folder.adoptDrafts(seal)
        return try asBackupFault { try folder.names() }
    }

    /// Returns what is damaged or behind something damaged.
    private func pack(
        _ names: [String], into index: inout BackupIndex,
        _ target: any BackupTarget
    ) throws -> [String] {
        var pending = PackDraft()
        var lost: [String] = []
        for name in names {
            guard let place = SegmentName(name) else { continue }
            let last = index.packs.last { $0.chain == place.chain }?.last ?? 0
            guard place.sequence > last else { continue }
            let bytes = try asBackupFault { try folder.read(name) }
            // What the key before this one sealed belongs to a chain that ended with that key; the
            // snapshot that begins the new chain has all of it.
            if let epoch = Container.epochNamed(in: bytes), epoch != seal.epoch { continue }
            let isBehind = lost.last.flatMap { SegmentName($0)?.chain } == place.chain
            guard !isBehind, let segment = try whole(name, bytes) else {
                lost.append(name)
                continue
            }
            if !pending.takes(segment, bytes.count) { try pending.put(into: &index, target) }
            pending.add(segment, bytes)
        }
        try pending.put(into: &index, target)
        return lost
    }

    /// Nil for a segment that is not what was captured.
    private func whole(_ name: String, _ bytes: [UInt8]) throws -> Segment? {
        do {
            return try Segment.openWhole(bytes, name: name, seal: seal).segment
        } catch is BackupFault {
            return nil
        }
    }

    private func add(
        _ snapshot: Snapshot, to index: inout BackupIndex, _ target: any BackupTarget
    ) throws {
        let bytes = try snapshot.sealed(seal)
        let entry = BackupIndex.Entry(snapshot, manifestHash: BackupSeal.hash(bytes[...]))
        guard index.packs(behind: entry) != nil else {
            throw BackupFault.interrupted
        }
        try target.put(snapshot.manifestName, bytes)
        index.snapshots.append(entry)
    }
}

/// The parts of a segment's name.
struct SegmentName {
    let chain: ChainID
    let sequence: Int64

    init?(_ name: String) {
        let parts = name.split(separator: ".").first?.split(separator: "-") ?? []
        guard parts.count == 2, let chain = ChainID(String(parts[0])),
            let sequence = Int64(parts[1], radix: 16), sequence > 0
        else { return nil }
        self.chain = chain
        self.sequence = sequence
    }
}

/// A pack in the making.
private struct PackDraft {
    private var bytes: [UInt8] = []
    private var first: Segment?
    private var last: Segment?

    func takes(_ segment: Segment, _ count: Int) -> Bool {
        guard let last else { return true }
        return last.chain == segment.chain && last.sequence + 1 == segment.sequence
            && bytes.count + count <= Shipper.packBytes
    }

    mutating func add(_ segment: Segment, _ more: [UInt8]) {
        if first == nil { first = segment }
        last = segment
        bytes += more
    }

    mutating func put(into index: inout BackupIndex, _ target: any BackupTarget) throws {
        guard let first, let last else { return }
        let pack = BackupIndex.Pack(
            chain: first.chain, first: first.sequence, last: last.sequence,
            commitBefore: first.commitBefore, commit: last.commit, from: first.at,
            until: last.at, size: Int64(bytes.count), hash: BackupSeal.hash(bytes[...]))
        try target.put(pack.name, bytes)
        index.packs.append(pack)
        self = PackDraft()
    }
}
