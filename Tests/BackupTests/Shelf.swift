// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import Foundation
import Kernel
import ModuleKit
import Outbox
import SealedStore
import TestKit
import Web

@testable import Backup

let shipBackup = "backup.ship"
let snapshotBackup = "backup.snapshot"
let thinBackup = "backup.thin"
let drillBackup = "backup.drill"
let verifyBackup = "backup.verify"

/// A house whose books are backed up to one folder. Its jobs are played by hand.
struct Shelf {
    let house: House
    /// Where its errands wait for a courier that never comes.
    let hatch = Hatch()
    let clock = TestClock()
    let folder: TestFolder
    private let root: RootKey
    var target: String { folder.path + "/target" }

    /// - Parameter hasRecovery: whether a recovery key opens the books, besides a file of the house.
    init(hasRecovery: Bool = true) throws {
        folder = try TestFolder()
        for name in ["target", "keys"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        let secret = folder.path + "/keys/secret"
        try KeyFile.newSecretFile(at: secret)
        let keys = folder.path + "/keys/store.key"
        root = try KeyFile.create(at: keys, slot: .file(secret)).root
        house = try Shelf.open(folder, root, clock, hatch)
        try house.store.write { tx in
            try tx.setSite(Site(name: "Northbank", timeZone: "Asia/Shanghai"))
            tx.markTold()
        }
        if hasRecovery { try addRecovery() }
    }

    /// The same books after the house was closed and opened again.
    init(again other: Shelf) throws {
        other.close()
        (folder, root) = (other.folder, other.root)
        house = try Shelf.open(folder, root, clock, hatch)
        try clock.pass(seconds: 3600)
    }

    func addRecovery() throws {
        var file = try KeyFile.open(at: folder.path + "/keys/store.key")
        try file.addSlot(.recovery(try KeyFile.newRecoveryText()), root: root)
    }

    private static func open(
        _ folder: TestFolder, _ root: RootKey, _ clock: TestClock, _ hatch: Hatch
    ) throws -> House {
        let keys = folder.path + "/keys/store.key"
        return try House(
            House.Plan(
                folder: folder.path + "/store", key: root, clock: clock.now,
                problems: ProblemWriter(titles: { code, _ in code }, log: { _, _ in }),
                backup: BackupPlan(spool: folder.path + "/spool", keyFile: keys),
                hatch: hatch, errands: ErrandFolder(folder.path + "/errands")))
    }

    func close() { house.stop() }

    @discardableResult
    func add(_ name: String = "disk", at path: String? = nil) throws -> Target {
        let place = path ?? target
        return try house.store.write { tx in
            try addTarget(
                TargetDraft(name: name, folder: place), epoch: house.store.keyEpoch,
                by: TestHouse.root, in: tx)
        }
    }

    /// Runs a job; its note, or what it failed with.
    @discardableResult
    func run(_ name: String, isAsked: Bool = false) throws -> (good: Bool, note: String) {
        try clock.pass(seconds: 1)
        guard let job = house.modules.flatMap(\.jobs).first(where: { $0.name == name }) else {
            return (false, "no such job")
        }
        house.timekeeper.run(job, isAsked: isAsked)
        let state = try house.store.read { try $0.jobStates() }.first { $0.name == job.name }
        return (state?.succeeded == true, state?.lastNote ?? "")
    }

    /// One commit of the business.
    func commit(_ number: Int) throws {
        try house.store.write { tx in
            try tx.setSite(Site(name: "Northbank \(number)", timeZone: "Asia/Shanghai"))
            tx.markTold()
        }
    }

    func told(_ kind: String) throws -> Int64 {
        try house.store.read {
            try $0.integer("SELECT count(*) FROM journal_event WHERE kind = ?", [kind]) ?? 0
        }
    }

    /// Files below the target, without the index and the keys.
    func objects() throws -> [String] {
        try FolderTarget(target).list("").map(\.name)
    }
}
