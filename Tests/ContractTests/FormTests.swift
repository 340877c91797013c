// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

/// Rules about the form of the code that a compiler does not know.
struct FormTests {
    /// Where numbers of goods and money are made.
    private var exact: [SwiftFile] {
        SourceTree.swift.filter {
            $0.file.isRoom || ["Kernel", "Ledger"].contains($0.file.target)
        }
    }

    /// Lines that may have what is otherwise refused, and why.
    private struct Allowance {
        let path: String
        let text: String
        let reason: String
    }

    private let floating = [
        Allowance(
            path: "Sources/Platform/Kernel/BusinessDay.swift", text: "TimeInterval",
            reason: "Foundation's zones take instants as seconds; whole ones, exact below 2^53")
    ]

    @Test func `Kernel, Ledger and rooms have no floating point`() {
        let types = "\\b(Double|Float|Float16|Float32|Float64|Float80|CGFloat|TimeInterval)\\b"
        let literals = "(?<![\\w.$])([0-9][0-9_]*\\.[0-9][0-9_]*(?:e[+-]?[0-9]+)?)\\b"
        for file in exact {
            check(file.places(of: types) + file.places(of: literals), floating)
        }
    }

    @Test func `no number in a type's angle brackets is wider than 32 bits`() {
        // Swift finds types of fields by their names at run time and cuts such numbers then.
        let types = SourceTree.swift.flatMap { file in
            finds("\\b(?:Whole|List)<([^<>]*(?:<[^<>]*>)?[^<>]*)>", in: file.swift.code).map {
                (file.path, $0)
            }
        }
        var seen = 0
        for (path, found) in types {
            for word in found.text.split(whereSeparator: { !"-0123456789_".contains($0) }) {
                guard let number = Int(word.filter { $0 != "_" }) else { continue }
                seen += 1
                #expect(Int32(exactly: number) != nil, "\(path):\(found.line): \(word)")
            }
        }
        #expect(seen >= 6)
    }

    private let ambient = [
        Allowance(
            path: "Sources/Modules/Access/Actions/Tokens.swift", text: "Random.",
            reason: "tokens, codes and seeds must not be guessed"),
        Allowance(
            path: "Sources/Modules/Access/Challenges.swift", text: "Random.",
            reason: "a challenge must not be foreseen"),
        Allowance(
            path: "Sources/Modules/Trust/Actions/Issuing.swift", text: "Random.",
            reason: "two authorities of one name are told apart"),
        Allowance(
            path: "Sources/Modules/Scanning/API/ScanAPI.swift", text: "Random.",
            reason: "a scan without a name gets one that no other has"),
        Allowance(
            path: "Sources/Platform/Kernel/BusinessDay.swift", text: "Date(",
            reason: "Foundation's zones take a Date; the instant is given, not the clock's"),
    ]

    @Test func `rooms and the values below them do not reach for clock, environment or chance`() {
        let pattern = """
            \\b(Date\\(|Date\\.now|ContinuousClock|SuspendingClock|DispatchTime|getenv|\
            ProcessInfo|UUID\\(|clock_gettime|gettimeofday|time\\(nil|arc4random|\
            SystemRandomNumberGenerator|Random\\.|randombytes\\w*|FileManager|UserDefaults|\
            setlocale|Locale\\.current|TimeZone\\.current|Calendar\\.current|\
            Thread\\.sleep|usleep|sleep\\()
            """
        let dice = "(\\.random\\(|\\.randomElement\\(|\\.shuffled\\(|\\.shuffle\\()"
        let held = SourceTree.swift.filter {
            $0.file.isRoom || ["Kernel", "Ledger", "Journal"].contains($0.file.target)
        }
        for file in held {
            check(file.places(of: pattern) + file.places(of: dice), ambient)
        }
    }

    private func check(_ found: [String], _ allowances: [Allowance]) {
        for place in found {
            let isAllowed = allowances.contains {
                place.hasPrefix($0.path) && place.hasSuffix($0.text)
            }
            if !isAllowed { Issue.record("\(place)") }
        }
    }

