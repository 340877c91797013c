// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import SealedStore

@Suite struct FreshnessRulesTests {
    private typealias Generation = LedgerRecord.Generation

    private func ledger(
        _ generation: Generation, prior: Generation? = nil
    ) -> LedgerRecord {
        LedgerRecord(kind: .state, at: 0, generation: generation, prior: prior, tableSequence: 5)
    }

    private let third = Generation(number: 3, salts: 33, base: 100, frames: 40)
    private let fresh = Generation(number: 4, salts: 44, base: 120, frames: 0)

    @Test func `the log of the current generation must hold what was flushed or copied`() throws {
        let none = CopyCertificate()
        let copied = CopyCertificate(generation: 3, frame: 52, commit: 110)
        #expect(
            try FreshnessRules.judge(log: .salts(33), certificate: none, ledger: ledger(third))
                == FreshnessRules.Expected(generation: third, frames: 40))
        #expect(
            try FreshnessRules.judge(log: .salts(33), certificate: copied, ledger: ledger(third))
                == FreshnessRules.Expected(generation: third, frames: 52))
    }

    @Test func `the log before is good only while nothing was committed since`() throws {
        let copied = CopyCertificate(generation: 3, frame: 52, commit: 110)
        let begun = ledger(fresh, prior: third)
        #expect(
            try FreshnessRules.judge(log: .salts(33), certificate: copied, ledger: begun)
                == FreshnessRules.Expected(generation: third, frames: 52))
        var used = fresh
        used.frames = 1
        let later = CopyCertificate(generation: 4, frame: 7, commit: 121)
        for (certificate, record) in [
            (copied, ledger(used, prior: third)), (copied, ledger(fresh)), (later, begun),
        ] {
            #expect(throws: Setback.logOfOtherGeneration) {
                try FreshnessRules.judge(log: .salts(33), certificate: certificate, ledger: record)
            }
        }
        #expect(throws: Setback.logOfOtherGeneration) {
            try FreshnessRules.judge(log: .salts(99), certificate: copied, ledger: begun)
        }
    }

    @Test func `no log is good only when everything was copied back`() throws {
        let table: [(CopyCertificate, LedgerRecord, Bool)] = [
            (CopyCertificate(generation: 3, frame: 40, commit: 1), ledger(third), true),
            (CopyCertificate(generation: 3, frame: 39, commit: 1), ledger(third), false),
            (CopyCertificate(generation: 4, frame: 1, commit: 1), ledger(third), true),
            (CopyCertificate(generation: 2, frame: 99, commit: 1), ledger(third), false),
            (
                CopyCertificate(generation: 3, frame: 40, commit: 1), ledger(fresh, prior: third),
                true
            ),
            (
                CopyCertificate(generation: 2, frame: 40, commit: 1), ledger(fresh, prior: third),
                false
            ),
        ]
        for (certificate, record, isGood) in table {
            for log in [FreshnessRules.LogHead.absent, .alien] {
                let verdict = try? FreshnessRules.judge(
                    log: log, certificate: certificate, ledger: record)
                #expect((verdict != nil) == isGood, "\(certificate)")
            }
        }
    }

    @Test func `a table that is older than the ledger, or of another past, is refused`() throws {
        func table(
            _ sequence: UInt64, ledger: UInt64 = 9, macs: [UInt64: [UInt8]] = [:]
        ) -> FreshnessRules.Table {
            FreshnessRules.Table(
                sequence: sequence, certificate: CopyCertificate(), ledgerSequence: ledger,
                macs: macs)
        }
        let zero = [UInt8](repeating: 0, count: 16)
        let record = ledger(third)
        try FreshnessRules.judge(table: table(5), ledger: record, ledgerSequence: 9)
        try FreshnessRules.judge(
            table: table(8, macs: [5: zero]), ledger: record, ledgerSequence: 9)
        let bad: [(FreshnessRules.Table, Setback)] = [
            (table(4), .tableOlder), (table(5, macs: [5: [1]]), .tableOlder),
            (table(5, ledger: 10), .ledgerOlder),
        ]
        for (table, setback) in bad {
            #expect(throws: setback) {
                try FreshnessRules.judge(table: table, ledger: record, ledgerSequence: 9)
            }
        }
    }
}
