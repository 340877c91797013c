// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

enum Thing: IDNoun {
    static let prefix = "thg"
}

enum Task: String, Codable, CaseIterable, Sendable {
    case receive, ship
}

enum Level: String, CaseIterable, Sendable {
    case base, inner
}

struct LineRequest: Codable, Sendable, Equatable {
    let count: Quantity
    let thing: ID<Thing>
}

struct OrderRequest: Codable, Sendable {
    let event: EventKey
    let name: Name
    let task: Task
    let level: Choice<Level>
    let lines: List<LineRequest, 3>
    let on: BusinessDay
    let at: Instant?
    let note: Note?
    let isUrgent: Bool
    let pieces: Count
}

struct OrderQuery: Codable, Sendable {
    let limit: Whole<1, 200>?
    let after: Cursor?
    let task: Task?
    let isOpen: Bool?
    let q: Name?
}

struct LooseRequest: Codable, Sendable {
    let name: String
    let count: Int
    let lines: [LineRequest]
    let inner: [String: String]
}

struct OrderView: Codable, Sendable, Described {
    let id: ID<Thing>
    let amount: Quantity
    let note: String?
    let lines: [LineRequest]
    let count: Int?
    let facts: JSON

    static let notes = ["amount": "How much there is."]
}

let goodOrder = """
    {"event":"0192F0C4-7a30-7c11-8f2e-3b5a9d1c6e47","name":" Tea ","task":"ship","level":"inner",
     "lines":[{"count":"1.250","thing":"thg-7"}],"on":"2026-11-23","at":"2026-11-23T08:00:00+08:00",
     "isUrgent":true,"pieces":12}
    """

/// The faults of a decoding as "pointer code", sorted.
private func faults<T>(_ decode: () throws -> T) -> [String] {
    do {
        _ = try decode()
        return []
    } catch let refusal as WebRefusal {
        return ([refusal.code] + refusal.pointers.map { $0.path + " " + $0.code }.sorted())
    } catch {
        return ["\(error)"]
    }
}

@Suite struct WireTests {
    private func order(_ change: (String) -> String) -> [String] {
        faults { try WireForm(OrderRequest.self).decode(json: Array(change(goodOrder).utf8)) }
    }

    @Test func `a request that fits is decoded whole`() throws {
        let order = try WireForm(OrderRequest.self).decode(json: Array(goodOrder.utf8))
        #expect(order.event.text == "0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e47")
        #expect(order.name.text == "Tea")
        #expect(order.task == .ship && order.level.value == .inner)
        #expect(order.lines.elements[0].count.units == 1250)
        #expect(order.lines.elements[0].thing == ID(7))
        #expect(order.at?.rfc3339 == "2026-11-23T00:00:00.000000Z")
        #expect(order.note == nil && order.isUrgent && order.pieces.value == 12)
    }