    @Test func `nothing gives up`() {
        let pattern = """
            (\\btry!|\\bas!|\\bfatalError\\(|\\bpreconditionFailure\\(|\\bprecondition\\(|\
            \\bassertionFailure\\()
            """
        for file in SourceTree.swift {
            #expect(file.places(of: pattern) == [])
            // An exclamation mark behind a value unwraps by force; `!=` and `!value` do not.
            #expect(file.places(of: "([\\w)\\]]!)(?![=\\w(])") == [])
        }
    }

    @Test func `what the compiler does not check has its reason beside it`() {
        let pattern = "@unchecked Sendable|nonisolated\\(unsafe\\)|@unsafe|unowned\\(unsafe\\)"
        for file in SourceTree.swift {
            let lines = file.file.lines
            for place in finds(pattern, in: file.swift.code) {
                // On the line, above it, or as the first words of the body; a sentence about what
                // the type is for does not count.
                let near = lines[max(0, place.line - 7)..<min(lines.count, place.line + 2)]
                let reasons = near.filter {
                    !finds("(?<!/)//(?!/)|///.*(?:@unchecked|nonisolated)", in: String($0)).isEmpty
                }
                #expect(!reasons.isEmpty, "\(file.path):\(place.line): \(place.text)")
            }
        }
    }

    @Test func `the unit allows the calls that give way to others`() throws {
        let unit = try #require(SourceTree.file(at: "systemd/sluiced.service"))
        let filters = unit.lines.filter { $0.hasPrefix("SystemCallFilter=") }.map { line in
            line.dropFirst("SystemCallFilter=".count).split(separator: " ")
        }
        let forbidden = try #require(filters.firstIndex { $0.contains("@resources") })
        let pattern = "\\b(setpriority|ioprio_set|sched_setscheduler|nice)\\("
        let calls = SourceTree.swift.flatMap { finds(pattern, in: $0.swift.code) }.map(\.text)
        #expect(!calls.isEmpty)
        for call in Set(calls) {
            let allowed = filters.firstIndex { $0.contains { $0 == call } }
            #expect(allowed.map { $0 > forbidden } == true, "\(call)")
        }
    }

    @Test func `every source file says whose it is`() {
        let files =
            SourceTree.files(below: "Sources", ending: ".swift")
            + SourceTree.files(below: "Sources", ending: ".h")
            + SourceTree.files(below: "Tests", ending: ".swift")
            + SourceTree.files(below: "www", ending: ".js")
            + SourceTree.files(below: "www", ending: ".css")
        #expect(files.count > 200)
        for file in files {
            let head = file.lines.prefix(3).joined(separator: "\n")
            #expect(head.contains("SPDX-License-Identifier: Apache-2.0"), "\(file.path)")
            #expect(head.contains("SPDX-FileCopyrightText: "), "\(file.path)")
        }
    }

    @Test func `no file is longer than 400 lines`() {
        let files =
            SourceTree.files(below: "Sources", ending: ".swift")
            + SourceTree.files(below: "Tests", ending: ".swift")
            + SourceTree.files(below: "www", ending: ".js")
        for file in files {
            let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
            #expect(count <= 400, "\(file.path)")
        }
    }

    @Test func `nothing is left to be done and nothing speaks of the workshop`() {
        // Put together here, so that this file does not find itself.
        let words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "../" + "shared", "/wo" + "rk/"]
        let pattern = words.map(NSRegularExpression.escapedPattern(for:)).joined(separator: "|")
        let files = ["Sources", "Tests", "www", "docs", "systemd", "packaging"].flatMap { folder in
            [
                ".swift", ".h", ".js", ".css", ".html", ".json", ".md", ".py", ".sh", ".service",
                ".c",
            ]
            .flatMap { SourceTree.files(below: folder, ending: $0) }
        }
        let top = ["Package.swift", "Makefile", "README.md", "CHANGELOG.md", ".ci/run"]
            .compactMap(SourceTree.file(at:))
        for file in files + top where !file.path.contains("/.") && !file.path.contains("cache") {
            for place in finds("(?<![\\w/])(?:\(pattern))", in: file.text) {
                Issue.record("\(file.path):\(place.line): \(place.text)")
            }
        }
    }
}
