// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Foundation
import Glibc
import Kernel
import Outbox
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Appliance

/// The real courier beside the real daemon, as two processes and a socket.
extension Journeys.CourierTests {
    /// A data folder with errands in the outbox of its books, as a room would have put them there.
    private func box(
        _ folder: TestFolder, _ works: [Errand.Work], to given: ErrandTarget? = nil
    ) throws -> String {
        let data = folder.path + "/box"
        try Daemon(data: data).stop()
        let store = try books(data)
        defer { store.close() }
        let target = try given ?? target()
        try store.write { tx in
            for work in works { try enqueue(Errand(target: target, work: work), in: tx) }
        }
        return data
    }

    private func books(_ data: String) throws -> SealedStore {
        try SealedStore.open(
            folder: "\(data)/store", key: try KeyRing(data: data).open(),
            schemas: allSchemas(allModules().modules), clock: systemClock)
    }

    /// A target at which nobody listens; the secret is looked for in all that is said.
    private func target() throws -> ErrandTarget {
        ErrandTarget(
            name: "dead",
            place: .s3(
                ErrandTarget.Bucket(
                    endpoint: "http://127.0.0.1:1", bucket: "box-backups", prefix: "",
                    region: "eu-central-1", accessKey: "AKIABOX",
                    secretKey: SecretText("never-to-be-seen"), pathStyle: true)))
    }

    private func put(_ name: String, _ folder: TestFolder) throws -> Errand.Work {
        let path = "\(folder.path)/\(name)"
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        // SHA-256 of "x".
        let hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        return .put(object: try ObjectName(name), file: path, size: 1, sha256: hash)
    }

    private func errands(_ daemon: Daemon, _ state: String) throws -> [JSON] {
        let answer = try daemon.control().ask("GET", "/api/v1/errands?state=\(state)")
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json["items"]?.elements ?? []
    }

    private func desk(_ daemon: Daemon) throws -> Line { try Line(.socket(daemon.courierSocket)) }

    private func claim(
        _ line: Line, _ courier: String, first: Bool, holding: [Int] = [], most: Int = 3
    ) throws -> Line.Reply {
        try line.ask(
            "POST", "/courier/v1/claims",
            json: """
                {"courier":"\(courier)","first":\(first),"holding":\(holding),"most":\(most)}
                """)
    }

    @Test func `a courier takes errands, reports, and says nothing of secrets`() throws {
        let folder = try TestFolder()
        let data = try box(folder, [.probe, try put("a", folder)])
        let daemon = try Daemon(data: data)
        let courier = try Courier(daemon, folder: folder.path)
        // Nobody listens at the target, so the errands wait for the next try.
        let isTried = try comes(within: 20) {
            try errands(daemon, "waiting").contains { $0["reason"]?.text == "unreachable" }
        }
        #expect(isTried, "\(courier.said)")
        #expect(courier.stop() == 0)
        for text in [courier.said, try String(contentsOfFile: "\(data).log", encoding: .utf8)] {
            #expect(!text.contains("never-to-be-seen"))
        }
        #expect(courier.said.contains("unreachable"))
        daemon.stop()
    }

    @Test func `a file that is gone fails for good and the journal tells`() throws {
        let folder = try TestFolder()
        let work = try put("gone", folder)
        let data = try box(folder, [work])
        try FileManager.default.removeItem(atPath: folder.path + "/gone")
        let daemon = try Daemon(data: data)
        let courier = try Courier(daemon, folder: folder.path)
        let hasFailed = try comes(within: 20) { try !errands(daemon, "failed").isEmpty }
        #expect(hasFailed, "\(courier.said)")
        let listed = try Programs.run(
            "sluicectl", ["errands", "--state", "failed", "--socket", daemon.socket])
        #expect(listed.0 == 0)
        #expect(listed.1.contains("object.put") && listed.1.contains("cannot be read"))
        let journal = try daemon.control().ask("GET", "/api/v1/journal?kind=errand.failed").json
        let entry = try #require(journal["items"]?[0])
        #expect(entry["facts"]?["reason"]?.text == "file_missing")
        #expect(entry["actor"]?.text == "system:courier")
        #expect(courier.stop() == 0)
        daemon.stop()
    }

    @Test func `a courier that is killed loses nothing, and the next one goes on`() throws {
        let folder = try TestFolder()
        let data = try box(folder, try (1...3).map { try put("p\($0)", folder) })
        let daemon = try Daemon(data: data)
        let line = try desk(daemon)
        let first = try claim(line, "the-first-courier", first: true)
        let ids = (first.json["errands"]?.elements ?? []).compactMap { $0["id"]?.integer }
        #expect(ids.count == 3)
        // It is gone; its successor holds nothing and is given all of them.
        let second = try claim(try desk(daemon), "the-second-courier", first: true)
        #expect(second.json["errands"] == first.json["errands"])
        // Should the first still live, it is told to end, and may report what it has done.
        let late = try claim(line, "the-first-courier", first: false)
        #expect(late.status == 409)
        #expect(late.code == "errand.courier_replaced")
        let report = ErrandReport(id: ids[0], outcome: .done(.stored)).json.bytes()
        let settled = try line.ask(
            "POST", "/courier/v1/results",
            json: """
                {"courier":"the-first-courier","report":\(String(decoding: report, as: UTF8.self))}
                """)
        #expect(settled.status == 200)
        #expect(try errands(daemon, "done").compactMap { $0["id"]?.text } == ["ern-\(ids[0])"])
        daemon.kill9()
        // Acknowledged is acknowledged; claimed is due again.
        let again = try Daemon(data: data)
        #expect(try errands(again, "done").count == 1)
        let third = try claim(try desk(again), "the-second-courier", first: false)
        #expect((third.json["errands"]?.elements.count ?? 0) == 2)
        again.stop()
    }

