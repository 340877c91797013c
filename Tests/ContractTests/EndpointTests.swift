// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import Foundation
import Kernel
import ModuleKit
import Testing
import Web

/// What every endpoint says of itself.
struct EndpointTests {
    private let probe: Probe
    private var endpoints: [Endpoint] { probe.endpoints }
    private var api: [Endpoint] { endpoints.filter { $0.path.text.hasPrefix("/api/v1/") } }

    init() throws { probe = try Probe() }

    /// Endpoints that anybody may call.
    private let open: Set = [
        "GET /api/openapi.json", "GET /api/v1/setup", "POST /api/v1/setup", "POST /api/v1/session",
        "GET /health/live", "GET /health/ready", "GET /problems/{code}",
        "POST /api/v1/session/factor", "POST /api/v1/enrolments",
        "POST /api/v1/session/passkey-challenge",
        "POST /api/v1/session/passkey", "POST /api/v1/session/sms",
        "POST /api/v1/session/sms/code",
        // What a device needs before it trusts the box, so before anybody can sign in on it.
        "GET /api/v1/trust", "GET /ca.crt", "GET /ca.pem", "GET /ca.mobileconfig", "GET /trust",
        "GET /trust/probe",
    ]
    /// Endpoints for somebody who must choose a password or set up a factor first.
    private let threshold: Set = [
        "GET /api/v1/session", "DELETE /api/v1/session", "PUT /api/v1/session/language",
        "PUT /api/v1/session/password", "POST /api/v1/session/proofs/password",
        "GET /api/v1/session/factors", "POST /api/v1/session/totp",
        "POST /api/v1/session/totp/confirmation", "POST /api/v1/session/passkey-registration",
        "POST /api/v1/session/passkeys",
    ]
    /// Endpoints about oneself, or whose need depends on the request.
    private let personal: Set = [
        "POST /api/v1/session/password", "GET /api/v1/events", "POST /api/v1/stock/movements",
        "DELETE /api/v1/session/notices", "POST /api/v1/session/proofs", "GET /api/v1/sessions",
        "POST /api/v1/session/proofs/challenge", "POST /api/v1/session/proofs/passkey",
        "DELETE /api/v1/sessions/{id}", "DELETE /api/v1/sessions", "DELETE /api/v1/session/totp",
        "POST /api/v1/session/recovery-codes", "PUT /api/v1/session/passkeys/{id}",
        "DELETE /api/v1/session/passkeys/{id}", "GET /api/v1/session/grants",
        "POST /api/v1/session/loans", "POST /api/v1/session/loans/{id}/end",
        "DELETE /api/v1/session/view", "GET /api/v1/device",
        "GET /api/v1/session/tokens", "POST /api/v1/session/tokens",
        "POST /api/v1/session/tokens/{id}/rotation", "DELETE /api/v1/session/tokens/{id}",
        "POST /api/v1/session/phone", "POST /api/v1/session/phone/confirmation",
        "DELETE /api/v1/session/phone",
    ]

    @Test func `every endpoint is described and limited`() {
        #expect(endpoints.count > 60)
        let tags = Set(allModules().modules.map(\.name) + ["system"])
        for endpoint in endpoints {
            #expect(endpoint.summary.count > 5, "\(endpoint.name)")
            #expect(endpoint.summary.first?.isUppercase == true, "\(endpoint.name)")
            #expect(!endpoint.summary.hasSuffix("."), "\(endpoint.name)")
            #expect(tags.contains(endpoint.tag), "\(endpoint.name)")
            #expect((1...Limit.bodyBytesImport).contains(endpoint.bodyBytesMax), "\(endpoint.name)")
            #expect((200..<400).contains(endpoint.answer.status), "\(endpoint.name)")
            if endpoint.method.isSafe {
                #expect(endpoint.bodies.isEmpty && !endpoint.needsKey, "\(endpoint.name)")
            }
            if endpoint.method == .patch { #expect(endpoint.needsMatch, "\(endpoint.name)") }
        }
    }

    @Test func `every endpoint needs a permission of a room or is known to need none`() {
        let known = Set(allModules().modules.flatMap(\.permissions) + SystemPermission.all)
        for endpoint in endpoints {
            switch endpoint.need {
            case .guest: #expect(open.contains(endpoint.name), "\(endpoint.name)")
            case .threshold: #expect(threshold.contains(endpoint.name), "\(endpoint.name)")
            case .signedIn: #expect(personal.contains(endpoint.name), "\(endpoint.name)")
            case .permission(let one): #expect(known.contains(one), "\(endpoint.name)")
            }
        }
        #expect(open.union(personal).union(threshold).subtracting(endpoints.map(\.name)) == [])
    }

    @Test func `what could open the house to others is asked of a fresh proof`() {
        let rights: Set = [
            "user.manage", "role.manage", "grant.manage", "user.view_as", "device.manage",
            "backup.manage", "certificate.manage", "journal.export",
        ]
        var asked = 0
        for endpoint in endpoints {
            guard case .permission(let one) = endpoint.need else {
                #expect(!endpoint.needsFreshProof, "\(endpoint.name)")
                continue
            }
            let expected = !endpoint.method.isSafe && rights.contains(one.code)
            #expect(endpoint.needsFreshProof == expected, "\(endpoint.name)")
            if expected { asked += 1 }
        }
        #expect(asked >= 10)
    }

    /// Permissions that are asked inside an endpoint, because they depend on what it is sent.
    private let askedInside: Set = [
        "stock.receive", "stock.ship", "stock.move", "field.person_name",
    ]

    @Test func `every permission opens something`() {
        let used = endpoints.compactMap { endpoint -> String? in
            if case .permission(let one) = endpoint.need { one.code } else { nil }
        }
        let all = allModules().modules.flatMap(\.permissions) + SystemPermission.all
        #expect(Set(all).count == all.count)
        #expect(Set(all.map(\.code)).subtracting(used).subtracting(askedInside) == [])
    }

    @Test func `requests have no place without a limit`() {
        for endpoint in endpoints {
            for schema in [endpoint.parameters, endpoint.query] + endpoint.bodies.map(\.schema) {
                #expect(schema?.unboundedPlaces ?? [] == [], "\(endpoint.name)")
            }
        }
    }

    @Test func `a JSON body has an example that fits its form`() throws {
        for endpoint in endpoints {
            guard let form = endpoint.bodies.first(where: { $0.mediaType == "application/json" })
            else { continue }
            let example = try #require(endpoint.example, "\(endpoint.name)")
            let document = try JSON(reading: Array(example.utf8))
            let names = Set(document.members.map(\.name))
            let fields = form.schema?.fields ?? []
            #expect(names.isSubset(of: fields.map(\.name)), "\(endpoint.name)")
            #expect(
                names.isSuperset(of: fields.filter(\.isRequired).map(\.name)), "\(endpoint.name)")
        }
    }

