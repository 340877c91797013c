// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Testing
import Web

/// Every endpoint, everything that can be wrong with a request: a problem document each time, never
/// a 500, and nothing has changed.
@Suite(.serialized)
final class BadInputTests {
    private let stocked: Stocked
    private var probe: Probe { stocked.probe }

    init() throws { stocked = try Stocked() }

    /// Sends what must be refused and looks at the answer.
    private func refuse(
        _ call: Call, as sender: Probe.Sender = .root, with statuses: Set<Int>,
        by endpoint: Endpoint
    ) throws {
        let reply = try probe.send(call, as: sender)
        let place: Comment = """
            \(endpoint.name), \(call.name): \(reply.status) \(reply.code) \(call.target) \
            \(String(decoding: call.body.prefix(300), as: UTF8.self)) \
            \(reply.status == 500 ? probe.inside.last ?? "" : "")
            """
        #expect(statuses.contains(reply.status), place)
        #expect(reply.response.header("content-type") == "application/problem+json", place)
        #expect(reply.json["status"]?.integer == Int64(reply.status), place)
        #expect(reply.json["type"]?.text == "/problems/\(reply.code)", place)
        let declared = endpoint.refusals.contains { $0.code == reply.code }
        #expect(declared || Catalogue.general.contains(reply.code), place)
    }

    /// The tables, without those that tell of refusals, which is done beside the requests.
    private func hashes() throws -> [TableHash] {
        let told: Set = ["journal_event", "journal_origin", "journal_hour"]
        return try probe.hashes().filter { !told.contains($0.table) }
    }

    /// Entries of the journal that tell something else than a refusal or a reading.
    private func othersTold() throws -> Int64? {
        try probe.store.read {
            try $0.integer(
                """
                SELECT count(*) FROM journal_event
                WHERE kind NOT IN ('audit.request_refused', 'audit.records_read')
                """)
        }
    }

    /// Runs `work` for every endpoint and finds that the books are as before.
    private func everywhere(_ work: (Endpoint) throws -> Void) throws {
        let before = try hashes()
        let told = try othersTold()
        for endpoint in probe.endpoints {
            try work(endpoint)
            let after = try hashes()
            let changed = zip(before, after).filter { $0 != $1 }.map(\.0.table)
            #expect(changed == [], "\(endpoint.name)")
            #expect(try othersTold() == told, "\(endpoint.name)")
            if !changed.isEmpty { return }
        }
    }

    @Test func `a guest is asked to sign in`() throws {
        try everywhere { endpoint in
            guard endpoint.need != .guest else { return }
            let call = probe.call(endpoint)
            try refuse(call.named("a guest"), as: .guest, with: [401], by: endpoint)
            try refuse(
                call.named("a bad token"), as: .device("sld_nobody"), with: [401], by: endpoint)
            try refuse(
                call.named("a bad session"), as: .session("nobody"), with: [401], by: endpoint)
        }
    }

    @Test func `who may not is refused`() throws {
        try everywhere { endpoint in
            guard case .permission(let need) = endpoint.need else { return }
            for (role, sender) in stocked.people {
                let may = try #require(RoleRights.all[role], "\(role)")
                guard !may.contains(need.code) else { continue }
                try refuse(
                    probe.call(endpoint).named(role), as: sender, with: [403], by: endpoint)
            }
        }
    }

