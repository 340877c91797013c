// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization

@testable import SealedStore

/// One life of the books: what was done, what was said of it, and what states they may be in.
struct Life {
    var events: [Event] = []
    /// Digest of the books after each commit, by its number.
    var known: [String: Int] = [:]
    var slots = 1

    /// Does some commits, of a few rows up to some hundred pages, with refusals, copies back, notes
    /// in the ledger and new slots between them.
    mutating func work(
        _ store: SealedStore, _ books: Books, commits: Int, from first: Int, _ dice: inout Dice
    ) throws {
        var number = first
        for index in 0..<commits {
            let kind = dice.below(10)
            let count = kind == 0 ? 6 : 1 + dice.below(2)
            let sizes = (0..<count).map { _ in
                kind < 2 ? 20_000 + dice.below(40_000) : dice.below(3_000)
            }
            let results = Books.commit(
                store, from: number * 10, sizes: sizes, refusing: kind == 3)
            for result in results {
                if case .failure(let error) = result, !(error is Books.Refused) { throw error }
            }
            known[try Books.digest(store)] = number
            TestDisk.note(.acknowledged(number))
            number += 1
            switch (kind, index % 4) {
            case (4, _): _ = try store.onWriter { Copying.full($0) }
            case (5, _): try store.vault.freshness?.note(.state)
            case (6, 0) where slots < 10:
                var file = try KeyFile.open(at: books.base + "/key")
                try file.addSlot(.recovery(try KeyFile.newRecoveryText()), root: books.root)
                slots += 1
                TestDisk.note(.slots(slots))
            case (7, _): _ = try store.onWriter { Copying.truncate($0) }
            default: break
            }
        }
    }
}

/// Copies back, as the copier does them, at a moment that the test chooses.
enum Copying {
    @Sendable static func full(_ connection: Connection) {
        try? connection.script("PRAGMA wal_checkpoint(PASSIVE)") { _ in }
    }
    @Sendable static func truncate(_ connection: Connection) {
        try? connection.script("PRAGMA wal_checkpoint(TRUNCATE)") { _ in }
    }
}

extension SealedStore {
    /// Does something on the writer's own connection, between two commits.
    func onWriter<T: Sendable>(_ body: @escaping @Sendable (Connection) -> T) throws -> T {
        let answer = Answer<T>()
        try writer.queue.putAlone { answer.give(.success(body($0))) }
        return try answer.wait()
    }
}

/// One line to the pipe, in one write.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// Why a state is bad.
struct Bad: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension Life {
    /// Opens the books of a state and looks at them. Returns the number of their last commit.
    func inspect(_ books: Books, atLeast acknowledged: Int, slots: ClosedRange<Int>) throws -> Int {
        let store: SealedStore
        do {
            store = try books.open()
        } catch {
            throw Bad("does not open: \(error)")
        }
        defer { store.close() }
        return try look(store, books, atLeast: acknowledged, slots: slots)
    }

    func look(
        _ store: SealedStore, _ books: Books, atLeast acknowledged: Int, slots: ClosedRange<Int>
    ) throws -> Int {
        guard let found = known[try Books.digest(store)] else {
            throw Bad("no state of the history; last commit acknowledged \(acknowledged)")
        }
        guard found >= acknowledged else { throw Bad("commit \(acknowledged) lost, at \(found)") }
        if let flaw = try Books.flaw(store) { throw Bad(flaw) }
        if let damage = store.health.lastDamage { throw Bad("false alarm: \(damage)") }
        let count = try books.slots()
        guard slots.contains(count) else { throw Bad("\(count) slots, not \(slots)") }
        return found
    }
}
