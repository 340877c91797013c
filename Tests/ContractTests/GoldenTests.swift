// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Clockwork
import Foundation
import Journal
import Kernel
import ModuleKit
import SealedStore
import TestKit
import Testing
import Web

@testable import Appliance

/// Pages that the code writes itself: a change of the API, the tables, the codes or the rights is
/// seen in review as a change of a file. `SLUICE_WRITE_GOLDENS=1` writes them anew.
struct GoldenTests {
    private func compare(_ path: String, _ text: String) throws {
        if ProcessInfo.processInfo.environment["SLUICE_WRITE_GOLDENS"] == "1" {
            let url = URL(fileURLWithPath: "\(SourceTree.top)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            if SourceTree.file(at: path)?.text != text {
                try Data(text.utf8).write(to: url, options: .atomic)
            }
            return
        }
        let kept = try #require(SourceTree.file(at: path), "\(path) is not there").text
        guard kept != text else { return }
        let (old, new) = (kept.split(separator: "\n"), text.split(separator: "\n"))
        let line = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }
        Issue.record(
            """
            \(path) is not what the code says, from line \((line?.offset ?? min(old.count, new.count)) + 1) \
            on (without empty ones): "\(line.map { String($0.element.0) } ?? "")" became \
            "\(line.map { String($0.element.1) } ?? "")". Is the change meant? Then run \
            `make openapi` and look at the difference.
            """)
    }

    @Test func `docs api openapi is the description that is served`() throws {
        let probe = try Probe()
        let served = try probe.send(Call(.get, "/api/openapi.json")).json
        try compare("docs/api/openapi.json", served.prettyText())
    }

    @Test func `docs schema is what an opened house has`() throws {
        let house = try TestHouse()
        let text = try house.store.schemaText()
        try compare(
            "docs/schema.sql", "-- All tables of the house. Written by the tests.\n\n" + text)
    }

    @Test func `docs codes names every refusal with its status`() throws {
        let lines = Catalogue.all.map { "\($0.code) \($0.kind.status)\n" }
        try compare("docs/codes.txt", lines.joined())
    }

    @Test func `docs timetable names every job and listener`() throws {
        let modules = allModules().modules
        var text = "# Timetable\n\nWhat the box does by itself. Written by the tests.\n\n"
        text += "| Job | When | What |\n|---|---|---|\n"
        for job in (modules.flatMap(\.jobs) + systemJobs).sorted(by: { $0.name < $1.name }) {
            text += "| \(job.name) | \(job.cadence) | \(job.sentence) |\n"
        }
        text += "\n| Listener | Hears |\n|---|---|\n"
        for one in modules.flatMap(\.listens).sorted(by: { $0.name < $1.name }) {
            text += "| \(one.name) | \(one.kinds.map(\.name).sorted().joined(separator: ", ")) |\n"
        }
        try compare("docs/timetable.md", text)
    }

    @Test func `docs permissions says who may do what`() throws {
        let roles = allModules().roles
        var text = "# Permissions\n\nWhat each role may do, and what each request needs. "
        text += "Written by the tests.\n\n| Permission |"
        for role in ShippedRole.allCases { text += " \(role.rawValue) |" }
        text += "\n|---|" + ShippedRole.allCases.map { _ in "---|" }.joined() + "\n"
        for one in Permissions.all {
            let marks = ShippedRole.allCases.map {
                roles.permissions(of: $0).contains(one) ? "yes" : "–"
            }
            text += "| \(one.code) | \(marks.joined(separator: " | ")) |\n"
        }
        text += "\nA scanner's token may scan (`scan.make`) and nothing else.\n"
        text += "\n| Request | Needs |\n|---|---|\n"
        for endpoint in try Probe().endpoints.sorted(by: { $0.name < $1.name }) {
            let need =
                switch endpoint.need {
                case .guest: "nothing"
                case .signedIn: "to be signed in"
                case .threshold: "to be signed in, a factor or password may be missing"
                case .permission(let one): one.code
                }
            text += "| \(endpoint.name) | \(need) |\n"
        }
        try compare("docs/permissions.md", text)
    }

    @Test func `roles have the rights that are written down here`() {
        let roles = allModules().roles
        for role in ShippedRole.allCases {
            let codes = Set(roles.permissions(of: role).map(\.code))
            #expect(codes == RoleRights.all[role.rawValue], "\(role)")
        }
    }
}
