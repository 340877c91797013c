// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Backup
import Foundation
import Journal
import Kernel

@testable import Appliance
@testable import SealedStore

/// Enumerates the states in which a power cut may leave a data folder whose books are restored, taken
/// back, restored again and kept, and looks at each as the next start does: the old books or the
/// restored ones, whole, and the next command goes on. Now and then the power is cut again meanwhile.
struct RestoreRun {
    let folder: String
    let seed: UInt64
    /// Distinct states to look at.
    let wanted: Int
    private(set) var seen: Set<Int> = []
    private(set) var nested = 0
    private(set) var bad = 0
    /// States with the old books in use, with undecided restored ones, and with kept ones.
    private(set) var outcomes = [0, 0, 0]
    /// Which books are in use after each acknowledged step, by what they hold. The first are the old.
    private var history: [String] = []
    /// Places in it where the old books are in use.
    private static let old = [0, 3, 4]
    /// The commit that is restored.
    private var goal: Int64 = 0
    /// Every how many states the next command is cut, too.
    private static let nestedEach = 4
    /// States of one data folder.
    private static let statesEach = 400
    private static let told = EventKind("system.tried", needs: Permission("system.see"))

    init(folder: String, seed: UInt64, wanted: Int) {
        self.folder = folder
        self.seed = seed
        self.wanted = wanted
    }

    private var shelf: String { folder + "/shelf" }
    private var schemas: [RoomSchema] { allSchemas(allModules().modules) }

    mutating func run() throws {
        var chain: UInt64 = 0
        while seen.count < wanted, chain < 100 {
            chain += 1
            var dice = Dice(seed &+ chain &* 0x1000)
            try follow(&dice, until: min(wanted, seen.count + RestoreRun.statesEach))
        }
    }

