// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import Foundation
import Kernel
import Outbox
import SealedStore
import TestKit
import Testing

@testable import Backup

/// The jobs of the room on real files.
struct ActionsTests {
    private func shelf() throws -> Shelf {
        let shelf = try Shelf()
        try shelf.add()
        try shelf.house.timekeeper.start()
        shelf.house.timekeeper.stop()
        return shelf
    }

    @Test func `the first shipment takes a snapshot, the next brings commits only`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        #expect(try shelf.run(shipBackup).note.hasSuffix("with a snapshot"))
        try shelf.commit(1)
        let second = try shelf.run(shipBackup)
        #expect(second.good && !second.note.contains("snapshot"))
        #expect(try shelf.objects().count { $0.hasSuffix("/manifest") } == 1)
        #expect(try shelf.told("backup.snapshot_taken") == 1)
        let target = try #require(try shelf.house.store.read { try $0.backupTargets() }.first)
        #expect(target.fault == nil && target.commit > 0)
        let status = shelf.house.store.spoolStatus
        #expect(status.commit - target.commit <= 3)
    }

    @Test func `a folder that lets nothing be removed is told, and everything else goes on`() throws
    {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let left = "packs/0006500f1a2b3c4d01020304-0006500f1a2b3c4d-0006500f1a2b3c4e"
        let path = "\(shelf.target)/\(left)"
        try Data("left by a crash".utf8).write(to: URL(fileURLWithPath: path))
        guard try Programs.isDone("/usr/bin/chattr", ["+i", path]) else {
            print("skipped: files cannot be made immutable here")
            return
        }
        defer { _ = try? Programs.isDone("/usr/bin/chattr", ["-i", path]) }
        try shelf.commit(1)
        let thinned = try shelf.run(thinBackup)
        #expect(thinned.good && thinned.note.contains("disk lets nothing be removed"))
        #expect(try shelf.objects().contains(left))
        #expect(try shelf.run(shipBackup).good && shelf.run(snapshotBackup).good)
        #expect(try shelf.run(verifyBackup).good && shelf.run(drillBackup).good)
        #expect(try shelf.house.store.read { try $0.backupTargets() }[0].trouble == nil)
    }

    @Test func `a part of another key that nothing is known of is said and raises no alarm`() throws
    {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        #expect(try !shelf.run(verifyBackup).note.contains("not opened"))
        let part = shelf.target + "/epoch-9-0a0a0a0a"
        try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
        for name in ["keys", "index"] {
            try Data("whatever".utf8).write(to: URL(fileURLWithPath: "\(part)/\(name)"))
        }
        let verified = try shelf.run(verifyBackup)
        #expect(verified.good && verified.note.contains("key epoch 9, nothing is known of it"))
        #expect(try shelf.house.store.read { try $0.backupTargets() }[0].damage == nil)
        #expect(try shelf.house.store.read { try $0.alarms() } == [])
    }

    @Test func `a drill restores the newest commit and finds every table equal`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        for number in 0..<20 { try shelf.commit(number) }
        try shelf.clock.pass(seconds: 90)
        let outcome = try shelf.run(drillBackup)
        #expect(outcome.good, "\(outcome.note)")
        let drill = try #require(try shelf.house.store.read { try $0.drills(limit: 1) }.first)
        #expect(drill.isGood && drill.tables > 25 && drill.rows > 0)
        // The shelf's clock passes a second before each run.
        #expect(drill.lossSeconds == 91)
        #expect(try shelf.told("backup.drilled") == 1)
        #expect(!FileManager.default.fileExists(atPath: shelf.folder.path + "/store.drill"))
    }

    @Test func `a drill that finds a damaged object fails, is kept, and raises an alarm`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let part = try #require(try shelf.objects().first { $0.hasSuffix("/00000000") })
        let path = "\(shelf.target)/\(part)"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[2000] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try shelf.run(drillBackup) == (false, "backup.drill_failed"))
        #expect(try shelf.run(verifyBackup) == (false, "backup.target_damaged"))
        // Shipments go on, and do not hide it.
        #expect(try shelf.run(shipBackup).good)
        let damaged = try shelf.house.store.read { try $0.backupTargets() }.first
        #expect(damaged?.damage?.code == "backup.target_damaged" && damaged?.fault == nil)
        let (drills, alarms) = try shelf.house.store.read {
            (try $0.drills(limit: 1), try $0.alarms())
        }
        #expect(drills.first?.faults.contains("was changed after it was written") == true)
        #expect(Set(alarms.map(\.concern)) == [.drillFailed, .targetDamaged])
        #expect(try shelf.told("backup.alarm_raised") == 2)
        // A new snapshot and a good drill clear the one; what is damaged stays damaged.
        #expect(try shelf.run(snapshotBackup).good)
        #expect(try shelf.run(drillBackup).good)
        #expect(try shelf.told("backup.alarm_cleared") == 1)
        #expect(try shelf.house.store.read { try $0.alarms() }.map(\.concern) == [.targetDamaged])
    }

    @Test func `a target that vanished fails with words, and goes on when it is back`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        try FileManager.default.moveItem(atPath: shelf.target, toPath: shelf.target + ".away")
        try shelf.commit(1)
        #expect(try shelf.run(shipBackup) == (false, "backup.target_failed"))
        try shelf.clock.pass(seconds: 700)
        try shelf.run(shipBackup)
        #expect(try shelf.house.store.read { try $0.alarms() }.map(\.concern) == [.targetFailing])
        try FileManager.default.moveItem(atPath: shelf.target + ".away", toPath: shelf.target)
        #expect(try shelf.run(shipBackup).good)
        #expect(try shelf.house.store.read { try $0.alarms() } == [])
        #expect(try shelf.run(drillBackup).good)
    }

    @Test func `an older index that was put back is noticed`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let index = URL(fileURLWithPath: shelf.target + "/index")
        let old = try Data(contentsOf: index)
        try shelf.commit(1)
        try shelf.run(shipBackup)
        try old.write(to: index)
        #expect(try shelf.run(shipBackup) == (false, "backup.target_rolled_back"))
        try FileManager.default.removeItem(at: index)
        #expect(try shelf.run(shipBackup) == (false, "backup.target_failed"))
    }

    @Test func `thinning out a month leaves a chain that still restores`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        for day in 0..<40 {
            try shelf.commit(day)
            #expect(try shelf.run(snapshotBackup).good)
            try shelf.clock.pass(seconds: 86_400)
        }
        let before = try shelf.objects().count { $0.hasSuffix("/manifest") }
        let thinned = try shelf.run(thinBackup)
        #expect(thinned.good, "\(thinned.note)")
        let after = try shelf.objects().count { $0.hasSuffix("/manifest") }
        #expect(before == 40 && after < 16 && after >= 7)
        #expect(try shelf.run(verifyBackup).good)
        #expect(try shelf.run(drillBackup).good)
        #expect(try shelf.run(thinBackup).note == "0 objects")
    }

    @Test func `a folder with the backup of another house is refused`() throws {
        let mine = try shelf()
        defer { mine.close() }
        let other = try Shelf()
        defer { other.close() }
        try mine.run(shipBackup)
        let depot = Depot(runner: other.hatch, files: ErrandFolder(other.folder.path + "/errands"))
        #expect(throws: BackupRefusal.placeOfOthers(place: mine.target)) {
            try requireUsable(
                TargetDraft(name: "mine", folder: mine.target), depot, for: other.house.store)
        }
        for place in ["relative", "/nowhere/at/all", "/etc/passwd"] {
            #expect(throws: BackupRefusal.self) {
                try requireUsable(
                    TargetDraft(name: "bad", folder: place), depot, for: other.house.store)
            }
        }
    }

    @Test func `without a target nothing is captured, and taking the last one off ends it`() throws
    {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        #expect(shelf.house.store.spoolStatus.isCapturing)
        try shelf.house.store.write { tx in
            _ = try removeTarget(ID(1), by: TestHouse.root, in: tx)
        }
        #expect(try shelf.run(shipBackup).note == "no target")
        #expect(!shelf.house.store.spoolStatus.isCapturing)
        #expect(!FileManager.default.fileExists(atPath: shelf.folder.path + "/spool"))
    }
}

private enum Programs {
    /// Whether a program of the system runs and ends well.
    static func isDone(_ path: String, _ words: [String]) throws -> Bool {
        guard FileManager.default.isExecutableFile(atPath: path) else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
