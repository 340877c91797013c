// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import TestKit
import Testing
import Web

/// Restores on boxes and from backups that are not as one would wish.
extension Journeys.RestoreTroubleTests {
    @Test func `no daemon starts on a box that is being restored`() throws {
        let box = try ShelvedBox()
        let new = box.folder.path + "/new"
        let restore = try Talk("sluicectl", ["restore", "--from", box.shelf, "--data", new])
        // It asks for the key, and has had the folder since before that.
        try restore.wait(for: "Recovery key")
        let silence = #expect(throws: Daemon.Silent.self) { try Daemon(data: new) }
        #expect(silence?.description.contains("open already") == true)
        restore.answer(box.recovery)
        #expect(restore.end() == 0, "\(restore.asked)")
        #expect(try box.level(of: "new") == ShelvedBox.second)
        // Nor does a restore on a box that is served.
        let daemon = try Daemon(data: box.data)
        let refused = try box.restore()
        #expect(refused.status == 2 && refused.text.contains("Stop it first"))
        #expect(daemon.stop() == 0)
    }

    @Test func `a box that was started and never set up makes room for the books of another`()
        throws
    {
        let box = try ShelvedBox()
        let new = box.folder.path + "/new"
        #expect(try Daemon(data: new).stop() == 0)
        let restored = try box.restore(to: "new", says: box.recovery)
        #expect(restored.status == 0, "\(restored.text)")
        #expect(try box.level(of: "new") == ShelvedBox.second)
        let moved = try FileManager.default.contentsOfDirectory(atPath: new + "/never-set-up")
        #expect(moved.sorted() == ["keys", "ledger", "store"])
        // One that was set up is somebody's.
        let other = box.folder.path + "/other"
        let daemon = try Daemon(data: other)
        _ = try daemon.setUp()
        #expect(daemon.stop() == 0)
        let refused = try box.restore(to: "other", says: box.recovery)
        #expect(refused.status == 1 && refused.text.contains("another database"))
        #expect(!FileManager.default.fileExists(atPath: other + "/never-set-up"))
    }

    @Test func `a rehearsal and a failure leave nothing behind on a new box`() throws {
        let box = try ShelvedBox()
        let new = box.folder.path + "/new"
        for more in [["--dry-run"], ["--to", "999"]] {
            let end = try box.restore(more, to: "new", says: box.recovery)
            #expect(end.status == (more == ["--dry-run"] ? 0 : 1), "\(end.text)")
            let left = FileManager.default.subpaths(atPath: new) ?? []
            #expect(left.filter { $0 != "ledger" } == [], "\(more)")
        }
        #expect(try box.restore(to: "new", says: box.recovery).status == 0)
        let status = try sluicectl(["key", "status", "--data", new])
        #expect(status.status == 0)
        // The file of the old box opens nothing here, so its slot is gone: one file, one recovery key.
        let ways = status.text.split(separator: "\n").count { $0.contains(" – ") }
        #expect(ways == 2, "\(status.text)")
    }

    @Test func `the backup is read and never written to, and the spool is read with it`() throws {
        let box = try ShelvedBox()
        func seen() throws -> [String: Data] {
            var found: [String: Data] = [:]
            for name in FileManager.default.subpaths(atPath: box.shelf) ?? [] {
                found[name] = FileManager.default.contents(atPath: "\(box.shelf)/\(name)") ?? Data()
            }
            return found
        }
        let before = try seen()
        let latest = try box.restore()
        #expect(latest.status == 0, "\(latest.text)")
        // The newest commits were in the spool only.
        #expect(try box.level() == ShelvedBox.last)
        #expect(try box.decide("--abandon").status == 0)
        #expect(try seen() == before)
        try FileManager.default.removeItem(atPath: box.shelf + "/index")
        let refused = try box.restore()
        #expect(refused.status == 1 && refused.text.contains("index is missing"))
        #expect(!FileManager.default.fileExists(atPath: box.shelf + "/index"))
    }

