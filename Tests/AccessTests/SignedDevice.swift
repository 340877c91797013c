// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Secrets
import TestKit
import Testing
import Web

@testable import Access

/// A scanner as its maker would write it: it has a key and counts.
final class SignedDevice {
    let id: String
    var key: String
    var sequence: Int64 = 0

    init(id: String, key: String) {
        (self.id, self.key) = (id, key)
    }

    /// The Authorization field for a request.
    func sign(
        _ method: String, _ target: String, _ mediaType: String, _ body: [UInt8],
        sequence: Int64, seconds: Int64
    ) -> String {
        let text = [
            "sluice-mac-1", method, target, mediaType, Digest.hex(SHA256Stream.digest(of: body)),
            id, "\(sequence)", "\(seconds)",
        ].joined(separator: "\n")
        let mac = HMAC.sha256(text, key: key)
        return "Sluice-MAC device=\(id), sequence=\(sequence), time=\(seconds), mac=\(mac)"
    }
}

extension Door {
    var seconds: Int64 { clock.now().microseconds / 1_000_000 }

    /// Adds a device that signs, and begins its enrolment.
    func waitingDevice(
        _ name: String = "Gun", warehouse: String? = nil
    ) throws -> (id: String, code: String, secret: String) {
        let place = warehouse.map { "\"\($0)\"" } ?? "null"
        let answer = try house.send(
            .post, "/api/v1/devices",
            json: #"{"name":"\#(name)","warehouse":\#(place),"mode":"signed"}"#)
        return (
            try #require(answer.json["device"]?["id"]?.text),
            try #require(answer.json["enrolment"]?["code"]?.text),
            try #require(answer.json["enrolment"]?["secret"]?.text)
        )
    }

    /// Sends what a device sends that read the picture. Returns the answer and the key it made.
    func enrol(
        _ code: String, _ secret: String, nonce: String = "0123456789abcdef",
        proof: String? = nil
    ) throws -> (answer: Answer, key: String) {
        let key = HMAC.sha256("sluice-device-1\n\(nonce)", key: secret)
        let proof = proof ?? HMAC.sha256("sluice-enrol-1\n\(code)", key: key)
        let answer = try house.send(
            .post, "/api/v1/enrolments",
            json: #"{"code":"\#(code)","nonce":"\#(nonce)","proof":"\#(proof)"}"#, as: .guest)
        return (answer, key)
    }

    func signedDevice(_ name: String = "Gun", warehouse: String? = nil) throws -> SignedDevice {
        let waiting = try waitingDevice(name, warehouse: warehouse)
        let done = try enrol(waiting.code, waiting.secret)
        #expect(done.answer.status == 201)
        return SignedDevice(id: waiting.id, key: done.key)
    }

    /// A scan that only looks, in the form of plain scanners.
    static func look(_ event: String = UUID().uuidString.lowercased()) -> [UInt8] {
        Array(#"{"event":"\#(event)","task":"look","code":"%CUNDO"}"#.utf8)
    }

    /// Sends a signed request. What is given after `sent` is put in place after signing.
    func send(
        _ device: SignedDevice, _ method: Web.Method = .post, _ target: String = "/api/v1/scans",
        type: String = "application/json", body: [UInt8] = Door.look(), sequence: Int64? = nil,
        secondsOff: Int64 = 0, sentMethod: Web.Method? = nil, sentTarget: String? = nil,
        sentType: String? = nil, sentBody: [UInt8]? = nil, field: String? = nil
    ) throws -> Answer {
        device.sequence = sequence ?? device.sequence + 1
        let mediaType = method.isSafe ? "" : type
        let field =
            field
            ?? device.sign(
                method.rawValue, target, mediaType, method.isSafe ? [] : body,
                sequence: device.sequence, seconds: seconds + secondsOff)
        var headers = [("Authorization", field)]
        if !method.isSafe { headers.append(("Content-Type", sentType ?? type)) }
        return try house.send(
            sentMethod ?? method, sentTarget ?? target, as: .guest, headers: headers,
            body: method.isSafe ? [] : sentBody ?? body)
    }
}
