// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Clockwork
import Foundation
import Glibc
import Kernel
import SealedStore
import TestKit
import Testing

@testable import Backup

/// A target that takes no snapshot is left alone for a while, and not for ever.
struct SnapshotPauseTests {
    private let now = TestClock.monday

    @Test(
        arguments: [
            (1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (8, 3600), (1_000_000, 3600),
            (Int64.max, 3600), (0, 60),
        ] as [(Int64, Int64)])
    func `the pause doubles with each failure up to an hour`(_ tries: Int64, _ seconds: Int64) {
        #expect(SnapshotPause.seconds(after: tries) == seconds)
    }

    @Test(
        arguments: [
            (nil, true), (0, true), (-1, true), (1, false), (3600, false),
            // The clock was ahead when the pause was noted, and was set back since.
            (3601, true), (86_400, true),
        ] as [(Int64?, Bool)])
    func `a pause is over at its time, and at once when no pause is so long`(
        _ seconds: Int64?, _ isOver: Bool
    ) throws {
        let again = try seconds.map { try now.adding(seconds: $0) }
        #expect(SnapshotPause.isOver(again, now: now) == isOver)
    }

    private func shelf() throws -> Shelf {
        let shelf = try Shelf()
        try shelf.add()
        try shelf.house.timekeeper.start()
        shelf.house.timekeeper.stop()
        return shelf
    }

    /// A target where the folder of snapshots cannot be.
    private func addStick(_ shelf: Shelf) throws -> String {
        let stick = shelf.folder.path + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: stick + "/snapshots", withDestinationPath: stick + "/nowhere/at/all")
        try shelf.add("stick", at: stick)
        return stick
    }

    private func stick(_ shelf: Shelf) throws -> Target {
        try #require(try shelf.house.store.read { try $0.backupTargets() }.last)
    }

    @Test
    func `a target that takes no snapshot is tried again after growing pauses, commits each time`()
        throws
    {
        let shelf = try shelf()
        defer { shelf.close() }
        try shelf.run(shipBackup)
        _ = try addStick(shelf)
        var tries: [Int64] = []
        var copies: Int64 = 0
        // A round each 45 seconds, for an hour and a half.
        for round in 0..<120 {
            try shelf.clock.pass(seconds: 44)
            try shelf.commit(round)
            let ran = try shelf.run(shipBackup)
            let now = try stick(shelf)
            if now.snapshotTries > copies {
                copies = now.snapshotTries
                tries.append(Int64(round))
                #expect(!ran.good)
            } else {
                #expect(ran.good && ran.note.contains("1 without a snapshot"), "\(ran.note)")
            }
            #expect(now.snapshotFault != nil && now.fault == nil)
            // Commits come there all the same.
            #expect(now.reachedAt == shelf.clock.now())
        }
        let gaps = zip(tries.dropFirst(), tries).map { $0 - $1 }
        #expect(gaps == [2, 3, 6, 11, 22, 43], "\(tries)")
    }

    @Test func `whoever asks for a run has it tried at once, and success ends the pause`() throws {
        let shelf = try shelf()
        defer { shelf.close() }
        let place = try addStick(shelf)
        try shelf.run(shipBackup)
        try shelf.run(shipBackup)
        #expect(try stick(shelf).snapshotTries == 1)
        for (job, tries) in [(shipBackup, 2), (snapshotBackup, 3)] as [(String, Int64)] {
            try shelf.run(job, isAsked: true)
            #expect(try stick(shelf).snapshotTries == tries)
        }
        let again = try #require(try stick(shelf).snapshotAgainAt)
        #expect(again.microseconds - shelf.clock.now().microseconds == 240_000_000)
        try FileManager.default.removeItem(atPath: place + "/snapshots")
        #expect(try shelf.run(shipBackup, isAsked: true).good)
        let now = try stick(shelf)
        #expect(now.snapshotTries == 0 && now.snapshotAgainAt == nil && now.trouble == nil)
    }

    @Test func `a pause lives over a restart, and ends when the place is changed`() throws {
        let shelf = try shelf()
        _ = try addStick(shelf)
        try shelf.run(shipBackup)
        let again = try #require(try stick(shelf).snapshotAgainAt)
        let later = try Shelf(again: shelf)
        defer { later.close() }
        #expect(try stick(later).snapshotAgainAt == again)
        let id = try stick(later).id
        try later.house.store.write { tx in
            _ = try changeTarget(
                id, TargetDraft(name: "stick", folder: later.folder.path + "/elsewhere"),
                by: TestHouse.root, in: tx)
        }
        #expect(try stick(later).snapshotAgainAt == nil && stick(later).snapshotTries == 0)
    }

    @Test(.enabled(if: geteuid() == 0, "only root may mount a small disk"))
    func `what a snapshot that does not fit left there makes room for commits again`() throws {
        let filled = try shelf()
        // Two parts of a snapshot, of which the stick has room for the first.
        try filled.house.store.write { tx in
            for _ in 0..<12 {
                try tx.keep(
                    Drill(
                        id: ID(0), at: tx.now, target: "x", commit: 0, lossSeconds: 0,
                        restoreMilliseconds: 0, tables: 0, rows: 0,
                        faults: String(repeating: "x", count: 1 << 20)))
            }
            tx.markTold()
        }
        // Closing copies the log back into the main file.
        let shelf = try Shelf(again: filled)
        defer { shelf.close() }
        let stick = shelf.folder.path + "/stick"
        try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
        guard mount("tmpfs", stick, "tmpfs", 0, "size=12m,mode=0700") == 0 else {
            print("skipped: this root may not mount, as in a container")
            return
        }
        defer { umount2(stick, Int32(MNT_DETACH)) }
        try shelf.run(shipBackup)
        try shelf.add("stick", at: stick)
        for round in 0..<3 {
            try shelf.commit(round)
            #expect(try !shelf.run(shipBackup, isAsked: true).good)
            let now = try self.stick(shelf)
            #expect(now.fault == nil && now.snapshotTries == Int64(round + 1))
            #expect(now.snapshotFault?.words.contains("No space left") == true)
            let there = try FolderTarget(stick).list("")
            #expect(there.filter { $0.name.hasPrefix("snapshots/") } == [])
            #expect(there.contains { $0.name == BackupIndex.name })
        }
    }
}
