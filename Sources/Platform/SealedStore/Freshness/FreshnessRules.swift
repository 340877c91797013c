// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The decisions about whether files are as new as they should be. Pure: what is found is given.
enum FreshnessRules {
    /// What lies at the start of the log.
    enum LogHead: Sendable, Equatable {
        /// No log, an empty one, or a header that never reached the disk.
        case absent
        /// A header with these salts.
        case salts(UInt64)
        /// Something else. SQLite's recovery decides whether it is damage or nothing.
        case alien
    }

    /// What is known of the tag table on disk.
    struct Table: Sendable {
        var sequence: UInt64
        var certificate: CopyCertificate
        var ledgerSequence: UInt64
        /// MACs by sequence, of the records that are still in the file.
        var macs: [UInt64: [UInt8]]
    }

    /// The generation that a log must be of, with the frames that it must hold at least.
    struct Expected: Sendable, Equatable {
        var generation: LedgerRecord.Generation
        var frames: UInt64
    }

    /// Whether the table is one that followed from what the ledger knows.
    static func judge(
        table: Table, ledger: LedgerRecord, ledgerSequence: UInt64
    ) throws(Setback) {
        guard table.sequence >= ledger.tableSequence else { throw .tableOlder }
        if let mac = table.macs[ledger.tableSequence], mac != ledger.tableMAC { throw .tableOlder }
        guard table.ledgerSequence <= ledgerSequence else { throw .ledgerOlder }
    }

    /// Which generation the log is of.
    ///
    /// The one before is good only when nothing is known to have been committed since: then a crash
    /// came between the ledger's record and the new header.
    static func judge(
        log: LogHead, certificate: CopyCertificate, ledger: LedgerRecord
    ) throws(Setback) -> Expected {
        let current = ledger.generation
        switch log {
        case .salts(let salts) where salts == current.salts && current.number > 0:
            return Expected(
                generation: current, frames: least(current, certificate))
        case .salts(let salts):
            guard let prior = ledger.prior, prior.salts == salts, prior.number > 0,
                current.frames == 0, certificate.generation <= prior.number
            else { throw .logOfOtherGeneration }
            return Expected(generation: prior, frames: least(prior, certificate))
        case .absent, .alien:
            // Without a log every commit must be in the main file.
            guard certificate.covers(current.number, current.frames) else {
                throw .logMissing(frames: current.frames)
            }
            if current.frames == 0, let prior = ledger.prior,
                !certificate.covers(prior.number, prior.frames)
            {
                throw .logMissing(frames: prior.frames)
            }
            return Expected(generation: current, frames: 0)
        }
    }

    private static func least(
        _ generation: LedgerRecord.Generation, _ certificate: CopyCertificate
    ) -> UInt64 {
        certificate.generation == generation.number
            ? max(generation.frames, certificate.frame) : generation.frames
    }
}
