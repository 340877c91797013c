// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

/// docs/asvs.md: every item is there once, what it names is there, and its sums are those of its rows.
///
/// `SLUICE_WRITE_GOLDENS=1` writes the sums anew, and turns rows that wait for tests of another part
/// into rows that pass once all those tests are in the tree.
struct AsvsTests {
    private static let path = "docs/asvs.md"

    /// Sections and the level of each of their items, from number 1 on. Level 3 is not asked for; V9,
    /// V10 and V17 are about what the house has not.
    private static let levels = """
        1.1 22 1.2 1111122223 1.3 112222222223 1.4 222 1.5 123
        2.1 122 2.2 112 2.3 12223 2.4 23
        3.1 3 3.2 113 3.3 12223 3.4 11222233 3.5 11122333 3.6 3 3.7 22333
        4.1 12233 4.2 23333 4.3 22 4.4 1222
        5.1 2 5.2 112333 5.3 113 5.4 222
        6.1 122 6.2 111111112222 6.3 11223333 6.4 112233 6.5 22222333 6.6 2223 6.7 33 6.8 2222
        7.1 222 7.2 1111 7.3 22 7.4 11222 7.5 223 7.6 22
        8.1 1233 8.2 1123 8.3 133 8.4 23
        11.1 2233 11.2 22233 11.3 11233 11.4 1222 11.5 23 11.6 23 11.7 33
        12.1 12233 12.2 11 12.3 22223
        13.1 2333 13.2 222223 13.3 2233 13.4 1222233
        14.1 22 14.2 12223333 14.3 122
        15.1 12233 15.2 12233 15.3 1222222 15.4 3333
        16.1 2 16.2 22222 16.3 2222 16.4 222 16.5 2223
        """

