// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Appliance

extension Journeys.PracticeTests {
    /// Opens the real books of a daemon that does not run.
    private func books<T>(_ data: String, _ body: (SealedStore) throws -> T) throws -> T {
        let store = try SealedStore.open(
            folder: "\(data)/store", key: try KeyRing(data: data).open(),
            schemas: allSchemas(allModules().modules), clock: systemClock)
        defer { store.close() }
        return try body(store)
    }

    /// What every table holds, without what moves by itself: the timetable with the time of day,
    /// and how far listeners have heard.
    private func hashes(_ store: SealedStore) throws -> [TableHash] {
        try store.tableHashes().filter { !["clock_job", "journal_cursor"].contains($0.table) }
    }

    private func practice(_ daemon: Daemon) throws -> JSON? {
        let answer = try daemon.control().ask("GET", "/api/v1/practice")
        return answer.status == 200 ? answer.json : nil
    }

    private func waits(_ daemon: Daemon, active: Bool) throws -> Bool {
        try comes(within: 30) { try practice(daemon)?["active"]?.flag == active }
    }

    private func control(_ daemon: Daemon, _ words: String...) throws -> (Int32, String, String) {
        try Programs.run("sluicectl", words + ["--socket", daemon.socket])
    }

    @Test func `a daemon that cannot start leaves the practice books of another alone`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        let draft = "\(data)/practice.draft"
        let ledger = "\(data)/ledger/practice"
        try FileManager.default.createDirectory(atPath: draft, withIntermediateDirectories: true)
        for file in [draft + "/store.db", ledger] {
            try Data([1]).write(to: URL(fileURLWithPath: file))
        }
        #expect(throws: Daemon.Silent.self) { try Daemon(data: data) }
        for file in [draft + "/store.db", ledger] {
            #expect(FileManager.default.fileExists(atPath: file), "\(file)")
        }
        #expect(daemon.stop() == 0)
        let next = try Daemon(data: data)
        #expect(!FileManager.default.fileExists(atPath: draft))
        #expect(!FileManager.default.fileExists(atPath: ledger))
        #expect(next.stop() == 0)
    }

    @Test func `practice goods come and go, and the real books do not change by a byte`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let first = try Daemon(data: data)
        let cookie = try first.setUp()
        let shop = try Shop(first)
        try shop.receive(23, first)
        first.stop()
        let before = try books(data, hashes)
        let daemon = try Daemon(data: data)
        let load = try control(daemon, "demo", "load")
        #expect(load.0 == 0, "\(load.2)")
        #expect(try waits(daemon, active: true))
        let figures = try practice(daemon)
        #expect(figures?["items"]?.integer == 1001)
        #expect(figures?["movements"]?.integer == 20_001)
        #expect(try verification(daemon).ok)
        #expect(try control(daemon, "demo", "load").0 == 2)
        // The people are the same; their practice is told to them.
        let line = try daemon.line()
        line.credentials = [("Cookie", cookie)]
        let session = try line.ask("GET", "/api/v1/session")
        #expect(session.json["site"]?["practice"]?.flag == true)
        try shop.receive(1, daemon)
        #expect(try shop.level(daemon) == 24)
        #expect(try control(daemon, "demo", "clear").0 == 0)
        #expect(try waits(daemon, active: false))
        #expect(try shop.level(daemon) == 23)
        #expect(try control(daemon, "demo", "clear").0 == 2)
        daemon.stop()
        #expect(!FileManager.default.fileExists(atPath: "\(data)/practice"))
        #expect(!FileManager.default.fileExists(atPath: "\(data)/practice.draft"))
        let after = try books(data, hashes)
        #expect(after.filter { !before.contains($0) } == [])
        #expect(after.count == before.count)
        #expect(after.contains { $0.table == "stock_movement" && $0.rows == 1 })
    }

    @Test func `practice outlives a restart, and a crash in the middle of loading leaves nothing`()
        throws
    {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        #expect(try control(daemon, "demo", "load").0 == 2)
        _ = try daemon.setUp()
        let line = try daemon.control()
        try line.send("POST", "/api/v1/practice", json: "{}")
        let draft = "\(data)/practice.draft"
        #expect(comes(within: 30) { FileManager.default.fileExists(atPath: draft) })
        daemon.kill9()
        let again = try Daemon(data: data)
        #expect(try practice(again)?["active"]?.flag == false)
        #expect(!FileManager.default.fileExists(atPath: draft))
        #expect(try verification(again).ok)
        again.stop()
    }
}

