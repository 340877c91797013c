// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import CSodium
import Foundation
import Kernel
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Access

/// An authenticator in software, with one Ed25519 key. What it says can be bent.
struct SoftKey {
    private let secret: [UInt8]
    let credential = Random.bytes(32)
    private let point: [UInt8]
    var host = "localhost"
    var origin = "http://localhost:8080"
    var flags: UInt8 = 0x05
    var counter: UInt32 = 1

    init() {
        var (point, secret) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 0, count: 64))
        _ = sodium_init()
        crypto_sign_keypair(&point, &secret)
        (self.point, self.secret) = (point, secret)
    }

    func clientData(_ type: String, _ challenge: String) -> [UInt8] {
        Array(
            #"{"type":"\#(type)","challenge":"\#(challenge)","origin":"\#(origin)","crossOrigin":false}"#
                .utf8)
    }

    func authenticatorData(attested: Bool) -> [UInt8] {
        var bytes = SHA256Stream.digest(of: Array(host.utf8))
        bytes.append(attested ? flags | 0x40 : flags)
        bytes += withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        guard attested else { return bytes }
        bytes += [UInt8](repeating: 0, count: 16) + [0, 32] + credential
        // {1: 1, 3: -8, -1: 6, -2: x}
        return bytes + [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20] + point
    }

    /// {"fmt": "none", "attStmt": {}, "authData": …}
    var attestation: [UInt8] {
        let data = authenticatorData(attested: true)
        return [0xa3, 0x63] + Array("fmt".utf8) + [0x64] + Array("none".utf8) + [0x67]
            + Array("attStmt".utf8) + [0xa0, 0x68] + Array("authData".utf8)
            + [0x58, UInt8(data.count)] + data
    }

    func registration(_ challenge: String, name: String = "Phone") -> String {
        """
        {"name":"\(name)","clientData":"\(Base64.url(clientData("webauthn.create", challenge)))",\
        "attestation":"\(Base64.url(attestation))"}
        """
    }

    func assertion(_ challenge: String, type: String = "webauthn.get") -> String {
        let client = clientData(type, challenge)
        let data = authenticatorData(attested: false)
        let message = data + SHA256Stream.digest(of: client)
        var signature = [UInt8](repeating: 0, count: 64)
        crypto_sign_detached(&signature, nil, message, UInt64(message.count), secret)
        return """
            {"credential":"\(Base64.url(credential))","clientData":"\(Base64.url(client))",\
            "authenticatorData":"\(Base64.url(data))","signature":"\(Base64.url(signature))"}
            """
    }
}

