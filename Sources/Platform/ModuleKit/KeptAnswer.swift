// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
package import SealedStore

/// The answer to a request that may be repeated, kept in the transaction of its effect.
///
/// The same caller with the same key and the same request gets the same bytes again and nothing
/// happens twice, also after a restart.
package struct KeptAnswer: Sendable, Equatable {
    /// Digest of method, path and body of the request that was answered.
    package let request: [UInt8]
    package let status: Int
    package let mediaType: String
    package let body: [UInt8]

    /// How long answers are kept: an offline scanner may come back after a month.
    package static let daysKept: Int64 = 31
}

extension ReadTransaction {
    func keptAnswer(to key: String, of caller: String) throws -> KeptAnswer? {
        try first(
            """
            SELECT request, status, media_type, body FROM kit_answer WHERE caller = ? AND key = ?
            """, [caller, key]
        ) {
            KeptAnswer(
                request: $0.bytes(0), status: Int($0.int64(1)), mediaType: $0.text(2),
                body: $0.bytes(3))
        }
    }
}

extension WriteTransaction {
    func keep(_ answer: KeptAnswer, to key: String, of caller: String) throws {
        try runUntold(
            """
            INSERT INTO kit_answer (caller, key, request, status, media_type, body, at_us)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [caller, key, answer.request, answer.status, answer.mediaType, answer.body, now])
    }

    /// Forgets answers older than `daysKept`, at most `limit` at once. Returns how many.
    package func forgetAnswers(limit: Int) throws -> Int {
        let oldest = try now.adding(seconds: -KeptAnswer.daysKept * 86_400)
        return try runUntold(
            """
            DELETE FROM kit_answer
            WHERE id IN (SELECT id FROM kit_answer ORDER BY id LIMIT ?) AND at_us < ?
            """, [limit, oldest])
    }
}
