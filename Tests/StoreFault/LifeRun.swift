// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

@testable import SealedStore

/// Books that live through one power cut after the other: each life begins with the recovery from
/// the one before, does a few commits, and is cut at any step of it.
struct LifeRun {
    let folder: String
    let seed: UInt64
    let wanted: Int
    private(set) var lives = 0
    private(set) var bad = 0
    /// Power cuts that one store lives through.
    private static let livesEach = 25

    init(folder: String, seed: UInt64, wanted: Int) {
        self.folder = folder
        self.seed = seed
        self.wanted = wanted
    }

    mutating func run() throws {
        var chain: UInt64 = 0
        while lives < wanted {
            chain += 1
            try follow(chain)
        }
    }

    private mutating func follow(_ chain: UInt64) throws {
        var dice = Dice(seed &+ chain &* 0x1000)
        let first = try Books(base: folder + "/live")
        var state = try CrashState(readFrom: first.base)
        var life = Life()
        let store = try first.open()
        life.known = [try Books.digest(store): 0]
        store.close()
        var floor = 0
        for number in 0..<min(LifeRun.livesEach, wanted - lives) {
            lives += 1
            let books = first.at(folder + "/live")
            let before = state
            try state.write(to: books.base)
            TestDisk.record()
            do {
                (state, floor) = try live(&life, books, state, floor, &dice)
            } catch {
                _ = TestDisk.recorded()
                bad += 1
                say("BAD seed \(seed), chain \(chain), life \(number): \(error)")
                try? before.write(to: "\(folder)/bad-life-\(bad)")
                return
            }
        }
    }

    /// One life. Returns the state in which it was cut, and the commit that it promised by then.
    private func live(
        _ life: inout Life, _ books: Books, _ start: CrashState, _ floor: Int, _ dice: inout Dice
    ) throws -> (CrashState, Int) {
        let store: SealedStore
        do {
            store = try books.open(pace: dice.bool() ? .eager : .usual)
        } catch {
            throw Bad("does not open: \(error)")
        }
        defer { store.close() }
        let found = try life.look(store, books, atLeast: floor, slots: 1...99)
        // Commits that this life does not have are done anew, and differently.
        life.known = life.known.filter { $0.value <= found }
        life.slots = 99
        if dice.below(3) == 0 { try store.vault.freshness?.note(.state) }
        try life.work(store, books, commits: 1 + dice.below(3), from: found + 1, &dice)
        if dice.below(4) == 0 { store.close() }
        let events = TestDisk.recorded()
        let tree = CrashTree(books.base, start)
        // Mostly close to the end, where the last commit is.
        let late = dice.below(min(12, events.count) + 1)
        let cut = dice.below(3) == 0 ? dice.below(events.count + 1) : events.count - late
        var promised = found
        for event in events.prefix(cut) {
            switch event {
            case .step(let step): tree.apply(step)
            case .acknowledged(let number): promised = number
            case .slots: break
            }
        }
        let kind = CrashKind.any(&dice)
        return (tree.state(kind, &dice), promised)
    }
}
