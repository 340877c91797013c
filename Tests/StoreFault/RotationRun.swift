// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Journal
import Kernel

@testable import Appliance
@testable import SealedStore

/// Enumerates the states in which a power cut may leave a data folder whose key is rotated, and looks
/// at each as the next start does: it opens under exactly one epoch, with every commit that was
/// acknowledged. Now and then the power is cut again while the first cut is settled.
struct RotationRun {
    let folder: String
    let seed: UInt64
    /// Distinct states to look at.
    let wanted: Int
    private(set) var seen: Set<Int> = []
    private(set) var nested = 0
    private(set) var bad = 0
    /// States that opened under the old epoch, and under the new one.
    private(set) var epochs = [0, 0]
    /// What the books hold at each commit, by their digest.
    private var known: [String: Int] = [:]
    /// Every how many states the settling is cut, too.
    private static let nestedEach = 3
    /// States of one data folder; few steps make no more that differ.
    private static let statesEach = 300
    private static let chainsMost: UInt64 = 10_000
    private static let told = EventKind("system.tried", needs: Permission("system.see"))

    init(folder: String, seed: UInt64, wanted: Int) {
        self.folder = folder
        self.seed = seed
        self.wanted = wanted
    }

    private var schemas: [RoomSchema] { allSchemas(allModules().modules) }

    mutating func run() throws {
        var chain: UInt64 = 0
        while seen.count < wanted, chain < RotationRun.chainsMost {
            chain += 1
            var dice = Dice(seed &+ chain &* 0x1000)
            try follow(&dice, until: min(wanted, seen.count + RotationRun.statesEach))
        }
    }

    /// One data folder from its first start on.
    private mutating func follow(_ dice: inout Dice, until goal: Int) throws {
        let data = folder + "/live"
        try? FileManager.default.removeItem(atPath: data)
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        // The first start is not what is looked at here: everything of it is on the disk.
        let key = try KeyRing(data: data).open()
        try open(data, key).close()
        let start = try CrashState(readFrom: data)
        known = [:]
        TestDisk.record()
        try live(data)
        let events = TestDisk.recorded()
        say("events \(events.count), digests \(known.count)")
        var round = 0
        while seen.count < goal, round < 20 {
            round += 1
            try pass(events, data, start, until: goal, &dice)
        }
    }

    private func open(_ data: String, _ key: RootKey) throws -> SealedStore {
        try SealedStore.open(
            folder: data + "/store", key: key, schemas: schemas, clock: systemClock, readers: 1,
            pace: .eager)
    }

    /// Commits, a rotation, commits, and another rotation. The last commits before each of them lie in
    /// the log alone.
    private mutating func live(_ data: String) throws {
        var number = 0
        let ring = KeyRing(data: data)
        for _ in 0..<2 {
            let store = try open(data, try ring.openExisting())
            note(try Books.digest(store), number)
            for _ in 0..<4 {
                number += 1
                let subject = "try-\(number)"
                try store.write { tx in
                    try tx.tell(RotationRun.told, about: subject, [:], by: .system("faults"))
                }
                note(try Books.digest(store), number)
            }
            store.close()
            let outcome = try ring.rotate(given: [:], by: "faults")
            number += 1
            let rotated = try open(data, try ring.openExisting())
            note(try Books.digest(rotated), number, epoch: Int(outcome.epoch))
            rotated.close()
        }
    }

    private mutating func note(_ digest: String, _ number: Int, epoch: Int? = nil) {
        known[digest] = number
        TestDisk.note(.acknowledged(number))
        if let epoch { TestDisk.note(.slots(epoch)) }
    }

    private mutating func pass(
        _ events: [Event], _ data: String, _ start: CrashState, until goal: Int,
        _ dice: inout Dice
    ) throws {
        let tree = CrashTree(data, start)
        var promised = (commit: 0, epoch: 1)
        var moments = CrashMoments(events, states: max(goal - seen.count, 10))
        for (index, event) in events.enumerated() {
            switch event {
            case .acknowledged(let number): promised.commit = number
            case .slots(let epoch): promised.epoch = epoch
            case .step(let step): tree.apply(step)
            }
            for _ in 0..<moments.count(after: event) where seen.count < goal {
                let kind = CrashKind.any(&dice)
                let state = tree.state(kind, &dice)
                guard seen.insert(state.hashValue).inserted else { continue }
                try examine(state, promised, "step \(index) \(kind)", &dice)
            }
        }
    }

    private mutating func examine(
        _ state: CrashState, _ promised: (commit: Int, epoch: Int), _ what: String,
        _ dice: inout Dice
    ) throws {
        let there = folder + "/crashed"
        try state.write(to: there)
        let cutsAgain = seen.count % RotationRun.nestedEach == 0
        if cutsAgain { TestDisk.record() }
        do {
            let found = try inspect(there, promised)
            epochs[min(1, found.epoch - 1)] += 1
            guard cutsAgain else { return }
            let (kind, second) = state.cutAgain(TestDisk.recorded(), in: there, &dice)
            nested += 1
            let again = folder + "/again"
            try second.write(to: again)
            do {
                let other = try inspect(again, promised)
                if other != found { throw Bad("second start at \(other), first at \(found)") }
            } catch {
                tell("\(what), settling cut \(kind): \(error)", state, second)
            }
        } catch {
            _ = TestDisk.recorded()
            tell("\(what): \(error)", state, nil)
        }
    }

    /// Opens what a power cut left, as a start of the daemon does.
    private func inspect(
        _ data: String, _ promised: (commit: Int, epoch: Int)
    ) throws -> (commit: Int, epoch: Int) {
        let ring = KeyRing(data: data)
        let store: SealedStore
        let key: RootKey
        do {
            let lock = try ring.hold()
            defer { lock.release() }
            key = try ring.openExisting()
            store = try open(data, key)
        } catch {
            throw Bad("does not open: \(error)")
        }
        defer { store.close() }
        guard let commit = known[try Books.digest(store)] else {
            throw Bad("no state of the history; last commit acknowledged \(promised.commit)")
        }
        guard commit >= promised.commit else {
            throw Bad("commit \(promised.commit) lost, at \(commit)")
        }
        if let wrong = try store.integrityCheck().first { throw Bad(wrong) }
        if let damage = store.health.lastDamage { throw Bad("false alarm: \(damage)") }
        let epoch = Int(try KeyFile.open(at: ring.wrapped).epoch)
        let mark = try Disk.contents(of: store.vault.path, limit: Format.mark) ?? []
        guard mark.count == Format.mark, Int(mark[6]) == epoch, Int(key.epoch) == epoch else {
            throw Bad("keys of epoch \(epoch), store of another")
        }
        guard epoch >= promised.epoch else {
            throw Bad("epoch \(promised.epoch) lost, at \(epoch)")
        }
        for name in ["rotation", "rotation.draft"] where Disk.exists("\(data)/\(name)") {
            throw Bad("\(name) is left")
        }
        return (commit, epoch)
    }

    /// Says what was bad, and keeps the files.
    private mutating func tell(_ what: String, _ state: CrashState, _ second: CrashState?) {
        bad += 1
        say("BAD seed \(seed), \(what), files in \(folder)/bad-\(bad)")
        try? state.write(to: "\(folder)/bad-\(bad)")
        try? second?.write(to: "\(folder)/bad-\(bad)-second")
    }
}
