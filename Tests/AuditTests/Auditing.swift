// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Access
@testable import Appliance
@testable import Audit
@testable import Journal

extension TestHouse {
    /// A person who is signed in, made without a password, as a test needs one.
    func person(
        _ name: String, _ role: ShippedRole = .owner
    ) throws -> (id: String, token: String) {
        try store.write { tx in
            let id = try tx.insertUser(name: name, folded: name, password: "none", language: .en)
            _ = try tx.insertGrant(
                GrantDraft(user: id, role: Role(role)), .active, by: TestHouse.root)
            let token = newToken()
            try tx.insertSession(
                of: id, token: tokenDigest(token), way: .password, address: "10.0.0.1", agent: "")
            tx.markTold()
            return (id.description, token)
        }
    }

    func entries(_ kind: String) throws -> [JournalEntry] {
        try store.read { try $0.journal(after: 0, limit: 10_000) }.filter { $0.kind == kind }
    }

    func facts(_ entry: JournalEntry) throws -> JSON { try JSON(reading: Array(entry.facts.utf8)) }
}