    @Test func `a damaged newest snapshot is got round, and said`() throws {
        let box = try ShelvedBox()
        let snapshots = try FileManager.default.contentsOfDirectory(
            atPath: box.shelf + "/snapshots"
        ).sorted()
        #expect(snapshots.count >= 2)
        let path = "\(box.shelf)/snapshots/\(try #require(snapshots.last))/00000000"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count / 2] ^= 4
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let restored = try box.restore(to: "new", says: box.recovery)
        #expect(restored.status == 0 && restored.text.contains("Trying the one before"))
        #expect(try box.level(of: "new") == ShelvedBox.second)
    }

    @Test func `a store that is a link is refused, and nothing is changed`() throws {
        let box = try ShelvedBox()
        let real = box.folder.path + "/elsewhere"
        try FileManager.default.createDirectory(atPath: real, withIntermediateDirectories: true)
        for name in ["store", "ledger"] {
            try FileManager.default.moveItem(
                atPath: "\(box.data)/\(name)", toPath: "\(real)/\(name)")
            try FileManager.default.createSymbolicLink(
                atPath: "\(box.data)/\(name)", withDestinationPath: "\(real)/\(name)")
        }
        let refused = try box.restore()
        #expect(refused.status == 1 && refused.text.contains("is a link"), "\(refused.text)")
        #expect(try box.level() == ShelvedBox.last)
    }

    @Test func `what a restore and a drill left that were killed goes at the next start`() throws {
        let box = try ShelvedBox()
        let (status, _, _) = try Programs.run(
            "restore-crash", [box.data, "restore", "1", box.shelf, "\(box.early)"])
        #expect(status == SIGKILL)
        #expect(box.isThere("restore.draft") && box.isThere("ledger/restore.draft"))
        try FileManager.default.createDirectory(
            atPath: box.data + "/store.drill", withIntermediateDirectories: true)
        #expect(try box.level() == ShelvedBox.last)
        for name in ["restore.draft", "restore.spool", "ledger/restore.draft", "store.drill"] {
            #expect(!box.isThere(name), "\(name)")
        }
    }

    @Test func `a spool that is rubbish is said and left out, and backups go on after the restore`()
        throws
    {
        let box = try ShelvedBox()
        let spool = box.data + "/spool"
        let segments = try FileManager.default.contentsOfDirectory(atPath: spool).sorted()
        #expect(!segments.isEmpty)
        for name in segments {
            try Data("rubbish".utf8).write(to: URL(fileURLWithPath: "\(spool)/\(name)"))
        }
        let restored = try box.restore()
        #expect(restored.status == 0 && restored.text.contains("damaged"), "\(restored.text)")
        #expect(try box.level() == ShelvedBox.second)
        // The rubbish lies there still at the first round of the restored books.
        let daemon = try Daemon(data: box.data)
        try box.shop.receive(4, daemon)
        for words in [["backup", "run"], ["drill"], ["backup", "verify"]] {
            let ran = try sluicectl(words + ["--socket", daemon.socket])
            #expect(ran.status == 0, "\(words): \(ran.text)")
        }
        #expect(daemon.stop() == 0)
        #expect(try box.decide("--commit").status == 0)
        let again = try box.restore(to: "new", says: box.recovery)
        #expect(again.status == 0, "\(again.text)")
        #expect(try box.level(of: "new") == ShelvedBox.second + 4)
    }

    @Test
    func `commits of a chain that a bad spool began, and no round knows, are not passed over`()
        throws
    {
        let box = try ShelvedBox()
        let spool = box.data + "/spool"
        let newest = try #require(
            try FileManager.default.contentsOfDirectory(atPath: spool).max())
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: "\(spool)/\(newest)"))
        // Work goes on, is captured, and nothing ships before the box must be restored.
        let daemon = try Daemon(data: box.data)
        try box.shop.receive(6, daemon)
        #expect(daemon.stop() == 0)
        let refused = try box.restore()
        #expect(refused.status == 1 && refused.text.contains("Nothing was changed"))
        let hint = try #require(refused.text.range(of: "--to "), "\(refused.text)")
        let number = refused.text[hint.upperBound...].prefix { $0.isNumber }
        #expect(try box.level() == ShelvedBox.last + 6)
        // What it names is there with the commits of the spool that are whole.
        let restored = try box.restore(
            ["--to", String(number), "--spool", spool], to: "new", says: box.recovery)
        #expect(restored.status == 0, "\(restored.text)")
        #expect(try box.level(of: "new") ?? 0 >= ShelvedBox.second)
    }

    @Test(.enabled(if: geteuid() == 0, "only root restores for another user"))
    func `what root restores belongs to the owner of the data folder, after a kill, too`() throws {
        let box = try ShelvedBox()
        let daemon: (user: uid_t, group: gid_t) = (4_711, 4_712)
        func hand(over path: String) {
            for name in [path]
                + (FileManager.default.subpaths(atPath: path) ?? []).map({
                    "\(path)/\($0)"
                })
            { lchown(name, daemon.user, daemon.group) }
        }
        func strangers(in path: String) -> [String] {
            let names = FileManager.default.subpaths(atPath: path) ?? []
            #expect(names.contains { $0.hasSuffix("store.db") }, "\(path)")
            return names.filter { name in
                var status = stat()
                return lstat("\(path)/\(name)", &status) == 0
                    && (status.st_uid != daemon.user || status.st_gid != daemon.group)
            }
        }
        try box.keep("before")
        // Killed before or after each change of what is in use: the daemon must be able to start.
        for step in 1...6 {
            try box.put("before")
            hand(over: box.data)
            let (status, _, _) = try Programs.run(
                "restore-crash", [box.data, "restore", "\(step)", box.shelf, "\(box.early)"])
            #expect(status == SIGKILL || status == 0)
            for name in ["store", "keys", "ledger"] where box.isThere(name) {
                #expect(strangers(in: box.data).filter { $0.hasPrefix(name) } == [], "step \(step)")
            }
        }
        try box.put("before")
        hand(over: box.data)
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        #expect(strangers(in: box.data) == [])
        #expect(try box.decide("--abandon").status == 0)
        #expect(strangers(in: box.data) == [])
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        #expect(try box.decide("--commit").status == 0)
        #expect(strangers(in: box.data) == [])
        // On a new box, whose folder the package made for the daemon's user.
        let new = box.folder.path + "/new"
        try FileManager.default.createDirectory(atPath: new, withIntermediateDirectories: true)
        hand(over: new)
        #expect(try box.restore(to: "new", says: box.recovery).status == 0)
        #expect(strangers(in: new) == [])
    }

    @Test func `practice books of before a restore are not served after it`() throws {
        let box = try ShelvedBox()
        let daemon = try Daemon(data: box.data)
        #expect(try sluicectl(["demo", "load", "--socket", daemon.socket]).status == 0)
        let isOpen = try comes(within: 60) {
            try daemon.control().ask("GET", "/api/v1/practice").json["active"]?.flag == true
        }
        #expect(isOpen)
        #expect(daemon.stop() == 0)
        #expect(box.isThere("practice"))
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        let after = try Daemon(data: box.data)
        #expect(try after.control().ask("GET", "/api/v1/practice").json["active"]?.flag == false)
        #expect(try box.shop.level(after) == ShelvedBox.first)
        #expect(after.stop() == 0)
    }
}
