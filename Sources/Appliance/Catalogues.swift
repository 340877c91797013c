// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Web

/// The texts of the screens, which the daemon shares for the titles of problems.
struct Catalogues: Sendable {
    private let texts: [Language: [String: String]]

    /// Reads `locales/zh-CN.json` and `locales/en.json` below the folder of the screens, and beside
    /// each the texts of refusals, which browsers take later.
    init(www: String) throws {
        var texts: [Language: [String: String]] = [:]
        for language in Language.allCases {
            let members = try ["json", "problems.json"].flatMap { ending in
                let path = "\(www)/locales/\(language.rawValue).\(ending)"
                let data = try Data(contentsOf: URL(fileURLWithPath: path))
                return try JSON(reading: Array(data)).members
            }
            texts[language] = Dictionary(
                members.compactMap { member in member.value.text.map { (member.name, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
        self.texts = texts
    }

    func text(_ key: String, _ language: Language) -> String? { texts[language]?[key] }

    /// Problem documents with titles from the catalogues.
    var problems: ProblemWriter {
        let texts = texts
        return ProblemWriter(
            titles: { code, language in texts[language]?["problem.\(code).title"] },
            details: { code, language in texts[language]?["problem.\(code).detail"] },
            log: { request, inside in Log.write(.error, "\(request): \(inside)") })
    }
}
