// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Scanning

/// The codes of Tests/Vectors/codes.jsonl, whose readings a script worked out by other means.
struct ReadingCorpusTests {
    struct Vector: Decodable, Sendable {
        let code: String
        let today: String?
        let read: [String]?
        let refused: String?
        let text: String?
        let notes: [String]?
    }

    static func vectors() throws -> [Vector] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Vectors/codes.jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Vector.self, from: Data($0.utf8))
        }
    }

    static func day(_ text: String?) throws -> BusinessDay {
        let parts = (text ?? "2026-11-23").split(separator: "-").compactMap { Int($0) }
        return try BusinessDay(year: parts[0], month: parts[1], day: parts[2])
    }

    @Test func `every code of the corpus is read as its maker meant it`() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count >= 500)
        for vector in vectors {
            let today = try Self.day(vector.today)
            do {
                let reading = try read(vector.code, today: today)
                let shown = reading.candidates.map(ReadingPrinting.shown)
                let text = vector.text ?? vector.code
                let code = vector.code.debugDescription
                #expect(vector.refused == nil, "\(code) was read as \(shown)")
                #expect(shown == (vector.read ?? []) + ["text: \(text)"], "\(code)")
                #expect(reading.notes.map(\.code) == vector.notes ?? [], "\(code)")
                #expect(reading.text == text, "\(code)")
            } catch {
                #expect(error.code == vector.refused, "\(vector.code.debugDescription)")
            }
        }
        print("corpus: \(vectors.count) codes")
    }

    @Test func `every refusal of the corpus is listed and every listed refusal occurs`() throws {
        let seen = Set(try Self.vectors().compactMap(\.refused))
        #expect(seen == Set(ReadingRefusal.catalogue.map(\.code)))
    }
}