    /// One data folder: books with a backup on a shelf that no power cut reaches, and newer commits.
    private mutating func follow(_ dice: inout Dice, until most: Int) throws {
        let data = folder + "/live"
        for path in [data, shelf] {
            try? FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        history = []
        try fill(data)
        let start = try CrashState(readFrom: data)
        TestDisk.record()
        try live(data)
        let events = TestDisk.recorded()
        say("events \(events.count), steps \(history.count)")
        var round = 0
        while seen.count < most, round < 20 {
            round += 1
            try pass(events, data, start, until: most, &dice)
        }
    }

    private func open(_ data: String, backsUp: Bool = false) throws -> SealedStore {
        let ring = KeyRing(data: data)
        return try SealedStore.open(
            folder: data + "/store", key: try ring.open(), schemas: schemas, clock: systemClock,
            readers: 1, pace: .eager,
            backup: backsUp ? BackupPlan(spool: data + "/spool", keyFile: ring.wrapped) : nil)
    }

    private mutating func fill(_ data: String) throws {
        let store = try open(data, backsUp: true)
        defer { store.close() }
        try store.beginCapture()
        let target = try FolderTarget(shelf)
        try target.put(BackupIndex.keyFileName, try store.wrappedKeys())
        var index = BackupIndex()
        index.noteKeys(try store.wrappedKeys())
        try commit(store, 3)
        let snapshot = try store.takeSnapshot(SnapshotNotes(), keep: target.put)
        try commit(store, 3)
        try store.captureNow()
        goal = try store.ship(to: target, index, snapshot: snapshot).index.commitMost
        try commit(store, 5)
        history.append(try Books.digest(store))
    }

    private func commit(_ store: SealedStore, _ count: Int) throws {
        for number in 0..<count {
            try store.write { tx in
                try tx.tell(
                    RestoreRun.told, about: "try-\(number)", [:], by: .system("faults"))
            }
        }
    }

    private func restore(_ data: String) throws {
        _ = try restoreBackup(
            RestoreRequest(
                data: data, from: shelf, goal: .commit(goal),
                opener: { throw KeyFault.wrongKey }, say: { _ in }))
    }

    private func abandon(_ data: String) throws {
        try abandonRestore(data: data, opener: { throw KeyFault.wrongKey })
    }

    // MARK: The record

    /// Restored, worked in, taken back, worked in, restored, kept.
    private mutating func live(_ data: String) throws {
        try restore(data)
        try note(data, works: true)
        try abandon(data)
        try note(data, works: true)
        try restore(data)
        try note(data, works: false)
        try commitRestore(data: data)
        try note(data, works: true)
    }

    /// Notes what is in use now, and what a commit more makes of it.
    private mutating func note(_ data: String, works: Bool) throws {
        // The step was acknowledged before anybody opened the books.
        let place = history.count
        history.append("")
        TestDisk.note(.acknowledged(place))
        let store = try open(data)
        defer { store.close() }
        history[place] = try Books.digest(store)
        guard works else { return }
        try commit(store, 1)
        TestDisk.note(.acknowledged(history.count))
        history.append(try Books.digest(store))
    }

    private mutating func pass(
        _ events: [Event], _ data: String, _ start: CrashState, until most: Int, _ dice: inout Dice
    ) throws {
        let tree = CrashTree(data, start)
        var step = 0
        var moments = CrashMoments(events, states: max(most - seen.count, 10))
        for (index, event) in events.enumerated() {
            switch event {
            case .acknowledged(let number): step = number
            case .slots: break
            case .step(let step): tree.apply(step)
            }
            for _ in 0..<moments.count(after: event) where seen.count < most {
                let kind = CrashKind.any(&dice)
                let state = tree.state(kind, &dice)
                guard seen.insert(state.hashValue).inserted else { continue }
                try examine(state, after: step, "event \(index) \(kind)", &dice)
            }
        }
    }

    // MARK: Looking

    private mutating func examine(
        _ state: CrashState, after step: Int, _ what: String, _ dice: inout Dice
    ) throws {
        let there = folder + "/crashed"
        try state.write(to: there)
        let cutsAgain = seen.count % RestoreRun.nestedEach == 0
        do {
            let found = try judge(there, after: step)
            let isOpen = StoreSwap(data: there).isOpen
            outcomes[isOpen ? 1 : RestoreRun.old.contains { history[$0] == found } ? 0 : 2] += 1
            let before = try CrashState(readFrom: there)
            if cutsAgain { TestDisk.record() }
            let after = try goOn(there, isOpen: isOpen, from: found, &dice)
            guard cutsAgain else { return }
            nested += 1
            let again = folder + "/again"
            try before.cutAgain(TestDisk.recorded(), in: there, &dice).state.write(to: again)
            let second = try look(again)
            guard second == found || second == after else {
                throw Bad("after a second cut neither the books before nor those after")
            }
        } catch {
            _ = TestDisk.recorded()
            bad += 1
            say("BAD seed \(seed), \(what): \(error), files in \(folder)/bad-\(bad)")
            try? state.write(to: "\(folder)/bad-\(bad)")
        }
    }

    /// Opens what a power cut left, as a start of the daemon does. Returns what is in use.
    private func look(_ data: String) throws -> String {
        let store: SealedStore
        do {
            try StoreSwap(data: data).clear()
            store = try open(data)
        } catch {
            throw Bad("does not open: \(error)")
        }
        defer { store.close() }
        if let wrong = try store.integrityCheck().first { throw Bad(wrong) }
        if let damage = store.health.lastDamage { throw Bad("false alarm: \(damage)") }
        if let wrong = try store.read(inspect).first { throw Bad(wrong) }
        return try Books.digest(store)
    }

    /// What is in use must be what was acknowledged last, or what was on its way.
    private func judge(_ data: String, after step: Int) throws -> String {
        let found = try look(data)
        guard history[step...].prefix(2).contains(found) else {
            let place = history.firstIndex(of: found).map { "those of step \($0)" } ?? "none known"
            throw Bad("after step \(step) the books are \(place)")
        }
        return found
    }

    /// Does what a person does next, and looks. Returns what is in use then.
    private func goOn(
        _ data: String, isOpen: Bool, from found: String, _ dice: inout Dice
    ) throws -> String {
        if isOpen, dice.bool() {
            try commitRestore(data: data)
            let kept = try look(data)
            guard kept == found else { throw Bad("keeping the restore changed the books") }
            return kept
        }
        if isOpen {
            try abandon(data)
            let old = try look(data)
            guard history.contains(old), old != found else {
                throw Bad("taking the restore back did not bring the old books")
            }
            return old
        }
        // Restoring takes long, and what it makes has a time in it: now and then.
        guard dice.below(4) == 0 else { return found }
        try restore(data)
        let restored = try look(data)
        guard restored != found, StoreSwap(data: data).isOpen else {
            throw Bad("restoring again did not bring the restored books")
        }
        return restored
    }
}
