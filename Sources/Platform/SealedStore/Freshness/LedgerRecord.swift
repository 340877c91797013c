// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// One record of the generation ledger. Each holds all that is known, so the last one is enough to
/// judge a store by.
struct LedgerRecord: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        /// The ledger of a new store.
        case made = 1
        /// A new generation of the log is about to get its header.
        case begun = 2
        /// How far commits are flushed.
        case state = 3
        /// The store was opened and found to be what the ledger says.
        case opened = 4
        /// Somebody accepted the state that the files are in.
        case accepted = 5
        /// All acceptances so far stand in the journal.
        case told = 6
        /// The records before were folded into this one.
        case folded = 7
        /// The ledger of a copy of the store.
        case copied = 8
        /// The store was closed.
        case closed = 9
        /// Another store, with this tag table and no log, is about to take the place of this one.
        /// Any other store is judged by the record before.
        case exchanged = 10
        /// No exchange that was announced since the record before took place.
        case withdrawn = 11

        /// Whether a ledger may begin with such a record.
        var mayBeFirst: Bool {
            switch self {
            case .made, .accepted, .folded, .copied, .exchanged: true
            case .begun, .state, .opened, .told, .closed, .withdrawn: false
            }
        }
    }

    /// A generation of the log: everything between two of its headers.
    struct Generation: Sendable, Equatable {
        /// From 1; 0 before the first.
        var number: UInt64 = 0
        /// The salts in its header, which are random.
        var salts: UInt64 = 0
        /// Commits of the store before it.
        var base: UInt64 = 0
        /// The last frame of the last commit that is known to be flushed.
        var frames: UInt64 = 0
    }

    var kind: Kind
    /// When, in microseconds of the system's clock.
    var at: Int64
    var generation = Generation()
    /// The generation whose header is replaced; nil once the new header is known to be on disk.
    var prior: Generation?
    /// Number of the last commit that is known to be flushed; it only grows.
    var commit: UInt64 = 0
    /// The last record of the tag table and its MAC.
    var tableSequence: UInt64 = 0
    var tableMAC = [UInt8](repeating: 0, count: Format.tag)
    /// Who accepted a state, and why.
    var actor = ""
    var reason = ""
}

extension LedgerRecord.Generation {
    fileprivate init(_ reader: inout ByteReader) throws(ByteFault) {
        self.init(
            number: try reader.take(), salts: try reader.take(), base: try reader.take(),
            frames: try reader.take())
    }
}

extension LedgerRecord {
    /// Every record takes one sector, so that a torn one is the last and no other.
    static let size = 512
    static let hashSize = 32
    static let version: UInt8 = 1
    static let magic = Array("SlGl".utf8)
    /// UTF-8 bytes of who and why, at most.
    static let actorMax = 60
    static let reasonMax = 200

    /// Clear: magic 4 · version 1 · algorithm 1 · zero 2 · sequence 8 · hash of the record before
    /// 32. Database, epoch and the ledger's own name are bound and not written.
    private static let clearSize = 48
    private static let payloadSize = size - clearSize - RecordSealer.overhead

    static func hash(_ record: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: hashSize)
        crypto_generichash(&out, hashSize, record, UInt64(record.count), nil, 0)
        return out
    }

    func bytes(
        sequence: UInt64, previous: [UInt8], sealer: RecordSealer, bound: [UInt8]
    ) -> [UInt8] {
        var clear = ByteWriter()
        clear.put(LedgerRecord.magic)
        clear.put([LedgerRecord.version, Format.algorithm, 0, 0])
        clear.put(sequence)
        clear.put(previous)
        var payload = ByteWriter()
        payload.put([kind.rawValue, prior == nil ? 0 : 1])
        payload.put(UInt8(truncatingIfNeeded: actor.utf8.count))
        payload.put(UInt8(truncatingIfNeeded: reason.utf8.count))
        payload.put(at)
        for one in [generation, prior ?? Generation()] {
            payload.put(one.number)
            payload.put(one.salts)
            payload.put(one.base)
            payload.put(one.frames)
        }
        payload.put(commit)
        payload.put(tableSequence)
        payload.put(tableMAC)
        payload.put(Array(actor.utf8))
        payload.put(Array(reason.utf8))
        payload.pad(to: LedgerRecord.payloadSize)
        return clear.bytes + sealer.seal(payload.bytes, bound: clear.bytes + bound)
    }

    /// Nil for bytes that are no record of this ledger.
    static func open(
        _ bytes: ArraySlice<UInt8>, sealer: RecordSealer, bound: [UInt8]
    ) -> (record: LedgerRecord, sequence: UInt64, previous: [UInt8])? {
        guard bytes.count == size else { return nil }
        let clear = Array(bytes.prefix(clearSize))
        guard clear.starts(with: magic), clear[4] == version, clear[5] == Format.algorithm,
            let payload = sealer.open(bytes.dropFirst(clearSize), bound: clear + bound),
            let kind = Kind(rawValue: payload[0])
        else { return nil }
        var head = ByteReader(clear[8...])
        guard let record = try? LedgerRecord(kind, payload),
            let sequence: UInt64 = try? head.take(),
            let previous = try? head.take(count: hashSize)
        else { return nil }
        return (record, sequence, Array(previous))
    }

    /// Takes a payload apart that was opened.
    private init(_ kind: Kind, _ payload: [UInt8]) throws(ByteFault) {
        var reader = ByteReader(payload[4...])
        self.init(kind: kind, at: try reader.take())
        generation = try Generation(&reader)
        let prior = try Generation(&reader)
        self.prior = payload[1] == 0 ? nil : prior
        commit = try reader.take()
        tableSequence = try reader.take()
        tableMAC = Array(try reader.take(count: Format.tag))
        actor = String(decoding: try reader.take(count: Int(payload[2])), as: UTF8.self)
        reason = String(decoding: try reader.take(count: Int(payload[3])), as: UTF8.self)
    }
}
