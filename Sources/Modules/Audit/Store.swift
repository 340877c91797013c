// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

private let findingColumns = """
    id, rule, subject, actor, actor_name, address, first_seq, last_seq, count, raised_us, last_us,
    state, cleared_by, cleared_us, reason
    """

extension ReadTransaction {
    func finding(_ id: ID<Finding>) throws -> Finding? {
        try first(
            "SELECT \(findingColumns) FROM audit_finding WHERE id = ?", [id.raw],
            Finding.init(row:))
    }

    /// Findings of a state, newest first, before `id`.
    func findings(_ state: FindingState, before id: Int64, limit: Int) throws -> [Finding] {
        try all(
            """
            SELECT \(findingColumns) FROM audit_finding
            WHERE state = ? AND id < ? ORDER BY id DESC LIMIT ?
            """, [state.rawValue, id, limit], Finding.init(row:))
    }

    func openFinding(_ rule: WatchRule, _ key: String) throws -> Finding? {
        try first(
            """
            SELECT \(findingColumns) FROM audit_finding
            WHERE rule = ? AND subject = ? AND state = 'open'
            """, [rule.rawValue, key], Finding.init(row:))
    }

    /// The newest entry that was part of a finding of this rule and key; 0 for none.
    func lastSeq(of rule: WatchRule, _ key: String) throws -> Int64 {
        try integer(
            "SELECT max(last_seq) FROM audit_finding WHERE rule = ? AND subject = ?",
            [rule.rawValue, key]) ?? 0
    }
}

extension WriteTransaction {
    func insert(_ crossing: Crossing) throws -> ID<Finding> {
        ID(
            try insert(
                """
                INSERT INTO audit_finding (rule, subject, actor, actor_name, address, first_seq,
                    last_seq, count, raised_us, last_us, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')
                """,
                [
                    crossing.rule.rawValue, crossing.key, crossing.actor, crossing.actorName,
                    crossing.address, crossing.firstSeq, crossing.lastSeq, crossing.count, now,
                    crossing.at,
                ]))
    }

    /// What goes on is counted with what was told already.
    func extend(_ id: ID<Finding>, with crossing: Crossing) throws {
        try runUntold(
            """
            UPDATE audit_finding SET last_seq = ?, count = max(count, ?), last_us = ? WHERE id = ?
            """, [crossing.lastSeq, crossing.count, crossing.at, id.raw])
    }

    func clear(_ id: ID<Finding>, by actor: String, reason: String) throws {
        try run(
            """
            UPDATE audit_finding SET state = 'cleared', cleared_by = ?, cleared_us = ?, reason = ?
            WHERE id = ?
            """, [actor, now, reason, id.raw])
    }
}

extension Finding {
    fileprivate init(row: Row) throws {
        self.init(
            id: ID(row.int64(0)), rule: try stored(row.text(1)), key: row.text(2),
            actor: row.text(3), actorName: row.text(4), address: row.text(5),
            firstSeq: row.int64(6), lastSeq: row.int64(7), count: row.int64(8),
            raisedAt: Instant(microseconds: row.int64(9)),
            lastAt: Instant(microseconds: row.int64(10)), state: try stored(row.text(11)),
            clearedBy: row.textOrNil(12),
            clearedAt: row.int64OrNil(13).map(Instant.init(microseconds:)),
            reason: row.textOrNil(14))
    }
}