    @Test func `who may look may not move goods`() throws {
        let endpoint = try #require(
            probe.endpoints.first { $0.name == "POST /api/v1/stock/movements" })
        let before = try probe.hashes()
        for role in ["support", "device"] {
            let sender = try #require(stocked.people[role])
            try refuse(
                probe.call(endpoint).named(role), as: sender, with: [403], by: endpoint)
        }
        #expect(try probe.hashes() == before)
    }

    @Test func `another site cannot make a browser change anything`() throws {
        let person = try #require(stocked.people["owner"])
        try everywhere { endpoint in
            guard !endpoint.method.isSafe else { return }
            let call = probe.call(endpoint)
            for bad in [
                call.with("Origin", "http://evil.example"), call.with("Origin", "null"),
                call.with("Sec-Fetch-Site", "cross-site"),
                call.with("Sec-Fetch-Site", "same-site"),
            ] {
                try refuse(bad.named("another site"), as: person, with: [403], by: endpoint)
            }
        }
    }

    @Test func `a field that does not fit is named`() throws {
        var cases = 0
        try everywhere { endpoint in
            guard let schema = endpoint.bodies.first?.schema, let text = endpoint.example else {
                return
            }
            let example = try JSON(reading: Array(text.utf8))
            for bad in Mutations.bodies(schema, like: example) {
                cases += 1
                let call = probe.call(endpoint).with(bad.value, bad.name)
                // More than the endpoint takes at all, when the list alone is that large.
                let statuses: Set = call.body.count > endpoint.bodyBytesMax ? [413] : [422]
                try refuse(call, with: statuses, by: endpoint)
                if statuses == [422] {
                    let reply = try probe.send(call)
                    #expect(reply.json["errors"]?[0] != nil, "\(call.name)")
                    #expect(reply.code.hasPrefix("request.field_"), "\(endpoint.name) \(call.name)")
                }
            }
        }
        #expect(cases > 500)
    }

    @Test func `a body that is none is refused`() throws {
        try everywhere { endpoint in
            let call = probe.call(endpoint)
            guard call.mediaType == "application/json" else { return }
            for (name, body) in Mutations.noBodies {
                var bad = call.named(name)
                bad.body = body
                try refuse(
                    bad, with: body.count > endpoint.bodyBytesMax ? [413] : [400, 422],
                    by: endpoint)
            }
        }
    }

    @Test func `a body of the wrong kind or size is refused`() throws {
        try everywhere { endpoint in
            var call = probe.call(endpoint)
            call.mediaType = "text/html"
            if call.body.isEmpty { call.body = Array("{}".utf8) }
            try refuse(call.named("text/html"), with: [415], by: endpoint)
            call.mediaType = nil
            try refuse(call.named("no media type"), with: [415], by: endpoint)
            call.mediaType = endpoint.bodies.first?.mediaType ?? "application/json"
            let most = endpoint.bodies.isEmpty ? 1024 : endpoint.bodyBytesMax
            call.body = [UInt8](repeating: UInt8(ascii: " "), count: most + 1)
            try refuse(call.named("too large"), with: [413], by: endpoint)
        }
    }

    @Test func `a query that does not fit is refused`() throws {
        try everywhere { endpoint in
            let call = probe.call(endpoint)
            var unknown = call.named("an unknown name")
            unknown.query.append(("zz_unknown", "1"))
            try refuse(unknown, with: [422], by: endpoint)
            for field in endpoint.query?.fields ?? [] {
                var bad = call
                bad.query.removeAll { $0.0 == field.name }
                if field.isRequired {
                    try refuse(bad.named("\(field.name) missing"), with: [422], by: endpoint)
                }
                for value in wrong(field.schema) where field.isRequired || !value.isEmpty {
                    var one = bad.named("\(field.name)=\(value.debugDescription)")
                    one.query.append((field.name, value))
                    // 400 for control characters, which no address may hold.
                    try refuse(one, with: [400, 422], by: endpoint)
                }
                var twice = bad.named("\(field.name) twice")
                twice.query += [(field.name, "1"), (field.name, "1")]
                try refuse(twice, with: [422], by: endpoint)
            }
        }
    }

    private func wrong(_ schema: Schema) -> [String] {
        switch schema.shape {
        case .text(let rule): Mutations.texts(rule)
        case .integer(let range):
            ["x", "1.5", "99999999999999999999"]
                + (range.upperBound < .max ? [String(range.upperBound + 1)] : [])
                + (range.lowerBound > .min ? [String(range.lowerBound - 1)] : [])
        case .flag: ["maybe", "1"]
        default: []
        }
    }

    @Test func `a record that is not there, or no name of one, is refused`() throws {
        try everywhere { endpoint in
            // Leads to the help page whatever the code is.
            guard endpoint.path.text != "/problems/{code}" else { return }
            for field in endpoint.parameters?.fields ?? [] {
                guard case .text(let rule) = field.schema.shape else { continue }
                let known = probe.call(endpoint)
                func path(_ value: String) -> Call {
                    let pieces = endpoint.path.text.replacing(
                        "{\(field.name)}", with: Call.escaped(value))
                    var call = known.named(value)
                    call.path = pieces
                    return call
                }
                for bad in Mutations.texts(rule) where !bad.isEmpty {
                    try refuse(path(bad), with: [400, 422], by: endpoint)
                }
                let prefix = rule.pattern.map { $0.dropFirst().prefix { $0 != "-" } } ?? ""
                let stranger =
                    rule.pattern?.contains("-[1-9]") == true ? "\(prefix)-999999999" : "no_such"
                // One of a few words is no record: another word is of the wrong form.
                let missing = rule.choices.isEmpty ? 404 : 422
                try refuse(path(stranger), with: [missing], by: endpoint)
                guard stranger != "no_such" else { continue }
                for bad in [
                    "\(prefix)-0", "\(prefix)--1", "\(prefix)-01", "zzz-1",
                    "\(prefix)-9223372036854775808",
                ] {
                    try refuse(path(bad), with: [422], by: endpoint)
                }
                try refuse(path("\(prefix)-9223372036854775807"), with: [404], by: endpoint)
            }
        }
    }

    @Test func `a change without its key and an edit without its version are refused`() throws {
        try everywhere { endpoint in
            let call = probe.call(endpoint)
            if endpoint.needsKey {
                try refuse(
                    call.without("Idempotency-Key").named("no key"), with: [400], by: endpoint)
                for key in ["", "a b", "\u{e9}", String(repeating: "k", count: 200)] {
                    try refuse(
                        call.with("Idempotency-Key", key).named("key \(key)"), with: [400],
                        by: endpoint)
                }
            }
            if endpoint.needsMatch {
                try refuse(
                    call.without("If-Match").named("no version"), with: [428], by: endpoint)
                for tag in ["\"e999\"", "e1", "", "W/\"e1\""] {
                    try refuse(
                        call.with("If-Match", tag).named("version \(tag)"), with: [412],
                        by: endpoint)
                }
            }
        }
    }

    @Test func `a method that a path does not have is refused with those it has`() throws {
        let paths = Dictionary(grouping: probe.endpoints, by: \.path.text)
        for (_, endpoints) in paths {
            for method in [Web.Method.put, .patch, .delete, .post, .get]
            where !endpoints.contains(where: { $0.method == method }) {
                guard let first = endpoints.first else { continue }
                var call = probe.call(first).named("\(method)")
                call.method = method
                try refuse(call, with: [405], by: first)
            }
        }
    }
}

