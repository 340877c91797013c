// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Web

/// Bodies and values that a schema does not allow, made from the schema itself.
enum Mutations {
    /// A body that must be refused, and what is wrong with it.
    struct Bad {
        let name: String
        let value: JSON
    }

    /// Everything that can be wrong with the fields of a body, one thing at a time.
    static func bodies(_ schema: Schema, like example: JSON) -> [Bad] {
        var found = [
            Bad(name: "an unknown field", value: put("zz_unknown", .integer(1), into: example))
        ]
        for field in schema.fields {
            if field.isRequired {
                found.append(
                    Bad(name: "\(field.name) missing", value: remove(field.name, from: example)))
            }
            let given = example[field.name] ?? .null
            for bad in values(field.schema, isRequired: field.isRequired, like: given) {
                found.append(
                    Bad(
                        name: "\(field.name): \(bad.name)",
                        value: put(field.name, bad.value, into: example)))
            }
        }
        return found
    }

    /// Values that one place refuses.
    private static func values(
        _ schema: Schema, isRequired: Bool, like given: JSON
    ) -> [Bad] {
        var found: [Bad] = []
        if isRequired && !schema.isNullable { found.append(Bad(name: "null", value: .null)) }
        func add(_ name: String, _ values: JSON...) {
            found += values.map { Bad(name: name, value: $0) }
        }
        switch schema.shape {
        case .text(let rule):
            add("no text", .integer(7), .flag(true), .list([]), .record([]), .decimal("1.5"))
            found += texts(rule).map { Bad(name: "text \($0.debugDescription)", value: .text($0)) }
        case .integer(let range):
            add("no whole number", .text("seven"), .text("7"), .flag(true), .decimal("1.5"))
            add("no whole number", .list([]), .record([]), .decimal("99999999999999999999"))
            if range.upperBound < .max { add("too large", .integer(range.upperBound + 1)) }
            if range.lowerBound > .min { add("too small", .integer(range.lowerBound - 1)) }
        case .flag:
            add("no flag", .text("true"), .integer(1), .list([]), .record([]))
        case .list(let element, let most):
            add("no list", .text("a"), .integer(7), .record([]))
            if let first = given.elements.first {
                add("too many", .list(Array(repeating: first, count: most + 1)))
            }
            found += values(element, isRequired: true, like: given[0] ?? .null).map {
                Bad(name: "an element \($0.name)", value: .list([$0.value]))
            }
        case .record:
            add("no record", .text("a"), .integer(7), .list([]))
            guard case .record = given else { break }
            found += bodies(schema, like: given)
        case .map, .anything, .unboundedText, .unboundedInteger, .number:
            break
        }
        return found
    }

    /// Texts that break a rule, as far as the rule says so.
    static func texts(_ rule: Schema.TextRule) -> [String] {
        var found: [String] = []
        if !rule.choices.isEmpty { found += ["zz_none", ""] }
        if rule.least > 0 { found.append("") }
        found.append(String(repeating: "a", count: rule.most + 1))
        if let pattern = rule.pattern {
            let garbage = ["zz zz", "-", "\u{0}", "💥", "1' OR '1'='1", "../..", " "]
            found += garbage.filter { finds(pattern, in: $0).isEmpty }
        }
        switch rule.format {
        case "date": found += ["2026-02-30", "26-01-01xx", "2026/01/01"]
        case "date-time": found += ["2026-02-30T00:00:00.000000Z", "yesterday at the gate"]
        case "uuid": found += ["0192f0c4-7a30-7c11-8f2e-3b5a9d1c6e4z"]
        default: break
        }
        return found
    }

    /// Ids of the right form that name nothing.
    static func strangers(_ rule: Schema.TextRule) -> [String] {
        guard let pattern = rule.pattern, pattern.contains("-[1-9]") else { return [] }
        let prefix = pattern.dropFirst().prefix { $0 != "-" }
        return ["\(prefix)-999999999", "\(prefix)-9223372036854775807", "\(prefix)-1"]
    }

    static func put(_ name: String, _ value: JSON, into record: JSON) -> JSON {
        guard case .record(let members) = record else { return record }
        return .record(members.filter { $0.name != name } + [JSON.Member(name, value)])
    }

    private static func remove(_ name: String, from record: JSON) -> JSON {
        .record(record.members.filter { $0.name != name })
    }

    /// Bodies that are no record of the endpoint at all: 400 or 422, whatever the endpoint is.
    static let noBodies: [(name: String, body: [UInt8])] = [
        ("nothing", []), ("a space", [0x20]), ("a list", Array("[]".utf8)),
        ("a number", Array("7".utf8)), ("null", Array("null".utf8)),
        ("an open record", Array("{".utf8)), ("a text", Array("\"a\"".utf8)),
        ("a comma too many", Array("{\"a\":1,}".utf8)), ("two documents", Array("{}{}".utf8)),
        ("no UTF-8", [0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), ("a zero byte", [0]),
        ("half a surrogate", Array("{\"a\":\"\\ud800\"}".utf8)),
        ("no number", Array("{\"a\":NaN}".utf8)),
        ("a name twice", Array("{\"zz\":1,\"zz\":1}".utf8)),
        ("lists without end", Array(repeating: UInt8(ascii: "["), count: 7000)),
        ("records without end", Array(String(repeating: "{\"a\":", count: 1500).utf8)),
    ]

    /// Texts that have made others fall over.
    static let hostile = [
        "' OR 1=1 --", "\"; DROP TABLE journal_event; --", "a\u{0}b", "\u{1d}", "\u{feff}x",
        "💥👩‍👩‍👧‍👦", "\u{202e}abc", "%s%n%x", "../../etc/passwd", "<script>alert(1)</script>", "NaN",
        "-1", "1e9", "9223372036854775807", "-9223372036854775808", "0", "0.000001",
        "999999999999999999.999999", "]C10112345678901231", "\u{1d}01", "(01)12345678901231",
        "%", "_", "\\", "e\u{301}", String(repeating: "\u{301}", count: 60), "\t", "*", "NEAR(",
        "\"", "AND OR NOT", "a*b", "^", "2026-11-23", "0001-01-01", "9999-12-31",
        "9999-12-31T23:59:59.999999Z", "0000-01-01T00:00:00Z",
    ]

    /// Cursors of every shape, none of them ours.
    static let cursors = [
        Cursor([.integer(0)]), Cursor([.integer(.max)]), Cursor([.integer(.min)]),
        Cursor([.text("")]), Cursor([.text("zz")]), Cursor([.integer(1), .integer(1)]),
        Cursor([.text("a"), .integer(1)]), Cursor([.integer(1), .integer(2), .integer(3)]),
    ].map(\.text)
}
