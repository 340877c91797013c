// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Clockwork
import Inventory
import Journal
import Kernel
import ModuleKit
import Scanning
import Testing
import Web

@testable import Access
@testable import Appliance

/// The words of the screens, which the daemon shares: both languages, and every "no".
struct WordsTests {
    private let texts: [String: [JSON.Member]]
    private let english: [String: String]

    init() throws {
        var texts: [String: [JSON.Member]] = [:]
        for language in Language.allCases {
            for ending in ["json", "problems.json"] {
                let path = "www/locales/\(language.rawValue).\(ending)"
                let file = try #require(SourceTree.file(at: path))
                let members = try JSON(reading: Array(file.text.utf8)).members
                #expect(members.map(\.name) == Self.sorted(members.map(\.name)), "\(path)")
                texts[language.rawValue, default: []] += members
            }
        }
        self.texts = texts
        english = Dictionary(
            (texts["en"] ?? []).map { ($0.name, $0.value.text ?? "") }, uniquingKeysWith: { $1 })
    }

    /// By scalar, as any tool sorts them.
    private static func sorted(_ names: [String]) -> [String] {
        names.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    @Test func `both languages have the same keys, sorted, none empty`() {
        #expect(texts.count == Language.allCases.count)
        for (language, members) in texts {
            let names = members.map(\.name)
            #expect(Set(names) == Set(english.keys), "\(language)")
            #expect(Set(names).count == names.count, "\(language)")
            for member in members {
                let text = member.value.text ?? ""
                #expect(!text.isEmpty, "\(language): \(member.name)")
                #expect(!text.hasPrefix(" ") && !text.hasSuffix(" "), "\(language): \(member.name)")
            }
        }
    }

    @Test func `both languages fill in the same facts`() {
        let chinese = texts["zh-CN"] ?? []
        for member in chinese {
            let mine = Set(finds("\\{(\\w+)\\}", in: member.value.text ?? "").map(\.text))
            let theirs = Set(finds("\\{(\\w+)\\}", in: english[member.name] ?? "").map(\.text))
            #expect(mine == theirs, "\(member.name)")
        }
    }

    private func expect(_ keys: [String]) {
        let missing = keys.filter { english[$0] == nil }
        #expect(missing == [])
    }

    @Test func `every refusal has a title and says what to do`() {
        expect(Catalogue.all.flatMap { ["problem.\($0.code).title", "problem.\($0.code).fix"] })
    }

    @Test func `every problem that has words is one that can happen`() {
        // The one answer that is no refusal: a fault of ours.
        let known = Set(Catalogue.all.map(\.code)).union(importRowCodes).union(["server.failed"])
        let told = finds(
            "problem\\.([a-z0-9_.]+)\\.(?:title|fix|detail)",
            in: english.keys.sorted().joined(separator: "\n"))
        for one in told {
            #expect(known.contains(one.text), "\(one.text)")
        }
    }

    /// Codes of what is wrong with a row of an import; they stand beside the row, not in an answer.
    private var importRowCodes: Set<String> {
        let texts = SourceTree.rooms.filter { $0.path.contains("/Catalog/") }.flatMap(
            \.swift.literals)
        return Set(texts.map(\.text).filter { !finds("^[a-z_]+\\.[a-z_]+$", in: $0).isEmpty })
    }

    @Test func `everything that screens name by its code has a word`() {
        let modules = allModules().modules
        expect((modules.flatMap(\.events) + SystemEvent.all).map { "event.\($0.name)" })
        expect(Permissions.all.map { "permission.\($0.code)" })
        expect((modules.flatMap(\.jobs) + systemJobs).map { "job.\($0.name)" })
        expect(
            ShippedRole.allCases.flatMap { ["role.\($0.rawValue)", "role.\($0.rawValue).purpose"] })
        expect(GrantState.allCases.map { "grant.state.\($0.rawValue)" })
        expect(
            (AccessPermission.conflicts + modules.flatMap(\.conflicts)).map {
                "conflict.\($0.name)"
            })
        expect(
            modules.flatMap(\.limits).flatMap { ["limit.\($0.name)", "limit.unit.\($0.unit)"] })
        expect(modules.flatMap(\.dimensions).map { "dimension.\($0.dimension)" })
        expect(ScanTask.allCases.map { "task.\($0.rawValue)" })
        expect(MovementKind.allCases.map { "kind.\($0.rawValue)" })
        expect(AdjustmentReason.allCases.map { "reason.\($0.rawValue)" })
        expect(PackagingLevel.allCases.map { "level.\($0.rawValue)" })
        expect(ParkedState.allCases.map { "parked.\($0.rawValue)" })
        expect(
            (UserState.allCases.map(\.rawValue) + DeviceState.allCases.map(\.rawValue)
                + ItemState.allCases.map(\.rawValue) + PackagingState.allCases.map(\.rawValue)
                + PlaceState.allCases.map(\.rawValue)).map { "state.\($0)" })
    }

    @Test func `every fault of a field has a word`() {
        let codes = SourceTree.swift.flatMap { file in
            finds("(?:WireFault|\\bfault)\\(\"([a-z_]+)\"", in: file.file.text).map(\.text)
        }
        #expect(codes.count > 10)
        expect(Set(codes).sorted().map { "field.\($0)" })
    }
}
