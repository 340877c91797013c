// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What a snapshot holds, and which captured segments make it whole.
///
/// The main file is copied while commits go on being copied back into it. A page of the copy may
/// be newer than another one, but none is older than the log that was current at the beginning:
/// with all frames from the begin of that log on (segment `logStart`) every commit from `commit`
/// on can be had exactly.
package struct Snapshot: Sendable, Equatable {
    package let chain: ChainID
    /// First segment that is needed, and the last one of the time when the copy ended; when that
    /// is less, none is needed.
    package let logStart: Int64
    package let sequence: Int64
    /// The first commit that can be had from it.
    package let commit: Int64
    package let began: Instant
    package let ended: Instant
    package let pages: Int
    package let partPages: Int
    /// BLAKE2b-256 of each part, in their order.
    package let parts: [[UInt8]]
    /// Hash of the manifest of the snapshot before; empty for the first.
    package private(set) var previous: [UInt8]
    /// The newest entry of the journal when the snapshot began: its number and hash.
    package let journalSeq: Int64
    package let journalHash: [UInt8]
    /// The head of the freshness ledger; empty in a store that keeps none.
    package let ledgerHead: [UInt8]
    package let program: String

    /// Pages in one part: 8 MiB.
    static let partPages = 2048
    static let partsMost = 1 << 20

    package var folder: String { Snapshot.folder(chain, began) }
    package var manifestName: String { "\(folder)/manifest" }
    package func partName(_ index: Int) -> String { Snapshot.partName(folder, index) }
    package var bytes: Int64 { Int64(pages) * Int64(Format.page) }

    /// The same snapshot for a target whose newest manifest has the hash `previous`.
    package func following(_ previous: [UInt8]?) -> Snapshot {
        var copy = self
        copy.previous = previous ?? []
        return copy
    }

    static func folder(_ chain: ChainID, _ began: Instant) -> String {
        "snapshots/\(chain)-\(sixteenDigits(began.microseconds))"
    }

    static func partName(_ folder: String, _ index: Int) -> String {
        "\(folder)/\(sixteenDigits(Int64(index)).suffix(8))"
    }

    func sealed(_ seal: BackupSeal) throws -> [UInt8] {
        var out = ByteWriter()
        out.put(chain.description)
        out.put(logStart)
        out.put(sequence)
        out.put(commit)
        out.put(began)
        out.put(ended)
        out.put(Int64(pages))
        out.put(Int64(partPages))
        out.put(UInt32(parts.count))
        for part in parts { out.put(part) }
        out.putCounted(previous)
        out.put(journalSeq)
        out.putCounted(journalHash)
        out.putCounted(ledgerHead)
        out.put(program)
        return try Container.make(.manifest, head: out.bytes, seal: seal)
    }

    static func open(_ bytes: [UInt8], name: String, seal: BackupSeal) throws -> (
        snapshot: Snapshot, epoch: UInt32
    ) {
        let content = try Container.open(bytes[...], as: .manifest, name: name, seal: seal)
        guard content.length == bytes.count else { throw BackupFault.altered(name) }
        return (try Snapshot.read(content.head, name: name), content.epoch)
    }

    /// Reads a manifest whose key is not at hand; its hash stands in the index.
    static func unproven(_ bytes: [UInt8], name: String) throws -> Snapshot {
        let parts = try asBackupFault(of: name) {
            try Container.parts(of: bytes[...], as: .manifest, name: name)
        }
        guard parts.length == bytes.count else { throw BackupFault.altered(name) }
        return try read(parts.head, name: name)
    }

    private static func read(_ head: ArraySlice<UInt8>, name: String) throws -> Snapshot {
        let snapshot = try asBackupFault(of: name) { try Snapshot(head) }
        let held = snapshot.parts.count * snapshot.partPages
        guard snapshot.partPages > 0, snapshot.pages > 0, snapshot.pages <= held,
            snapshot.pages > held - snapshot.partPages
        else { throw BackupFault.altered(name) }
        return snapshot
    }

    private static func takeParts(_ reader: inout ByteReader) throws -> [[UInt8]] {
        let count = Int(try reader.take(UInt32.self))
        guard count <= partsMost else { throw ByteFault.range }
        return try (0..<count).map { _ in Array(try reader.take(count: 32)) }
    }
}

extension Snapshot {
    fileprivate init(_ head: ArraySlice<UInt8>) throws {
        var reader = ByteReader(head)
        guard let chain = ChainID(try reader.takeText()) else { throw ByteFault.range }
        self.init(
            chain: chain, logStart: try reader.takeNumber(), sequence: try reader.takeNumber(),
            commit: try reader.takeNumber(), began: try reader.takeInstant(),
            ended: try reader.takeInstant(), pages: Int(try reader.takeNumber()),
            partPages: Int(try reader.takeNumber(limit: 1 << 20)),
            parts: try Snapshot.takeParts(&reader), previous: try reader.takeCounted(limit: 32),
            journalSeq: try reader.takeNumber(), journalHash: try reader.takeCounted(limit: 64),
            ledgerHead: try reader.takeCounted(limit: 4096), program: try reader.takeText())
    }
}
