// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A piece of a name as people spell it with Latin letters.
enum SpokenPart: Hashable, Sendable {
    /// One Chinese character: `nong`.
    case syllable(String)
    /// Letters and digits that stand in the name as they are: `550ml`.
    case literal(String)

    var full: String {
        switch self {
        case .syllable(let text), .literal(let text): text
        }
    }

    /// What of it people type who type first letters only.
    var initial: String {
        switch self {
        case .syllable(let text): String(text.prefix(1))
        case .literal(let text): text
        }
    }
}

/// What the search index keeps of an item; both texts are words separated by spaces.
struct SearchText: Hashable, Sendable {
    /// Overlapping pairs of letters, so that a phrase of pairs finds any part of a name, in Chinese
    /// too, where no spaces part the words.
    let name: String
    /// Words that are found by how they begin: codes, aliases, names as spoken.
    let words: String
}

/// What the search index is made of.
struct SearchSource: Sendable {
    var names: [String]
    var codes: [String]
    var alias: String
    /// The item's name and aliases as spoken.
    var spokenName: [SpokenPart]
    var spokenAliases: [[SpokenPart]]
}

/// Letters of a syllable sequence that are kept where it starts inside a name: enough to tell goods
/// apart, and a bound on the size of the index.
private let innerWordLength = 16
private let innerStartsMax = 24

func searchText(of source: SearchSource) -> SearchText {
    var words: [String] = []
    var seen: Set<String> = []
    func add(_ word: String) {
        if !word.isEmpty, seen.insert(word).inserted { words.append(word) }
    }
    for code in source.codes {
        let word = squashed(code)
        add(word)
        if let number = bareNumber(word) { add(number) }
    }
    for word in source.alias.split(whereSeparator: \.isWhitespace) { add(squashed(String(word))) }
    for parts in [source.spokenName] + source.spokenAliases {
        add(parts.map(\.full).joined())
        for start in parts.indices.prefix(innerStartsMax) {
            let rest = parts[start...]
            add(rest.map(\.initial).joined())
            if start > 0 { add(String(rest.map(\.full).joined().prefix(innerWordLength))) }
        }
    }
    return SearchText(
        name: source.names.map { pairs(squashed($0), withLast: true) }.joined(separator: " "),
        words: words.joined(separator: " "))
}

/// Words of a question that are looked at; more narrow it no further.
private let questionWordsMax = 8
private let questionWordLength = 64

/// The index's question for what a person typed: every word must be part of a name or begin a
/// code, an alias or a spoken name. Nil when nothing searchable was typed.
func searchQuestion(for text: String, state: ItemState?) -> String? {
    let words = folded(text).split(whereSeparator: \.isWhitespace)
        .map { String(squashed(String($0)).prefix(questionWordLength)) }
        .filter { !$0.isEmpty }
    guard !words.isEmpty else { return nil }
    var parts = words.prefix(questionWordsMax).map { word in
        // Only letters and digits are left, so that nothing of it can be an operator.
        let inName =
            word.unicodeScalars.count == 1 ? "\"\(word)\" *" : "\"\(pairs(word, withLast: false))\""
        let begins = word.unicodeScalars.count > innerWordLength ? "\"\(word)\"" : "\"\(word)\" *"
        let number = bareNumber(word).map { " OR words : \"\($0)\"" } ?? ""
        return "(name : \(inName) OR words : \(begins)\(number))"
    }
    if let state { parts.append("state : \(state.rawValue)") }
    return parts.joined(separator: " AND ")
}

/// A trade item number without its leading zeros, which readers add and leave out as they like; nil
/// for anything else.
private func bareNumber(_ word: String) -> String? {
    gtin14(word).map { String($0.drop { $0 == "0" }) }
}

/// Every two neighbouring letters of `text`, then its last letter alone when asked.
private func pairs(_ text: String, withLast: Bool) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    for index in scalars.indices where index + 1 < scalars.count || withLast {
        if index > 0 { result.append(" ") }
        result.append(scalars[index])
        if index + 1 < scalars.count { result.append(scalars[index + 1]) }
    }
    return String(result)
}
