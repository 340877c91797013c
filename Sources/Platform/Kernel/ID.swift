// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A noun that has ids of its own.
package protocol IDNoun {
    /// Three letters before the number in logs and addresses: `itm` in `itm-42`.
    static var prefix: String { get }
}

/// The id of one `Noun`; ids of different nouns are different types and never mix.
package struct ID<Noun: IDNoun>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let raw: Int64

    package init(_ raw: Int64) { self.raw = raw }

    /// Reads `itm-42`; nil for anything else, also for another noun's id.
    package init?(text: String) {
        let start = "\(Noun.prefix)-"
        guard text.hasPrefix(start), text.utf8.count <= start.utf8.count + 19 else { return nil }
        let digits = text.dropFirst(start.count)
        guard let raw = Int64(digits), raw > 0, "\(raw)" == digits else { return nil }
        self.raw = raw
    }

    package var description: String { "\(Noun.prefix)-\(raw)" }

    package static func < (a: ID, b: ID) -> Bool { a.raw < b.raw }
}
