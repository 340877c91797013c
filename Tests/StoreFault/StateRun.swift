// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

@testable import SealedStore

/// Enumerates the states in which a power cut may leave one long life of the books, and looks at
/// each of them, now and then with a second power cut while the first is being recovered from.
struct StateRun {
    let folder: String
    let seed: UInt64
    /// Distinct states to look at.
    let wanted: Int
    private(set) var seen: Set<Int> = []
    private(set) var nested = 0
    private(set) var bad = 0
    /// Every how many states recovery is cut, too.
    private static let nestedEach = 4

    init(folder: String, seed: UInt64, wanted: Int) {
        self.folder = folder
        self.seed = seed
        self.wanted = wanted
    }

    mutating func run() throws {
        var dice = Dice(seed)
        let books = try Books(base: folder + "/live")
        let start = try CrashState(readFrom: books.base)
        var life = Life()
        TestDisk.record()
        try live(&life, books, &dice)
        life.events = TestDisk.recorded()
        say("events \(life.events.count), commits \(life.known.count - 1)")
        // One pass over the events gives `wanted` states; what two moments have in common counts once.
        var round = 0
        while seen.count < wanted, round < 20 {
            round += 1
            let missing = max(wanted - seen.count, 10)
            let share = Double(missing) / Double(life.events.count)
            try pass(life, books, start, share: min(share, 12), &dice)
        }
    }

    /// Two openings with some forty commits each.
    private func live(_ life: inout Life, _ books: Books, _ dice: inout Dice) throws {
        for half in 0..<2 {
            let store = try books.open()
            defer { store.close() }
            if half == 0 { life.known[try Books.digest(store)] = 0 }
            try life.work(store, books, commits: 40, from: 1 + half * 40, &dice)
        }
    }

    private mutating func pass(
        _ life: Life, _ books: Books, _ start: CrashState, share: Double, _ dice: inout Dice
    ) throws {
        let tree = CrashTree(books.base, start)
        var acknowledged = 0
        var slots = 1
        var due = 0.0
        for (index, event) in life.events.enumerated() {
            switch event {
            case .acknowledged(let number): acknowledged = number
            case .slots(let count): slots = count
            case .step(let step):
                tree.apply(step)
                due += share
                while due >= 1, seen.count < wanted {
                    due -= 1
                    let kind = CrashKind.any(&dice)
                    let state = tree.state(kind, &dice)
                    guard seen.insert(state.hashValue).inserted else { continue }
                    try examine(
                        state, life, books, (acknowledged, slots), "step \(index) \(kind)", &dice)
                }
            }
        }
    }

    private mutating func examine(
        _ state: CrashState, _ life: Life, _ books: Books,
        _ promised: (commit: Int, slots: Int), _ what: String, _ dice: inout Dice
    ) throws {
        let there = books.at(folder + "/crashed")
        try state.write(to: there.base)
        let cutsAgain = seen.count % StateRun.nestedEach == 0
        if cutsAgain { TestDisk.record() }
        let slots = promised.slots...promised.slots + 1
        do {
            let found = try life.inspect(there, atLeast: promised.commit, slots: slots)
            guard cutsAgain else { return }
            let events = TestDisk.recorded()
            let tree = CrashTree(there.base, state)
            let cut = dice.below(events.count + 1)
            for case .step(let step) in events.prefix(cut) { tree.apply(step) }
            let kind = CrashKind.any(&dice)
            nested += 1
            let again = books.at(folder + "/again")
            let second = tree.state(kind, &dice)
            try second.write(to: again.base)
            do {
                let other = try life.inspect(again, atLeast: found, slots: slots)
                if other != found { throw Bad("second recovery at \(other), first at \(found)") }
            } catch {
                tell("\(what), recovery cut at \(cut) \(kind): \(error)", state, second)
            }
        } catch {
            _ = TestDisk.recorded()
            tell("\(what): \(error)", state, nil)
        }
    }

    /// Says what was bad, and keeps the files.
    private mutating func tell(_ what: String, _ state: CrashState, _ second: CrashState?) {
        bad += 1
        say("BAD seed \(seed), \(what), files in \(folder)/bad-\(bad)")
        try? state.write(to: "\(folder)/bad-\(bad)")
        try? second?.write(to: "\(folder)/bad-\(bad)-second")
    }
}
