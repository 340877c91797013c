// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import TestKit
import Testing
import Web

@testable import Appliance
@testable import SealedStore

/// Backups before and after a rotation of the key, with the real daemon and command line.
extension Journeys.RotatedBackupTests {
    private func sluicectl(_ words: [String], says line: String = "") throws -> (
        status: Int32, text: String
    ) {
        let talk = try Talk("sluicectl", words)
        talk.answer(line)
        let status = talk.end()
        return (status, talk.said + talk.asked)
    }

    /// Runs a job and waits for its end; how it went.
    private func run(_ job: String, _ daemon: Daemon) throws -> String? {
        func state() throws -> JSON? {
            try daemon.control().ask("GET", "/api/v1/jobs").json["items"]?.elements.first {
                $0["name"]?.text == job
            }
        }
        let before = try state()?["lastStart"]
        _ = try daemon.control().ask("POST", "/api/v1/jobs/\(job)/run", json: "{}")
        let hasEnded = try comes(within: 60) {
            let now = try state()
            return now?["lastStart"] != before && now?["lastResult"]?.text != nil
        }
        #expect(hasEnded)
        return try state()?["lastResult"]?.text
    }

    private func points(_ daemon: Daemon) throws -> [(epoch: Int64, until: Int64)] {
        let answer = try daemon.control().ask("GET", "/api/v1/backups/points").json
        return (answer["items"]?.elements ?? []).map {
            ($0["keyEpoch"]?.integer ?? 0, $0["untilCommit"]?.integer ?? 0)
        }
    }

    /// Rotates with one recovery key dropped and the other typed in.
    private func rotate(_ data: String, keeping recovery: String, dropping slot: UInt8) throws {
        let talk = try Talk("sluicectl", ["key", "rotate", "--drop", "\(slot)", "--data", data])
        try talk.wait(for: "Recovery key, slot ")
        talk.answer(recovery)
        #expect(talk.end() == 0, "\(talk.asked)")
    }

    @Test func `each key opens its chain, in the same target, and nothing is lost in between`()
        throws
    {
        let folder = try TestFolder()
        let (data, shelf) = (folder.path + "/box", folder.path + "/shelf")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        var daemon = try Daemon(data: data)
        let shop = try Shop(daemon)
        let ring = KeyRing(data: data)
        let (old, kept) = (try ring.newRecovery(), try ring.newRecovery())
        let dropped = try ring.add(.recovery(old))
        try ring.add(.recovery(kept))
        try shop.receive(10, daemon)
        #expect(
            try sluicectl(["backup", "add", "shelf", shelf, "--socket", daemon.socket]).status == 0)
        #expect(try run("backup.ship", daemon) == "done")
        // Captured at the most, and not brought to the target by any job.
        try shop.receive(5, daemon)
        daemon.kill9()
        try rotate(data, keeping: kept, dropping: dropped)

