// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Access

@Suite struct EnrolmentTests {
    @Test func `a device proves its key, and the box proves that it has the same`() throws {
        let door = try Door()
        let waiting = try door.waitingDevice()
        let list = try door.house.send(.get, "/api/v1/devices").json["items"]?.elements
        #expect(list?.first?["state"]?.text == "waiting")
        let head = try door.head()
        let done = try door.enrol(waiting.code, waiting.secret)
        #expect(done.answer.status == 201)
        #expect(
            done.answer.json["proof"]?.text
                == HMAC.sha256("sluice-enrolled-1\n\(waiting.code)\n\(waiting.id)", key: done.key))
        #expect(done.answer.json["device"]?["id"]?.text == waiting.id)
        #expect(try door.house.told(after: head) == ["access.device_enrolled"])
    }

    @Test func `a picture is good once`() throws {
        let door = try Door()
        let waiting = try door.waitingDevice()
        #expect(try door.enrol(waiting.code, waiting.secret).answer.status == 201)
        let again = try door.enrol(waiting.code, waiting.secret, nonce: "fedcba9876543210")
        #expect((again.answer.status, again.answer.code) == (403, "enrolment.void"))
        // Whoever photographed it has the secret, and not what the device added.
        let thief = SignedDevice(id: waiting.id, key: again.key)
        #expect(try door.send(thief).code == "device.signature_wrong")
    }

    @Test func `a picture is good for ten minutes`() throws {
        for (seconds, status) in [(599, 201), (600, 403)] as [(Int64, Int)] {
            let door = try Door()
            let waiting = try door.waitingDevice()
            try door.clock.pass(seconds: seconds)
            #expect(try door.enrol(waiting.code, waiting.secret).answer.status == status)
        }
    }

    @Test func `five wrong proofs make a picture void`() throws {
        let door = try Door()
        let waiting = try door.waitingDevice()
        for _ in 0..<5 {
            #expect(
                try door.enrol(waiting.code, waiting.secret, proof: "00").answer.code
                    == "enrolment.wrong")
        }
        #expect(
            try door.enrol(waiting.code, waiting.secret).answer.code == "enrolment.void")
    }

    @Test func `whoever guesses codes is slowed down by the address`() throws {
        let door = try Door()
        var codes: Set<String> = []
        for number in 0..<25 {
            codes.insert(try door.enrol("GUESS\(number)", "x").answer.code ?? "")
        }
        #expect(codes == ["enrolment.void", "session.throttled"])
    }

    @Test func `a new picture takes the place of the old, and the old key stays until it is used`()
        throws
    {
        let door = try Door()
        let device = try door.signedDevice()
        let first = try door.house.send(
            .post, "/api/v1/devices/\(device.id)/enrolment", json: "{}")
        let second = try door.house.send(
            .post, "/api/v1/devices/\(device.id)/enrolment", json: "{}")
        #expect((first.status, second.status) == (201, 201))
        #expect(try door.send(device).status == 200)
        func parts(_ answer: Answer) throws -> (String, String) {
            (try #require(answer.json["code"]?.text), try #require(answer.json["secret"]?.text))
        }
        let (oldCode, oldSecret) = try parts(first)
        #expect(try door.enrol(oldCode, oldSecret).answer.code == "enrolment.void")
        let (code, secret) = try parts(second)
        let done = try door.enrol(code, secret, nonce: "anothernonceof16")
        #expect(done.answer.status == 201)
        #expect(try door.send(device).code == "device.signature_wrong")
        // Numbers begin anew with a key.
        let renewed = SignedDevice(id: device.id, key: done.key)
        #expect(try door.send(renewed, sequence: 1).status == 200)
    }

    @Test func `a device with a token can be given a key, and back`() throws {
        let door = try Door()
        let added = try door.house.send(
            .post, "/api/v1/devices", json: #"{"name":"Dumb","warehouse":null}"#)
        let token = try #require(added.json["token"]?.text)
        let id = try #require(added.json["device"]?["id"]?.text)
        #expect(added.json["device"]?["mode"]?.text == "token")
        let offer = try door.house.send(.post, "/api/v1/devices/\(id)/enrolment", json: "{}")
        func scan(_ sender: TestHouse.Sender) throws -> Int {
            try door.house.send(
                .post, "/api/v1/scans", as: sender, headers: [("Content-Type", "application/json")],
                body: Door.look()
            ).status
        }
        #expect(try scan(.device(token)) == 200)
        let done = try door.enrol(
            try #require(offer.json["code"]?.text), try #require(offer.json["secret"]?.text))
        #expect(done.answer.status == 201)
        #expect(try scan(.device(token)) == 401)
        let device = SignedDevice(id: id, key: done.key)
        #expect(try door.send(device).status == 200)
        let renewed = try door.house.send(.post, "/api/v1/devices/\(id)/token", json: "{}")
        #expect(try scan(.device(try #require(renewed.json["token"]?.text))) == 200)
        #expect(try door.send(device).code == "device.signature_wrong")
    }

    @Test func `a revoked device is neither enrolled nor given a token`() throws {
        let door = try Door()
        let waiting = try door.waitingDevice()
        _ = try door.house.send(.post, "/api/v1/devices/\(waiting.id)/revocation", json: "{}")
        #expect(try door.enrol(waiting.code, waiting.secret).answer.code == "enrolment.void")
        for what in ["enrolment", "token"] {
            let answer = try door.house.send(
                .post, "/api/v1/devices/\(waiting.id)/\(what)", json: "{}")
            #expect(answer.code == "device.revoked")
        }
    }

    @Test func `a device is renamed and moved, and its name stays its own`() throws {
        let door = try Door()
        let one = try door.signedDevice("Gun 1")
        _ = try door.signedDevice("Gun 2")
        let head = try door.head()
        let moved = try door.house.send(
            .put, "/api/v1/devices/\(one.id)", json: #"{"name":"Dock","warehouse":"whs-1"}"#)
        #expect(moved.json["name"]?.text == "Dock" && moved.json["warehouse"]?.text == "whs-1")
        #expect(try door.house.told(after: head) == ["access.device_changed"])
        let taken = try door.house.send(
            .put, "/api/v1/devices/\(one.id)", json: #"{"name":"gun 2","warehouse":null}"#)
        #expect(taken.code == "device.name_taken")
    }

    @Test func `keys are sealed anew when the root key changes`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        let waiting = try door.waitingDevice("Second")
        let other = try FieldSealer(try RootKey.random())
        try door.house.store.write { tx in
            for (id, sealed) in try tx.deviceKeys() {
                let key = try tx.fields.open(sealed, for: keyPlace(id))
                try tx.resealKey(other.seal(key, for: keyPlace(id)), of: id)
            }
            for (id, sealed) in try tx.enrolmentSecrets() {
                let secret = try tx.fields.open(sealed, for: secretPlace(id))
                try tx.resealSecret(other.seal(secret, for: secretPlace(id)), of: id)
            }
            try resealDeviceKeys(from: other, in: tx)
        }
        #expect(try door.send(device).status == 200)
        #expect(try door.enrol(waiting.code, waiting.secret).answer.status == 201)
    }
}
