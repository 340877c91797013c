// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Journal
import SealedStore
import TestKit
import Testing

@testable import Outbox

/// What is good for a moment only never lies in the outbox.
struct FleetingTests {
    @Test func `a message is kept nowhere, not even its gateway`() throws {
        let kept = try TestStore([journalSchema, outboxSchema])
        let gateway = ErrandTarget(
            name: "sms",
            place: .gateway(
                ErrandTarget.Gateway(
                    address: "https://sms.example.org/", media: .json,
                    template: #"{"to":"{to}","text":"{text}"}"#, header: nil, secret: nil,
                    seconds: 5)))
        let work = Errand.Work.message(
            to: SecretText("+441632960123"), text: SecretText("287082"), until: 1)
        let errand = Errand(target: gateway, work: work)
        #expect(throws: Never.self) { try errand.check() }
        #expect(throws: ErrandRefusal.self) {
            try kept.store.write { _ = try enqueue(errand, in: $0) }
        }
        for table in ["outbox_errand", "outbox_target"] {
            #expect(
                try kept.store.read { try $0.integer("SELECT count(*) FROM \(table)") } == 0)
        }
    }
}