        daemon = try Daemon(data: data)
        // One that was made after the rotation opens only what came after it.
        let young = try ring.newRecovery()
        try ring.add(.recovery(young))
        try shop.receive(7, daemon)
        #expect(try run("backup.ship", daemon) == "done")
        #expect(try run("backup.drill", daemon) == "done")
        try expectVerified(folder, shelf, daemon, old: old, kept: kept)
        let state = try daemon.control().ask("GET", "/api/v1/backups").json
        #expect(state["keyEpoch"]?.integer == 2)
        #expect(state["capture"]?["gapAt"] == .null)
        let points = try points(daemon)
        #expect(Set(points.map(\.epoch)) == [1, 2])
        // Commits are counted on, so that a number names one commit.
        let first = points.filter { $0.epoch == 1 }.map(\.until).max() ?? 0
        let second = points.filter { $0.epoch == 2 }.map(\.until).max() ?? 0
        #expect(first > 0 && second > first)
        let listed = try sluicectl(["backup", "list", "--socket", daemon.socket])
        #expect(listed.text.contains("key epoch 1"))
        #expect(daemon.stop() == 0)
        try expectRestores(
            folder, shelf, shop, old: old, kept: kept, young: young, commit: first)
    }

    /// What an older key sealed is compared, and what was not opened is said; with the recovery key of
    /// its time it is opened, too.
    private func expectVerified(
        _ folder: TestFolder, _ shelf: String, _ daemon: Daemon, old: String, kept: String
    ) throws {
        let socket = ["--socket", daemon.socket]
        let verified = try sluicectl(["backup", "verify"] + socket)
        #expect(verified.status == 0 && verified.text.contains("not opened"), "\(verified.text)")
        #expect(verified.text.contains("shelf, key epoch 1, found as it was left"))
        let state = try daemon.control().ask("GET", "/api/v1/backups").json["targets"]?.elements[0]
        let part = state?["olderKeys"]?.elements.first
        #expect(part?["keyEpoch"]?.integer == 1 && part?["verifiedAt"]?.text != nil)
        let both = try sluicectl(
            ["backup", "verify", "--from", shelf, "--with", "recovery"], says: kept)
        #expect(both.status == 0, "\(both.text)")
        #expect(both.text.components(separatedBy: "every seal opened").count == 3, "\(both.text)")
        let one = try sluicectl(
            ["backup", "verify", "--from", shelf, "--with", "recovery"], says: old)
        #expect(one.status == 0 && one.text.contains("key epoch 2: NOT OPENED"), "\(one.text)")
        let wrong = try sluicectl(
            ["backup", "verify", "--from", shelf, "--with", "recovery"],
            says: try KeyRing(data: folder.path + "/box").newRecovery())
        #expect(wrong.status == 1 && wrong.text.contains("does not open the backup"))
        // The snapshot lies at the target itself, since its key was the first.
        let snapshots = try FileManager.default.contentsOfDirectory(atPath: shelf + "/snapshots")
        let path = "\(shelf)/snapshots/\(try #require(snapshots.first))/00000000"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var bytes = Array(whole)
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let damaged = try sluicectl(["backup", "verify"] + socket)
        #expect(damaged.status == 1 && damaged.text.contains("snapshots/"), "\(damaged.text)")
        let found = try sluicectl(
            ["backup", "verify", "--from", shelf, "--with", "recovery"], says: kept)
        #expect(found.status == 1 && found.text.contains("key epoch 1: damaged"), "\(found.text)")
        try whole.write(to: URL(fileURLWithPath: path))
        // The whole list, put back as it was before the last shipment with the old key, is noticed.
        let list = URL(fileURLWithPath: shelf + "/index")
        let newest = try Data(contentsOf: list)
        try newest.dropLast().write(to: list)
        #expect(try sluicectl(["backup", "verify"] + socket).status == 1)
        try newest.write(to: list)
        #expect(try sluicectl(["backup", "verify"] + socket).status == 0)
    }

    private func expectRestores(
        _ folder: TestFolder, _ shelf: String, _ shop: Shop, old: String, kept: String,
        young: String, commit: Int64
    ) throws {
        func restore(_ name: String, _ key: String, _ more: [String] = []) throws -> (
            status: Int32, text: String
        ) {
            try sluicectl(
                ["restore", "--from", shelf, "--data", "\(folder.path)/\(name)"] + more, says: key)
        }
        func level(_ name: String) throws -> Int? {
            let daemon = try Daemon(data: "\(folder.path)/\(name)")
            defer { #expect(daemon.stop() == 0) }
            #expect(try verification(daemon).ok)
            return try shop.level(daemon)
        }
        // The key that was kept opens both; the newest is what is meant.
        let newest = try restore("newest", kept)
        #expect(newest.status == 0 && newest.text.contains("key epoch 2"), "\(newest.text)")
        #expect(try level("newest") == 22)
        // The key that was dropped opens the old chain, and only when that is asked for.
        let refused = try restore("refused", old)
        #expect(refused.status == 1 && refused.text.contains("--epoch 1"), "\(refused.text)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/refused/store"))
        let older = try restore("older", old, ["--epoch", "1"])
        #expect(older.status == 0 && older.text.contains("key epoch 1"), "\(older.text)")
        // What was captured before the rotation is there, though no job brought it.
        #expect(try level("older") == 15)
        let wrong = try restore("wrong", old, ["--epoch", "2"])
        #expect(wrong.status == 1 && wrong.text.contains("does not open"), "\(wrong.text)")
        let none = try restore("none", old, ["--epoch", "9"])
        #expect(none.status == 1 && none.text.contains("no backup of key epoch 9"))
        // Who has only the newest key is told where a commit of the old chain lies, and what to type.
        let box = try sluicectl(
            ["restore", "--from", shelf, "--data", "\(folder.path)/box", "--to", "\(commit)"])
        #expect(
            box.status == 1 && box.text.contains("lies in the backup of key epoch 1")
                && box.text.contains("--epoch 1 --to \(commit) --data FOLDER"), "\(box.text)")
        let new = try restore("young", young, ["--to", "\(commit)"])
        #expect(new.status == 1 && new.text.contains("--epoch 1 --to \(commit)"), "\(new.text)")
        #expect(!new.text.contains("FOLDER"))
        let never = try sluicectl(
            ["restore", "--from", shelf, "--data", "\(folder.path)/box", "--to", "999999"])
        #expect(never.status == 1 && never.text.contains("nothing that is kept reaches"))
        // A commit of the old chain is found with the key that opens both.
        let back = try restore("back", kept, ["--to", "\(commit)"])
        #expect(back.status == 0 && back.text.contains("key epoch 1"), "\(back.text)")
        #expect(try level("back") == 15)
    }

    @Test func `without a reachable target the rotation goes on, and a new chain begins whole`()
        throws
    {
        let folder = try TestFolder()
        let (data, shelf) = (folder.path + "/box", folder.path + "/shelf")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        var daemon = try Daemon(data: data)
        let shop = try Shop(daemon)
        let kept = try KeyRing(data: data).newRecovery()
        try KeyRing(data: data).add(.recovery(kept))
        #expect(
            try sluicectl(["backup", "add", "shelf", shelf, "--socket", daemon.socket]).status == 0)
        #expect(try run("backup.ship", daemon) == "done")
        try shop.receive(3, daemon)
        #expect(daemon.stop() == 0)
        try FileManager.default.moveItem(atPath: shelf, toPath: shelf + ".away")
        let talk = try Talk("sluicectl", ["key", "rotate", "--data", data])
        try talk.wait(for: "Recovery key, slot ")
        talk.answer(kept)
        #expect(talk.end() == 0, "\(talk.asked)")
        #expect(talk.asked.contains("not brought: shelf"), "\(talk.asked)")
        try FileManager.default.moveItem(atPath: shelf + ".away", toPath: shelf)
        daemon = try Daemon(data: data)
        #expect(try run("backup.ship", daemon) == "done")
        #expect(try run("backup.drill", daemon) == "done")
        // What the old key sealed is in the new snapshot, and no longer in the spool.
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(data)/spool").map {
            Container.epochNamed(
                in: Array(try Data(contentsOf: URL(fileURLWithPath: "\(data)/spool/\($0)"))))
        }
        #expect(left.allSatisfy { $0 == 2 }, "\(left)")
        #expect(daemon.stop() == 0)
        let restored = try sluicectl(
            ["restore", "--from", shelf, "--data", folder.path + "/new"], says: kept)
        #expect(restored.status == 0, "\(restored.text)")
        daemon = try Daemon(data: folder.path + "/new")
        #expect(try shop.level(daemon) == 3)
        #expect(daemon.stop() == 0)
    }
}
