// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// `text` as it is spoken: a syllable for each Chinese character, other letters and digits as they
/// are, everything else left out.
///
/// The system's transliteration knows one reading for a character; where it is the wrong one
/// (重, 乐 …), an alias of the item helps. About 0.1 ms a name.
func spoken(_ text: String) -> [SpokenPart] {
    var parts: [SpokenPart] = []
    for run in runs(of: text) {
        if run.isHan {
            parts += syllables(of: run.text).map { .syllable($0) }
        } else {
            let literal = squashed(run.text)
            if !literal.isEmpty { parts.append(.literal(literal)) }
        }
    }
    return parts
}

private func runs(of text: String) -> [(isHan: Bool, text: String)] {
    var runs: [(isHan: Bool, text: String)] = []
    for scalar in text.unicodeScalars {
        let isHan = scalar.properties.isIdeographic
        if let last = runs.last, last.isHan == isHan {
            runs[runs.count - 1].text.unicodeScalars.append(scalar)
        } else {
            runs.append((isHan, String(scalar)))
        }
    }
    return runs
}

private func syllables(of han: String) -> [String] {
    guard let latin = han.applyingTransform(.mandarinToLatin, reverse: false) else { return [] }
    var plain = ""
    for letter in latin.precomposedStringWithCanonicalMapping {
        // Keyboards write ü as v.
        plain.append("üǖǘǚǜ".contains(letter) ? "v" : letter)
    }
    let bare = plain.applyingTransform(.stripDiacritics, reverse: false) ?? plain
    // Characters without a reading come back as they went in; they are found by name.
    return bare.lowercased().split(separator: " ").map(String.init)
        .filter { $0.utf8.allSatisfy { (0x61...0x7a).contains($0) } }
}
