// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import SealedStore

/// Taking an older state for the right one, with a reason.
@Suite struct AcceptanceTests {
    private func accept(_ room: Room, _ reason: String = "disk failed") throws {
        try SealedStore.acceptRollback(
            folder: room.folder, key: room.key, actor: "lin", reason: reason,
            now: Instant(microseconds: 5))
    }

    @Test func `an accepted state opens, is told once, and is guarded from then on`() throws {
        let room = try Room()
        let (older, newer) = try room.aged()
        // Every kind of older state that the tamper matrix knows.
        var states: [(String, Room.Files)] = []
        var files = older
        files.ledger = newer.ledger
        states.append(("all but the ledger", files))
        files.tags = newer.tags
        states.append(("the main file alone", files))
        files = newer
        files.tags = nil
        states.append(("no table", files))
        files.ledger = nil
        states.append(("no table and no ledger", files))
        files = newer
        files.ledger?[40] ^= 1
        states.append(("a damaged ledger", files))
        for (name, state) in states {
            try room.put(state)
            guard case .behind = try room.noticed() else {
                Issue.record("\(name) is not noticed")
                continue
            }
            try room.put(state)
            try accept(room)
            var store = try room.open()
            #expect(store.acceptances.map(\.reason) == ["disk failed"], "\(name)")
            #expect(store.acceptances.first?.actor == "lin")
            #expect(try store.integrityCheck() == [], "\(name)")
            try store.add("after \(name)")
            store.close()
            // Not told yet, so a crash in between does not lose it.
            store = try room.open()
            #expect(store.acceptances.count == 1, "\(name)")
            try store.acceptancesAreTold()
            #expect(store.acceptances.isEmpty)
            store.close()
            #expect(try room.noticed() == nil, "\(name)")
            let accepted = try room.files()
            try room.put(state)
            var again = state
            again.ledger = accepted.ledger
            try room.put(again)
            guard case .behind = try room.noticed() else {
                Issue.record("\(name): the same state a second time is not noticed")
                continue
            }
        }
    }

    @Test func `a log of an earlier generation is taken with its commits when it is accepted`()
        throws
    {
        let room = try Room()
        var store = try room.open()
        for index in 0..<5 { try store.add("thing \(index)") }
        let earlier = try room.files()
        store.close()
        store = try room.open()
        try store.add("later")
        store.close()
        var files = earlier
        files.ledger = try room.files().ledger
        try room.put(files)
        #expect(try room.noticed() != nil)
        try room.put(files)
        let before = try room.files()
        try accept(room)
        store = try room.open()
        #expect(try store.count() == 5)
        let commit = try #require(store.ledgerHead).commit
        try store.add("goes on")
        try store.noteNow()
        #expect(try #require(store.ledgerHead).commit == commit + 1)
        store.close()
        #expect(before.log != nil)
        #expect(try room.noticed() == nil)
    }

    @Test func `damage stays damage, whatever is accepted`() throws {
        let room = try Room()
        var files = try room.aged().newer
        files.main[page(6).lowerBound + 99] ^= 1
        try room.put(files)
        try accept(room)
        #expect(try room.noticed() == .damaged(Damage(file: .main, number: 6)))
    }

    @Test func `it wants a reason, a store, and a daemon that does not run`() throws {
        let room = try Room()
        #expect(throws: AcceptanceFault.noStore) { try accept(room) }
        let store = try room.open()
        #expect(throws: StoreFault.inUse) { try accept(room) }
        store.close()
        for reason in ["", "  ", "two\nlines", String(repeating: "长", count: 67)] {
            #expect(throws: AcceptanceFault.reason(most: 200)) { try accept(room, reason) }
        }
        let before = try room.files()
        try accept(room, String(repeating: "长", count: 66))
        #expect(try room.files().main == before.main)
    }

    @Test func `what is said names the command`() {
        let setbacks: [Setback] = [
            .ledgerMissing, .ledgerDamaged(record: 3), .ledgerOlder, .tableMissing, .tableOlder,
            .pageOlder(7), .mainShorter(page: 9), .logMissing(frames: 12), .logOfOtherGeneration,
            .logShorter(expected: 9, found: 3),
        ]
        for setback in setbacks {
            #expect("\(StoreFault.behind(setback))".contains("sluicectl accept-rollback --reason"))
        }
        #expect("\(StoreFault.behind(.storeMissing))".contains("from a copy"))
        let stale = Damage(file: .main, number: 7, cause: .stale)
        #expect("\(StoreFault.damaged(stale))".contains("stale page"))
    }
}