    /// Number of an item → its level, 1 or 2.
    private static let items: [String: Int] = {
        let words = levels.split(whereSeparator: \.isWhitespace).map(String.init)
        var items: [String: Int] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            for (number, level) in words[index + 1].enumerated() where level != "3" {
                items["\(words[index]).\(number + 1)"] = level.wholeNumberValue
            }
        }
        return items
    }()

    /// How an item stands.
    private enum Status: String, CaseIterable {
        case pass, review, arrives, open
        case none = "n/a"
    }

    private struct Row {
        let line: Int
        let item: String
        let level: String
        let status: Status?
        let place: String
        var chapter: Int { Int(item.prefix { $0 != "." }) ?? 0 }
    }

    private let text: String
    private let rows: [Row]

    init() throws {
        let text = try #require(SourceTree.file(at: Self.path)).text
        self.text = text
        rows = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .compactMap { index, line in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                    .map { $0.trimmingCharacters(in: .whitespaces) }
                guard cells.count >= 7, !finds("^[0-9]+\\.[0-9]+\\.[0-9]+$", in: cells[1]).isEmpty
                else { return nil }
                return Row(
                    line: index, item: cells[1], level: cells[2],
                    status: Status(rawValue: cells[4]),
                    place: cells[5..<(cells.count - 1)].joined(separator: "|"))
            }
    }

    @Test func `every item of levels 1 and 2 is there once`() {
        #expect(Self.items.count == 210)
        #expect(Self.items.values.filter { $0 == 1 }.count == 61)
        for (item, found) in Dictionary(grouping: rows, by: \.item) {
            #expect(found.count == 1, "\(item) is there \(found.count) times")
        }
        let there = Set(rows.map(\.item))
        #expect(Set(Self.items.keys).subtracting(there).sorted() == [])
        #expect(there.subtracting(Self.items.keys).sorted() == [])
        for row in rows {
            #expect(row.level == Self.items[row.item].map(String.init), "\(row.item)")
            #expect(row.status != nil, "\(row.item)")
        }
    }

    /// What can be named as a test: sentences of Swift, functions of Python, rows of a script of
    /// shell, targets of the Makefile.
    private struct Tests {
        private let swift = SourceTree.files(below: "Tests", ending: ".swift")
        private let python = SourceTree.files(below: "Tests", ending: ".py")
        private let makefile = SourceTree.file(at: "Makefile")?.text ?? ""

        /// Every test that a place names → whether it is there.
        func named(in place: String) -> [(name: String, isThere: Bool)] {
            var all: [(String, Bool)] = []
            let pairs = finds("(`\\w+Tests` \"[^\"]+\")", in: place).map(\.text)
            for pair in pairs {
                let parts = pair.split(separator: "\"").map(String.init)
                let suite = parts[0].trimmingCharacters(in: CharacterSet(charactersIn: "` "))
                let isThere = swift.contains {
                    $0.text.contains("`\(parts[1])`")
                        && !finds(
                            "(?:struct|class|extension|enum) (?:\\w+\\.)*(\(suite))\\b", in: $0.text
                        )
                        .isEmpty
                }
                all.append((pair, isThere))
            }
            for name in finds("`(test_\\w+)`", in: place).map(\.text) {
                all.append((name, python.contains { $0.text.contains("def \(name)(") }))
            }
            for pair in finds("(`check_\\w+\\.sh` \"[^\"]+\")", in: place).map(\.text) {
                let parts = pair.split(separator: "\"").map(String.init)
                let script = parts[0].trimmingCharacters(in: CharacterSet(charactersIn: "` "))
                let text = SourceTree.file(at: "Tests/Package/\(script)")?.text ?? ""
                all.append((pair, text.contains(parts[1])))
            }
            for name in finds("`make ([a-z-]+)`", in: place).map(\.text) {
                all.append(("make \(name)", !finds("(?m)^\(name):", in: makefile).isEmpty))
            }
            return all
        }
    }

    @Test func `every test that is named is in the tree`() {
        let tests = Tests()
        for row in rows {
            let named = tests.named(in: row.place)
            switch row.status {
            case .pass:
                #expect(!named.isEmpty, "\(row.item) passes by no test")
                for one in named where !one.isThere {
                    Issue.record("\(row.item): there is no \(one.name)")
                }
            case .arrives:
                #expect(!named.isEmpty, "\(row.item) waits for no test")
                let hasArrived = named.allSatisfy { $0.isThere }
                if !Self.writes {
                    #expect(
                        !hasArrived, "\(row.item): all its tests are there, run `make openapi`")
                }
            case .review, .open, .none?:
                #expect(row.place.count > 5, "\(row.item) says nothing")
            case nil: break
            }
            for path in finds("`((?:Sources|docs|systemd|www|packaging)/[^`{*]+)`", in: row.place)
            where row.status != .arrives {
                #expect(SourceTree.exists(path.text), "\(row.item): \(path.text)")
            }
        }
    }

    private static var writes: Bool {
        ProcessInfo.processInfo.environment["SLUICE_WRITE_GOLDENS"] == "1"
    }

    private static let start = "<!-- sums -->\n"
    private static let end = "<!-- end of sums -->\n"

    private func sums(_ rows: [Row]) -> String {
        func line(_ title: String, _ rows: [Row]) -> String {
            func count(_ status: Status) -> Int { rows.filter { $0.status == status }.count }
            let applicable = rows.count - count(.none)
            let passed = count(.pass) + count(.review)
            func share(_ part: Int) -> String {
                applicable == 0 ? "–" : "\((part * 1000 / applicable + 5) / 10) %"
            }
            return "| \(title) | \(rows.count) | \(count(.none)) | \(applicable) "
                + "| \(passed) (\(share(passed))) | \(count(.pass)) (\(share(count(.pass)))) "
                + "| \(count(.arrives)) | \(count(.open)) |\n"
        }
        var text =
            "| Chapter | Items | Not applicable | Applicable | Pass | of these by a test "
            + "| Tests arrive with another part | Open |\n|---|---|---|---|---|---|---|---|\n"
        for (chapter, group) in Dictionary(grouping: rows, by: \.chapter).sorted(by: {
            $0.key < $1.key
        }) {
            text += line("V\(chapter)", group)
        }
        return text + line("**All**", rows)
    }

    @Test func `the sums are those of the rows`() throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var counted = rows
        if Self.writes {
            let tests = Tests()
            counted = rows.map { row in
                guard row.status == .arrives,
                    tests.named(in: row.place).allSatisfy({ $0.isThere })
                else { return row }
                lines[row.line] = lines[row.line].replacing("| arrives |", with: "| pass |")
                return Row(
                    line: row.line, item: row.item, level: row.level, status: .pass,
                    place: row.place)
            }
        }
        let whole = lines.joined(separator: "\n")
        let start = try #require(whole.firstRange(of: Self.start))
        let end = try #require(whole.firstRange(of: Self.end))
        let right = sums(counted)
        if Self.writes {
            let written = whole[..<start.upperBound] + right + whole[end.lowerBound...]
            let url = URL(fileURLWithPath: "\(SourceTree.top)/\(Self.path)")
            if written != text { try Data(written.utf8).write(to: url, options: .atomic) }
        } else {
            #expect(whole[start.upperBound..<end.lowerBound] == right)
        }
    }
}
