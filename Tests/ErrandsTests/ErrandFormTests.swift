// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import TestKit
import Testing
import Web

@testable import Errands

/// The JSON form of errands and reports.
struct ErrandFormTests {
    static let bucket = ErrandTarget(
        name: "off-site",
        place: .s3(
            ErrandTarget.Bucket(
                endpoint: "https://s3.example.org:9000", bucket: "box-backups", prefix: "north/",
                region: "eu-central-1", accessKey: "AKIABOX", secretKey: SecretText("s3cr3t-key"),
                pathStyle: true)), bytesPerSecond: 200_000)
    static let folder = ErrandTarget(
        name: "nas",
        place: .sftp(
            ErrandTarget.RemoteFolder(
                host: "nas.local", port: 2222, path: "/volume1/box", user: "box",
                credential: .privateKey(
                    SecretText(
                        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"
                            + "-----END OPENSSH PRIVATE KEY-----\n")),
                hostKeys: ["SHA256:" + String(repeating: "a", count: 43)])))
    static let hash = String(repeating: "0123456789abcdef", count: 4)

    private static func works() throws -> [Errand.Work] {
        let name = try ObjectName("segments/2026-11/0001.seg")
        return [
            .put(object: name, file: "/spool/out/1", size: 5 << 30, sha256: hash),
            .get(object: name, file: "/spool/in/1", size: nil, sha256: nil),
            .get(object: name, file: "/spool/in/1", size: 0, sha256: hash),
            .list(prefix: "segments/", after: "segments/2026-11/0000.seg", limit: 1000),
            .list(prefix: "", after: nil, limit: 1), .delete(object: name), .probe,
        ]
    }

    @Test func `every errand is read back as it was written`() throws {
        var kinds: Set<String> = []
        for target in [Self.bucket, Self.folder] {
            for work in try Self.works() {
                let one = NumberedErrand(id: .max, errand: Errand(target: target, work: work))
                #expect(try NumberedErrand(reading: one.json.bytes()) == one)
                kinds.insert(work.kind)
            }
        }
        for gateway in [Messages.json, Messages.form] {
            let one = NumberedErrand(
                id: -7, errand: Errand(target: gateway, work: Messages.work))
            #expect(try NumberedErrand(reading: one.json.bytes()) == one)
            kinds.insert(one.errand.work.kind)
        }
        #expect(kinds == Set(Errand.Work.kinds))
    }

    @Test func `every report is read back as it was written`() throws {
        let name = try ObjectName("a/b")
        var outcomes: [Outcome] = [
            .done(.stored), .done(.deleted), .done(.sent),
            .done(.fetched(size: 7, sha256: Self.hash)),
            .done(.probed(mayDelete: false)), .done(.listed([], next: nil)),
            .done(.listed([Outcome.Listed(object: name, size: 3)], next: "a/b")),
        ]
        outcomes += Outcome.Reason.allCases.map { .undone($0, text: "A sentence.") }
        for outcome in outcomes {
            let report = ErrandReport(id: 12, outcome: outcome)
            #expect(try ErrandReport(reading: report.json.bytes()) == report)
        }
    }

    @Test func `no description of a target shows its secrets`() {
        for target in [Self.bucket, Self.folder] {
            var dumped = ""
            dump(Errand(target: target, work: .probe), to: &dumped)
            for text in ["\(target)", String(reflecting: target), dumped] {
                #expect(!text.contains("s3cr3t-key"))
                #expect(!text.contains("AAAA"))
            }
        }
    }

