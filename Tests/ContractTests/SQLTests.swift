// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ModuleKit
import SealedStore
import Testing

/// Where SQL stands, and whose tables it names.
struct SQLTests {
    private let statement = """
        (?m)(?:^|[^A-Za-z])(SELECT\\s|INSERT\\s+(?:OR\\s+\\w+\\s+)?INTO|UPDATE\\s+\\S+\\s+SET|\
        DELETE\\s+FROM|CREATE\\s+(?:UNIQUE\\s+|VIRTUAL\\s+)?(?:TABLE|INDEX|TRIGGER|VIEW)|\
        DROP\\s+\\w+|ALTER\\s+TABLE|PRAGMA\\s|SAVEPOINT\\s|ROLLBACK|EXPLAIN\\s)
        """

    private func isSQLFile(_ file: SwiftFile) -> Bool {
        let kind = RoomFile.kind(of: String(file.path.dropFirst("Sources/Modules/".count)))
        return kind == "Schema" || kind == "Store"
    }

    @Test func `a room writes SQL in Schema and Store only`() {
        for file in SourceTree.rooms where !isSQLFile(file) {
            for literal in file.swift.literals where !finds(statement, in: literal.text).isEmpty {
                Issue.record("\(file.path):\(literal.line): \(literal.text)")
            }
        }
        // That the pattern finds anything at all.
        let found = SourceTree.rooms.filter(isSQLFile).flatMap(\.swift.literals).filter {
            !finds(statement, in: $0.text).isEmpty
        }
        #expect(found.count > 50)
    }

    @Test func `only Store, and nothing above it, runs statements`() {
        for file in SourceTree.rooms where !isSQLFile(file) {
            #expect(
                file.places(of: "\\.(?:run|runUntold|insert|first|all|each|integer|text)\\(\\s*\"")
                    == [])
            #expect(file.places(of: "\\.(?:runUntold|markTold)\\(") == [])
        }
    }

    @Test func `a room names its own tables only`() throws {
        let modules = allModules().modules
        let prefixes = Dictionary(
            uniqueKeysWithValues: modules.map { ($0.schema.room, $0.schema.prefix) })
        let known = Set(allSchemas(modules).map(\.prefix))
        for file in SourceTree.rooms where isSQLFile(file) {
            let own = try #require(prefixes[file.file.target.lowercased()], "\(file.path)")
            for literal in file.swift.literals {
                for name in tables(in: literal.text) where !isOwn(name, own) {
                    Issue.record("\(file.path):\(literal.line): \(name) is not of \(own)_")
                }
                let others = known.subtracting([own])
                for word in finds("\\b([a-z]+)_[a-z_]+", in: literal.text).map(\.text)
                where others.contains(word) {
                    Issue.record("\(file.path):\(literal.line): a table of \(word)_")
                }
            }
        }
    }

    /// Names after the words of SQL that take a table.
    private func tables(in sql: String) -> [String] {
        guard !finds(statement, in: sql).isEmpty else { return [] }
        let pattern = """
            \\b(?:FROM|JOIN|INTO|UPDATE|REFERENCES|TABLE|TRIGGER|INDEX)\\s+(?:IF NOT EXISTS )?\
            ([A-Za-z_{}]+)
            """
        return finds(pattern, in: sql).map(\.text)
    }

    /// `{}` is a text of the same file, which is looked at where it stands.
    private func isOwn(_ name: String, _ own: String) -> Bool {
        name.hasPrefix(own + "_") || name.hasPrefix("{}") || name.hasPrefix("pragma_")
            || ["json_each", "OF", "ON", "SET"].contains(name)
    }
}
