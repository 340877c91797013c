// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Inventory
import Journal
import Kernel
import Ledger
import SealedStore
import Testing
import Web

/// Requests of the right form that mean no good. They may be carried out; nothing may fall over.
struct HostileTests {
    private let stocked: Stocked
    private var probe: Probe { stocked.probe }

    init() throws { stocked = try Stocked() }

    private func survive(_ call: Call, _ endpoint: Endpoint) throws {
        let reply = try probe.send(call)
        let place: Comment = """
            \(endpoint.name), \(call.name): \(reply.status) \(reply.code) \
            \(String(decoding: call.body.prefix(300), as: UTF8.self)) \(probe.inside.last ?? "")
            """
        #expect(reply.status < 500, place)
        // A simple scanner gets one plain line, whatever happened.
        guard reply.status >= 400, call.mediaType != "text/plain" else { return }
        let declared = endpoint.refusals.contains { $0.code == reply.code }
        #expect(declared || Catalogue.general.contains(reply.code), place)
    }

    /// Signing in and setting up hash a password for each try, and slow down on purpose.
    private func isSlow(_ endpoint: Endpoint) -> Bool {
        let schema = endpoint.bodies.first?.schema
        return schema?.fields.contains { field in
            if case .text(let rule) = field.schema.shape {
                rule.format == "password"
            } else {
                false
            }
        } ?? false
    }

    @Test func `no text makes the house fall over`() throws {
        for endpoint in probe.endpoints where !isSlow(endpoint) {
            // Leads away from these books.
            guard endpoint.path.text != "/api/v1/practice" else { continue }
            if let schema = endpoint.bodies.first?.schema {
                let example = try JSON(reading: probe.call(endpoint).body)
                for body in bodies(schema, like: example) {
                    var value = body.value
                    // Each scan is another one, unless its name is what is tried.
                    if value["event"] == example["event"], value["event"] != nil {
                        value = Mutations.put("event", .text(UUID().uuidString), into: value)
                    }
                    try survive(probe.call(endpoint).with(value, body.name), endpoint)
                }
            }
            for field in endpoint.query?.fields ?? [] {
                var texts = Mutations.hostile
                if field.name == "after" { texts += Mutations.cursors }
                if case .text(let rule) = field.schema.shape { texts += Mutations.strangers(rule) }
                for text in texts where endpoint.method.isSafe {
                    var call = probe.call(endpoint).named("\(field.name)=\(text.debugDescription)")
                    call.query.removeAll { $0.0 == field.name }
                    call.query.append((field.name, text))
                    try survive(call, endpoint)
                }
            }
        }
        try isWhole()
    }

    /// The body with one text after another in place of each text in it.
    private func bodies(_ schema: Schema, like example: JSON) -> [(name: String, value: JSON)] {
        schema.fields.flatMap { field -> [(name: String, value: JSON)] in
            let given = example[field.name] ?? .null
            let values: [(name: String, value: JSON)]
            switch field.schema.shape {
            case .text(let rule):
                values = (Mutations.hostile + rule.choices + Mutations.strangers(rule)).map {
                    ($0.debugDescription, .text($0))
                }
            case .integer(let range):
                values = [range.lowerBound, range.upperBound].map { ("\($0)", .integer($0)) }
            case .flag: values = [("true", .flag(true)), ("false", .flag(false))]
            case .list(let element, _):
                guard case .text = element.shape else { return [] }
                values = Mutations.hostile.map { ("[\($0)]", .list([.text($0), .text($0)])) }
            case .record: values = bodies(field.schema, like: given)
            default: values = []
            }
            return values.map {
                ("\(field.name) \($0.name)", Mutations.put(field.name, $0.value, into: example))
            }
        }
    }

    @Test func `a file of rubbish is refused or looked at`() throws {
        let endpoint = try #require(
            probe.endpoints.first { $0.name == "POST /api/v1/item-imports" })
        let files: [[UInt8]] = [
            [], [0], [0xff, 0xfe, 0, 0], [0xef, 0xbb, 0xbf], Array("item_code".utf8),
            Array("item_code,item_code\n".utf8), Array("\"".utf8), Array(",,,,,\n,,,,\n".utf8),
            Array("item_code,barcode\n\"a\nb\",\"\"\"\"\n".utf8), [0x81], [0xb5, 0xbd, 0x2c],
            Array(repeating: UInt8(ascii: ","), count: 100_000),
            Array(repeating: UInt8(ascii: "\n"), count: 100_000),
        ]
        for (index, file) in files.enumerated() {
            var call = probe.call(endpoint).named("file \(index)")
            call.body = file
            try survive(call, endpoint)
        }
        for text in Mutations.hostile {
            var call = probe.call(endpoint).named("cell \(text.debugDescription)")
            let cell = "\"" + text.replacing("\"", with: "\"\"") + "\""
            call.body = Array(
                ("item_code,item_name,base_unit,decimals,content,barcode\n"
                    + "\(cell),\(cell),\(cell),\(cell),\(cell),\(cell)\n").utf8)
            try survive(call, endpoint)
        }
        try isWhole()
    }

    @Test func `a simple scanner may send what it likes`() throws {
        let endpoint = try #require(probe.endpoints.first { $0.name == "POST /api/v1/scans" })
        for text in Mutations.hostile {
            var line = probe.call(endpoint).named("line \(text.debugDescription)")
            line.mediaType = "text/plain"
            line.query = [("task", "receive"), ("place", "H-01")]
            line.body = Array(text.utf8)
            try survive(line, endpoint)
            var form = line.named("form \(text.debugDescription)")
            form.mediaType = "application/x-www-form-urlencoded"
            form.query = []
            form.body = Array("task=receive&place=H-01&code=\(Call.escaped(text))".utf8)
            try survive(form, endpoint)
            form.body = Array("task=\(text)&\(text)=\(text)".utf8)
            try survive(form, endpoint)
        }
        for bytes in [[0xff], [0xc3, 0x28], [0], []] as [[UInt8]] {
            var line = probe.call(endpoint).named("bytes \(bytes)")
            line.mediaType = "text/plain"
            line.query = [("task", "look")]
            line.body = bytes
            try survive(line, endpoint)
        }
        try isWhole()
    }

    /// Store, journal and balances still agree with themselves.
    private func isWhole() throws {
        #expect(try probe.store.integrityCheck() == [])
        #expect(try probe.store.read { try $0.verifyJournal().broken } == nil)
        #expect(try probe.store.read { try verifyGoods($0).difference } == nil)
    }
}
