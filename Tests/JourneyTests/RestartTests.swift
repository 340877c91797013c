// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing
import Web

extension Journeys.RestartTests {
    @Test func `a restart keeps who is signed in and what is on hand`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let first = try Daemon(data: data)
        let cookie = try first.setUp()
        let shop = try Shop(first)
        try shop.receive(23, first)
        #expect(first.stop() == 0)
        let second = try Daemon(data: data)
        #expect(second.setupCode == nil)
        let line = try second.line()
        line.credentials = [("Cookie", cookie)]
        let session = try line.ask("GET", "/api/v1/session")
        #expect(session.status == 200)
        #expect(session.json["user"]?["name"]?.text == "Lin")
        #expect(try shop.level(second) == 23)
        #expect(try verification(second).ok)
        #expect(second.stop() == 0)
    }

    @Test func `what people typed stands in no file of the data folder`() throws {
        let folder = try TestFolder()
        let data = folder.path + "/box"
        let markers = ["Marker Oolong 四季春", "markerwoman", "6901234567892", "Northbank", "Dock 1"]
        func found() throws -> [String] {
            let files = try #require(FileManager.default.enumerator(atPath: data))
            var hits: [String] = []
            for case let file as String in files {
                guard let bytes = FileManager.default.contents(atPath: "\(data)/\(file)") else {
                    continue
                }
                for marker in markers where bytes.range(of: Data(marker.utf8)) != nil {
                    hits.append("\(marker) in \(file)")
                }
            }
            return hits
        }
        let daemon = try Daemon(data: data)
        _ = try daemon.setUp(name: "markerwoman")
        let shop = try Shop(daemon, itemName: "Marker Oolong 四季春")
        try shop.receive(5, daemon)
        let answer = try daemon.control().ask("GET", "/api/v1/items/\(shop.item)")
        #expect(markers.dropLast(2).filter { !answer.text.contains($0) } == ["markerwoman"])
        // While it runs the log holds it, afterwards the main file does; and after a crash both.
        #expect(try found() == [])
        daemon.stop()
        #expect(try found() == [])
        let again = try Daemon(data: data)
        try shop.receive(5, again)
        again.kill9()
        #expect(try found() == [])
    }
}

extension Journeys.LiveTests {
    /// Reads the stream until an event of that kind. Returns its id and data.
    private func next(_ kind: String, _ line: Line) throws -> (id: String, data: String) {
        var (id, data, isIt) = ("", "", false)
        while true {
            let text = try line.readLine()
            if text.hasPrefix("id:") { id = text.dropFirst(3).filter { $0 != " " } }
            if text.hasPrefix("event:") { isIt = text.dropFirst(6).drop { $0 == " " } == kind }
            if text.hasPrefix("data:") { data = String(text.dropFirst(5)) }
            if text.isEmpty, isIt, !data.isEmpty { return (id, data) }
        }
    }

    private func follow(_ daemon: Daemon, _ cookie: String, after id: String?) throws -> Line {
        let line = try daemon.line()
        line.credentials = [("Cookie", cookie)]
        try line.send(
            "GET", "/api/v1/events", headers: id.map { [("Last-Event-ID", $0)] } ?? [])
        let (status, fields) = try line.readHead()
        #expect(status == 200)
        #expect(fields.contains { $0.value.hasPrefix("text/event-stream") })
        return line
    }

    @Test func `a movement reaches an open browser within a second, and one that comes back later`()
        throws
    {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/box")
        let cookie = try daemon.setUp()
        let shop = try Shop(daemon)
        let stream = try follow(daemon, cookie, after: nil)
        let start = ContinuousClock.now
        try shop.receive(5, daemon)
        let first = try next("stock.moved", stream)
        #expect((ContinuousClock.now - start).seconds < 1)
        #expect(first.data.contains(#""subject":"mov-1""#))
        try shop.receive(6, daemon)
        try shop.receive(7, daemon)
        let late = try follow(daemon, cookie, after: first.id)
        for (number, stream) in [(2, late), (3, late), (2, stream), (3, stream)] {
            let event = try next("stock.moved", stream)
            #expect(event.data.contains("\"subject\":\"mov-\(number)\""))
        }
        #expect(daemon.stop() == 0)
    }

    @Test func `nobody follows without signing in`() throws {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/box")
        #expect(try daemon.line().ask("GET", "/api/v1/events").status == 401)
        daemon.stop()
    }
}