    @Test func `null stands for absent, and only where absent is allowed`() {
        #expect(
            order { $0.replacing("\"isUrgent\":true", with: "\"isUrgent\":true,\"note\":null") }
                == [])
        #expect(
            order { $0.replacing("\"isUrgent\":true", with: "\"isUrgent\":null") }
                == ["request.field_invalid", "/isUrgent wrong_type"])
    }

    @Test func `all unknown, missing and wrong fields are named at once`() {
        let found = order {
            $0.replacing("\"name\":\" Tea \",", with: "\"nam/e~\":1,")
                .replacing("\"pieces\":12", with: "\"pieces\":\"12\",\"more\":[]")
                .replacing("\"thing\":\"thg-7\"", with: "\"thing\":\"thg-7\",\"colour\":1")
        }
        #expect(
            found == [
                "request.field_unknown", "/lines/0/colour unknown", "/more unknown",
                "/name missing", "/nam~1e~0 unknown", "/pieces wrong_type",
            ])
    }

    @Test(arguments: [
        ("\"name\":\" Tea \"", "\"name\":\"  \"", "/name empty"),
        ("\" Tea \"", "\"a\\u0000b\"", "/name control_character"),
        ("\" Tea \"", "\"a\\u202eb\"", "/name control_character"),
        ("\" Tea \"", "\"" + String(repeating: "茶", count: 201) + "\"", "/name too_long"),
        ("\"ship\"", "\"steal\"", "/task not_a_choice"),
        ("\"inner\"", "\"outer\"", "/level not_a_choice"),
        ("\"1.250\"", "\"1,250\"", "/lines/0/count bad_form"),
        ("\"1.250\"", "\"1.2500000\"", "/lines/0/count out_of_range"),
        ("\"1.250\"", "1.25", "/lines/0/count wrong_type"),
        ("\"thg-7\"", "\"itm-7\"", "/lines/0/thing bad_form"),
        ("\"thg-7\"", "7", "/lines/0/thing wrong_type"),
        ("\"2026-11-23\"", "\"2026-02-30\"", "/on out_of_range"),
        ("\"2026-11-23\"", "\"23.11.2026\"", "/on bad_form"),
        ("08:00:00+08:00", "08:00", "/at bad_form"),
        ("12}", "-1}", "/pieces out_of_range"), ("12}", "1000000000001}", "/pieces out_of_range"),
        ("12}", "99999999999999999999}", "/pieces out_of_range"),
        ("12}", "12.5}", "/pieces wrong_type"), ("true", "1", "/isUrgent wrong_type"),
        ("true", "\"true\"", "/isUrgent wrong_type"), ("0192F0C4", "0192F0C", "/event bad_form"),
    ])
    func `a leaf outside its limits is refused with its place`(
        _ old: String, _ new: String, _ fault: String
    ) {
        let found = order { $0.replacing(old, with: new) }
        #expect(found.first == "request.field_invalid")
        #expect(found.dropFirst().contains(fault))
    }

    @Test func `several leaves outside their limits are all named`() {
        let found = order {
            $0.replacing("\" Tea \"", with: "\"\"").replacing("\"ship\"", with: "\"x\"")
                .replacing("12}", with: "-1}")
        }
        #expect(
            found == [
                "request.field_invalid", "/name empty", "/pieces out_of_range",
                "/task not_a_choice",
            ])
    }

    @Test func `a list has a limit of its own`() {
        let line = "{\"count\":\"1\",\"thing\":\"thg-1\"}"
        let found = order {
            $0.replacing(
                "[{\"count\":\"1.250\",\"thing\":\"thg-7\"}]",
                with: "[" + Array(repeating: line, count: 4).joined(separator: ",") + "]")
        }
        #expect(found == ["request.field_invalid", "/lines too_many"])
    }

    @Test(arguments: ["", "{", "[]x", "{\"a\":1,\"a\":2}", "nonsense"])
    func `what is no JSON is malformed`(_ text: String) {
        let found = faults { try WireForm(OrderRequest.self).decode(json: Array(text.utf8)) }
        #expect(found == ["request.malformed"])
    }

    @Test(arguments: ["[]", "1", "null", "\"x\""])
    func `JSON that is no record is a field fault at the root`(_ text: String) {
        let found = faults { try WireForm(OrderRequest.self).decode(json: Array(text.utf8)) }
        #expect(found == ["request.field_invalid", " wrong_type"])
    }

    @Test func `a query is decoded from texts, strictly`() throws {
        let form = try WireForm(OrderQuery.self)
        let cursor = Cursor([.integer(5)]).text
        let query = try form.decode(pairs: [
            ("limit", "20"), ("after", cursor), ("task", "ship"), ("isOpen", "false"), ("q", ""),
        ])
        #expect(query.limit?.value == 20 && query.after == Cursor([.integer(5)]))
        #expect(query.task == .ship && query.isOpen == false && query.q == nil)
        #expect(try form.decode(pairs: []).limit == nil)
        #expect(
            faults { try form.decode(pairs: [("limit", "0")]) }
                == ["request.field_invalid", "/limit out_of_range"])
        for text in ["x", "1.0", " 1", "+1", "01"] {
            #expect(
                faults { try form.decode(pairs: [("limit", text)]) }
                    == ["request.field_invalid", "/limit wrong_type"], "\(text)")
        }
        #expect(
            faults { try form.decode(pairs: [("limit", "1"), ("limit", "2")]) }
                == ["request.field_invalid", "/limit repeated"])
        #expect(
            faults { try form.decode(pairs: [("page", "1"), ("sort", "x")]) }
                == ["request.field_unknown", "/page unknown", "/sort unknown"])
    }

    @Test func `a form body is decoded once`() throws {
        let form = try WireForm(OrderQuery.self)
        let query = try form.decode(form: Array("q=a%20b+c%2Bd&limit=3&task=".utf8))
        #expect(query.q?.text == "a b c+d" && query.limit?.value == 3 && query.task == nil)
        #expect(faults { try form.decode(form: Array("q=%zz".utf8)) } == ["request.malformed"])
    }

    @Test func `an answer holds every name, sorted, null where there is nothing`() throws {
        let view = OrderView(
            id: ID(3), amount: try Quantity(decimal: "1.50"), note: nil,
            lines: [LineRequest(count: try Quantity(decimal: "2"), thing: ID(9))], count: nil,
            facts: JSON(.record(["b": .integer(1), "a": .none])))
        let bytes = try Response.json(view).bytes
        let expected =
            #"{"amount":"1.50","count":null,"facts":{"a":null,"b":1},"id":"thg-3","#
            + #""lines":[{"count":"2","thing":"thg-9"}],"note":null}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func `a page is items and next`() throws {
        let page = Page(items: [ID<Thing>(1)], next: nil)
        let text = String(decoding: try Response.json(page).bytes, as: UTF8.self)
        #expect(text == #"{"items":["thg-1"],"next":null}"#)
    }

    @Test func `a secret never shows itself`() throws {
        let secret = try Secret(" correct horse ")
        #expect(secret.text == " correct horse ")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("horse"))
    }

    @Test func `a code keeps the separators of GS1 and refuses other control characters`() throws {
        #expect(try Code(" ]C10112\u{1d}21A \n").text == "]C10112\u{1d}21A")
        #expect(try Code("\u{1d}01").text == "\u{1d}01")
        #expect(throws: WireFault("control_character")) { try Code("a\u{2}b") }
        #expect(throws: WireFault("empty")) { try Code("   ") }
        #expect(throws: WireFault("too_long")) { try Code(String(repeating: "9", count: 129)) }
    }
}
