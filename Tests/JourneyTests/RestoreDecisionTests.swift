// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import TestKit
import Testing
import Web

/// The time between a restore and the decision about it, with the real programs.
extension Journeys.RestoreDecisionTests {
    @Test func `a key is not rotated while the old books wait for the decision`() throws {
        let box = try ShelvedBox()
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        let refused = try sluicectl(
            ["key", "rotate", "--data", box.data], says: box.recovery)
        #expect(refused.status != 0 && refused.text.contains("--abandon"), "\(refused.text)")
        #expect(try box.decide("--abandon").status == 0)
        #expect(try box.level() == ShelvedBox.last)
        let rotated = try sluicectl(
            ["key", "rotate", "--data", box.data], says: box.recovery)
        #expect(rotated.status == 0, "\(rotated.text)")
        #expect(try box.level() == ShelvedBox.last)
    }

    @Test func `old books that are damaged are not gone back to, and the restored ones stay`()
        throws
    {
        let box = try ShelvedBox()
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        let path = "\(box.data)/before-restore/store.db"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        for page in stride(from: 8192, to: bytes.count, by: 4096) { bytes[page + 100] ^= 1 }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let refused = try box.decide("--abandon")
        #expect(refused.status == 1 && refused.text.contains("--commit"), "\(refused.text)")
        #expect(try box.level() == ShelvedBox.first)
        #expect(try box.decide("--commit").status == 0)
        #expect(try box.level() == ShelvedBox.first)
    }

    @Test func `a restore is taken back with the recovery key where nothing else opens the books`()
        throws
    {
        let box = try ShelvedBox()
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        let secret = "\(box.data)/keys/unattended.key"
        try FileManager.default.moveItem(atPath: secret, toPath: secret + ".lost")
        let words = ["restore", "--abandon", "--data", box.data]
        let other = try KeyRing(data: box.data).newRecovery()
        let refused = try sluicectl(words, says: other)
        #expect(refused.status == 1 && refused.text.contains("does not open"), "\(refused.text)")
        #expect(box.isThere("before-restore"))
        let taken = try sluicectl(words, says: box.recovery)
        #expect(taken.status == 0 && taken.text.contains("without a person"), "\(taken.text)")
        #expect(!box.isThere("before-restore"))
        try FileManager.default.moveItem(atPath: secret + ".lost", toPath: secret)
        #expect(try box.level() == ShelvedBox.last)
    }

    @Test func `after a restore was taken back the newest is not what was taken back`() throws {
        let box = try ShelvedBox()
        #expect(try box.restore(["--to", "\(box.early)"]).status == 0)
        var daemon = try Daemon(data: box.data)
        try box.shop.receive(34, daemon)
        #expect(daemon.stop() == 0)
        #expect(try box.decide("--abandon").status == 0)
        daemon = try Daemon(data: box.data)
        try box.shop.receive(5, daemon)
        // Captured, and before the first snapshot of the new chain.
        #expect(daemon.stop() == 0)
        let refused = try box.restore()
        #expect(refused.status == 1 && refused.text.contains("--to "), "\(refused.text)")
        #expect(try box.level() == ShelvedBox.last + 5)
        daemon = try Daemon(data: box.data)
        #expect(try sluicectl(["backup", "run", "--socket", daemon.socket]).status == 0)
        #expect(daemon.stop() == 0)
        let restored = try box.restore(to: "new", says: box.recovery)
        #expect(restored.status == 0, "\(restored.text)")
        #expect(try box.level(of: "new") == ShelvedBox.last + 5)
    }

    @Test func `a failed restore lets no older store pass`() throws {
        let box = try ShelvedBox()
        try FileManager.default.copyItem(
            atPath: "\(box.data)/store", toPath: box.folder.path + "/older")
        let daemon = try Daemon(data: box.data)
        try box.shop.receive(500, daemon)
        #expect(daemon.stop() == 0)
        // Killed after the announcement and before the exchange.
        let (status, _, _) = try Programs.run(
            "restore-crash", [box.data, "restore", "2", box.shelf, "\(box.early)"])
        #expect(status == SIGKILL)
        try box.keep("announced")
        try FileManager.default.removeItem(atPath: "\(box.data)/store")
        try FileManager.default.copyItem(
            atPath: box.folder.path + "/older", toPath: "\(box.data)/store")
        #expect(throws: Daemon.Silent.self) { try Daemon(data: box.data) }
        try box.put("announced")
        #expect(try box.level() == ShelvedBox.last + 500)
    }
}
