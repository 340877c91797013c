// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import Foundation
import Glibc
import Kernel
import Outbox
import SealedStore
import TestKit
import Testing

@testable import Backup

/// What one target does must not harm another one, nor anybody else's files; and what is wrong is
/// said, and stays said until it is mended.
struct RoundTests {
    private func shelf() throws -> Shelf {
        let shelf = try Shelf()
        try shelf.add()
        try shelf.house.timekeeper.start()
        shelf.house.timekeeper.stop()
        return shelf
    }

    private func concerns(_ shelf: Shelf) throws -> [Concern] {
        try shelf.house.store.read { BackupRule.concerns(try facts(in: $0)) }
    }

    private func targets(_ shelf: Shelf) throws -> [Target] {
        try shelf.house.store.read { try $0.backupTargets() }
    }

    private func depot(_ shelf: Shelf) -> Depot {
        Depot(runner: shelf.hatch, files: ErrandFolder(shelf.folder.path + "/errands"))
    }

    /// A folder outside of the folders of the house.
    private func place(_ name: String, _ folder: TestFolder) throws -> String {
        let path = "\(folder.path)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func `a target that cannot take a snapshot keeps no other from getting commits`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let stick = shelf.folder.path + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        // Where its snapshots should go there is nothing.
        try FileManager.default.createSymbolicLink(
            atPath: stick + "/snapshots", withDestinationPath: stick + "/nowhere/at/all")
        try shelf.add("stick", at: stick)
        for number in 0..<30 { try shelf.commit(number) }
        #expect(try shelf.run(shipBackup) == (false, "backup.target_failed"))
        let (good, bad) = (try targets(shelf)[0], try targets(shelf)[1])
        #expect(good.trouble == nil)
        #expect(shelf.house.store.spoolStatus.commit - good.commit <= 3)
        #expect(bad.snapshotFault?.code == "backup.target_failed")
        #expect(bad.snapshotFault?.words.isEmpty == false && bad.reachedAt != nil)
        // It is told after a while, and told until there is a snapshot.
        try shelf.clock.pass(seconds: 700)
        try shelf.run(shipBackup)
        #expect(
            try shelf.house.store.read { try $0.alarms() }.map(\.concern).contains(.targetFailing))
        #expect(try targets(shelf)[1].snapshotFault?.since == bad.snapshotFault?.since)
        try FileManager.default.removeItem(atPath: stick + "/snapshots")
        try shelf.clock.pass(seconds: SnapshotPause.seconds(after: 2))
        #expect(try shelf.run(shipBackup).good)
        #expect(try targets(shelf)[1].trouble == nil)
        #expect(try concerns(shelf) == [])
    }

    @Test func `a nightly snapshot that fails at one target is told though its commits arrive`()
        throws
    {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let snapshots = shelf.target + "/snapshots"
        try FileManager.default.moveItem(atPath: snapshots, toPath: snapshots + ".away")
        try Data("x".utf8).write(to: URL(fileURLWithPath: snapshots))
        try shelf.commit(1)
        #expect(try shelf.run(snapshotBackup) == (false, "backup.target_failed"))
        try shelf.commit(2)
        #expect(try shelf.run(shipBackup).good)
        let target = try targets(shelf)[0]
        #expect(target.fault == nil && target.snapshotFault != nil)
        #expect(shelf.house.store.spoolStatus.commit - target.commit <= 3)
        try FileManager.default.removeItem(atPath: snapshots)
        try FileManager.default.moveItem(atPath: snapshots + ".away", toPath: snapshots)
        #expect(try shelf.run(snapshotBackup).good)
        #expect(try targets(shelf)[0].trouble == nil)
        #expect(try shelf.run(drillBackup).good)
    }

    @Test func `clearing away leaves what is somebody else's`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let others = [
            "snapshots/family-photos.tar", "snapshots/2025/january.tar",
            "packs/shipping-labels.pdf", "packs/0006500f1a2b3c4d01020304-notes",
        ]
        for name in others {
            let path = URL(fileURLWithPath: "\(shelf.target)/\(name)")
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(name.utf8).write(to: path)
        }
        let left = "snapshots/0006500f1a2b3c4d01020304-0006500f1a2b3c4d/00000000"
        let leftPath = URL(fileURLWithPath: "\(shelf.target)/\(left)")
        try FileManager.default.createDirectory(
            at: leftPath.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("left by a crash".utf8).write(to: leftPath)
        #expect(try shelf.run(thinBackup).note == "1 objects")
        for name in others {
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: "\(shelf.target)/\(name)"))
                    == Data(name.utf8))
        }
        #expect(!FileManager.default.fileExists(atPath: leftPath.path))
    }

    @Test(arguments: [
        "keys", "packs/shipping-labels.pdf", "snapshots/2025/january.tar",
    ])
    func `a folder with somebody else's file of a name of ours is refused`(_ name: String) throws {
        let shelf = try shelf()
        defer { shelf.close() }
        let folder = try TestFolder()
        let place = try place("used", folder)
        let path = URL(fileURLWithPath: "\(place)/\(name)")
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: path)
        #expect(
            throws: BackupRefusal.placeNotUsable(
                place: place, reason: BackupFault.notOurs(name).description)
        ) {
            try requireUsable(
                TargetDraft(name: "used", folder: place), depot(shelf), for: shelf.house.store)
        }
        // One that came there before the first shipment is not written over either.
        try shelf.add("used", at: place)
        #expect(try shelf.run(shipBackup) == (false, "backup.target_failed"))
        #expect(try Data(contentsOf: path) == Data("mine".utf8))
    }

    @Test func `one folder is one target, and none lies in the folders of the house`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        let folder = try TestFolder()
        let place = try place("disk", folder)
        try shelf.add("second", at: place)
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place)
        for path in [place + "/", link] {
            #expect(throws: BackupRefusal.placeTaken(place: place)) {
                try requireUsable(
                    TargetDraft(name: "again", folder: path), depot(shelf), for: shelf.house.store)
            }
        }
        // The target itself may be changed to the same folder.
        let second = try #require(try targets(shelf).last)
        let usable = try requireUsable(
            TargetDraft(name: "second", folder: link), depot(shelf), for: shelf.house.store,
            besides: second.id)
        #expect(usable.sharesDisk)
        let inside = folder.path + "/inside"
        try FileManager.default.createSymbolicLink(
            atPath: inside, withDestinationPath: shelf.folder.path + "/store")
        let own = ["", "/store", "/keys", "/spool", "/target"].map { shelf.folder.path + $0 }
        try shelf.run(shipBackup)
        for path in own + [inside, "/"] {
            do {
                try requireUsable(
                    TargetDraft(name: "own", folder: path), depot(shelf), for: shelf.house.store)
                Issue.record("\(path) was taken")
            } catch BackupRefusal.placeNotUsable(let refused, let reason) {
                #expect(refused == path && reason.contains("Sluice itself"))
            }
        }
    }

    @Test func `damage is told at once, and until everything was read and found whole`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        let part = try #require(try shelf.objects().first { $0.hasSuffix("/00000000") })
        let path = URL(fileURLWithPath: "\(shelf.target)/\(part)")
        let whole = try Data(contentsOf: path)
        var bytes = Array(whole)
        bytes[2000] ^= 1
        try Data(bytes).write(to: path)
        #expect(try shelf.run(verifyBackup) == (false, "backup.target_damaged"))
        #expect(try shelf.house.store.read { try $0.alarms() }.map(\.concern) == [.targetDamaged])
        #expect(try shelf.run(shipBackup).good)
        #expect(try concerns(shelf) == [.targetDamaged])
        // Nor does it go with another failure that comes and goes.
        try FileManager.default.moveItem(atPath: shelf.target, toPath: shelf.target + ".away")
        try shelf.commit(1)
        #expect(try !shelf.run(shipBackup).good)
        #expect(try targets(shelf)[0].damage != nil && targets(shelf)[0].fault != nil)
        #expect(try !shelf.run(verifyBackup).good)
        try FileManager.default.moveItem(atPath: shelf.target + ".away", toPath: shelf.target)
        #expect(try shelf.run(shipBackup).good)
        #expect(try targets(shelf)[0].damage?.words.contains(part) == true)
        #expect(try concerns(shelf) == [.targetDamaged])
        try whole.write(to: path)
        #expect(try shelf.run(verifyBackup).good)
        #expect(try concerns(shelf) == [])
        #expect(try shelf.told("backup.alarm_cleared") == 1)
    }

    @Test func `backups that only the box itself opens are told`() throws {
        let shelf = try Shelf(hasRecovery: false)
        defer { shelf.close() }
        try shelf.add()
        try shelf.run(shipBackup)
        #expect(try concerns(shelf) == [.noRecoveryKey])
        try shelf.addRecovery()
        #expect(try concerns(shelf) == [])
    }

    @Test func `a spool that was lost gives no number twice`() throws {
        let shelf = try shelf()
        for number in 0..<20 { try shelf.commit(number) }
        try shelf.run(shipBackup)
        let before = try targets(shelf)[0].commit
        #expect(before > 20)
        // Taking the last target off removes the spool.
        try shelf.house.store.write { tx in
            _ = try removeTarget(ID(1), by: TestHouse.root, in: tx)
        }
        try shelf.run(shipBackup)
        let shelf2 = try Shelf(again: shelf)
        defer { shelf2.close() }
        try shelf2.add()
        try shelf2.commit(1)
        #expect(try shelf2.run(shipBackup).good)
        #expect(try targets(shelf2)[0].commit > before)
    }

    @Test func `a pipe in the place of an index fails one target, and the others go on`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        let folder = try TestFolder()
        let place = try place("hangs", folder)
        #expect(mkfifo(place + "/index", 0o600) == 0)
        try shelf.add("hangs", at: place)
        #expect(try shelf.run(shipBackup) == (false, "backup.target_failed"))
        let found = try targets(shelf)
        #expect(found[0].fault == nil && found[0].commit > 0)
        #expect(found[1].fault?.code == "backup.target_failed")
    }

    @Test func `practice books have nothing to say about backups`() throws {
        let house = try TestHouse()
        #expect(try house.house.store.read { BackupRule.concerns(try facts(in: $0)) } == [])
    }
}
