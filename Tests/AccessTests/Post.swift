// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Foundation
import Kernel
import Outbox
import TestKit
import Testing
import Web

@testable import Access

/// The other side of the hatch: takes messages as a courier does over its socket, and keeps them for
/// the test to read, as a telephone would.
final class Post: @unchecked Sendable {
    // @unchecked: the lock guards all that changes.
    let hatch = Hatch()
    private let lock = NSLock()
    private var taken: [(number: String, text: String, until: Int64)] = []
    private var outcome = Outcome.done(.sent)
    private var isOver = false

    init() {
        hatch.courierCame()
        Thread { [self] in
            while !lock.withLock({ isOver }) {
                for one in hatch.take(most: 4, holding: []) { deliver(one) }
                sched_yield()
            }
        }.start()
    }

    func stop() {
        lock.withLock { isOver = true }
        hatch.stop()
    }

    private func deliver(_ one: NumberedErrand) {
        guard case .message(let number, let text, let until) = one.errand.work else { return }
        let outcome = lock.withLock {
            taken.append((number.revealed, text.revealed, until))
            return self.outcome
        }
        _ = hatch.settle(ErrandReport(id: one.id, outcome: outcome))
    }

    /// What the gateway says from now on.
    func answer(_ outcome: Outcome) { lock.withLock { self.outcome = outcome } }

    var messages: [(number: String, text: String, until: Int64)] { lock.withLock { taken } }

    /// The code of the last message.
    var code: String { String(messages.last?.text.prefix(6) ?? "") }
}

extension Door {
    static let number = "+441632960123"

    /// A code that is another.
    static func wrong(_ code: String) -> String { code == "000000" ? "000001" : "000000" }

    static func gateway(on: Bool = true, secret: String? = #""Bearer s3cr3t-key""#) -> String {
        #"{"on":\#(on),"address":"https://sms.example.org/messages","media":"json","#
            + #""template":"{\"to\":\"{to}\",\"text\":\"{text}\"}","header":"Authorization","#
            + #""secret":\#(secret ?? "null"),"seconds":5}"#
    }

    func open(_ on: Bool = true) throws {
        #expect(
            try house.send(.put, "/api/v1/sms-gateway", json: Self.gateway(on: on)).status == 200)
    }

    /// Gives somebody with an app a telephone, too.
    func addPhone(_ id: ID<User>, _ post: Post) throws {
        var session = try session(of: id)
        let begun = try send(
            .post, "session/phone", #"{"number":"\#(Self.number)"}"#, as: &session)
        #expect(begun.status == 201)
        let added = try send(
            .post, "session/phone/confirmation", #"{"code":"\#(post.code)"}"#, as: &session)
        #expect(added.status == 200)
        try clock.pass(seconds: MessageRule.windowSeconds)
    }

    func sendCode(_ ticket: String) throws -> Answer {
        try house.send(
            .post, "/api/v1/session/sms", json: #"{"ticket":"\#(ticket)"}"#, as: .guest)
    }

    func finish(_ ticket: String, sent code: String) throws -> Answer {
        try house.send(
            .post, "/api/v1/session/sms/code", json: #"{"ticket":"\#(ticket)","code":"\#(code)"}"#,
            as: .guest)
    }
}
