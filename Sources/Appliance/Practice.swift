// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Foundation
import Inventory
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Synchronization
import Trust
import Web

struct PracticeView: WireRecord {
    let active: Bool
    let items: Int64
    let movements: Int64
}

/// The real books, and beside them the practice books: a sealed copy with demo goods in it.
///
/// Ledger and journal are append-only, so demo data could never be taken out of the real books
/// again. It is therefore never put in: `load` copies the store to a folder of its own, fills the
/// copy and serves it; `clear` serves the real books again and removes the copy. Users and devices
/// are the same in both, because the copy has them too.
final class Practice: Sendable {
    private let data: String
    private let key: RootKey
    private let problems: ProblemWriter
    private let screens: StaticFiles
    private let switchboard: Switchboard
    private let backup: BackupPlan?
    private let hatch: Hatch
    private let errands: ErrandFolder
    private let rate: Rate?
    private let desk: TrustDesk
    private let auditFeed: FeedPlan?
    /// Called with books that were opened, before anybody is served from them.
    private let opened: @Sendable (House) throws -> Void
    private let fence = Mutex(FenceBell())
    /// Whether books are being made or changed: one at a time.
    private let isBusy = Mutex(false)

    /// In a value of its own: a closure that is itself the content of a `Mutex` is wrapped anew by
    /// each `withLock`.
    private struct FenceBell {
        var ring: (@Sendable (String) -> Void)?
    }

    init(
        data: String, key: RootKey, problems: ProblemWriter, screens: StaticFiles,
        switchboard: Switchboard, backup: BackupPlan? = nil, hatch: Hatch = Hatch(),
        errands: ErrandFolder = ErrandFolder("/nonexistent"), rate: Rate? = nil,
        desk: TrustDesk = .absent, auditFeed: FeedPlan? = nil,
        opened: @escaping @Sendable (House) throws -> Void = { _ in }
    ) {
        self.desk = desk
        self.auditFeed = auditFeed
        self.opened = opened
        self.data = data
        self.key = key
        self.problems = problems
        self.screens = screens
        self.switchboard = switchboard
        self.backup = backup
        self.hatch = hatch
        self.errands = errands
        self.rate = rate
    }

    private var real: String { "\(data)/store" }
    private var copy: String { "\(data)/practice" }
    /// A copy that is being made or filled; a crash leaves it, the next start removes it.
    private var draft: String { "\(data)/practice.draft" }

    /// The generation ledger of the copy, while it is being made too.
    private var copyLedger: String { "\(data)/ledger/practice" }

    /// Says that the practice books are left. Their folder is removed once their store is closed: an
    /// open store finds its files by their paths.
    private var left: String { "\(data)/practice.left" }

    /// Whether the practice books are those that are served.
    var isActive: Bool { isThere(copy) && !isThere(left) }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    func onFence(_ notify: @escaping @Sendable (String) -> Void) {
        fence.withLock { $0.ring = notify }
        switchboard.house?.store.onFence(notify)
    }

    /// Opens the books that are to be served: practice when there are any, else the real ones.
    func openHouse() throws -> House {
        let isActive = isActive
        var plan = House.Plan(
            folder: isActive ? copy : real, key: key, clock: systemClock,
            problems: problems, otherwise: screens, events: switchboard.events,
            // Practice books are nobody's loss, and must not be taken for the real ones.
            backup: isActive ? nil : backup, hatch: hatch, errands: errands, rate: rate,
            desk: desk)
        // What happens in practice books happened to nobody.
        plan.auditFeed = isActive ? nil : auditFeed
        let house = try House(plan, system: { try self.endpoints($0, $1) })
        do {
            try removeRests(besides: isActive)
            try opened(house)
        } catch {
            house.stop()
            throw error
        }
        if let notify = fence.withLock({ $0.ring }) { house.store.onFence(notify) }
        try house.start()
        return house
    }

    /// Removes what a crash or a change of books has left. The books are open, so no other daemon is at
    /// work on a copy.
    private func removeRests(besides isActive: Bool) throws {
        try? FileManager.default.removeItem(atPath: draft)
        guard !isActive else { return }
        for rest in [copy, copyLedger, left] where isThere(rest) {
            // A copy that cannot be removed must not come back as the books that are served.
            try FileManager.default.removeItem(atPath: rest)
        }
    }

