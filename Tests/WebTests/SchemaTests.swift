// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

@testable import Web

private final class Chain: Codable, Sendable {
    let next: Chain?
    init(next: Chain?) { self.next = next }
}

private struct Odd: Codable, Sendable {
    let text: String
    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard text == "odd" else { throw WireFault("bad_form") }
        self.text = text
    }
}

@Suite struct SchemaTests {
    @Test func `names, types, limits and what may be left out come from the declaration`() throws {
        let schema = try SchemaProbe.schema(of: OrderRequest.self)
        #expect(
            schema.fields.map(\.name) == [
                "event", "name", "task", "level", "lines", "on", "at", "note", "isUrgent",
                "pieces",
            ])
        #expect(schema.fields.filter { !$0.isRequired }.map(\.name) == ["at", "note"])
        #expect(schema.fields[1].schema == Name.schema)
        #expect(schema.fields[2].schema == .text(.init(most: 7, choices: ["receive", "ship"])))
        #expect(schema.fields[6].schema == Instant.schema.nullable)
        guard case .list(let line, let most) = schema.fields[4].schema.shape else {
            Issue.record("lines are a list")
            return
        }
        #expect(most == 3 && line.fields.map(\.name) == ["count", "thing"])
        #expect(schema.unboundedPlaces == [])
    }

    @Test func `bare texts, numbers and maps of a request are found`() throws {
        let places = try SchemaProbe.schema(of: LooseRequest.self).unboundedPlaces
        #expect(places == ["/name", "/count", "/inner", "/inner/*"])
    }

    @Test func `notes of a described type stand at their fields`() throws {
        let schema = try SchemaProbe.schema(of: OrderView.self)
        #expect(schema.fields[1].note == "How much there is.")
        #expect(schema.fields[2].schema == Schema(.unboundedText, isNullable: true))
    }

    @Test func `a page describes its items`() throws {
        let schema = try SchemaProbe.schema(of: Page<OrderView>.self)
        #expect(schema.fields.map(\.name) == ["items", "next"])
        #expect(schema.fields.map(\.isRequired) == [true, false])
    }

    @Test func `a type that contains itself or refuses examples cannot be described`() {
        #expect(throws: SchemaProbe.Failure.self) { try SchemaProbe.schema(of: Chain.self) }
        #expect(throws: SchemaProbe.Failure.self) {
            try SchemaProbe.schema(of: Odd.self)
        }
    }

    @Test func `every leaf's example fits its own limits`() throws {
        func check<T: WireValue>(_ type: T.Type) throws {
            let json = try JSON(encoding: try T.sample)
            #expect(T.schema.faults(in: json, isTextual: false, looksIntoLeaves: true).isEmpty)
            _ = try WireDecoder.decode(T.self, from: json, isTextual: false)
        }
        try check(Name.self)
        try check(Code.self)
        try check(Note.self)
        try check(Secret.self)
        try check(Word.self)
        try check(EventKey.self)
        try check(Count.self)
        try check(Whole<1, 200>.self)
        try check(Choice<Level>.self)
        try check(List<LineRequest, 3>.self)
        try check(Quantity.self)
        try check(ID<Thing>.self)
        try check(Instant.self)
        try check(BusinessDay.self)
        try check(Language.self)
        try check(Cursor.self)
        try check(Permission.self)
        try check(Bool.self)
    }
}
