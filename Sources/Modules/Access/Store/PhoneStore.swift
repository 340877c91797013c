// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

extension ReadTransaction {
    func phone(of user: ID<User>) throws -> Phone? {
        try first("SELECT number, confirmed_us FROM access_phone WHERE user_id = ?", [user.raw]) {
            Phone(
                sealed: $0.bytes(0),
                confirmedAt: $0.int64OrNil(1).map(Instant.init(microseconds:)))
        }
    }

    /// Every number with its owner, for sealing them under another key.
    func phoneNumbers() throws -> [(user: ID<User>, sealed: [UInt8])] {
        try all("SELECT user_id, number FROM access_phone ORDER BY user_id", []) {
            (ID($0.int64(0)), $0.bytes(1))
        }
    }

    func sentCode(of user: ID<User>) throws -> SentCode? {
        try first(
            """
            SELECT ticket_id, salt, code, sent_us, failures FROM access_sent_code
            WHERE user_id = ?
            """, [user.raw]
        ) {
            SentCode(
                ticket: $0.int64OrNil(0).map { ID($0) }, salt: $0.bytes(1), digest: $0.bytes(2),
                sentAt: Instant(microseconds: $0.int64(3)), failures: $0.int64(4))
        }
    }

    /// Messages to one person since `instant`: how many, and when the first was.
    func messages(
        to user: ID<User>, since instant: Instant
    ) throws -> (count: Int64, first: Instant?) {
        try first(
            """
            SELECT count(*), min(sent_us) FROM access_message
            WHERE user_id = ? AND sent_us > ? AND sent_us <= ?
            """, [user.raw, instant, now]
        ) { ($0.int64(0), $0.instantOrNil(1)) } ?? (0, nil)
    }

    /// The same of the whole house.
    func messages(since instant: Instant) throws -> (count: Int64, first: Instant?) {
        try first(
            """
            SELECT count(*), min(sent_us) FROM access_message
            WHERE sent_us > ? AND sent_us <= ?
            """, [instant, now]
        ) { ($0.int64(0), $0.instantOrNil(1)) } ?? (0, nil)
    }

    func gateway() throws -> KeptGateway? {
        try first("SELECT is_on, form FROM access_gateway", []) {
            KeptGateway(isOn: $0.int64(0) == 1, sealed: $0.bytes(1))
        }
    }
}

extension WriteTransaction {
    /// Keeps a number that is not confirmed yet, in the place of another that is not.
    func setPhone(_ sealed: [UInt8], of user: ID<User>) throws {
        try run(
            """
            INSERT INTO access_phone (user_id, number) VALUES (?, ?)
            ON CONFLICT (user_id) DO UPDATE SET number = excluded.number, confirmed_us = NULL
            """, [user.raw, sealed])
    }

    /// The same number, sealed under another key.
    func resealPhone(_ sealed: [UInt8], of user: ID<User>) throws {
        try run("UPDATE access_phone SET number = ? WHERE user_id = ?", [sealed, user.raw])
    }

    func confirmPhone(of user: ID<User>) throws {
        try run("UPDATE access_phone SET confirmed_us = ? WHERE user_id = ?", [now, user.raw])
    }

    /// Forgets the number and the code that was sent to it.
    func deletePhone(of user: ID<User>) throws {
        try deleteSentCode(of: user)
        try run("DELETE FROM access_phone WHERE user_id = ?", [user.raw])
    }

    /// Keeps a code in the place of the one before: one is open at a time.
    func setSentCode(
        of user: ID<User>, ticket: ID<Ticket>?, salt: [UInt8], digest: [UInt8]
    ) throws {
        try run(
            """
            INSERT INTO access_sent_code (user_id, ticket_id, salt, code, sent_us, failures)
            VALUES (?, ?, ?, ?, ?, 0)
            ON CONFLICT (user_id) DO UPDATE SET ticket_id = excluded.ticket_id,
                salt = excluded.salt, code = excluded.code, sent_us = excluded.sent_us,
                failures = 0
            """, [user.raw, ticket?.raw, salt, digest, now])
    }

    func noteFailureOfSentCode(of user: ID<User>) throws {
        try run(
            "UPDATE access_sent_code SET failures = failures + 1 WHERE user_id = ?", [user.raw])
    }

    func deleteSentCode(of user: ID<User>) throws {
        try run("DELETE FROM access_sent_code WHERE user_id = ?", [user.raw])
    }

    func deleteSentCodes(sentBefore instant: Instant) throws {
        try runUntold("DELETE FROM access_sent_code WHERE sent_us < ?", [instant])
    }

    /// Counts a message. `user` is nil when an administrator tries the gateway.
    func insertMessage(to user: ID<User>?) throws {
        try insert("INSERT INTO access_message (user_id, sent_us) VALUES (?, ?)", [user?.raw, now])
    }

    func deleteMessages(sentBefore instant: Instant) throws {
        try runUntold("DELETE FROM access_message WHERE sent_us < ?", [instant])
    }

    func setGateway(isOn: Bool, _ sealed: [UInt8]) throws {
        try run(
            """
            INSERT INTO access_gateway (id, is_on, form) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET is_on = excluded.is_on, form = excluded.form
            """, [isOn, sealed])
    }

    /// The same way, sealed under another key.
    func resealGateway(_ sealed: [UInt8]) throws {
        try run("UPDATE access_gateway SET form = ?", [sealed])
    }
}