    private func endpoints(_ parts: HouseParts, _ premises: Premises) throws -> [Endpoint] {
        let need = Endpoint.Need.permission(SystemPermission.practise)
        let answer = try PracticeView.answerForm(status: 200)
        let readNothing = try Empty.bodyReader()
        return [
            Endpoint(
                .get, "/api/v1/practice", need: need, tag: "system",
                summary: "Tell whether the practice books are open", answer: answer
            ) { _, caller, reply in
                premises.answer(reply, caller) { try self.view(parts.store) }
            },
            Endpoint(
                .post, "/api/v1/practice", need: need, tag: "system",
                summary: "Open practice books with demo goods in them",
                bodies: try Empty.bodyForms(), answer: try PracticeView.answerForm(status: 201),
                refusals: SystemRefusal.catalogue, example: "{}"
            ) { incoming, caller, reply in
                premises.answer(reply, caller, status: 201, afterwards: { self.switchHouses() }) {
                    _ = try readNothing(incoming)
                    return try self.load(from: parts.store)
                }
            },
            Endpoint(
                .delete, "/api/v1/practice", need: need, tag: "system",
                summary: "Close the practice books and remove them", answer: answer,
                refusals: SystemRefusal.catalogue
            ) { _, caller, reply in
                premises.answer(reply, caller, afterwards: { self.switchHouses() }) {
                    try self.clear()
                }
            },
        ]
    }

    private func view(_ store: SealedStore) throws -> PracticeView {
        try store.read { tx in
            PracticeView(
                active: try tx.site()?.isPractice ?? false, items: try itemCount(in: tx),
                movements: try movementCount(in: tx))
        }
    }

    /// Copies the books and fills the copy.
    private func load(from store: SealedStore) throws -> PracticeView {
        guard !isThere(copy), isBusy.withLock({ take(&$0) }) else {
            throw SystemRefusal.practiceUnderWay
        }
        defer { isBusy.withLock { $0 = false } }
        guard let site = try store.read({ try $0.site() }) else { throw SystemRefusal.notSetUp }
        try? FileManager.default.removeItem(atPath: draft)
        try store.copy(to: draft, ledger: copyLedger)
        let figures = try fillWithDemo(
            folder: draft, ledger: copyLedger, key: key,
            site: Site(name: site.name, timeZone: site.timeZone, isPractice: true),
            until: systemClock())
        try FileManager.default.moveItem(atPath: draft, toPath: copy)
        return figures
    }

    /// Leaves the copy; it is removed when the real books are opened, also after a crash.
    private func clear() throws -> PracticeView {
        guard isActive, isBusy.withLock({ take(&$0) }) else {
            throw SystemRefusal.practiceMissing
        }
        defer { isBusy.withLock { $0 = false } }
        try Data().write(to: URL(fileURLWithPath: left))
        return PracticeView(active: false, items: 0, movements: 0)
    }

    /// Closes the house that is open and opens the other, on a thread of its own: whoever asked for
    /// it stands on one of the old house's threads.
    private func switchHouses() {
        let thread = Thread { [self] in
            switchboard.disconnect(forAnother: true)?.stop()
            do {
                switchboard.connect(try openHouse())
            } catch {
                _ = switchboard.disconnect()
                // Without books there is nothing to serve: the service manager starts us anew.
                Log.write(.error, "the books could not be opened: \(error)")
                fence.withLock { $0.ring }?("the books could not be opened")
            }
        }
        thread.name = "practice"
        thread.start()
    }
}

extension Premises {
    /// Answers with what slow `work` makes; `afterwards` runs once the answer is on its way.
    fileprivate func answer(
        _ reply: Reply, _ caller: Caller, status: Int = 200,
        afterwards: @escaping @Sendable () -> Void = {},
        _ work: @escaping @Sendable () throws -> PracticeView
    ) {
        let queued = works.submit {
            do {
                reply.send(try work().response(status: status))
                afterwards()
            } catch {
                reply.fail(error, in: caller.language)
            }
        }
        if !queued { reply.fail(WebRefusal.busy, in: caller.language) }
    }
}

/// Sets a flag; false when it was set already.
private func take(_ flag: inout Bool) -> Bool {
    defer { flag = true }
    return !flag
}
