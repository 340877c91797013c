// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Inventory
import Journal
import Kernel
import Ledger
import ModuleKit
import SealedStore
import Web

struct JobPath: Codable, Sendable {
    let name: Word
}

/// Jobs, live events and verification: what belongs to the box and to no room.
func systemRoutes(_ parts: HouseParts) -> [Route] {
    [
        .look(
            "/api/v1/jobs", needs: .permission(SystemPermission.seeJobs),
            summary: "List what the box does by itself, with the last and next run",
            query: NoQuery.self,
            answers: PageView<JobView>.self
        ) { _, _, tx in
            let states = Dictionary(
                uniqueKeysWithValues: try tx.jobStates().map { ($0.name, $0) })
            let running = parts.timekeeper.running
            return PageView(
                items: parts.jobs.map {
                    JobView(
                        $0, states[$0.name], running: running[$0.name] != nil,
                        percent: running[$0.name] ?? nil)
                }, next: nil)
        },
        .change(
            .post, "/api/v1/jobs/{name}/run", needs: .permission(SystemPermission.runJobs),
            summary: "Run a job now", query: JobPath.self, body: Empty.self,
            answers: JobView.self, status: 202, refusals: [SystemRefusal.self], example: Empty(),
            repeats: .allowed
        ) { path, _, _, tx in
            guard let job = parts.jobs.first(where: { $0.name == path.name.text }),
                parts.timekeeper.ask(for: job.name)
            else { throw SystemRefusal.jobUnknown(name: path.name.text) }
            let state = try tx.jobStates().first { $0.name == job.name }
            return JobView(job, state, running: true, percent: nil)
        },
        .change(
            .post, "/api/v1/verification", needs: .permission(SystemPermission.verify),
            summary: "Recompute balances and journal and name the first difference",
            query: NoQuery.self,
            body: Empty.self, answers: VerificationView.self, example: Empty(), repeats: .allowed,
            prepare: { _, _, _, _, store in try verify(store) }
        ) { _, _, view, _, _ in view },
    ]
}

/// Recomputes everything that is kept beside its source, in one snapshot.
func verify(_ store: SealedStore) throws -> VerificationView {
    let checks = [
        try check("pages") {
            let pages = try store.verifyPages()
            return (
                pages.pages, pages.damaged.map { "page \($0) of the main file does not open" }
            )
        },
        try check("store") { (0, try store.integrityCheck().first) },
    ]
    let books = try store.read { tx in
        [
            try check("journal") {
                let journal = try tx.verifyJournal()
                return (
                    Int(clamping: journal.entries),
                    journal.fault.map { "entry \($0.seq): \($0.word)" }
                )
            },
            try check("goods") {
                let goods = try verifyGoods(tx)
                return (
                    Int(clamping: goods.transfers),
                    goods.difference.map {
                        """
                        stock unit \($0.unit) in place \($0.account): movements add up to \
                        \($0.expected), the balance says \($0.kept)
                        """
                    }
                )
            },
        ]
    }
    return VerificationView(ok: (checks + books).allSatisfy(\.ok), checks: checks + books)
}

/// Makes one check. A page that does not open is what such a check looks for, and no failure of it.
private func check(
    _ name: String, _ body: () throws -> (rows: Int, difference: String?)
) throws -> CheckView {
    do {
        let found = try body()
        return CheckView(
            name: name, rows: Int64(found.rows), ok: found.difference == nil,
            difference: found.difference)
    } catch StoreFault.damaged(let damage) {
        return CheckView(name: name, rows: 0, ok: false, difference: damage.description)
    }
}
