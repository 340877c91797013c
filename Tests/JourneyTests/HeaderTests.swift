// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing
import Web

/// What every answer of the real daemon carries, whatever it answers.
@Suite struct HeaderTests {
    /// Checks one answer; nil is what `path` is called in a failure.
    private func check(_ reply: Line.Reply, _ place: String, isFile: Bool = false) {
        let policy = reply.header("content-security-policy") ?? ""
        let isDownload = reply.header("content-disposition")?.hasPrefix("attachment") ?? false
        if isDownload {
            #expect(policy == SecurityHeaders.downloadPolicy, "\(place)")
        } else if ["trust/start.html", "trust/trust.html"].contains(where: place.hasSuffix) {
            #expect(policy == SecurityHeaders.workerPolicy, "\(place)")
        } else if isFile, reply.header("content-type") != "text/html; charset=utf-8" {
            #expect(policy == SecurityHeaders.partPolicy, "\(place)")
        } else {
            #expect(policy == SecurityHeaders.contentSecurityPolicy, "\(place)")
        }
        #expect(policy.hasPrefix("default-src 'none'"), "\(place)")
        #expect(reply.header("x-content-type-options") == "nosniff", "\(place)")
        #expect(reply.header("referrer-policy") == "no-referrer", "\(place)")
        #expect(reply.header("cross-origin-opener-policy") == "same-origin", "\(place)")
        #expect(reply.header("cross-origin-resource-policy") == "same-origin", "\(place)")
        #expect(reply.header("server") == nil, "\(place)")
        let type = reply.header("content-type")
        #expect(type != nil || reply.text.isEmpty, "\(place)")
        if let type, type.hasPrefix("text/") || type.contains("xml") {
            // The live stream is always in UTF-8 (HTML standard, 9.2.5).
            #expect(type.hasSuffix("; charset=utf-8") || type == "text/event-stream", "\(place)")
        }
        if isFile {
            #expect(reply.header("cache-control") == "no-cache", "\(place)")
            #expect(reply.header("etag") != nil, "\(place)")
        } else {
            #expect(reply.header("cache-control") == "no-store", "\(place)")
        }
        if reply.status >= 400 {
            #expect(reply.header("content-type") == "application/problem+json", "\(place)")
        }
    }

    /// Method and path of every operation, with records that may not be there.
    private func operations(_ line: Line) throws -> [(method: String, path: String)] {
        let document = try line.ask("GET", "/api/openapi.json").json
        return (document["paths"]?.members ?? []).flatMap { path in
            path.value.members.map { operation in
                var target = path.name
                for parameter in operation.value["parameters"]?.elements ?? []
                where parameter["in"]?.text == "path" {
                    let name = parameter["name"]?.text ?? ""
                    let pattern = parameter["schema"]?["pattern"]?.text ?? ""
                    let prefix = pattern.dropFirst().prefix { $0 != "-" }
                    let isID = pattern.contains("-[1-9]")
                    target = target.replacing("{\(name)}", with: isID ? "\(prefix)-1" : "x")
                }
                return (operation.name.uppercased(), target)
            }
        }
    }

    private static let password = "harbour crane nine"

    /// The cookie of an administrator.
    private func setUp(_ daemon: Daemon) throws -> (String, String) {
        let code = try #require(daemon.setupCode)
        let answer = try daemon.line().ask(
            "POST", "/api/v1/setup",
            json: """
                {"code":"\(code)","name":"lin","password":"\(Self.password)","language":"en",\
                "siteName":"Northbank","timeZone":"Asia/Shanghai"}
                """)
        #expect(answer.status == 201)
        return try cookie(in: answer)
    }

