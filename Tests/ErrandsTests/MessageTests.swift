// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import TestKit
import Testing
import Web

@testable import Errands

enum Messages {
    static let number = "+441632960123"
    static let text = "287082 is your code"
    static let work = Errand.Work.message(
        to: SecretText(number), text: SecretText(text), until: 1_795_399_500)

    static func gateway(
        _ media: MessageMedia, _ template: String, address: String = "https://sms.example.org/v1",
        header: String? = nil, secret: String? = nil, seconds: Int = 10
    ) -> ErrandTarget {
        ErrandTarget(
            name: "sms",
            place: .gateway(
                ErrandTarget.Gateway(
                    address: address, media: media, template: template, header: header,
                    secret: secret.map { SecretText($0) }, seconds: seconds)))
    }

    static let json = gateway(
        .json, #"{"to":["{to}"],"body":{"text":"{text}","flash":false,"parts":2}}"#,
        header: "Authorization", secret: "Bearer s3cr3t-key")
    static let form = gateway(
        .form, "key={secret}&To={to}&Body={text}&From=Sluice+Box", secret: "s3cr3t-key")

    /// What a gateway that takes forms reads: taken apart here by another way than it was made.
    static func fields(_ body: [UInt8]) -> [String: String] {
        var found: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).components("&") {
            let halves = pair.components("=")
            guard halves.count == 2 else { continue }
            found[plain(halves[0])] = plain(halves[1])
        }
        return found
    }

    private static func plain(_ text: String) -> String {
        var bytes: [UInt8] = []
        var characters = Array(text.utf8)[...]
        while let first = characters.first {
            if first == 0x25,
                let value = UInt8(
                    String(decoding: characters.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                characters = characters.dropFirst(3)
            } else {
                bytes.append(first == 0x2b ? 0x20 : first)
                characters = characters.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate func components(_ separator: Character) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}

/// Messages to gateways: what they get, and what is refused before anything is sent.
struct MessageTests {
    /// Texts that would end a field, add one, or stand for something else.
    private static let hostile = [
        "\"", "\\", "\",\"admin\":true,\"x\":\"", "&To=+1", "=", "%", "%22", "+", " ", "{to}",
        "{text}",
        "{secret}", "{{to}}", "{", "}", "短信", "é", "👩‍👩‍👧", "\u{1F512}", "<b>", "'", "/", ";", "#", "?",
    ]

    private func random(_ dice: inout SeededDice) -> (number: String, text: String) {
        let digits = (0..<Int.random(in: 6...14, using: &dice)).map { _ in
            String(Int.random(in: 0...9, using: &dice))
        }
        var text = ""
        repeat {
            text += Self.hostile.randomElement(using: &dice) ?? ""
        } while text.count < 250 && Int.random(in: 0...9, using: &dice) > 0
        return ("+\(Int.random(in: 1...9, using: &dice))" + digits.joined(), text)
    }

    @Test func `a gateway reads exactly the number and the text, whatever they are`() throws {
        var dice = SeededDice()
        for _ in 0..<2000 {
            let (number, text) = random(&dice)
            guard case .gateway(let json) = Messages.json.place,
                case .gateway(let form) = Messages.form.place
            else { return }
            let read = try JSON(reading: try json.body(to: number, text: text))
            #expect(read["to"] == .list([.text(number)]), "seed \(dice.seed)")
            #expect(
                read["body"]
                    == .object([
                        "text": .text(text), "flash": .flag(false), "parts": .integer(2),
                    ]), "seed \(dice.seed)")
            #expect(read.members.count == 2, "seed \(dice.seed)")
            let fields = Messages.fields(try form.body(to: number, text: text))
            #expect(
                fields == [
                    "key": "s3cr3t-key", "To": number, "Body": text, "From": "Sluice Box",
                ], "seed \(dice.seed)")
        }
    }

    @Test func `what is put in is never read as a part of the template`() throws {
        let target = Messages.gateway(
            .json, #"{"a":"{text}{to} {other} {to","b":"{text}"}"#)
        guard case .gateway(let gateway) = target.place else { return }
        let body = try JSON(reading: try gateway.body(to: "+4412345678", text: "{to}{text}"))
        #expect(body["a"] == .text("{to}{text}+4412345678 {other} {to"))
        #expect(body["b"] == .text("{to}{text}"))
    }

    /// Each with the field that must be named.
    @Test(arguments: [
        (Messages.gateway(.json, "{"), "template"),
        (Messages.gateway(.json, #"["{to}{text}"]"#), "template"),
        (Messages.gateway(.json, #"{"to":"{to}"}"#), "template"),
        (Messages.gateway(.json, #"{"{to}":1,"text":"{text}"}"#), "template"),
        (
            Messages.gateway(.json, #"{"t":"{to}{text}"}"# + String(repeating: " ", count: 4096)),
            "template"
        ),
        (Messages.gateway(.json, #"{"a":[[[[[[[[["{to}{text}"]]]]]]]]]}"#), "template"),
        (Messages.gateway(.form, "to={to}"), "template"),
        (Messages.gateway(.form, "{to}&text={text}"), "template"),
        (Messages.gateway(.form, "to={to}&text={text}&x=%4"), "template"),
        (Messages.gateway(.form, "to={to}&text={text}&x=%+1"), "template"),
        (Messages.gateway(.form, "to={to}&text={text}&x=%FF"), "template"),
        (Messages.gateway(.form, "to={to}&text={text}&"), "template"),
        (Messages.gateway(.form, "to={to}&text={text}&k={secret}"), "secret"),
        (Messages.gateway(.form, "to={to}&text={text}", header: "X-Key"), "secret"),
        (Messages.gateway(.form, "to={to}&text={text}", secret: "s3cr3t"), "header"),
        (
            Messages.gateway(.form, "to={to}&text={text}", header: "X Key", secret: "s3cr3t"),
            "header"
        ),
        (
            Messages.gateway(
                .form, "to={to}&text={text}", header: "Content-Type", secret: "s3cr3t"), "header"
        ),
        (
            Messages.gateway(.form, "to={to}&text={text}", header: "host", secret: "s3cr3t"),
            "header"
        ),
        (Messages.gateway(.form, "to={to}&text={text}", header: "X:Y", secret: "s3cr3t"), "header"),
        (
            Messages.gateway(.form, "to={to}&text={text}", header: "X", secret: "s3cr3t\r\nY: z"),
            "secret"
        ),
        (Messages.gateway(.form, "to={to}&text={text}", header: "X", secret: " s3cr3t"), "secret"),
        (Messages.gateway(.form, "to={to}&text={text}", seconds: 0), "seconds"),
        (Messages.gateway(.form, "to={to}&text={text}", seconds: 16), "seconds"),
    ])
    func `a gateway that cannot be used is refused, and its field is named`(
        _ target: ErrandTarget, _ field: String
    ) {
        expectRefusal(Errand(target: target, work: Messages.work), field)
    }

    private func expectRefusal(_ errand: Errand, _ field: String) {
        let refusal = #expect(throws: ErrandRefusal.self) { try errand.check() }
        guard case .fieldInvalid(let named, let wants) = refusal else { return }
        #expect(named.hasSuffix(field), "\(named): \(wants)")
        #expect(!wants.contains("s3cr3t") && !wants.contains("287082"))
    }

    @Test(arguments: [
        "http://sms.example.org/", "http://8.8.8.8/", "http://172.32.0.1/", "http://11.0.0.1/",
        "http://192.169.0.1/", "http://10.1/", "http://010.0.0.1/", "http://10.0.0.1.example.org/",
        "http://[2001:db8::1]/", "http://[fe80::1]/", "ftp://sms.example.org/", "sms.example.org/x",
        "https://", "https:///x", "https://user@sms.example.org/",
        "https://sms.example.org/?to={to}",
        "https://sms.example.org/#x", "https://sms.example.org/a b", "https://sms.example.org/{to}",
        "https://sms.example.org:0/", "https://sms.example.org/\r\nX: y",
        "https://sms.example.org/é",
    ])
    func `an address where codes could be read by others is refused`(_ address: String) {
        let target = Messages.gateway(.form, "to={to}&text={text}", address: address)
        expectRefusal(Errand(target: target, work: Messages.work), "address")
    }

    @Test(arguments: [
        "https://sms.example.org", "https://sms.example.org:8443/v1/Messages.json",
        "http://127.0.0.1:80/x",
        "http://localhost/x", "http://[::1]:81/", "http://10.255.0.1/",
        "http://172.16.0.1:8080/sms",
        "http://172.31.255.255/", "http://192.168.1.9/cgi-bin/sms", "http://[fd12:3456::1]/",
        "https://8.8.8.8/",
    ])
    func `TLS, this machine and private addresses are taken`(_ address: String) {
        let target = Messages.gateway(.form, "to={to}&text={text}", address: address)
        #expect(throws: Never.self) { try Errand(target: target, work: Messages.work).check() }
    }

    @Test(arguments: [
        "", "441632960123", "+0441632960123", "+123456", "+1234567890123456", "+44 1632",
        "+44163296012x",
        "+٤٤١٦٣٢٩٦٠١٢٣", "+441632960123\n",
    ])
    func `what is no telephone number is refused`(_ number: String) {
        #expect(!isTelephoneNumber(number))
        let work = Errand.Work.message(
            to: SecretText(number), text: SecretText("x"), until: 1)
        expectRefusal(Errand(target: Messages.json, work: work), "work.to")
    }

    @Test(arguments: ["", String(repeating: "x", count: 301), "two\nlines", "a\u{0}b", "\u{85}"])
    func `a text that is no message is refused`(_ text: String) {
        let work = Errand.Work.message(
            to: SecretText(Messages.number), text: SecretText(text), until: 1)
        expectRefusal(Errand(target: Messages.json, work: work), "work.text")
    }

    @Test func `messages go to gateways, and objects nowhere near them`() throws {
        expectRefusal(Errand(target: ErrandFormTests.bucket, work: Messages.work), "work.kind")
        expectRefusal(Errand(target: ErrandFormTests.folder, work: Messages.work), "work.kind")
        expectRefusal(Errand(target: Messages.json, work: .probe), "work.kind")
        expectRefusal(
            Errand(target: Messages.json, work: .delete(object: try ObjectName("a"))), "work.kind")
    }

    @Test func `nothing shows what a message says, to whom, or the secret`() {
        for target in [Messages.json, Messages.form] {
            let errand = Errand(target: target, work: Messages.work)
            var dumped = ""
            dump(errand, to: &dumped)
            for text in ["\(errand)", String(reflecting: errand), dumped, errand.work.object] {
                for secret in ["s3cr3t", Messages.number, "1632960123", "287082"] {
                    #expect(!text.contains(secret))
                }
            }
        }
    }
}
