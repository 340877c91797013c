// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Journal
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// The names of people are read by whoever may (`field.person_name`) and by nobody else, wherever
/// they could stand: lists, single records, exports, the journal and live events.
struct SensitiveFieldTests {
    /// Names that are in no other text of the house.
    private static let worker = "Quillfeather"
    private static let added = "Wrenfield"

    private let stocked: Stocked
    private var probe: Probe { stocked.probe }
    private let movement: String
    /// Reads everything but the names of people and the list of users.
    private let blind: Probe.Sender
    /// Reads everything.
    private let sighted: Probe.Sender

    init() throws {
        let stocked = try Stocked()
        self.stocked = stocked
        let probe = stocked.probe
        let table = probe.house.gate.roles
        let hash = try #require(Stocked.hash)
        let (worker, work) = try probe.store.write { tx in
            let user = try addUser(
                name: Self.worker, password: hash, language: .en, by: TestHouse.root, in: tx)
            _ = try give(
                GrantDraft(user: user.id, role: .owner), accepting: true, table,
                by: TestHouse.root, in: tx)
            let visitor = Visitor(address: "local", agent: "", laneToken: nil)
            return (user, try comeIn(user, .password, visitor, in: tx).token)
        }
        movement = try Self.work(probe, as: .session(work))
        let rights = Set(table.all.map(\.code))
        func reader(_ name: String, _ rights: Set<String>) throws -> Probe.Sender {
            let token = try probe.store.write { tx in
                let maker = Caller(
                    actor: .system("test"), name: "test", permissions: Set(table.all),
                    scope: .everything, language: .en)
                let role = try addRole(
                    RoleDraft(name: name, purpose: "", rights: rights, most: [:]), table,
                    by: maker, in: tx)
                let user = try addUser(
                    name: name, password: hash, language: .en, by: TestHouse.root, in: tx)
                let grant = try give(
                    GrantDraft(user: user.id, role: role.role), accepting: true, table,
                    by: try caller(worker, table, in: tx), in: tx)
                _ = try confirm(grant.id, table, by: TestHouse.root, in: tx)
                let visitor = Visitor(address: "local", agent: "", laneToken: nil)
                return try comeIn(user, .password, visitor, in: tx).token
            }
            return .session(token)
        }
        blind = try reader("Reader one", rights.subtracting(["field.person_name", "user.see"]))
        sighted = try reader("Reader two", rights)
    }

    /// Does one of everything that leaves a name behind. Returns the id of a movement.
    private static func work(_ probe: Probe, as worker: Probe.Sender) throws -> String {
        func post(_ path: String, _ json: String) throws -> JSON {
            let reply = try probe.send(
                Call(.post, "/api/v1/\(path)", json: json).keyed(), as: worker)
            #expect(reply.status < 300, "\(path): \(reply.code)")
            return reply.json
        }
        let moved = try post(
            "stock/movements",
            #"{"kind":"receive","variant":"var-1","count":"3","place":"plc-4"}"#)
        _ = try post(
            "scans",
            #"{"event":"0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e77","task":"receive","#
                + #""place":"H-01","code":"NOBODY-EITHER"}"#)
        _ = try post(
            "users",
            #"{"name":"\#(added)","password":"\#(Stocked.password)","role":null,"language":"en"}"#)
        _ = try post("findings/fnd-1/clearance", #"{"reason":"Looked into."}"#)
        _ = try post("journal/anchors", "{}")
        let people = try probe.send(Call(.get, "/api/v1/users")).json["items"]?.elements ?? []
        let new = people.first { $0["name"]?.text == added }?["id"]?.text ?? ""
        _ = try post("session/view", #"{"user":"\#(new)"}"#)
        _ = try probe.send(Call(.delete, "/api/v1/session/view"), as: worker)
        try probe.store.write { tx in
            try tx.tell(
                AccessEvent.signInRefused, about: new, ["name": .text(added)], by: .guest)
        }
        return try #require(moved["id"]?.text)
    }

    /// Everything that can be read, each with the text that answers it.
    private func answers(to sender: Probe.Sender) throws -> [String: String] {
        var answers: [String: String] = [:]
        func add(_ name: String, _ call: Call) throws {
            let reply = try probe.send(call, as: sender)
            answers[name, default: ""] += String(decoding: reply.response.bytes, as: UTF8.self)
        }
        for endpoint in probe.endpoints where endpoint.method == .get {
            if endpoint.answer.mediaType == "text/event-stream" { continue }
            var call = probe.call(endpoint)
            if (endpoint.query?.fields ?? []).contains(where: { $0.name == "limit" }) {
                call.query.append(("limit", "200"))
            }
            try add(endpoint.name, call)
        }
        try add(
            "GET /api/v1/stock/movements/{id}", Call(.get, "/api/v1/stock/movements/\(movement)"))
        var cleared = Call(.get, "/api/v1/findings")
        cleared.query = [("state", "cleared")]
        try add("GET /api/v1/findings", cleared)
        try add(
            "POST /api/v1/journal/exports", Call(.post, "/api/v1/journal/exports", json: "{}"))
        return answers
    }

    private func holdsName(_ text: String) -> Bool {
        text.contains(Self.worker) || text.contains(Self.added)
    }

    /// Where names stand for whoever may read them, besides the lists of people themselves.
    private static let told: Set<String> = [
        "GET /api/v1/stock/movements", "GET /api/v1/stock/movements/{id}",
        "GET /api/v1/stock/overview", "GET /api/v1/parked-codes", "GET /api/v1/journal",
        "GET /api/v1/findings", "GET /api/v1/session/grants", "POST /api/v1/journal/exports",
    ]
    /// Who may list people reads what they are called.
    private static let people: Set<String> = [
        "GET /api/v1/users", "GET /api/v1/users/{id}", "GET /api/v1/grants",
        "GET /api/v1/grant-conflicts", "GET /api/v1/users/{id}/explanation",
    ]

    /// Says to everybody who may give roles, and nothing of what they did.
    private static let helpers: Set<String> = ["GET /api/v1/session"]

    @Test func `a name of a person is read with its permission and not without`() throws {
        let seen = try answers(to: sighted).filter { holdsName($0.value) }
        #expect(Set(seen.keys).subtracting(Self.people) == Self.told.union(Self.helpers))
        let unseen = try answers(to: blind).filter { holdsName($0.value) }
        #expect(Set(unseen.keys) == Self.helpers)
    }

    @Test func `what a live event says without names has none`() throws {
        let events = try probe.house.pastEvents(after: 0, limit: 10_000)
        let named = events.filter { holdsName(String(decoding: $0.data, as: UTF8.self)) }
        let kinds = Set(named.map(\.kind))
        #expect(
            kinds.isSuperset(of: [
                "stock.moved", "scan.parked", "access.user_added", "access.view_begun",
                "access.sign_in_refused", "audit.finding_cleared",
            ]))
        for event in events {
            let masked = String(decoding: try #require(event.masked), as: UTF8.self)
            #expect(!holdsName(masked), "\(event.kind): \(masked)")
        }
    }
}
