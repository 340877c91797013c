// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// A run of captured commits without a hole: what one segment follows from the one before.
///
/// The name is the time of its beginning in microseconds and a random number, both hexadecimal,
/// so that chains sort by their age.
package struct ChainID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let description: String
    static let length = 24

    init(at instant: Instant) {
        description = sixteenDigits(instant.microseconds) + hexadecimal(randomBytes(4))
    }

    /// Nil for a text that is no name of a chain.
    package init?(_ text: String) {
        guard text.utf8.count == ChainID.length,
            text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        description = text
    }

    package static func < (a: ChainID, b: ChainID) -> Bool { a.description < b.description }
}

/// Frames of the log as they lay there, sealed, with their place in the history of the store.
struct Segment: Sendable, Equatable {
    var chain: ChainID
    /// Place in the chain, from 1 without gaps.
    var sequence: Int64
    /// The sequence of the first segment with frames of the same log.
    var logStart: Int64
    /// The eight bytes that every frame of this log carries.
    var salts: [UInt8]
    /// Numbers of the first and last frame in the log; `last` is one less when there are none.
    var first: Int
    var last: Int
    /// Whether the log was complete with this segment and was begun anew after it.
    var closes: Bool
    /// The last commit before the first frame, and the last one that is complete with the last.
    var commitBefore: Int64
    var commit: Int64
    /// When the segment was closed: all its commits are older.
    var at: Instant
    /// Hash of the segment before; of the first one, zeros.
    var previous: [UInt8]

    static let start = [UInt8](repeating: 0, count: 32)
    /// Frames of one segment at most: 8 MiB. So many are in one only while commits come fast: see
    /// `Spool.delay`.
    static let framesMost = 2_032
    static let nameLimit = 64

    var frames: Int { last - first + 1 }
    var name: String { "\(chain)-\(sixteenDigits(sequence)).seg" }

    /// Numbers, times and hashes; as long in every segment.
    var head: [UInt8] {
        var out = ByteWriter()
        out.put(chain.description)
        out.put(sequence)
        out.put(logStart)
        out.put(salts)
        out.put(UInt32(first))
        out.put(UInt32(last))
        out.put(UInt8(closes ? 1 : 0))
        out.put(commitBefore)
        out.put(commit)
        out.put(at)
        out.put(previous)
        return out.bytes
    }

    /// The segment at the start of `bytes`. Its frames may be torn or changed, but for their seals;
    /// who needs to know opens them, as `openWhole` does.
    static func open(
        _ bytes: ArraySlice<UInt8>, name: String, seal: BackupSeal
    ) throws -> (segment: Segment, content: Container.Content) {
        let content = try Container.open(bytes, as: .segment, name: name, seal: seal)
        let segment = try asBackupFault(of: name) { try Segment(content.head) }
        guard segment.first > 0, segment.frames >= 0, segment.commit >= segment.commitBefore,
            content.body.count == segment.frames * Format.frame
        else { throw BackupFault.altered(name) }
        return (segment, content)
    }

    /// The segment that `bytes` hold from end to end, every frame of it opened once.
    static func openWhole(
        _ bytes: [UInt8], name: String, seal: BackupSeal
    ) throws -> (segment: Segment, content: Container.Content) {
        let (segment, content) = try open(bytes[...], name: name, seal: seal)
        let coder = PageCoder(try Vault(path: "", key: seal.root.at(epoch: content.epoch)))
        guard content.length == bytes.count, segment.name == name,
            coder.opens(frames: content.body, of: segment)
        else { throw BackupFault.altered(name) }
        return (segment, content)
    }
}

/// Walks over segments that follow each other, and notices when one does not.
struct SegmentChain {
    private(set) var last: Segment?
    private(set) var lastHash: [UInt8]

    /// - Parameter hash: of the segment before the first that will come; nil takes any.
    init(after hash: [UInt8]? = nil) { lastHash = hash ?? [] }

    mutating func follow(_ segment: Segment, hash: [UInt8]) throws {
        if let last {
            guard segment.chain == last.chain, segment.sequence == last.sequence + 1,
                segment.previous == lastHash, segment.commitBefore == last.commit
            else { throw BackupFault.broken("\(segment.name) does not follow \(last.name)") }
            let sameLog = segment.salts == last.salts
            guard
                sameLog
                    ? segment.first == last.last + 1 && segment.logStart == last.logStart
                    : segment.first == 1 && last.closes && segment.logStart == segment.sequence
            else { throw BackupFault.broken("frames are missing before \(segment.name)") }
        } else if !lastHash.isEmpty, segment.previous != lastHash {
            throw BackupFault.broken("\(segment.name) does not follow what lies before it")
        }
        last = segment
        lastHash = hash
    }
}

extension Segment {
    fileprivate init(_ head: ArraySlice<UInt8>) throws {
        var reader = ByteReader(head)
        guard let chain = ChainID(try reader.takeText()) else { throw ByteFault.range }
        self.init(
            chain: chain, sequence: try reader.takeNumber(), logStart: try reader.takeNumber(),
            salts: Array(try reader.take(count: 8)), first: Int(try reader.take(UInt32.self)),
            last: Int(try reader.take(UInt32.self)), closes: try reader.take(UInt8.self) == 1,
            commitBefore: try reader.takeNumber(), commit: try reader.takeNumber(),
            at: try reader.takeInstant(), previous: Array(try reader.take(count: 32)))
    }
}