extension Door {
    /// A request from a page of this machine, where passkeys work without TLS.
    func page(
        _ method: Web.Method, _ path: String, _ json: String, token: String? = nil,
        host: String = "localhost:8080"
    ) throws -> Answer {
        var headers = [
            ("Host", host), ("Origin", "http://\(host)"), ("Content-Type", "application/json"),
        ]
        if let token { headers.append(("Cookie", "sluice_session=\(token)")) }
        let head = try RequestHead(method, "/api/v1/" + path, headers: headers)
        let request = Request(head, body: Array(json.utf8))
        return Answer(
            try #require(house.house.api.answer(to: request, problems: house.problems)))
    }

    func token(_ id: ID<User>) throws -> String {
        guard case .session(let token) = try session(of: id) else { return "" }
        return token
    }

    func register(_ key: SoftKey, _ token: String) throws -> Answer {
        let asked = try page(.post, "session/passkey-registration", "{}", token: token)
        let challenge = try #require(asked.json["challenge"]?.text)
        return try page(
            .post, "session/passkeys", key.registration(challenge), token: token)
    }

    func challenge(ticket: String? = nil) throws -> String {
        let body = ticket.map { #"{"ticket":"\#($0)"}"# } ?? "{}"
        let asked = try page(.post, "session/passkey-challenge", body)
        return try #require(asked.json["challenge"]?.text)
    }

    func present(_ assertion: String, ticket: String? = nil) throws -> Answer {
        let ticket = ticket.map { "\"\($0)\"" } ?? "null"
        return try page(
            .post, "session/passkey", #"{"ticket":\#(ticket),"assertion":\#(assertion)}"#)
    }
}

@Suite struct PasskeyTests {
    private let lin: ID<User> = ID(1)

    private func registered() throws -> (Door, SoftKey) {
        let (door, key) = (try Door(), SoftKey())
        #expect(try door.register(key, try door.token(lin)).status == 201)
        return (door, key)
    }

    private func reason(_ answer: Answer) -> String? {
        answer.code == "passkey.refused" ? answer.json["parameters"]?["reason"]?.text : answer.code
    }

    @Test func `a passkey is set up, gives recovery codes, and signs in by itself`() throws {
        let (door, key) = (try Door(), SoftKey())
        let token = try door.token(lin)
        let made = try door.register(key, token)
        #expect(made.status == 201)
        #expect(made.json["recoveryCodes"]?.elements.count == 10)
        #expect(made.session != nil && made.session != token)
        var next = key
        next.counter = 2
        let head = try door.head()
        let answer = try door.present(next.assertion(try door.challenge()))
        #expect(answer.status == 201)
        #expect(answer.json["user"]?["name"]?.text == "Lin")
        #expect(try door.house.told(after: head) == ["access.signed_in"])
    }

    @Test func `after the password a passkey is the second factor`() throws {
        var (door, key) = try registered()
        let ticket = try door.ticket("Lin")
        key.counter = 2
        let challenge = try door.challenge(ticket: ticket)
        #expect(try door.present(key.assertion(challenge), ticket: nil).status == 403)
        #expect(try door.present(key.assertion(challenge), ticket: ticket).status == 201)
    }

    @Test func `a page of another origin is refused`() throws {
        var (door, key) = try registered()
        for origin in [
            "http://evil.example", "http://localhost:8081", "https://localhost",
            "http://localhost:8080.evil.example", "",
        ] {
            key.counter += 1
            key.origin = origin
            #expect(reason(try door.present(key.assertion(try door.challenge()))) == "origin")
        }
        let new = SoftKey()
        var bent = new
        bent.origin = "http://evil.example"
        #expect(reason(try door.register(bent, try door.token(lin))) == "origin")
    }

    @Test func `a key for another host is refused`() throws {
        var (door, key) = try registered()
        key.counter = 2
        key.host = "evil.example"
        #expect(reason(try door.present(key.assertion(try door.challenge()))) == "rp")
        #expect(reason(try door.register(key, try door.token(lin))) == "rp")
    }

    @Test func `a counter that goes back is refused and told to the person`() throws {
        var (door, key) = try registered()
        key.counter = 7
        #expect(try door.present(key.assertion(try door.challenge())).status == 201)
        for counter in [UInt32(7), 6, 0] {
            key.counter = counter
            let answer = try door.present(key.assertion(try door.challenge()))
            #expect(answer.code == "passkey.counter_back")
        }
        let notices = try door.house.store.read { try $0.notices(of: lin) }
        #expect(notices.map(\.kind) == [.counterBack, .counterBack, .counterBack])
        key.counter = 8
        #expect(try door.present(key.assertion(try door.challenge())).status == 201)
    }

    @Test func `an authenticator that does not count stays at nought`() throws {
        let door = try Door()
        var key = SoftKey()
        key.counter = 0
        #expect(try door.register(key, try door.token(lin)).status == 201)
        for _ in 0..<2 {
            #expect(try door.present(key.assertion(try door.challenge())).status == 201)
        }
    }

    @Test func `an answer that was given before is refused, however often`() throws {
        var (door, key) = try registered()
        key.counter = 2
        let assertion = key.assertion(try door.challenge())
        #expect(try door.present(assertion).status == 201)
        #expect(reason(try door.present(assertion)) == "challenge")
        key.counter = 3
        // A challenge of ours, for something else, and one that is none.
        let token = try door.token(lin)
        let other = try door.page(.post, "session/proofs/challenge", "{}", token: token)
        let wrong = try #require(other.json["challenge"]?.text)
        for challenge in [wrong, Base64.url(Random.bytes(56)), "AAAA"] {
            #expect(reason(try door.present(key.assertion(challenge))) == "challenge")
        }
        let late = try door.challenge()
        try door.clock.pass(seconds: 300)
        #expect(reason(try door.present(key.assertion(late))) == "challenge")
    }

    @Test func `nobody recognised, or nobody there, is refused`() throws {
        var (door, key) = try registered()
        for (flags, fault) in [(UInt8(0x01), "verification"), (0x04, "presence"), (0, "presence")] {
            key.counter += 1
            key.flags = flags
            #expect(reason(try door.present(key.assertion(try door.challenge()))) == fault)
            #expect(reason(try door.register(key, try door.token(lin))) == fault)
        }
    }

    @Test func `another key, another ceremony and a bent signature are refused`() throws {
        let (door, key) = try registered()
        var next = key
        next.counter = 2
        let stranger = SoftKey()
        #expect(reason(try door.present(stranger.assertion(try door.challenge()))) == "credential")
        let challenge = try door.challenge()
        let wrong = next.assertion(challenge, type: "webauthn.create")
        #expect(reason(try door.present(wrong)) == "ceremony")
        let bent = next.assertion(challenge).replacing(
            Base64.url(next.authenticatorData(attested: false)),
            with: Base64.url(SoftKey.counting(next, 9)))
        #expect(reason(try door.present(bent)) == "signature")
        #expect(try door.present(next.assertion(challenge)).status == 201)
    }

    @Test func `an address has no passkeys, and says so`() throws {
        let door = try Door()
        for host in ["192.168.1.7", "192.168.1.7:8443", "[fe80::1]:8443", "10.0.0.1"] {
            let answer = try door.page(
                .post, "session/passkey-challenge", "{}", host: host)
            #expect(answer.code == "passkey.needs_name", "\(host)")
        }
        for (host, name) in [("Sluice.local:8443", "sluice.local"), ("box", "box")] {
            let answer = try door.page(.post, "session/passkey-challenge", "{}", host: host)
            #expect(answer.json["host"]?.text == name)
        }
    }

    @Test func `a passkey is named and removed by its person only`() throws {
        let (door, _) = try registered()
        let wang = try door.person("Wang", .support)
        let (mine, other) = (try door.token(lin), try door.token(wang))
        let name = #"{"name":"Old phone"}"#
        #expect(
            try door.page(.put, "session/passkeys/psk-1", name, token: other).code
                == "passkey.unknown")
        #expect(try door.page(.put, "session/passkeys/psk-1", name, token: mine).status == 204)
        let factors = try door.house.send(.get, "/api/v1/session/factors", as: .session(mine))
        #expect(factors.json["passkeys"]?[0]?["name"]?.text == "Old phone")
        let gone = try door.house.send(
            .delete, "/api/v1/session/passkeys/psk-1", as: .session(other))
        #expect(gone.code == "passkey.unknown")
        let removed = try door.house.send(
            .delete, "/api/v1/session/passkeys/psk-1", as: .session(mine))
        #expect(removed.status == 204)
        #expect(try door.signIn("Lin").json["user"]?["name"]?.text == "Lin")
    }

    @Test func `a passkey proves again who sits there, with a new token`() throws {
        var (door, key) = try registered()
        let token = try door.token(lin)
        try door.clock.pass(seconds: 300)
        let asked = try door.page(.post, "session/proofs/challenge", "{}", token: token)
        key.counter = 2
        let assertion = key.assertion(try #require(asked.json["challenge"]?.text))
        let proved = try door.page(.post, "session/proofs/passkey", assertion, token: token)
        #expect(proved.status == 204)
        #expect(try door.look(.session(token)) == 401)
        #expect(try door.look(.session(try #require(proved.session))) == 200)
    }
}

extension SoftKey {
    static func counting(_ key: SoftKey, _ counter: UInt32) -> [UInt8] {
        var key = key
        key.counter = counter
        return key.authenticatorData(attested: false)
    }
}

@Suite struct CBORTests {
    private func read(_ bytes: [UInt8]) throws(CBORFault) -> CBOR {
        try CBOR.read(bytes[...]).item
    }

    /// RFC 8949, appendix A, those that authenticators write.
    @Test(
        arguments: [
            ([0x00], .integer(0)), ([0x17], .integer(23)), ([0x18, 0x18], .integer(24)),
            ([0x19, 0x03, 0xe8], .integer(1000)),
            ([0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], .integer(1_000_000_000_000)),
            ([0x20], .integer(-1)), ([0x38, 0x63], .integer(-100)),
            ([0x39, 0x03, 0xe7], .integer(-1000)), ([0xf4], .flag(false)), ([0xf5], .flag(true)),
            ([0xf6], .null), ([0x44, 1, 2, 3, 4], .bytes([1, 2, 3, 4])),
            ([0x62, 0xc3, 0xbc, 0x00], .text("ü")),
            ([0x83, 1, 2, 3], .list([.integer(1), .integer(2), .integer(3)])),
            ([0xa1, 0x61, 0x61, 0x01], .map([CBOR.Entry(key: .text("a"), value: .integer(1))])),
        ] as [([UInt8], CBOR)])
    func `items are read as RFC 8949 writes them`(_ bytes: [UInt8], _ item: CBOR) throws {
        var bytes = bytes
        // One row has a text that ends before its bytes do.
        if bytes.first == 0x62 { bytes.removeLast() }
        #expect(try read(bytes) == item)
        #expect(try CBOR.read(bytes[...]).count == bytes.count)
        for length in 0..<bytes.count {
            #expect(throws: CBORFault.self) { try read(Array(bytes.prefix(length))) }
        }
    }

    @Test(
        arguments: [
            ([0x18, 0x17], .notShortest), ([0x19, 0, 0xff], .notShortest),
            ([0x9f, 0xff], .unsupported),
            ([0xc0, 0x00], .unsupported), ([0xfb, 0, 0, 0, 0, 0, 0, 0, 0], .unsupported),
            ([0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .unsupported),
            ([0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .ended),
            ([0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .ended),
            ([0x61, 0xff], .notText), ([0xa2, 1, 2, 1, 3], .repeatedKey),
            ([UInt8](repeating: 0x81, count: 64), .tooDeep),
        ] as [([UInt8], CBORFault)])
    func `what is no item of theirs is refused`(_ bytes: [UInt8], _ fault: CBORFault) {
        #expect(throws: fault) { try read(bytes) }
    }

    @Test func `any bytes are read or refused, and never more than there are`() {
        var dice = SeededDice()
        for _ in 0..<20_000 {
            let length = Int.random(in: 0..<64, using: &dice)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }
            if let (_, count) = try? CBOR.read(bytes[...]) {
                #expect(count <= bytes.count, "seed \(dice.seed)")
            }
            _ = try? AuthenticatorData(bytes)
            _ = try? AuthenticatorData.inside(attestation: bytes)
        }
        // What a real authenticator says, with single bytes bent.
        let key = SoftKey()
        for at in key.attestation.indices {
            for bent in [UInt8(0), 0x7f, 0xff] {
                var bytes = key.attestation
                bytes[at] = bent
                _ = try? AuthenticatorData.inside(attestation: bytes)
            }
            _ = try? AuthenticatorData.inside(attestation: Array(key.attestation.prefix(at)))
        }
        #expect((try? AuthenticatorData.inside(attestation: key.attestation)) != nil)
    }
}
