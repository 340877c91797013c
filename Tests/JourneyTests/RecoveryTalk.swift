// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

/// The groups of the page that was printed.
func groups(_ talk: Talk) throws -> [String] {
    try talk.hear("\n14  ")
    try talk.wait(for: ": ")
    return talk.said.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        return words.count == 2 && Int(words[0]) != nil && words[1].count == 4
            ? String(words[1]) : nil
    }
}

/// Answers the question for a group from what was printed.
func answer(_ talk: Talk, _ groups: [String]) throws {
    try talk.wait(for: ": ")
    let number = talk.asked.split(separator: " ").last { Int($0.prefix { $0 != ":" }) != nil }
    let index = try #require(number.flatMap { Int($0.prefix { $0 != ":" }) })
    talk.answer(groups[index - 1].lowercased())
}

/// Adds a recovery key to a box as a person does, and returns it.
func addRecovery(_ data: String) throws -> String {
    let talk = try Talk("sluicectl", ["key", "add", "recovery", "--data", data])
    let groups = try groups(talk)
    #expect(groups.count == 14)
    try answer(talk, groups)
    try answer(talk, groups)
    #expect(talk.end() == 0, "\(talk.asked)")
    return groups.joined(separator: "-")
}