    @Test func `paths are nouns below api v1`() {
        // One of a kind: there is one session, one practice, one stock.
        let single: Set = [
            "setup", "session", "journal", "practice", "stock", "verification",
            "device", "trust", "certificate", "sms-gateway",
        ]
        for endpoint in api {
            let pieces = endpoint.path.pieces.dropFirst(2)
            for (index, piece) in pieces.enumerated() {
                guard case .literal(let word) = piece else { continue }
                #expect(
                    !finds("^[a-z]+(?:-[a-z]+)*(?:\\.csv)?$", in: word).isEmpty,
                    "\(endpoint.name)")
                guard index == 0 else { continue }
                #expect(word.hasSuffix("s") || single.contains(word), "\(endpoint.name)")
            }
        }
        let others = endpoints.map(\.path.text).filter { !$0.hasPrefix("/api/v1/") }
        #expect(
            Set(others) == [
                "/api/openapi.json", "/health/live", "/health/ready", "/problems/{code}",
                "/ca.crt", "/ca.pem", "/ca.mobileconfig", "/trust", "/trust/probe",
            ])
    }

    @Test func `a change carries a key, or is known to stand for itself`() {
        /// Signing in and the like; a device's token must not be kept; a scan has its event.
        let unkeyed: Set = [
            "POST /api/v1/setup", "POST /api/v1/session", "DELETE /api/v1/session",
            "POST /api/v1/session/password", "POST /api/v1/devices",
            "POST /api/v1/devices/{id}/enrolment", "POST /api/v1/devices/{id}/token",
            "POST /api/v1/enrolments", "POST /api/v1/session/tokens",
            "POST /api/v1/session/tokens/{id}/rotation", "DELETE /api/v1/session/tokens/{id}",
            "POST /api/v1/scans",
            "POST /api/v1/session/factor", "POST /api/v1/session/passkey-challenge",
            "POST /api/v1/session/passkey", "PUT /api/v1/session/password",
            "DELETE /api/v1/session/notices", "POST /api/v1/session/proofs",
            "POST /api/v1/session/proofs/password", "POST /api/v1/session/proofs/challenge",
            "POST /api/v1/session/proofs/passkey", "DELETE /api/v1/sessions/{id}",
            "DELETE /api/v1/sessions", "POST /api/v1/session/totp",
            "POST /api/v1/session/totp/confirmation", "DELETE /api/v1/session/totp",
            "POST /api/v1/session/recovery-codes", "POST /api/v1/session/passkey-registration",
            "POST /api/v1/session/passkeys", "PUT /api/v1/session/passkeys/{id}",
            "DELETE /api/v1/session/passkeys/{id}", "POST /api/v1/rescues",
            "POST /api/v1/jobs/{name}/run", "POST /api/v1/verification",
            "POST /api/v1/practice", "DELETE /api/v1/practice", "DELETE /api/v1/session/view",
            // Whoever looks through another's eyes sends no change, also not again.
            "POST /api/v1/session/view",
            // A check, and a file that is not kept a second time.
            "POST /api/v1/journal/verification", "POST /api/v1/journal/exports",
            // Every code that is asked for is another one.
            "POST /api/v1/session/sms", "POST /api/v1/session/sms/code",
            "POST /api/v1/session/phone", "POST /api/v1/session/phone/confirmation",
            "DELETE /api/v1/session/phone", "POST /api/v1/sms-gateway/tests",
            // A test of a connection changes nothing.
            "POST /api/v1/backups/probes", "POST /api/v1/backups/targets/{id}/probe",
        ]
        let found = api.filter { !$0.method.isSafe && !$0.needsKey }.map(\.name)
        #expect(Set(found) == unkeyed)
    }

    @Test func `an endpoint names refusals that are in a catalogue`() {
        let known = Set(Catalogue.all.map(\.code))
        for endpoint in endpoints {
            let unknown = Set(endpoint.refusals.map(\.code)).subtracting(known)
            #expect(unknown == [], "\(endpoint.name)")
        }
    }
}
