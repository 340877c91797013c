// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// No operation, whatever its permission is about, tells somebody with narrowed grants of a place or
/// warehouse that is out of their sight, however they ask.
struct OutOfSightTests {
    /// What the other warehouse and its bin are called, as they stand in an answer.
    private static let hidden = [#""NORTH""#, #""N-01""#]
    /// Ways to ask for them by name, by id and by label.
    private static let questions = [
        "q": ["N-01", "NORTH"], "code": ["%PN-01"], "warehouse": ["whs-2"],
        "place": ["plc-6"],
    ]

    /// Everything that a request answers to a sender, asked in every way.
    private func tellers(_ probe: Probe, as sender: Probe.Sender) throws -> [String] {
        var tellers: Set<String> = []
        for endpoint in probe.endpoints where endpoint.method == .get {
            if endpoint.answer.mediaType != "application/json" { continue }
            let plain = probe.call(endpoint)
            var calls = [plain]
            for field in endpoint.query?.fields ?? [] {
                for value in Self.questions[field.name] ?? [] {
                    var call = plain
                    call.query.removeAll { $0.0 == field.name }
                    call.query.append((field.name, value))
                    calls.append(call)
                }
            }
            for call in calls {
                let reply = try probe.send(call, as: sender)
                #expect(reply.status < 500, "\(endpoint.name) \(call.query)")
                let text = String(decoding: reply.response.bytes, as: UTF8.self)
                if Self.hidden.contains(where: text.contains) { tellers.insert(endpoint.name) }
            }
        }
        return tellers.sorted()
    }

    @Test func `what is out of sight is told by nothing`() throws {
        let probe = try Stocked().probe
        let table = probe.house.gate.roles
        let hash = try #require(Stocked.hash)
        let hall = Bounds([.warehouse: [1]])
        let rights = Set(table.all.filter { $0.reach != .whole }.map(\.code))
        let token = try probe.store.write { tx in
            let maker = Caller(
                actor: .system("test"), name: "test", permissions: Set(table.all),
                scope: .everything, language: .en)
            let role = try addRole(
                RoleDraft(name: "Hall", purpose: "", rights: rights, most: [:]), table, by: maker,
                in: tx)
            let user = try addUser(
                name: "hall", password: hash, language: .en, by: TestHouse.root, in: tx)
            _ = try give(
                GrantDraft(user: user.id, role: role.role, reads: hall, writes: hall),
                accepting: true, table, by: TestHouse.root, in: tx)
            let visitor = Visitor(address: "local", agent: "", laneToken: nil)
            return try comeIn(user, .password, visitor, in: tx).token
        }
        let all = try tellers(probe, as: .root)
        #expect(
            Set(all).isSuperset(of: [
                "GET /api/v1/places", "GET /api/v1/warehouses", "GET /api/v1/code-readings",
            ]))
        let told = try tellers(probe, as: .session(token))
        #expect(told == [])
    }
}