    private func signIn(_ daemon: Daemon) throws -> (String, String) {
        let answer = try daemon.line().ask(
            "POST", "/api/v1/session", json: #"{"name":"lin","password":"\#(Self.password)"}"#)
        #expect(answer.status == 201, "\(answer.text)")
        return try cookie(in: answer)
    }

    private func cookie(in answer: Line.Reply) throws -> (String, String) {
        let cookie = try #require(answer.header("set-cookie")).prefix { $0 != ";" }
        return ("Cookie", String(cookie))
    }

    @Test func `every answer has the headers: all operations, screens and refusals`() throws {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/data")
        let guest = try daemon.line()
        let person = try daemon.line()
        person.credentials = [try setUp(daemon)]
        var statuses: Set<Int> = []
        let operations = try operations(guest)
        #expect(operations.count > 60)
        for (method, path) in operations where path != "/api/v1/events" {
            for (line, who) in [(guest, "guest"), (person, "administrator")] {
                // Ends what the others need, or leads to other books.
                let isLast = method == "DELETE" || path == "/api/v1/practice"
                if who == "administrator" && method != "GET" && isLast { continue }
                let reply = try line.ask(method, path, json: method == "GET" ? nil : "{}")
                check(reply, "\(who): \(method) \(path)")
                statuses.insert(reply.status)
            }
        }
        // In the middle of the list stands whatever needs a field, a key or a record.
        #expect(statuses.isSuperset(of: [200, 401, 404, 422]))
        let www = try Programs.www()
        let files = try #require(FileManager.default.enumerator(atPath: www))
        var count = 0
        for case let name as String in files where name.contains(".") {
            let reply = try guest.ask("GET", "/ui/\(name)")
            #expect(reply.status == 200, "\(name)")
            check(reply, name, isFile: true)
            count += 1
        }
        #expect(count > 60)
        // One of the operations was the reset of one's own factors, which ends one's sessions.
        person.credentials = [try signIn(daemon)]
        try lookAtRefusals(daemon, person)
        daemon.kill9()
    }

    private func lookAtRefusals(_ daemon: Daemon, _ person: Line) throws {
        func one(
            _ status: Int, _ method: String, _ path: String, _ headers: [(String, String)] = [],
            json: String? = nil, as given: Line? = nil
        ) throws {
            let reply = try (given ?? daemon.line()).ask(method, path, json: json, headers: headers)
            #expect(reply.status == status, "\(method) \(path): \(reply.text)")
            check(reply, "\(status): \(method) \(path)")
        }
        try one(302, "GET", "/")
        try one(200, "GET", "/health/live")
        try one(200, "GET", "/health/ready")
        try one(303, "GET", "/problems/stock.insufficient")
        try one(404, "GET", "/nothing")
        try one(404, "GET", "/api/v1/nothing")
        try one(404, "GET", "/ui/nothing.html")
        try one(400, "GET", "/ui/%00")
        try one(405, "GET", "/api/v1/scans")
        try one(405, "TRACE", "/api/v1/items")
        try one(405, "DELETE", "/ui/index.html")
        try one(403, "POST", "/api/v1/items", [("Sec-Fetch-Site", "cross-site")], json: "{}")
        try one(400, "GET", "/", [("Host", "localhost")])
        try one(400, "POST", "/api/v1/items", json: "{", as: person)
        try one(204, "DELETE", "/api/v1/session", as: person)
    }

    @Test func `a name that is not the box's is refused with what to do, its own are taken`() throws
    {
        let folder = try TestFolder()
        let daemon = try Daemon(
            data: folder.path + "/data",
            options: ["--host", "box.example.lan,other.example.lan", "--host", ""])
        let machine = ProcessInfo.processInfo.hostName.lowercased()
        let short = machine.prefix { $0 != "." }
        for name in [
            "127.0.0.1", "localhost:8080", machine, "\(short).local", "box.example.lan:443",
            "OTHER.example.lan",
        ] {
            #expect(try status(daemon, host: name).status == 200, "\(name)")
        }
        for name in ["evil.example", "192.0.2.1", "box.example.lan.evil.example", "lan"] {
            let reply = try status(daemon, host: name)
            #expect(reply.status == 421, "\(name)")
            #expect(reply.code == "request.host_unknown")
            #expect(reply.json["detail"]?.text?.contains(name) == true)
            check(reply, name)
        }
        daemon.kill9()
    }

    /// The answer to a request with that Host field.
    private func status(_ daemon: Daemon, host: String) throws -> Line.Reply {
        let line = try Line(.port(daemon.port), host: host)
        return try line.ask("GET", "/health/live", headers: [("Accept-Language", "en")])
    }

    @Test func `a name that is none is told at the start`() throws {
        let folder = try TestFolder()
        for bad in ["http://box", "box:8080", "a/b", "a b@c"] {
            let (status, _, said) = try Programs.run(
                "sluiced",
                ["--data", folder.path + "/data", "--listen", "127.0.0.1:0", "--host", bad])
            #expect(status != 0)
            #expect(said.contains("--host wants a name"), "\(said)")
        }
    }

    @Test func `too many requests are refused with a time, and the scanner goes on`() throws {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/data", rate: 20)
        let shop = try Shop(daemon)
        let guest = try daemon.line()
        var refused: Line.Reply?
        for _ in 0..<2000 where refused == nil {
            let reply = try guest.ask("GET", "/api/v1/setup", headers: [("Accept-Language", "en")])
            if reply.status == 429 { refused = reply }
        }
        let reply = try #require(refused)
        check(reply, "429")
        #expect(reply.code == "request.rate_limited")
        let seconds = try #require(reply.header("retry-after"))
        #expect(reply.json["detail"]?.text == "Come back in \(seconds) s.")
        // From the same address, while the guest is turned away.
        let scanner = try daemon.line()
        scanner.credentials = [shop.device]
        for _ in 0..<50 {
            let scan = try scanner.ask(
                "POST", "/api/v1/scans", json: shop.scan("receive", event: UUID().uuidString))
            #expect(scan.status == 200)
        }
        #expect(try guest.ask("GET", "/ui/index.html").status == 200)
        #expect(try daemon.control().ask("GET", "/api/v1/items").status == 200)
        daemon.kill9()
    }
}
