// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Secrets
import Synchronization
import TestKit
import Testing
import Web

@testable import Access

@Suite struct SigningTests {
    @Test func `a signed scan is taken, and its answer carries the box's own MAC`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        let body = Door.look()
        let field = device.sign(
            "POST", "/api/v1/scans", "application/json", body, sequence: 9, seconds: door.seconds)
        let answer = try door.send(device, body: body, field: field)
        #expect(answer.status == 200)
        let mac = try #require(field.components(separatedBy: "mac=").last)
        let hash = Digest.hex(SHA256Stream.digest(of: answer.response.bytes))
        #expect(
            answer.response.header("sluice-answer-mac")
                == HMAC.sha256("sluice-answer-1\n\(mac)\n200\n\(hash)", key: device.key))
    }

    @Test func `the type of a body is signed without its parameters, as libraries add them`() throws
    {
        let door = try Door()
        let device = try door.signedDevice()
        let answer = try door.send(device, sentType: "Application/JSON; charset=utf-8")
        #expect(answer.status == 200)
    }

    @Test func `a request that was changed on the way is refused`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        func refused(_ answer: Answer, _ what: Comment) {
            #expect(answer.status == 401, what)
            #expect(answer.code == "device.signature_wrong", what)
            #expect(answer.response.header("sluice-answer-mac") == nil, what)
        }
        refused(try door.send(device, sentBody: Door.look()), "body")
        refused(try door.send(device, sentTarget: "/api/v1/scans?task=look"), "query")
        refused(
            try door.send(device, .get, "/api/v1/device", sentTarget: "/api/v1/stock/level"), "path"
        )
        refused(try door.send(device, .get, "/api/v1/device", sentMethod: .head), "method")
        refused(try door.send(device, sentType: "application/x-www-form-urlencoded"), "type")
        let field = device.sign(
            "POST", "/api/v1/scans", "application/json", Door.look("x"), sequence: 50,
            seconds: door.seconds)
        refused(
            try door.send(device, field: field.replacing("sequence=50", with: "sequence=51")),
            "sequence")
        let key = device.key
        device.key = HMAC.sha256("another", key: key)
        refused(try door.send(device), "key")
        device.key = key
        #expect(try door.send(device).status == 200)
        let nobody = SignedDevice(id: "dev-99", key: key)
        refused(try door.send(nobody), "device")
    }

    @Test func `a field that is not in the form is unreadable, whatever it wants to say`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        for field in ["Sluice-MAC ", "Sluice-MAC device=\(device.id)", "sluice-mac x=y"] {
            let answer = try door.send(device, field: field)
            #expect((answer.status, answer.code) == (400, "device.signature_malformed"))
        }
    }

    @Test func `the same request twice is one, and the refusal names the next number`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        let body = Door.look()
        #expect(try door.send(device, body: body, sequence: 7).status == 200)
        let again = try door.send(device, body: body, sequence: 7)
        #expect((again.status, again.code) == (401, "device.sequence_used"))
        #expect(again.json["parameters"]?["next"] == .integer(8))
        // A refusal about the number or the clock is signed, too: a stranger must not set clocks.
        #expect(again.response.header("sluice-answer-mac") != nil)
        let retry = try door.send(device, body: body, sequence: 8)
        #expect(retry.status == 200)
        #expect(retry.response.header("idempotency-replayed") == "true")
    }

    @Test func `requests that overtake each other are taken, older ones are not`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        for number in [100, 98, 99, 37] as [Int64] {
            #expect(try door.send(device, sequence: number).status == 200, "\(number)")
        }
        for number in [100, 99, 98, 37, 36, 1] as [Int64] {
            #expect(
                try door.send(device, sequence: number).code == "device.sequence_used", "\(number)")
        }
    }

    @Test func `a request that the rules refuse has used its number up`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        let body = Array(
            #"{"event":"\#(UUID().uuidString)","task":"look","code":"%PNOWHERE"}"#.utf8
        )
        let first = try door.send(device, body: body, sequence: 5)
        #expect(first.status / 100 == 4 && first.code != "device.sequence_used")
        #expect(try door.send(device, body: body, sequence: 5).code == "device.sequence_used")
    }

    @Test(
        arguments: [
            (-300, true), (-301, false), (-600, false), (60, true), (61, false), (600, false),
        ]
            as [(Int64, Bool)])
    func `a clock that is off is told the box's time`(off: Int64, isTaken: Bool) throws {
        let door = try Door()
        let device = try door.signedDevice()
        try door.clock.pass(seconds: 1000)
        let answer = try door.send(device, secondsOff: off)
        guard !isTaken else {
            #expect(answer.status == 200)
            return
        }
        #expect((answer.status, answer.code) == (401, "device.clock_off"))
        #expect(answer.json["parameters"]?["time"] == .integer(door.seconds))
        #expect(answer.response.header("sluice-answer-mac") != nil)
        // The number was not used, so the same one goes with the right time.
        #expect(try door.send(device, sequence: device.sequence).status == 200)
    }

    @Test func `a revoked device is refused at once`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        #expect(try door.send(device).status == 200)
        #expect(
            try door.house.send(.post, "/api/v1/devices/\(device.id)/revocation", json: "{}").status
                == 200)
        #expect(try door.send(device).code == "device.revoked")
    }

    @Test func `of a hundred who send the same request at once exactly one gets through`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        let body = Door.look()
        let field = device.sign(
            "POST", "/api/v1/scans", "application/json", body, sequence: 3, seconds: door.seconds)
        let codes = Mutex<[String?]>([])
        DispatchQueue.concurrentPerform(iterations: 100) { _ in
            let answer = try? door.house.send(
                .post, "/api/v1/scans", as: .guest,
                headers: [("Authorization", field), ("Content-Type", "application/json")],
                body: body)
            codes.withLock { $0.append(answer.map { $0.code ?? "\($0.status)" }) }
        }
        let all = codes.withLock { $0 }
        #expect(all.count { $0 == "200" } == 1)
        #expect(all.count { $0 == "device.sequence_used" } == 99)
    }

    @Test func `a keeper that is new knows the numbers of changes from the books`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        for number in [20, 18] as [Int64] {
            #expect(try door.send(device, sequence: number).status == 200)
        }
        let window = try door.house.store.read {
            try $0.sequences(of: ID(text: device.id) ?? ID(0))
        }
        #expect(window == SequenceWindow(high: 20, seen: 0b101))
    }

    @Test func `a signed device scans and reads of itself, and nothing else`() throws {
        let door = try Door()
        let device = try door.signedDevice()
        let own = try door.send(device, .get, "/api/v1/device")
        #expect(own.json["id"]?.text == device.id)
        #expect(own.json["time"] == .integer(door.seconds))
        for path in ["/api/v1/users", "/api/v1/items", "/api/v1/stock/levels", "/api/v1/journal"] {
            #expect(try door.send(device, .get, path).status == 403, "\(path)")
        }
    }

    @Test func `the key and the secret stand nowhere in clear`() throws {
        let door = try Door()
        let waiting = try door.waitingDevice()
        #expect(try door.house.places(of: waiting.secret) == [])
        #expect(try door.house.places(of: waiting.code) == [])
        let done = try door.enrol(waiting.code, waiting.secret)
        #expect(done.answer.status == 201)
        #expect(try door.house.places(of: done.key) == [])
        #expect(!done.answer.text.contains(done.key))
        #expect(!(try door.house.send(.get, "/api/v1/devices").text.contains(done.key)))
    }
}
