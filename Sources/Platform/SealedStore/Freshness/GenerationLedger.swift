// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium
import Glibc
import Synchronization

/// An append-only, sealed, hash-chained file in a folder of its own that remembers how far a store
/// has come: which generation of the log was begun last, and how many of its frames are flushed.
///
/// Whoever puts older files of the store back has to put this one back, too; and where its head was
/// written down elsewhere (system journal, backups, scanners) even that is noticed.
final class GenerationLedger: Sendable {
    let path: String
    private let sealer: RecordSealer
    private let bound: [UInt8]
    private let state = Mutex(State())

    private struct State {
        var last: LedgerRecord?
        var sequence: UInt64 = 0
        var chain = [UInt8](repeating: 0, count: LedgerRecord.hashSize)
        var records = 0
        /// Acceptances that the journal has not been told.
        var untold: [Acceptance] = []
        /// The last record that announces no exchange.
        var standing: LedgerRecord?
        /// The exchanges announced behind it, with the numbers of their records.
        var announced: [(record: LedgerRecord, sequence: UInt64)] = []
    }

    /// Records from which on the file is folded into one: 2 MiB, some hours of steady work.
    static let recordsMax = 4096
    /// A file with more is none of ours.
    private static let bytesMax = 64 << 20

    init(path: String, key: RootKey) throws {
        self.path = path
        sealer = RecordSealer(try key.subkey("sl.gener"))
        var bound = ByteWriter()
        bound.put(key.databaseID)
        bound.put(key.epoch)
        // The ledger of practice books is not one of the real ones, though they share the key.
        bound.put(Array((path.split(separator: "/").last ?? "").utf8))
        self.bound = bound.bytes
    }

    // MARK: Reading

    /// Reads and verifies the whole file. A last record that is not whole was torn by a crash.
    ///
    /// - Returns: false when there is no file.
    /// - Throws: `Setback.ledgerDamaged`, `SystemFault`.
    func load() throws -> Bool {
        guard let bytes = try Disk.contents(of: path, limit: GenerationLedger.bytesMax) else {
            return false
        }
        var found = State()
        let whole = bytes.count / LedgerRecord.size
        for index in 0..<whole {
            let slice = bytes[index * LedgerRecord.size..<(index + 1) * LedgerRecord.size]
            let opened = LedgerRecord.open(slice, sealer: sealer, bound: bound)
            guard let (record, sequence, previous) = opened else {
                // Only an append can be torn, and it is the last thing in the file.
                if index > 0, index == whole - 1, bytes.count % LedgerRecord.size == 0 { break }
                throw Setback.ledgerDamaged(record: index + 1)
            }
            guard
                index == 0
                    ? record.kind.mayBeFirst
                    : sequence == found.sequence + 1 && previous == found.chain
            else { throw Setback.ledgerDamaged(record: index + 1) }
            note(record, sequence, Array(slice), &found)
        }
        guard found.last != nil else { throw Setback.ledgerDamaged(record: 1) }
        if found.records * LedgerRecord.size < bytes.count {
            try Disk.cut(path, to: found.records * LedgerRecord.size)
        }
        let loaded = found
        state.withLock { $0 = loaded }
        return true
    }

    private func note(
        _ record: LedgerRecord, _ sequence: UInt64, _ bytes: [UInt8], _ state: inout State
    ) {
        state.last = record
        state.sequence = sequence
        state.chain = LedgerRecord.hash(bytes)
        state.records += 1
        if record.kind == .exchanged {
            state.announced.append((record, sequence))
            return
        }
        // Whoever goes on after an announcement without taking it back has found the other store.
        if record.kind != .withdrawn {
            state.untold += state.announced.map { Acceptance($0.record, $0.sequence) }
        }
        state.announced = []
        state.standing = record
        switch record.kind {
        case .accepted: state.untold.append(Acceptance(record, sequence))
        case .told: state.untold = []
        case .made, .begun, .state, .opened, .folded, .copied, .closed, .exchanged, .withdrawn:
            break
        }
    }