/// What each role may do, for the tests of what it may not.
enum RoleRights {
    static let all: [String: Set<String>] = {
        let goods: Set = ["item.see", "stock.see"]
        let names = goods.union(["field.person_name"])
        return [
            "owner": Set(Permissions.all.map(\.code)),
            "it_admin": [
                "user.see", "user.manage", "device.manage", "backup.see", "backup.manage",
                "job.see", "job.run", "system.verify", "practice.manage",
            ],
            "security_auditor": [
                "user.see", "journal.see", "job.see", "backup.see", "field.person_name",
            ],
            "finance_manager": names, "accountant": goods, "sales_manager": names,
            "salesperson": goods, "order_clerk": goods,
            "warehouse_manager": names.union([
                "parked.see", "parked.resolve", "item.edit", "stock.move", "stock.adjust",
                "place.edit",
            ]),
            "receiver": names.union(["parked.see", "stock.receive", "stock.move", "scan.make"]),
            "picker": goods.union(["stock.move", "scan.make"]),
            "packer": goods.union(["stock.ship", "scan.make"]),
            "counter": goods.union(["stock.adjust"]),
            "buyer": goods.union(["item.edit", "item.import"]), "marketing": ["item.see"],
            "support": names.union(["parked.see"]), "dealer_admin": ["item.see"],
            "dealer_user": ["item.see"], "device": ["scan.make"],
        ]
    }()
}
