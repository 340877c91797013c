// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing
import Web

@testable import Appliance
@testable import SealedStore

extension Journeys.RotationTests {
    /// Steps of a rotation after all is copied and compared, or more.
    private static let lastSteps = 12

    /// Books whose last scans lie in the log, since the daemon was killed.
    private func box(_ data: String) throws -> (shop: Shop, level: Int) {
        let daemon = try Daemon(data: data)
        let shop = try Shop(daemon)
        try shop.receive(1000, daemon)
        let scanner = try daemon.line()
        scanner.credentials = [shop.device]
        for _ in 0..<20 {
            let scan = shop.scan("receive", event: UUID().uuidString.lowercased())
            #expect(try scanner.ask("POST", "/api/v1/scans", json: scan).status == 200)
        }
        daemon.kill9()
        // Sockets are no files that could be copied.
        for socket in [daemon.socket, daemon.courierSocket] {
            try FileManager.default.removeItem(atPath: socket)
        }
        return (shop, 1020)
    }

    private func copy(_ from: String, _ to: String) throws {
        try? FileManager.default.removeItem(atPath: to)
        try FileManager.default.copyItem(atPath: from, toPath: to)
    }

    private func bytes(_ path: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path))
    }

    /// The epoch in the mark of a main file.
    private func epoch(ofStoreIn data: String) throws -> UInt32 {
        let mark = try bytes("\(data)/store/store.db").prefix(16)
        return UInt32(mark[6]) | UInt32(mark[7]) << 8
    }

    private func epoch(ofKeysIn data: String) throws -> UInt32 {
        try KeyFile.open(at: "\(data)/keys/store.key").epoch
    }

    private func rotations(_ daemon: Daemon) throws -> [JSON] {
        let answer = try daemon.control().ask("GET", "/api/v1/journal?kind=store.key_rotated")
        #expect(answer.status == 200)
        return answer.json["items"]?.elements ?? []
    }

    /// What lies in a data folder beside the things that belong there.
    private func leftovers(_ data: String) throws -> [String] {
        let known = ["store", "ledger", "keys", "control.sock", "courier.sock", "errands"]
        return try FileManager.default.contentsOfDirectory(atPath: data)
            .filter { !known.contains($0) }
            + FileManager.default.contentsOfDirectory(atPath: "\(data)/keys")
            .filter { !["store.key", "unattended.key"].contains($0) }
    }

    private func expectRefused(_ data: String, _ words: String, _ what: Comment) {
        let silence = #expect(throws: Daemon.Silent.self, what) { try Daemon(data: data) }
        #expect(silence?.description.contains(words) == true, what)
    }

    /// A box before its rotation, kept, and after it.
    private struct Rotated {
        let data: String
        let kept: String
        let shop: Shop
        let level: Int
        /// Opens a slot that was kept.
        let recovery: String
        /// Number of the slot that was dropped.
        let dropped: UInt8
    }

    private static let passphrase = KeyFile.Opener.passphrase(Array("a ferry in fog".utf8))

    private func rotated(_ folder: TestFolder) throws -> Rotated {
        let (data, kept) = (folder.path + "/box", folder.path + "/kept")
        let (shop, level) = try box(data)
        let ring = KeyRing(data: data)
        let recovery = try ring.newRecovery()
        let number = try ring.add(.recovery(recovery))
        let dropped = try ring.add(Self.passphrase, cost: .least)
        try copy(data, kept)
        let talk = try Talk(
            "sluicectl", ["key", "rotate", "--drop", "\(dropped)", "--data", data])
        try talk.wait(for: "Recovery key, slot \(number): ")
        talk.answer(recovery)
        #expect(talk.end() == 0, "\(talk.asked)")
        #expect(talk.asked.contains("%"))
        return Rotated(
            data: data, kept: kept, shop: shop, level: level, recovery: recovery,
            dropped: dropped)
    }

    @Test func `after a rotation all is there, told, and opened by new keys only`() throws {
        let folder = try TestFolder()
        let box = try rotated(folder)
        #expect(try epoch(ofKeysIn: box.data) == 2)
        #expect(try leftovers(box.data) == [])
        let daemon = try Daemon(data: box.data)
        #expect(try box.shop.level(daemon) == box.level)
        #expect(try verification(daemon).ok)
        let told = try rotations(daemon)
        #expect(told.count == 1)
        let facts = told.first?["facts"]
        #expect(facts?["by"]?.text?.isEmpty == false)
        #expect(facts?["dropped"]?.text == "\(box.dropped)")
        #expect(facts?["from"]?.integer == 1 && facts?["to"]?.integer == 2)
        #expect(told.first?["at"]?.text?.isEmpty == false)
        #expect(daemon.stop() == 0)
        let file = try KeyFile.open(at: "\(box.data)/keys/store.key")
        let old = try KeyFile.open(at: "\(box.kept)/keys/store.key")
            .unlock(with: .recovery(box.recovery))
        let new = try file.unlock(with: .recovery(box.recovery))
        #expect(!same(old.secret, new.secret))
        for opener in [.file("\(box.kept)/keys/unattended.key"), Self.passphrase] {
            #expect(throws: KeyFault.wrongKey) { try file.unlock(with: opener) }
        }
        #expect(throws: StoreFault.otherEpoch(file: 2, key: 1)) {
            try SealedStore.open(
                folder: "\(box.data)/store", key: old, schemas: [], clock: systemClock)
        }
    }

    @Test func `each part of the state before a rotation is refused when it is put back`() throws {
        let folder = try TestFolder()
        let box = try rotated(folder)
        let (data, kept, good) = (box.data, box.kept, folder.path + "/good")
        try copy(data, good)
        let attacks: [(parts: [String], words: String)] = [
            (["store"], "epoch 1"), (["store", "ledger"], "epoch 1"),
            (["ledger"], "generation ledger"), (["keys"], "epoch 2"),
            (["keys/store.key"], "without a person"), (["keys/unattended.key"], "without a person"),
            (["store/store.db"], "epoch 1"), (["store/store.db-tags"], "tag table"),
        ]
        for (parts, words) in attacks {
            for part in parts { try copy("\(kept)/\(part)", "\(data)/\(part)") }
            expectRefused(data, words, "\(parts)")
            for part in parts { try copy("\(good)/\(part)", "\(data)/\(part)") }
        }
        #expect(try Daemon(data: data).stop() == 0)
        // A folder that looks decided and does not follow from the keys.
        try copy(kept, "\(data)/rotation")
        expectRefused(data, "does not belong to the keys", "an old folder as a rotation")
    }

    @Test func `a folder of a rotation without its keys touches nothing`() throws {
        let folder = try TestFolder()
        let (data, _) = (folder.path + "/box", try box(folder.path + "/box"))
        let before = try ["store/store.db", "keys/store.key", "keys/unattended.key"].map {
            ($0, try bytes("\(data)/\($0)"))
        }
        let planted: [(path: String, isRefused: Bool)] = [
            ("store/store.db", true), ("store/", true), ("ledger/store", true),
            ("keys/unattended.key", true), ("keys/store.key", true), ("photos/", true),
            ("", false), ("store.old/store.db", false), ("keys/", false),
        ]
        for (path, isRefused) in planted {
            let place = "\(data)/rotation/\(path)"
            let isFolder = path.isEmpty || path.hasSuffix("/")
            try FileManager.default.createDirectory(
                atPath: isFolder ? place : (place as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true)
            if !isFolder { try Data("junk".utf8).write(to: URL(fileURLWithPath: place)) }
            let talk = try Talk("sluicectl", ["key", "add", "passphrase", "--data", data])
            talk.answer("a barge full of apples")
            talk.answer("a barge full of apples")
            #expect((talk.end() == 0) != isRefused, "\(path): \(talk.asked)")
            if isRefused { expectRefused(data, "key", "\(path)") }
            for (name, content) in before where isRefused || name != "keys/store.key" {
                #expect(try bytes("\(data)/\(name)") == content, "\(path): \(name)")
            }
            #expect(FileManager.default.fileExists(atPath: "\(data)/rotation") == isRefused)
            try? FileManager.default.removeItem(atPath: "\(data)/rotation")
            try copy(before: before, to: data)
        }
        #expect(try Daemon(data: data).stop() == 0)
    }

    private func copy(before: [(String, Data)], to data: String) throws {
        for (name, content) in before {
            try content.write(to: URL(fileURLWithPath: "\(data)/\(name)"))
            chmod("\(data)/\(name)", 0o600)
        }
    }

    private func same(_ one: SecretBytes, _ other: SecretBytes) -> Bool {
        one.count == other.count
            && (0..<one.count).allSatisfy { one.pointer[$0] == other.pointer[$0] }
    }

    @Test func `a rotation that cannot be carried out changes nothing`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        func rotate(_ more: [String] = []) throws -> (Int32, String, String) {
            try Programs.run("sluicectl", ["key", "rotate", "--data", data] + more)
        }
        #expect(try rotate().0 == 2)
        #expect(!FileManager.default.fileExists(atPath: data))
        var daemon = try Daemon(data: data)
        _ = try Shop(daemon)
        let running = try rotate()
        #expect(running.0 == 2 && running.2.contains("stop the daemon"))
        daemon.stop()
        let recovery = try KeyRing(data: data).newRecovery()
        try KeyRing(data: data).add(.recovery(recovery))
        let before = try bytes("\(data)/keys/store.key")
        let wrong = try Talk("sluicectl", ["key", "rotate", "--data", data])
        try wrong.wait(for: "slot 2: ")
        wrong.answer(try KeyRing(data: data).newRecovery())
        #expect(wrong.end() == 2 && wrong.asked.contains("slot 2 was not given"))
        let last = try rotate(["--drop", "1", "--drop", "2"])
        #expect(last.0 == 2 && last.2.contains("starts without a person"))
        // Another command holds the folder.
        let lock = try KeyLock("\(data)/keys", alone: true)
        #expect(throws: RotationFault.underWay) { try KeyRing(data: data).hold() }
        expectRefused(data, "being rotated", "a start amid a rotation")
        lock.release()
        // Practice books are sealed with the same key.
        try FileManager.default.createDirectory(
            atPath: "\(data)/practice", withIntermediateDirectories: true)
        let practice = try rotate(["--drop", "2"])
        #expect(practice.0 == 2 && practice.2.contains("practice"))
        try FileManager.default.removeItem(atPath: "\(data)/practice")
        #expect(try bytes("\(data)/keys/store.key") == before)
        #expect(try leftovers(data) == [])
        daemon = try Daemon(data: data)
        #expect(try rotations(daemon).isEmpty)
        daemon.stop()
    }

    /// Runs the program that kills itself. Returns what it printed; nil when it was killed.
    private func crash(
        _ data: String, _ what: String, _ step: Int, killAfter microseconds: UInt32? = nil
    ) throws -> Int? {
        let process = Process()
        process.executableURL = try Programs.url("rotate-crash")
        process.arguments = [data, what, "\(step)"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        if let microseconds {
            usleep(microseconds)
            kill(process.processIdentifier, SIGKILL)
        }
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        if process.terminationReason == .uncaughtSignal { return nil }
        #expect(process.terminationStatus == 0)
        return Int(String(decoding: said, as: UTF8.self).filter(\.isNumber))
    }

    @Test func `killed at any point, the next start opens under one epoch with everything`() throws
    {
        let cycles =
            ProcessInfo.processInfo.environment["SLUICE_ROTATION_KILLS"].flatMap { Int($0) } ?? 10
        var dice = SeededDice()
        let folder = try TestFolder()
        let (data, kept) = (folder.path + "/box", folder.path + "/kept")
        let (shop, level) = try box(kept)
        try copy(kept, data)
        let start = ContinuousClock.now
        let steps = try #require(try crash(data, "rotate", 0))
        let microseconds = UInt32((ContinuousClock.now - start).seconds * 1_000_000)
        #expect(steps > 12)
        var ends: [UInt32: Int] = [:]
        var again = 0
        for cycle in 0..<cycles {
            try copy(kept, data)
            // By turns evenly over all steps and at the last ones, where files take their places;
            // every fifth at any time.
            let step =
                cycle % 2 == 0
                ? 1 + (cycles < steps ? cycle * (steps - 1) / cycles : cycle) % steps
                : steps - cycle / 2 % min(steps, Self.lastSteps)
            let note: Comment = "seed \(dice.seed), cycle \(cycle), step \(step) of \(steps)"
            if cycle % 5 == 2 {
                let after = UInt32.random(in: 0...microseconds, using: &dice)
                _ = try crash(data, "rotate", 0, killAfter: after)
            } else {
                #expect(try crash(data, "rotate", step) == nil, note)
            }
            // The next start may be killed, too, while it settles.
            while cycle % 2 == 1, try crash(data, "settle", .random(in: 1...4, using: &dice)) == nil
            {
                again += 1
            }
            let daemon = try Daemon(data: data)
            let epoch = try epoch(ofKeysIn: data)
            #expect([1, 2].contains(epoch), note)
            #expect(try self.epoch(ofStoreIn: data) == epoch, note)
            #expect(try shop.level(daemon) == level, note)
            #expect(try verification(daemon).ok, note)
            #expect(try rotations(daemon).count == Int(epoch) - 1, note)
            #expect(try leftovers(data) == [], note)
            #expect(daemon.stop() == 0, note)
            ends[epoch, default: 0] += 1
        }
        print(
            """
            rotation: \(cycles) kills over \(steps) steps, \(again) kills while settling, \
            epoch 1 \(ends[1] ?? 0) times, epoch 2 \(ends[2] ?? 0) times, seed \(dice.seed)
            """)
        #expect(ends[1] != nil && ends[2] != nil)
    }
}
