// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access

/// Who may do what: every operation × every role × every state of an account × every kind of
/// credential, against what is written down in `RoleRights`.
///
/// Each request is spoiled by its media type, which is looked at right after the decision, so that
/// nothing is carried out: 415 means that somebody was let in.
struct MatrixTests {
    /// How an account or its session stands.
    private enum Standing: String, CaseIterable {
        case active, stale, suspended, passwordDue, expired, notBegun, waiting, viewing
    }

    private struct Person {
        let role: ShippedRole?
        let standing: Standing
        let sender: Probe.Sender
        var rights: Set<String> { role.flatMap { RoleRights.all[$0.rawValue] } ?? [] }
    }

    /// The role through whose eyes viewers look.
    private static let viewed = ShippedRole.accountant
    private static let admitted = "admitted"

    private let probe: Probe
    private let device: Probe.Sender
    private let revoked: Probe.Sender

    init() throws {
        let probe = try Probe()
        self.probe = probe
        func gun(_ name: String) throws -> (String, Probe.Sender) {
            let added = try probe.make("devices", #"{"name":"\#(name)"}"#)
            let id = try #require(added["device"]?["id"]?.text)
            return (id, .device(try #require(added["token"]?.text)))
        }
        device = try gun("Gun").1
        let lost = try gun("Lost")
        try probe.make("devices/\(lost.0)/revocation", "{}")
        revoked = lost.1
    }

    /// Somebody of a role in a standing, with a session that was opened while all was well.
    private func person(_ role: ShippedRole?, _ standing: Standing) throws -> Person {
        let hash = try #require(Stocked.hash)
        let token = try probe.store.write { tx in
            let user = try addUser(
                name: "\(role?.rawValue ?? "nobody")-\(standing)", password: hash, language: .en,
                by: TestHouse.root, in: tx)
            if let role {
                var draft = GrantDraft(user: user.id, role: Role(role))
                if standing == .expired { draft.until = try tx.now.adding(seconds: -1) }
                if standing == .notBegun { draft.from = try tx.now.adding(seconds: 3600) }
                _ = try tx.insertGrant(
                    draft, standing == .waiting ? .waiting : .active, by: TestHouse.root)
            }
            let visitor = Visitor(address: "local", agent: "", laneToken: nil)
            let token = try comeIn(user, .password, visitor, in: tx).token
            let session = try #require(try tx.session(token: tokenDigest(token))).id
            switch standing {
            case .suspended: try tx.updateUser(user.id, state: .suspended, language: .en)
            case .passwordDue:
                try tx.run(
                    "UPDATE access_user SET one_time_until_us = ? WHERE id = ?",
                    [try tx.now.adding(seconds: 3600), user.id.raw])
            case .stale:
                try tx.run(
                    "UPDATE access_session SET proved_us = 0 WHERE id = ?", [session.raw])
            case .viewing:
                let other = try tx.userWithPassword(named: "looked-at", folded: "looked-at")
                try tx.beginView(
                    session, of: try #require(other).user.id,
                    until: try tx.now.adding(seconds: 900))
            case .active, .expired, .notBegun, .waiting: break
            }
            return token
        }
        return Person(role: role, standing: standing, sender: .session(token))
    }

    private func everybody() throws -> [Person] {
        let hash = try #require(Stocked.hash)
        try probe.store.write { tx in
            let user = try addUser(
                name: "looked-at", password: hash, language: .en, by: TestHouse.root, in: tx)
            _ = try tx.insertGrant(
                GrantDraft(user: user.id, role: Role(Self.viewed)), .active, by: TestHouse.root)
        }
        var people: [Person] = []
        for role in [ShippedRole?.none] + ShippedRole.allCases.map(Optional.some) {
            for standing in Standing.allCases { people.append(try person(role, standing)) }
        }
        return people
    }

    /// What was decided about a spoiled request.
    private func verdict(_ endpoint: Endpoint, _ sender: Probe.Sender) throws -> String {
        var call = probe.call(endpoint)
        call.mediaType = "application/x-spoiled"
        call.body = [0x7b]
        let reply = try probe.send(call, as: sender)
        return reply.status == 415 ? Self.admitted : reply.code
    }

    /// What is to be decided, said anew and apart from the code that decides.
    private func wanted(_ endpoint: Endpoint, _ person: Person) -> String {
        if endpoint.need == .guest { return Self.admitted }
        if person.standing == .suspended { return "access.unauthenticated" }
        let isSafe = endpoint.method == .get
        var rights = person.rights
        switch person.standing {
        case .expired, .notBegun, .waiting: rights = []
        case .viewing:
            let ends = ["DELETE /api/v1/session", "DELETE /api/v1/session/view"]
            if !isSafe, !ends.contains(endpoint.name) { return "access.viewing_only" }
            rights.formIntersection(RoleRights.all[Self.viewed.rawValue] ?? [])
        case .active, .stale, .passwordDue, .suspended: break
        }
        if endpoint.need == .threshold { return Self.admitted }
        if person.standing == .passwordDue { return "access.password_needed" }
        guard case .permission(let need) = endpoint.need else { return Self.admitted }
        guard rights.contains(need.code) else { return "access.forbidden" }
        let proved: Set = [
            "user.manage", "role.manage", "grant.manage", "user.view_as", "device.manage",
            "backup.manage", "certificate.manage", "journal.export",
        ]
        let isDue = person.standing == .stale && !isSafe && proved.contains(need.code)
        return isDue ? "access.step_up_needed" : Self.admitted
    }

    @Test func `every operation decides about everybody as it is written down`() throws {
        let people = try everybody()
        let before = try probe.hashes()
        var cases = 0
        var deviations: [String] = []
        func expect(_ name: String, _ found: String, _ wanted: String) {
            cases += 1
            if found != wanted { deviations.append("\(name): \(found), not \(wanted)") }
        }
        for endpoint in probe.endpoints {
            for person in people {
                let name = "\(endpoint.name), \(person.role?.rawValue ?? "none") \(person.standing)"
                expect(name, try verdict(endpoint, person.sender), wanted(endpoint, person))
            }
            let isOpen = endpoint.need == .guest
            let closed = "access.unauthenticated"
            let none = isOpen ? Self.admitted : closed
            expect("\(endpoint.name), guest", try verdict(endpoint, .guest), none)
            expect(
                "\(endpoint.name), garbage session", try verdict(endpoint, .session("x")), none)
            // A token that is no good is refused even where nobody needs one.
            for sender in [.device("sld_x"), revoked] {
                expect("\(endpoint.name), garbage token", try verdict(endpoint, sender), closed)
            }
            expect("\(endpoint.name), root", try verdict(endpoint, .root), Self.admitted)
            var gun = Self.admitted
            if case .permission(let need) = endpoint.need, need.code != "scan.make" {
                gun = "access.forbidden"
            }
            expect("\(endpoint.name), device", try verdict(endpoint, device), gun)
        }
        #expect(deviations.count == 0, "\(deviations.prefix(20).joined(separator: "\n"))")
        #expect(cases == probe.endpoints.count * (people.count + 6))
        #expect(people.count == 19 * Standing.allCases.count)
        print("matrix: \(cases) cases, \(probe.endpoints.count) operations")
        // That a session or device was used is noted behind the answer, and that many were refused.
        let noted: Set = ["access_session", "access_device", "journal_event", "journal_origin"]
        let changed = zip(before, try probe.hashes()).filter { $0 != $1 }.map(\.0.table).filter {
            !noted.contains($0)
        }
        #expect(changed == [], "a spoiled request changed something")
    }

    @Test func `whoever lacks a factor that their role asks for gets no further than the door`()
        throws
    {
        let people = try ShippedRole.allCases.map { try person($0, .active) }
        try probe.store.write { tx in
            for role in ShippedRole.allCases { try tx.setRole(Role(role), needsFactor: true) }
            tx.markTold()
        }
        for endpoint in probe.endpoints {
            for person in people {
                let isOpen = endpoint.need == .guest || endpoint.need == .threshold
                let found = try verdict(endpoint, person.sender)
                let name: Comment = "\(endpoint.name), \(person.role?.rawValue ?? "")"
                #expect(found == (isOpen ? Self.admitted : "access.factor_needed"), name)
            }
        }
    }

    /// Operations that ask for no permission, and why.
    private static let withoutPermission: [String: String] = [
        "GET /api/openapi.json": "the description holds no data",
        "GET /health/live": "asked by those who look after the box",
        "GET /health/ready": "the same", "GET /api/v1/trust": "is there to be trusted",
        "GET /ca.crt": "the same", "GET /ca.pem": "the same", "GET /ca.mobileconfig": "the same",
        "GET /trust": "the same", "GET /trust/probe": "the same",
        "POST /api/v1/enrolments": "the picture is the credential",
        "GET /api/v1/device": "a device asks about itself",
        "GET /problems/{code}": "leads to a help page",
        "GET /api/v1/setup": "there is nobody yet", "POST /api/v1/setup": "the same",
        "GET /api/v1/events": "each event asks for its own permission and rows",
        "POST /api/v1/stock/movements": "each kind of movement asks for its own permission",
    ]

    @Test func `an operation asks for a permission whose reach is known, or says why not`() {
        let known = Dictionary(uniqueKeysWithValues: Permissions.all.map { ($0.code, $0) })
        var unused = Set(Self.withoutPermission.keys)
        for endpoint in probe.endpoints {
            if case .permission(let need) = endpoint.need {
                #expect(known[need.code] != nil, "\(endpoint.name) asks for what no room brings")
            } else if !endpoint.path.text.hasPrefix("/api/v1/session") {
                // What is below /session is about oneself.
                #expect(Self.withoutPermission[endpoint.name] != nil, "\(endpoint.name)")
                unused.remove(endpoint.name)
            }
        }
        #expect(unused == [])
    }
}
