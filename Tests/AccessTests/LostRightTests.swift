// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import Synchronization
import TestKit
import Testing

@testable import Access
@testable import Appliance
@testable import Web

/// Rights that end while somebody is at work with them.
struct LostRightTests {
    private let door: Door
    private var gate: Gatekeeper { door.house.house.gate }

    init() throws { door = try Door() }

    private func token(of id: ID<User>) throws -> String {
        guard case .session(let token) = try door.session(of: id) else { return "" }
        return token
    }

    private func admit(_ caller: Caller) throws {
        let gate = gate
        try door.house.store.write { tx in
            try gate.admit(caller, in: tx)
            tx.markTold()
        }
    }

    @Test func `a note stands until its commit, however long that takes`() {
        let taken = TakenBack()
        let start = Instant(microseconds: 1_000_000_000)
        func after(_ seconds: Int64) -> Instant {
            Instant(microseconds: start.microseconds + seconds * 1_000_000)
        }
        #expect(!taken.isRecent(at: start))
        taken.note(at: start)
        let noted = taken.count
        #expect(taken.isRecent(at: after(60)))
        taken.settle(at: after(60))
        #expect(taken.count != noted)
        #expect(taken.isRecent(at: after(61)))
        #expect(!taken.isRecent(at: after(62)))
        // Other commits change nothing.
        let settled = taken.count
        taken.settle(at: after(70))
        #expect(taken.count == settled && !taken.isRecent(at: after(70)))
    }

    @Test func `what was looked up during a slow commit is not remembered after it`() throws {
        let wang = try door.person("Wang", .picker)
        let token = try token(of: wang)
        let (table, gate, clock) = (door.table, gate, door.clock)
        let before = try door.house.store.write { tx -> Caller? in
            try tx.deleteSessions(of: wang, except: nil)
            table.takenBack.note(at: tx.now)
            try clock.pass(seconds: 5)
            tx.markTold()
            // Another thread reads what is not committed yet.
            let found = Mutex<Caller?>(nil)
            let done = DispatchSemaphore(value: 0)
            Thread {
                let caller = try? gate.person(session: token)
                found.withLock { $0 = caller ?? nil }
                done.signal()
            }.start()
            done.wait()
            return found.withLock { $0 }
        }
        #expect(before != nil)
        #expect(try gate.person(session: token) == nil)
    }

    @Test func `a change that waited is refused when the session ended meanwhile`() throws {
        let wang = try door.person("Wang", .itAdmin)
        let caller = try #require(try gate.person(session: try token(of: wang)))
        try admit(caller)
        #expect(try door.strip(wang).status == 200)
        #expect(throws: AccessRefusal.unauthenticated) { try admit(caller) }
    }

    @Test func `a change that waited is refused to whoever looks through other eyes by now`() throws
    {
        let wang = try door.person("Wang", .picker)
        let token = try token(of: ID(1))
        let caller = try #require(try gate.person(session: token))
        let begun = try door.house.send(
            .post, "/api/v1/session/view", json: #"{"user":"\#(wang)"}"#, as: .session(token))
        #expect(begun.status == 200)
        #expect(throws: AccessRefusal.viewingOnly) { try admit(caller) }
    }

    @Test func `a program's change that waited is refused when its person lost the right`() throws {
        let wang = try door.person("Wang", .warehouseManager)
        let made = try door.house.send(
            .post, "/api/v1/session/tokens",
            json: """
                {"name":"Report","permissions":["stock.move"],"warehouses":null,"addresses":[],\
                "days":30}
                """, as: try door.session(of: wang))
        let text = try #require(made.json["text"]?.text, "\(made.text)")
        let caller = try #require(try gate.program(token: text, from: "127.0.0.1"))
        // Somebody else's loss is not theirs.
        #expect(try door.strip(try door.person("Zhao", .picker)).status == 200)
        try admit(caller)
        #expect(try door.strip(wang).status == 200)
        #expect(throws: AccessRefusal.forbidden(Permission("stock.move"))) { try admit(caller) }
    }

    @Test func `a device's change that waited is refused when it was revoked or moved`() throws {
        let added = try door.house.send(.post, "/api/v1/devices", json: #"{"name":"Gun"}"#)
        let id = added.json["device"]?["id"]?.text ?? ""
        let token = try #require(added.json["token"]?.text)
        let caller = try #require(try gate.device(token: token))
        try admit(caller)
        let moved = try door.house.send(
            .put, "/api/v1/devices/\(id)", json: #"{"name":"Gun","warehouse":"whs-1"}"#)
        #expect(moved.status == 200)
        #expect(throws: AccessRefusal.unauthenticated) { try admit(caller) }
        let again = try #require(try gate.device(token: token))
        try admit(again)
        _ = try door.house.send(.post, "/api/v1/devices/\(id)/revocation", json: "{}")
        #expect(throws: AccessRefusal.unauthenticated) { try admit(again) }
    }

    @Test func `a stream ends with the grant that ran out by itself`() throws {
        let wang = try door.person("Wang", nil)
        let until = try door.clock.now().adding(seconds: 600).rfc3339
        let given = try door.house.send(
            .post, "/api/v1/grants",
            json: #"{"user":"\#(wang)","role":"accountant","until":"\#(until)"}"#)
        #expect(given.status == 201)
        let (feed, events) = (door.house.house.feed, door.house.house.events)
        let session = try door.session(of: wang)
        let opened = try door.house.send(.get, "/api/v1/events", as: session)
        guard case .stream(let stream) = opened.response.body else {
            Issue.record("no stream: \(opened.text)")
            return
        }
        // The one who came is looked at once more, and stays.
        #expect(feed.look())
        events.recheck()
        #expect(stream.waitingText.hasPrefix("retry"))
        try door.clock.pass(seconds: 599)
        door.clock.pass(microseconds: 500_000)
        #expect(!feed.look())
        // Remembered just before the end, for longer than the grant lasts.
        #expect(try door.house.send(.get, "/api/v1/items", as: session).status == 200)
        door.clock.pass(microseconds: 500_000)
        #expect(feed.look())
        events.recheck()
        #expect(stream.waitingText == "")
        #expect(!feed.look())
    }
}