    @Test func `a courier killed in the middle of an upload leaves nothing that looks whole`()
        throws
    {
        let folder = try TestFolder()
        let server = try SFTPServer(folder)
        var dice = SeededDice()
        let content = Data((0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &dice) })
        let path = "\(folder.path)/segment"
        try content.write(to: URL(fileURLWithPath: path))
        var hash = SHA256Stream()
        content.withUnsafeBytes { hash.update($0) }
        let work = Errand.Work.put(
            object: try ObjectName("deep/segment"), file: path, size: Int64(content.count),
            sha256: Digest.hex(hash.digest()))
        let target = try server.target(bytesPerSecond: 1_000_000)
        let daemon = try Daemon(data: try box(folder, [work], to: target))
        let whole = "\(server.root)/box/deep/segment"
        let draft = "\(server.root)/box/deep/.segment.part"
        func size() -> Int {
            let found = try? FileManager.default.attributesOfItem(atPath: draft)[.size] as? Int
            return found ?? 0
        }
        for _ in 0..<3 {
            let courier = try Courier(daemon, folder: folder.path)
            let before = Int.random(in: 100_000...2_000_000, using: &dice)
            // The next one begins anew, so the draft grows from nothing each time.
            #expect(comes(within: 20) { size() > before }, "seed \(dice.seed): \(courier.said)")
            courier.kill9()
            #expect(!FileManager.default.fileExists(atPath: whole), "seed \(dice.seed)")
            #expect(try errands(daemon, "done").isEmpty)
            try? FileManager.default.removeItem(atPath: draft)
        }
        let courier = try Courier(daemon, folder: folder.path)
        #expect(try comes(within: 30) { try errands(daemon, "done").count == 1 }, "\(courier.said)")
        #expect(FileManager.default.contents(atPath: whole) == content)
        #expect(!FileManager.default.fileExists(atPath: draft))
        #expect(courier.stop() == 0)
        daemon.stop()
    }

    @Test func `only the socket of the courier hands out errands, and nothing else`() throws {
        let folder = try TestFolder()
        let data = try box(folder, [.probe])
        let daemon = try Daemon(data: data)
        let body = #"{"courier":"a-courier-from-afar","first":true,"holding":[],"most":3}"#
        for line in [try daemon.line(), try daemon.control()] {
            for path in ["claims", "results"] {
                let answer = try line.ask("POST", "/courier/v1/\(path)", json: body)
                #expect([401, 404, 405].contains(answer.status))
                #expect(!answer.text.contains("never-to-be-seen"))
            }
        }
        let line = try desk(daemon)
        for path in ["/api/v1/jobs", "/health/live", "/", "/courier/v1/claims"] {
            #expect(try [404, 405].contains(line.ask("GET", path).status), "\(path)")
        }
        for bad in [
            "{}", "[]", "x", #"{"courier":"short","first":true,"holding":[],"most":3}"#,
            body.replacing("3", with: "0"), body.replacing("3", with: "1000"),
            body.replacing("[]", with: "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]"),
            body.replacing("true", with: "1"),
        ] {
            let answer = try line.ask("POST", "/courier/v1/claims", json: bad)
            #expect([400, 422].contains(answer.status), "\(bad): \(answer.text)")
        }
        #expect(try claim(line, "a-courier-that-may", first: true).json["errands"]?[0] != nil)
        var status = stat()
        #expect(lstat(daemon.courierSocket, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
        daemon.stop()
    }

    @Test func `practice books send nothing`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let first = try Daemon(data: data)
        _ = try first.setUp()
        first.stop()
        let store = try books(data)
        let target = try target()
        try store.write { tx in try enqueue(Errand(target: target, work: .probe), in: tx) }
        store.close()
        let daemon = try Daemon(data: data)
        #expect(try daemon.control().ask("POST", "/api/v1/practice", json: "{}").status == 201)
        let isActive = try comes(within: 30) {
            let answer = try daemon.control().ask("GET", "/api/v1/practice")
            return answer.json["active"]?.flag == true
        }
        #expect(isActive)
        #expect(try errands(daemon, "waiting").count == 1)
        let line = try desk(daemon)
        let body = #"{"courier":"a-courier-that-waits","first":true,"holding":[],"most":3}"#
        try line.send("POST", "/courier/v1/claims", json: body)
        #expect(try daemon.control().ask("DELETE", "/api/v1/practice").status == 200)
        // Back in the real books, the claim that waited is served.
        #expect(try line.readHead().0 == 200)
        #expect(try comes(within: 10) { try errands(daemon, "claimed").count == 1 })
        daemon.stop()
    }
}
