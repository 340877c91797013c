// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// The one form that all ways of writing a name have: small letters, usual width, one space where
/// there are several, nothing that cannot be seen.
///
/// Names are found and tries are counted by it, so that `Lin`, `LIN`, `Ｌｉｎ` and `lin ` are one
/// account with one count. Source: Unicode Standard Annex 15 (NFKC) and chapter 3.13.
func folded(_ name: String) -> String {
    let narrow = name.precomposedStringWithCompatibilityMapping
    // Up first: some small letters have no capital of their own and would stay apart.
    let small = narrow.uppercased().lowercased().precomposedStringWithCompatibilityMapping
    let visible = String(
        String.UnicodeScalarView(
            small.unicodeScalars.filter { scalar in
                !scalar.properties.isDefaultIgnorableCodePoint
            }))
    return visible.split { $0.isWhitespace }.joined(separator: " ")
}
