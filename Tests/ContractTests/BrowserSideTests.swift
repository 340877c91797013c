// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Testing
import Web

/// What a page of another site can make a person's browser send, against every operation that
/// changes something.
struct BrowserSideTests {
    private let stocked: Stocked
    private var probe: Probe { stocked.probe }
    private var changes: [Endpoint] { probe.endpoints.filter { !$0.method.isSafe } }

    init() throws { stocked = try Stocked() }

    /// A way in which another site can make a browser send a request, and the answers to it.
    private struct Way {
        let name: String
        let statuses: Set<Int>
        let change: @Sendable (Call) -> Call
    }

    /// With a session's cookie, as a browser adds it. SameSite would keep it back; here it does not.
    private static let withCookie: [Way] = [
        Way(name: "no word of where it comes from", statuses: [403]) {
            $0.with("No-Origin", "1")
        },
        Way(name: "another site's page", statuses: [403]) {
            $0.with("Origin", "http://evil.example")
        },
        Way(name: "a page of no origin", statuses: [403]) { $0.with("Origin", "null") },
        Way(name: "our host, another port", statuses: [403]) { $0.with("Origin", "http://box:81") },
        Way(name: "said to be from elsewhere", statuses: [403]) {
            $0.with("Sec-Fetch-Site", "cross-site")
        },
        Way(name: "said to be from the same site", statuses: [403]) {
            $0.with("Sec-Fetch-Site", "same-site")
        },
        Way(name: "plain text from our own page", statuses: [415]) { typed($0, "text/plain") },
        Way(name: "a form from our own page", statuses: [415]) {
            typed($0, "application/x-www-form-urlencoded")
        },
        Way(name: "a form with parts", statuses: [415]) { typed($0, "multipart/form-data") },
        Way(name: "a body without a type", statuses: [415]) { typed($0, nil) },
    ]

    private static func typed(_ call: Call, _ type: String?) -> Call {
        var call = call
        call.mediaType = type
        if call.body.isEmpty { call.body = Array("{}".utf8) }
        return call
    }

    private func send(_ call: Call, as sender: Probe.Sender) throws -> Probe.Reply {
        guard call.headers.contains(where: { $0.0 == "No-Origin" }) else {
            return try probe.send(call, as: sender)
        }
        // The probe adds an Origin to a session's calls unless the cookie is given by hand.
        guard case .session(let token) = sender else { return try probe.send(call, as: sender) }
        return try probe.send(
            call.without("No-Origin").with("Cookie", "sluice_session=\(token)"), as: .guest)
    }

    @Test func `no change can be made from another site with a person's cookie`() throws {
        let person = try #require(stocked.people["owner"])
        let before = try probe.hashes()
        var cases = 0
        for endpoint in changes {
            for way in Self.withCookie {
                let reply = try send(way.change(probe.call(endpoint)), as: person)
                #expect(
                    way.statuses.contains(reply.status),
                    "\(endpoint.name), \(way.name): \(reply.status) \(reply.code)")
                cases += 1
            }
        }
        #expect(cases >= 300)
        #expect(try probe.hashes() == before)
    }

    @Test func `no change can be made from another site without a cookie`() throws {
        let before = try probe.hashes()
        for endpoint in changes {
            for way in Self.withCookie.dropFirst() {
                let reply = try send(way.change(probe.call(endpoint)), as: .guest)
                // Whoever may not change this at all is told that first.
                let statuses = endpoint.need == .guest ? way.statuses : way.statuses.union([401])
                #expect(
                    statuses.contains(reply.status),
                    "\(endpoint.name), \(way.name): \(reply.status) \(reply.code)")
            }
        }
        #expect(try probe.hashes() == before)
    }

    @Test func `every change with a body takes a type that no form can send`() {
        for endpoint in changes where endpoint.method == .post {
            let types = endpoint.bodies.map(\.mediaType)
            #expect(types.contains("application/json") || types == ["text/csv"], "\(endpoint.name)")
        }
    }

    @Test func `every file that is taken has a rule of what it may be`() {
        var files = 0
        for endpoint in probe.endpoints {
            for form in endpoint.bodies where form.schema == nil {
                files += 1
                #expect(UploadCheck.kinds(of: form.mediaType) != nil, "\(endpoint.name)")
            }
        }
        #expect(files > 0)
    }

    private static let foreign: [(name: String, bytes: [UInt8])] = [
        ("a workbook", [0x50, 0x4b, 3, 4] + [UInt8](repeating: 0, count: 100)),
        ("an old workbook", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
        ("a page", Array("<!doctype html><script>alert(1)</script>".utf8)),
        ("a document", Array("%PDF-1.7".utf8)), ("something squeezed", [0x1f, 0x8b, 8, 0]),
        ("a program", [0x7f, 0x45, 0x4c, 0x46]),
    ]

    @Test func `a file that is something else is refused wherever a table is taken`() throws {
        let before = try probe.hashes()
        for endpoint in changes
        where endpoint.bodies.contains(where: { $0.mediaType == "text/csv" }) {
            for file in Self.foreign {
                var call = probe.call(endpoint).named(file.name)
                call.body = file.bytes
                let reply = try probe.send(call)
                #expect(reply.status == 415, "\(endpoint.name), \(file.name)")
                #expect(reply.code == "request.file_kind", "\(endpoint.name), \(file.name)")
            }
        }
        #expect(try probe.hashes() == before)
    }

    @Test func `what is no JSON and no live stream is a file to keep, without rights`() throws {
        var downloads = 0
        for endpoint in probe.endpoints {
            guard let type = endpoint.answer.mediaType,
                !["application/json", "text/event-stream"].contains(type)
            else { continue }
            downloads += 1
            let reply = try probe.send(probe.call(endpoint))
            #expect(reply.status == 200, "\(endpoint.name)")
            let response = reply.response
            #expect(
                response.header("content-disposition")?.hasPrefix("attachment; ") == true,
                "\(endpoint.name)")
            #expect(
                response.header("content-security-policy") == SecurityHeaders.downloadPolicy,
                "\(endpoint.name)")
        }
        #expect(downloads > 0)
    }

    @Test func `the name of a file that was sent never becomes one on the disk`() throws {
        let endpoint = try #require(
            probe.endpoints.first { $0.name == "POST /api/v1/item-imports" })
        for name in ["../../name-on-disk.csv", "/tmp/name-on-disk.csv", "name-on-disk.csv", "nul"] {
            var call = probe.call(endpoint).named(name)
            call.query = [("fileName", name)]
            call.body = Array("item_code,item_name,base_unit\n\(UUID().uuidString),Tea,pcs\n".utf8)
            #expect(try probe.send(call).status < 500)
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: probe.shelf + "/..")
        #expect(!files.isEmpty)
        #expect(!files.contains { $0.contains("name-on-disk") })
        // Where the paths above would lead.
        for place in [probe.shelf + "/../../..", probe.shelf + "/../..", "/tmp", "."] {
            #expect(!FileManager.default.fileExists(atPath: place + "/name-on-disk.csv"))
        }
    }
}
