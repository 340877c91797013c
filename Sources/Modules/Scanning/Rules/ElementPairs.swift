// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Which identifiers may, must and must not stand together in one string.
enum ElementPairs {
    /// The elements without exact repetitions.
    ///
    /// Errors: an identifier twice with different data, a forbidden pair, a missing partner, in
    /// this order.
    static func checked(_ elements: [CodeElement]) throws(ReadingRefusal) -> [CodeElement] {
        guard !elements.isEmpty else { throw .codeEmpty }
        var single: [CodeElement] = []
        for element in elements {
            if let same = single.first(where: { $0.identifier == element.identifier }) {
                guard same.data == element.data else {
                    throw .repeated(identifier: element.identifier)
                }
            } else {
                single.append(element)
            }
        }
        let codes = single.map(\.identifier)
        for code in codes {
            guard let identifier = ApplicationIdentifier.named(code) else { continue }
            for other in codes where other != code {
                if identifier.excludes.contains(where: {
                    ApplicationIdentifier.pattern($0, means: other)
                }) {
                    throw .pairForbidden(identifier: code, other: other)
                }
            }
        }
        for code in codes {
            guard let identifier = ApplicationIdentifier.named(code) else { continue }
            for group in identifier.requires where !has(group, codes) {
                throw .pairMissing(identifier: code, needs: group)
            }
        }
        return single
    }

    private static func has(_ group: [String], _ codes: [String]) -> Bool {
        codes.contains { code in
            group.contains { ApplicationIdentifier.pattern($0, means: code) }
        }
    }
}
