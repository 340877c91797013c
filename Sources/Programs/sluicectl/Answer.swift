// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser
import Foundation

/// An answer of the daemon, for printing: only texts and lists of records are ever shown.
struct Answer {
    let text: String
    private let record: [String: Any]

    init(_ raw: ControlAnswer) throws {
        text = raw.text
        record =
            (try? JSONSerialization.jsonObject(with: Data(raw.body))) as? [String: Any] ?? [:]
    }

    private init(_ record: [String: Any]) {
        text = ""
        self.record = record
    }

    /// A field as text; nil when it is missing or null.
    subscript(_ name: String) -> String? {
        switch record[name] {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: nil
        }
    }

    /// A list of plain texts.
    func texts(_ name: String) -> [String] { record[name] as? [String] ?? [] }

    /// A record inside; nil when it is missing or null.
    func record(_ name: String) -> Answer? { (record[name] as? [String: Any]).map { Answer($0) } }

    /// The record as JSON.
    var json: String {
        let data = try? JSONSerialization.data(withJSONObject: record, options: [.sortedKeys])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// A sentence of a refusal with the refusal's parameters in the places of their names.
    func filled(_ sentence: String) -> String {
        let parameters = Answer(record["parameters"] as? [String: Any] ?? [:])
        // Each place is filled once: what stands in a parameter is no sentence of ours.
        var (text, rest) = ("", sentence[...])
        while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
            let name = rest[rest.index(after: start)..<end]
            text += rest[..<start]
            text += parameters.word(String(name)) ?? "{\(name)}"
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }

    /// A field as it stands in a sentence; a list by commas.
    private func word(_ name: String) -> String? {
        guard let list = record[name] as? [Any] else { return self[name] }
        return list.compactMap { Answer(["one": $0])["one"] }.joined(separator: ", ")
    }

    func isTrue(_ name: String) -> Bool { record[name] as? Bool ?? false }

    func list(_ name: String) -> [Answer] {
        (record[name] as? [[String: Any]] ?? []).map { Answer($0) }
    }
}

/// Writes a line to standard error.
func complain(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
}

/// `text` filled with spaces to `width`.
func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}