extension Journeys.ControlTests {
    private func control(_ daemon: Daemon, _ words: String...) throws -> (Int32, String, String) {
        try Programs.run("sluicectl", words + ["--socket", daemon.socket])
    }

    @Test func `the command line tells by its exit code how it went`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        _ = try daemon.setUp()
        let shop = try Shop(daemon)
        try shop.receive(5, daemon)
        let status = try control(daemon, "status")
        #expect(status.0 == 0)
        #expect(status.1.contains("serving"))
        #expect(status.1.contains("1 items, 1 movements"))
        let verified = try control(daemon, "verify")
        #expect(verified.0 == 0)
        #expect(verified.1.contains("goods"))
        let jobs = try control(daemon, "jobs")
        #expect(jobs.0 == 0)
        #expect(jobs.1.contains("inventory.verify"))
        #expect(try control(daemon, "jobs", "run", "inventory.verify").0 == 0)
        let isDone = try comes(within: 20) {
            try daemon.control().ask("GET", "/api/v1/jobs").json["items"]?.elements.contains {
                $0["name"]?.text == "inventory.verify" && $0["lastResult"]?.text == "done"
            } == true
        }
        #expect(isDone)
        #expect(try control(daemon, "jobs", "run", "no.such").0 == 2)
        #expect(try control(daemon, "dance").0 == 64)
        daemon.stop()
        let silent = try control(daemon, "status")
        #expect(silent.0 == 3)
        #expect(silent.2.contains("does not answer"))
    }

    @Test func `verify says no when the books were tampered with, and where`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        let shop = try Shop(daemon)
        try shop.receive(5, daemon)
        daemon.stop()
        let store = try SealedStore.open(
            folder: "\(data)/store", key: try KeyRing(data: data).open(),
            schemas: allSchemas(allModules().modules), clock: systemClock)
        try store.write {
            try $0.runUntold("UPDATE stock_balance SET amount = 6 WHERE outside = 0")
        }
        store.close()
        let again = try Daemon(data: data)
        let verified = try control(again, "verify")
        #expect(verified.0 == 1)
        #expect(verified.1.contains("movements add up to 5, the balance says 6"))
        again.stop()
    }

    @Test func `verify names a page that does not open`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let first = try Daemon(data: data)
        let shop = try Shop(first)
        try shop.receive(5, first)
        first.stop()
        let daemon = try Daemon(data: data)
        let file = try #require(FileHandle(forUpdatingAtPath: "\(data)/store/store.db"))
        let pages = try file.seekToEnd() / 4096
        for page in pages - 3...pages {
            try file.seek(toOffset: (page - 1) * 4096 + 100)
            try file.write(contentsOf: Data([0xFF, 0xFF]))
        }
        try file.close()
        let verified = try control(daemon, "verify")
        #expect(verified.0 == 1, "\(verified.2)")
        let named = (pages - 3...pages).contains {
            verified.1.contains("page \($0) of ")
        }
        #expect(named, "\(verified.1)")
        for name in ["pages", "store", "journal", "goods"] { #expect(verified.1.contains(name)) }
        daemon.kill9()
    }

    @Test func `refusals are told in whole sentences`() throws {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/box")
        _ = try daemon.setUp()
        let refused: [(words: [String], has: String)] = [
            (["backup", "add", "stick", "/no/such/folder"], "/no/such/folder"),
            (["backup", "remove", "tgt-99"], "[backup."),
            (["jobs", "run", "no.such"], "[job.unknown]"),
        ]
        for (words, has) in refused {
            let said = try Programs.run("sluicectl", words + ["--socket", daemon.socket])
            #expect(said.0 == 2 && said.2.contains(has), "\(said.2)")
            #expect(!said.2.contains("{"), "\(said.2)")
        }
        #expect(daemon.stop() == 0)
    }

    @Test func `two daemons do not share a data folder`() throws {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/box")
        #expect(throws: Daemon.Silent.self) { try Daemon(data: folder.path + "/box") }
        #expect(try daemon.line().ask("GET", "/health/ready").status == 200)
        #expect(daemon.stop() == 0)
    }
}