    var last: LedgerRecord? { state.withLock { $0.last } }
    var sequence: UInt64 { state.withLock { $0.sequence } }
    /// The last record that announces no exchange; nil when the ledger begins with one.
    var standing: LedgerRecord? { state.withLock { $0.standing } }
    /// The exchanges that were announced since, oldest first.
    var announced: [LedgerRecord] { state.withLock { $0.announced.map(\.record) } }
    var untold: [Acceptance] { state.withLock { $0.untold } }

    var head: LedgerHead {
        state.withLock {
            LedgerHead(
                generation: $0.last?.generation.number ?? 0, commit: $0.last?.commit ?? 0,
                sequence: $0.sequence, chain: hexadecimal($0.chain))
        }
    }

    // MARK: Writing

    /// Begins the file anew with one record, in place of what there was.
    ///
    /// - Parameter sequence: the number that the record follows on.
    func make(_ record: LedgerRecord, after sequence: UInt64 = 0) throws(SystemFault) {
        try state.withLock { state throws(SystemFault) in
            state = State()
            state.sequence = sequence
            try replace(record, &state)
        }
    }

    /// Appends a record and flushes it.
    ///
    /// - Parameters:
    ///   - draft: makes the record, given the last one; nothing is appended meanwhile, so that no
    ///     record says less than the one before it.
    ///   - then: runs before the next record is drafted.
    /// - Throws: `SystemFault`; the ledger is then as it was.
    func append(
        _ draft: (LedgerRecord?) -> LedgerRecord, then: () -> Void = {}
    ) throws(SystemFault) {
        try state.withLock { state throws(SystemFault) in
            let record = draft(state.last)
            let bytes = record.bytes(
                sequence: state.sequence + 1, previous: state.chain, sealer: sealer, bound: bound)
            try Disk.add(bytes, to: path, at: state.records * LedgerRecord.size)
            note(record, state.sequence + 1, bytes, &state)
            then()
        }
    }

    /// Folds the file into one record when it has grown long. What was accepted and not told stays.
    func fold() throws(SystemFault) {
        try state.withLock { state throws(SystemFault) in
            guard state.records >= GenerationLedger.recordsMax, state.untold.isEmpty,
                var record = state.last
            else { return }
            record.kind = .folded
            state.records = 0
            try replace(record, &state)
        }
    }

    /// The new file appears whole or not at all; the chain goes on in it.
    private func replace(_ record: LedgerRecord, _ state: inout State) throws(SystemFault) {
        let before = state
        let bytes = record.bytes(
            sequence: state.sequence + 1, previous: state.chain, sealer: sealer, bound: bound)
        do {
            try Disk.replace(path, with: bytes)
        } catch {
            state = before
            throw error
        }
        state.records = 0
        note(record, state.sequence + 1, bytes, &state)
    }
}

/// How far a store has come, to be written down away from it.
package struct LedgerHead: Sendable, Equatable {
    package let generation: UInt64
    /// Number of the last commit that was noted; commits count from 1 over the life of the store.
    package let commit: UInt64
    /// Number of the ledger's last record.
    package let sequence: UInt64
    /// Hash over all records so far, in hexadecimal.
    package let chain: String

    /// As it stands in the manifest of a backup: four words of text.
    var bytes: [UInt8] { Array("\(generation) \(commit) \(sequence) \(chain)".utf8) }
}

/// Somebody took the state of a store for the right one, against what was known of it.
package struct Acceptance: Sendable, Equatable {
    /// Number of its record in the ledger; no other has it.
    package let number: UInt64
    package let atMicroseconds: Int64
    package let actor: String
    package let reason: String
    /// The commit that the store had reached as far as the ledger knew.
    package let commit: UInt64
}

extension Acceptance {
    fileprivate init(_ record: LedgerRecord, _ sequence: UInt64) {
        self.init(
            number: sequence, atMicroseconds: record.at, actor: record.actor,
            reason: record.reason, commit: record.commit)
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }.joined()
}
