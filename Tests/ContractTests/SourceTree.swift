// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

/// A file of the checkout.
struct SourceFile: Sendable {
    /// From the top of the checkout: `Sources/Modules/Access/Store.swift`.
    let path: String
    let text: String

    var name: String { String(path.split(separator: "/").last ?? "") }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The target that a Swift file below Sources belongs to: the last folder of its layer.
    var target: String {
        let parts = path.split(separator: "/").map(String.init)
        return parts[1] == "Appliance" ? "Appliance" : parts[2]
    }

    var isRoom: Bool { path.hasPrefix("Sources/Modules/") }
}

/// A Swift file with its code set apart from comments and texts.
struct SwiftFile: Sendable {
    let file: SourceFile
    let swift: SwiftText

    var path: String { file.path }

    /// What the file imports.
    var imports: [String] {
        finds(
            "(?m)^\\s*(?:@\\w+ )?(?:package |public |private |internal )?import (\\w+)",
            in: swift.code
        )
        .map(\.text)
    }

    /// Where `pattern` stands in the code, as `path:line: text`.
    func places(of pattern: String) -> [String] {
        finds(pattern, in: swift.code).map { "\(path):\($0.line): \($0.text)" }
    }
}

/// The checkout that these tests were built from, read once.
enum SourceTree {
    /// The top of the checkout, also when the tests were built through a link to it.
    static let top = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static let swift: [SwiftFile] = files(below: "Sources", ending: ".swift").map {
        SwiftFile(file: $0, swift: SwiftText($0.text))
    }
    static let rooms = swift.filter(\.file.isRoom)

    /// Files below a folder of the checkout, by path.
    static func files(below folder: String, ending: String) -> [SourceFile] {
        guard let found = FileManager.default.enumerator(atPath: "\(top)/\(folder)") else {
            return []
        }
        return found.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted()
            .compactMap { file(at: "\(folder)/\($0)") }
    }

    static func file(at path: String) -> SourceFile? {
        guard let data = FileManager.default.contents(atPath: "\(top)/\(path)")
        else { return nil }
        return SourceFile(path: path, text: String(decoding: data, as: UTF8.self))
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(top)/\(path)")
    }
}

/// Each match of a regular expression: its first group, or the whole of it, and its line.
func finds(_ pattern: String, in text: String) -> [(line: Int, text: String)] {
    let all = text as NSString
    guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
    var line = 1
    var counted = 0
    return expression.matches(in: text, range: NSRange(location: 0, length: all.length)).map {
        let range = $0.numberOfRanges > 1 ? $0.range(at: 1) : $0.range
        let start = range.location == NSNotFound ? $0.range.location : range.location
        while counted < start {
            if all.character(at: counted) == 10 { line += 1 }
            counted += 1
        }
        return (line, range.location == NSNotFound ? "" : all.substring(with: range))
    }
}
