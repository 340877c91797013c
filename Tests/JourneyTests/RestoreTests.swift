// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import Kernel
import TestKit
import Testing
import Web

extension Journeys.RestoreTests {
    /// Runs `sluicectl` with a line on its standard input.
    private func sluicectl(_ words: [String], says line: String = "") throws -> (
        status: Int32, text: String
    ) {
        let process = Process()
        process.executableURL = try Programs.url("sluicectl")
        process.arguments = words
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        process.standardError = output
        try process.run()
        input.fileHandleForWriting.write(Data((line + "\n").utf8))
        try input.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }

    /// The target's newest commit, as `backup list` tells it.
    private func newest(_ daemon: Daemon) throws -> Int64 {
        let points = try daemon.control().ask("GET", "/api/v1/backups/points").json["items"]
        return points?.elements.compactMap { $0["untilCommit"]?.integer }.max() ?? 0
    }

    private func ship(_ daemon: Daemon) throws {
        let before = try newest(daemon)
        _ = try daemon.control().ask("POST", "/api/v1/jobs/backup.ship/run", json: "{}")
        #expect(try comes(within: 30) { try newest(daemon) > before })
    }

    @Test func `a box that burnt down is back on a new one with one command`() throws {
        let folder = try TestFolder()
        let (old, new, shelf) = (
            folder.path + "/old", folder.path + "/new", folder.path + "/shelf"
        )
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let first = try Daemon(data: old)
        let cookie = try first.setUp()
        let key = try addRecovery(old)
        let shop = try Shop(first)
        try shop.receive(23, first)
        let socket = ["--socket", first.socket]
        #expect(try sluicectl(["backup", "status"] + socket).status == 1)
        #expect(try sluicectl(["backup", "add", "shelf", shelf] + socket).status == 0)
        let run = try sluicectl(["backup", "run"] + socket)
        #expect(run.status == 0, "\(run.text)")
        let early = try newest(first)
        let movement =
            #"{"kind":"receive","variant":"\#(shop.variant)","count":"5","place":"\#(shop.bin)"}"#
        func receiveOnce(_ daemon: Daemon) throws -> (status: Int, text: String) {
            let line = try daemon.line()
            line.credentials = [("Cookie", cookie)]
            let answer = try line.ask(
                "POST", "/api/v1/stock/movements", json: movement, key: "the-fifth-delivery")
            return (answer.status, answer.text)
        }
        let answered = try receiveOnce(first)
        #expect(answered.status == 201)
        let drill = try sluicectl(["drill"] + socket)
        #expect(drill.status == 0, "\(drill.text)")
        #expect(try sluicectl(["backup", "verify"] + socket).status == 0)
        #expect(try sluicectl(["backup", "status"] + socket).status == 0)
        let refused = try sluicectl(["restore", "--from", shelf, "--data", old])
        #expect(refused.status == 2 && refused.text.contains("Stop it first"))
        try ship(first)
        first.kill9()
        try FileManager.default.removeItem(atPath: old)

        #expect(
            try sluicectl(["restore", "--from", shelf, "--data", new], says: "XXXX").status == 1)
        let restore = try sluicectl(
            ["restore", "--from", shelf, "--data", new], says: key)
        #expect(restore.status == 0, "\(restore.text)")
        let second = try Daemon(data: new)
        #expect(try shop.level(second) == 28)
        #expect(try verification(second).ok)
        let told = try second.control().ask("GET", "/api/v1/journal?kind=backup.restored").json
        #expect(told["items"]?.elements.count == 1)
        #expect(told["items"]?[0]?["facts"]?["from"]?.text == shelf)
        // The same request is answered as it was before the fire, and has no second effect.
        let again = try receiveOnce(second)
        #expect(again.status == answered.status && again.text == answered.text)
        #expect(try shop.level(second) == 28)
        try shop.receive(1, second)
        #expect(second.stop() == 0)

        // An earlier commit, and back.
        let back = try sluicectl(["restore", "--from", shelf, "--data", new, "--to", "\(early)"])
        #expect(back.status == 0, "\(back.text)")
        let third = try Daemon(data: new)
        #expect(try shop.level(third) == 23)
        #expect(third.stop() == 0)
        #expect(try sluicectl(["restore", "--from", shelf, "--data", new]).status == 1)
        #expect(try sluicectl(["restore", "--abandon", "--data", new]).status == 0)
        let fourth = try Daemon(data: new)
        #expect(try shop.level(fourth) == 29)
        #expect(try verification(fourth).ok)
        #expect(fourth.stop() == 0)
    }

    @Test func `the books come back as they were at any time that is asked for`() throws {
        let folder = try TestFolder()
        let (data, shelf) = (folder.path + "/box", folder.path + "/shelf")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let first = try Daemon(data: data)
        _ = try first.setUp()
        let shop = try Shop(first)
        #expect(
            try sluicectl(["backup", "add", "shelf", shelf, "--socket", first.socket]).status == 0)
        #expect(try sluicectl(["backup", "run", "--socket", first.socket]).status == 0)
        // A moment after each delivery was captured and before the next one, and what was there.
        var moments: [(time: String, level: Int)] = []
        var level = 0
        for count in [3, 5, 7] {
            try shop.receive(count, first)
            level += count
            try ship(first)
            moments.append((systemClock().rfc3339, level))
        }
        #expect(first.stop() == 0)
        // The newest first: books that were restored and taken back capture commits, too.
        for (time, level) in [("latest", level)] + moments.shuffled() {
            let back = try sluicectl(["restore", "--from", shelf, "--data", data, "--to", time])
            #expect(back.status == 0, "\(back.text)")
            let daemon = try Daemon(data: data)
            #expect(try shop.level(daemon) == level, "\(time) of \(moments)")
            #expect(try verification(daemon).ok)
            #expect(daemon.stop() == 0)
            #expect(try sluicectl(["restore", "--abandon", "--data", data]).status == 0)
        }
        // A time before the first backup is refused, and nothing is changed.
        let early = try sluicectl(
            ["restore", "--from", shelf, "--data", data, "--to", "2020-01-01T00:00:00Z"])
        #expect(early.status == 1 && early.text.contains("Nothing was changed"), "\(early.text)")
        let last = try Daemon(data: data)
        #expect(try shop.level(last) == level)
        #expect(last.stop() == 0)
    }

    @Test func `a changed backup changes nothing on the box`() throws {
        let folder = try TestFolder()
        let (data, shelf) = (folder.path + "/box", folder.path + "/shelf")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let first = try Daemon(data: data)
        _ = try first.setUp()
        let shop = try Shop(first)
        try shop.receive(7, first)
        #expect(
            try sluicectl(["backup", "add", "shelf", shelf, "--socket", first.socket]).status == 0)
        #expect(try sluicectl(["backup", "run", "--socket", first.socket]).status == 0)
        #expect(first.stop() == 0)
        let packs = try FileManager.default.contentsOfDirectory(atPath: shelf + "/packs").sorted()
        let path = "\(shelf)/packs/\(try #require(packs.first))"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[bytes.count / 2] ^= 4
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let restore = try sluicectl(["restore", "--from", shelf, "--data", data])
        #expect(restore.status == 1 && restore.text.contains("was changed after it was written"))
        let second = try Daemon(data: data)
        #expect(try shop.level(second) == 7)
        #expect(second.stop() == 0)
    }
}
