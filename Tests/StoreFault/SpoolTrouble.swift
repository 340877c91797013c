// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

@testable import SealedStore

/// Has the N-th step fail while commits are captured, the log is begun anew and a target is served,
/// once and from then on, with a broken and with a full disk; then mends the disk. The books must
/// hold all that was acknowledged, and the target must give back what they hold.
struct SpoolTrouble {
    let folder: String
    let seed: UInt64
    /// Every how many points one is tried.
    let step: Int
    private(set) var points = 0
    private(set) var failures = 0
    private(set) var fences = 0
    /// How often a new chain had to begin.
    private(set) var gaps = 0
    private(set) var bad = 0
    private var number = 1

    init(folder: String, seed: UInt64, step: Int) {
        self.folder = folder
        self.seed = seed
        self.step = step
    }

    mutating func run() throws {
        var dice = Dice(seed)
        let captured = CapturedBooks(books: try Books(base: folder + "/live"))
        try FileManager.default.createDirectory(
            atPath: captured.books.base + "/target", withIntermediateDirectories: true)
        var store = try captured.open()
        defer { store.close() }
        try store.beginCapture()
        for (errorNumber, lasts) in [(EIO, false), (EIO, true), (ENOSPC, false), (ENOSPC, true)] {
            var point = 1
            var reached = true
            while reached, point < 400 {
                let fault = Fault(at: point, lasts: lasts, number: errorNumber)
                do {
                    reached = try attempt(fault, captured, &store, &dice)
                } catch {
                    bad += 1
                    say("BAD seed \(seed), \(fault): \(error)")
                    store.close()
                    store = try captured.open()
                }
                point += step
            }
        }
    }

    /// Returns whether the point was reached.
    private mutating func attempt(
        _ fault: Fault, _ captured: CapturedBooks, _ store: inout SealedStore, _ dice: inout Dice
    ) throws -> Bool {
        points += 1
        let before = store.spoolStatus.chain
        try commit(store, 3, dice.below(9_000))
        let held = try Books.digest(store)
        store.spool?.isElsewhere = dice.bool()
        TestDisk.set(fault)
        try? store.captureNow()
        _ = try? store.onWriter { Copying.truncate($0) }
        _ = try? captured.ship(store)
        let result = TestDisk.mend()
        failures += result.failed
        if store.vault.isFenced {
            fences += 1
            store.close()
            store = try captured.open()
            try store.beginCapture()
        }
        guard try Books.digest(store) == held else { throw Bad("commits were lost") }
        try commit(store, 2, dice.below(9_000))
        _ = try captured.ship(store)
        if before != nil, store.spoolStatus.chain != before {
            gaps += 1
            guard store.spoolStatus.gap != nil else { throw Bad("a new chain without a gap") }
        }
        guard try captured.restored() == Books.digest(store) else {
            throw Bad("what the target gives back is not what the books hold")
        }
        return result.failed > 0
    }

    private mutating func commit(_ store: SealedStore, _ count: Int, _ size: Int) throws {
        for _ in 0..<count {
            for result in Books.commit(store, from: number, sizes: [size]) { try result.get() }
            number += 1
        }
    }
}