    /// A change to the JSON of a good errand, and the field that must be named for it.
    @Test(arguments: [
        ("\"endpoint\":\"https://s3.example.org:9000\"", "\"endpoint\":\"ftp://x\"", "endpoint"),
        ("https://s3.example.org:9000", "http://s3.example.org:9000", "endpoint"),
        ("https://s3.example.org:9000", "http://127.0.0.1.example.org", "endpoint"),
        ("https://s3.example.org:9000", "http://[fe80::1]:9000", "endpoint"),
        ("https://s3.example.org:9000", "https://user@s3.example.org", "endpoint"),
        ("https://s3.example.org:9000", "https://s3.example.org/path", "endpoint"),
        ("https://s3.example.org:9000", "https://s3.example.org:0", "endpoint"),
        ("https://s3.example.org:9000", "https://s3.example.org\\r\\nX: y", "endpoint"),
        ("box-backups", "Box", "bucket"), ("box-backups", "a..b", "bucket"),
        ("box-backups", "a/../b", "bucket"), ("north/", "north", "prefix"),
        ("north/", "../", "prefix"), ("eu-central-1", "", "region"),
        ("eu-central-1", "eu/s3", "region"), ("AKIABOX", "A B", "accessKey"),
        ("s3cr3t-key", "two\\nlines", "secretKey"), ("off-site", "off/site", "target.name"),
        ("200000", "1", "bytesPerSecond"), ("\"pathStyle\":true", "\"pathStyle\":1", "pathStyle"),
        ("\"pathStyle\":true", "\"pathStyle\":true,\"more\":1", "more"),
        ("segments/1", "../1", "object"), ("segments/1", "/segments", "object"),
        ("segments/1", "a//b", "object"), ("segments/1", "a/.b", "object"),
        ("segments/1", "a b", "object"), ("segments/1", "é", "object"),
        ("/spool/1", "spool/1", "file"), ("/spool/1", "/spool/../etc/shadow", "file"),
        ("/spool/1", "/spool/./1", "file"), ("/spool/1", "/spool/", "file"),
        ("\"size\":3", "\"size\":-1", "size"), ("\"size\":3", "\"size\":5368709121", "size"),
        ("\"size\":3", "\"size\":3.5", "size"), ("\"size\":3", "\"size\":1e300", "size"),
        ("0123456789abcdef", "0123456789ABCDEF", "sha256"), ("object.put", "object.shred", "kind"),
    ])
    func `a field that does not fit is named, and no secret with it`(
        _ good: String, _ bad: String, _ field: String
    ) throws {
        let work = Errand.Work.put(
            object: try ObjectName("segments/1"), file: "/spool/1", size: 3, sha256: Self.hash)
        let one = NumberedErrand(id: 1, errand: Errand(target: Self.bucket, work: work))
        let text = String(decoding: one.json.bytes(), as: UTF8.self)
        #expect(text.contains(good))
        let changed = text.replacing(good, with: bad)
        let refusal = #expect(throws: ErrandRefusal.self) {
            try NumberedErrand(reading: Array(changed.utf8))
        }
        guard case .fieldInvalid(let named, _) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(named.hasSuffix(field), "\(named)")
        #expect(!"\(String(describing: refusal))".contains("s3cr3t"))
    }

    @Test(arguments: ["localhost:9000", "127.0.0.1:9000", "127.1", "[::1]", "[::1]:9000"])
    func `a store on this machine may be without TLS`(_ host: String) throws {
        let one = NumberedErrand(id: 1, errand: Errand(target: Self.bucket, work: .probe))
        let text = String(decoding: one.json.bytes(), as: UTF8.self)
        let changed = text.replacing("https://s3.example.org:9000", with: "http://\(host)")
        #expect(changed != text)
        #expect(throws: Never.self) { try NumberedErrand(reading: Array(changed.utf8)) }
    }

    @Test(arguments: [
        ("\"port\":2222", "\"port\":0", "port"), ("\"port\":2222", "\"port\":65536", "port"),
        ("nas.local", "nas.local/x", "host"), ("nas.local", "-oProxy", "host"),
        ("/volume1/box", "volume1", "path"), ("/volume1/box", "/", "path"),
        ("/volume1/box", "/a b", "path"), ("/volume1/box", "/a\\nrm /x", "path"),
        ("SHA256:", "MD5:", "hostKeys"), ("SHA256:a", "SHA256:", "hostKeys"),
        ("BEGIN OPENSSH", "BEGIN\\u0000OPENSSH", "privateKey"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "key", "privateKey"),
        ("\"user\":\"box\"", "\"user\":\"\"", "user"),
        ("\"user\":\"box\"", "\"user\":\"box\",\"password\":\"x\"", "target.sftp"),
    ])
    func `a folder that cannot be addressed is refused`(
        _ good: String, _ bad: String, _ field: String
    ) throws {
        let one = NumberedErrand(id: 1, errand: Errand(target: Self.folder, work: .probe))
        let text = String(decoding: one.json.bytes(), as: UTF8.self)
        #expect(text.contains(good))
        let refusal = #expect(throws: ErrandRefusal.self) {
            try NumberedErrand(reading: Array(text.replacing(good, with: bad).utf8))
        }
        guard case .fieldInvalid(let named, _) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(named.hasSuffix(field), "\(named)")
    }

    @Test func `bytes that were changed anywhere are read or refused, and nothing else`() throws {
        var dice = SeededDice()
        let work = Errand.Work.list(prefix: "a/", after: nil, limit: 10)
        let good = NumberedErrand(id: 1, errand: Errand(target: Self.folder, work: work)).json
            .bytes()
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...3, using: &dice) {
                let place = Int.random(in: bytes.indices, using: &dice)
                switch Int.random(in: 0..<3, using: &dice) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 32...126, using: &dice), at: place)
                }
            }
            do throws(ErrandRefusal) {
                let read = try NumberedErrand(reading: bytes)
                // What was accepted is a whole errand that means what it says.
                #expect(throws: Never.self) { try read.errand.check() }
                #expect(try NumberedErrand(reading: read.json.bytes()) == read)
            } catch {
                refused += 1
            }
        }
        #expect(refused > 5000, "seed \(dice.seed)")
    }

    @Test func `a name is compared by its bytes, and its limits hold`() throws {
        let names = try ["a-b", "a/b", "a", "B", "a.b", "a=b"].map { try ObjectName($0) }
        #expect(names.sorted().map(\.text) == ["B", "a", "a-b", "a.b", "a/b", "a=b"])
        let longest = String(repeating: "x", count: ErrandLimit.nameBytes)
        #expect(try ObjectName(longest).text == longest)
        #expect(throws: ErrandRefusal.self) { try ObjectName(longest + "x") }
        let deepest = Array(repeating: "d", count: ErrandLimit.nameDepth).joined(separator: "/")
        #expect(try ObjectName(deepest).text == deepest)
        #expect(throws: ErrandRefusal.self) { try ObjectName(deepest + "/d") }
    }
}
