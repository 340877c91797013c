// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Synchronization
import TestKit
import Testing
import Web

@testable import Appliance
@testable import SealedStore

extension Journeys.RollbackTests {
    private func accept(_ data: String, _ reason: String) throws -> (Int32, String, String) {
        try Programs.run("sluicectl", ["accept-rollback", "--reason", reason, "--data", data])
    }

    private func acceptances(_ daemon: Daemon) throws -> [JSON] {
        let answer = try daemon.control().ask(
            "GET", "/api/v1/journal?kind=store.rollback_accepted")
        #expect(answer.status == 200)
        return answer.json["items"]?.elements ?? []
    }

    @Test func `books that were put back are refused until somebody says why`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        var daemon = try Daemon(data: data)
        let shop = try Shop(daemon)
        try shop.receive(5, daemon)
        daemon.stop()
        try FileManager.default.copyItem(atPath: "\(data)/store", toPath: folder.path + "/kept")
        daemon = try Daemon(data: data)
        let scanner = try daemon.line()
        scanner.credentials = [shop.device]
        let scan = try scanner.ask(
            "POST", "/api/v1/scans", json: shop.scan("receive", event: UUID().uuidString))
        let acknowledged = try #require(scan.header("sluice-acknowledged"))
        daemon.stop()

        try FileManager.default.removeItem(atPath: "\(data)/store")
        try FileManager.default.copyItem(atPath: folder.path + "/kept", toPath: "\(data)/store")
        let silence = #expect(throws: Daemon.Silent.self) { try Daemon(data: data) }
        #expect(silence?.description.contains("sluicectl accept-rollback --reason") == true)

        let said = try accept(data, "the disk of Tuesday is back")
        #expect(said.0 == 0, "\(said.2)")
        for _ in 0..<2 {
            daemon = try Daemon(data: data)
            let told = try acceptances(daemon)
            #expect(told.count == 1)
            #expect(told.first?["facts"]?["reason"]?.text == "the disk of Tuesday is back")
            #expect(told.first?["facts"]?["by"]?.text?.isEmpty == false)
            #expect(try shop.level(daemon) == 5)
            #expect(try verification(daemon).ok)
            // The scanner was there: it knows that its scan is gone.
            let line = try daemon.line()
            line.credentials = [shop.device, ("Sluice-Last-Acknowledged", acknowledged)]
            let refused = try line.ask(
                "POST", "/api/v1/scans", json: shop.scan("receive", event: UUID().uuidString))
            #expect(refused.status == 409 && refused.code == "store.behind")
            #expect(try shop.level(daemon) == 5)
            #expect(daemon.stop() == 0)
        }
    }

    @Test func `nothing is accepted while the daemon runs, or where there are no books`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        let running = try accept(data, "why not")
        #expect(running.0 == 2 && running.2.contains("open already"))
        daemon.stop()
        #expect(try accept(data, " ").0 == 2)
        let nowhere = try accept(folder.path + "/nowhere", "why not")
        #expect(nowhere.0 == 2)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/nowhere"))
    }

    @Test func `the ledger's head goes to the log at the end, with its chain`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        _ = try Shop(daemon)
        daemon.stop()
        let log = try String(contentsOfFile: "\(data).log", encoding: .utf8)
        let line = try #require(log.split(separator: "\n").last { $0.contains("ledger head") })
        #expect(line.contains("generation") && line.contains("commit"))
        let chain = try #require(line.split(separator: " ").last)
        #expect(chain.count == 64)
        let store = try SealedStore.open(
            folder: "\(data)/store", key: try KeyRing(data: data).open(),
            schemas: allSchemas(allModules().modules), clock: systemClock)
        #expect(store.ledgerHead?.chain == String(chain))
        store.close()
    }

    @Test func `a head is written once a minute, when it is new, and at the end`() {
        let lines = Mutex<[String]>([])
        let witness = Witness { line in lines.withLock { $0.append(line) } }
        func head(_ commit: UInt64) -> LedgerHead {
            LedgerHead(generation: 2, commit: commit, sequence: commit, chain: "c\(commit)")
        }
        func at(_ second: Int64) -> Instant { Instant(microseconds: second * 1_000_000) }
        witness.note(nil, now: at(0))
        witness.note(head(1), now: at(100))
        witness.note(head(2), now: at(130))
        witness.note(head(3), now: at(160))
        witness.note(head(3), now: at(300))
        // The clock was set back by an hour.
        witness.note(head(4), now: at(-3_300))
        witness.note(head(5), now: at(-3_290), isLast: true)
        let commits = lines.withLock { $0 }.map { $0.split(separator: " ")[5] }
        #expect(commits == ["1,", "3,", "4,", "5,"])
    }
}
