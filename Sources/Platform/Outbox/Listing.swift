// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
package import Kernel
package import SealedStore

/// Errands in a state, oldest first, after the errand `after`, at most `limit`.
package func errands(
    in state: ErrandState, after: ErrandID? = nil, limit: Int, in tx: ReadTransaction
) throws -> [QueuedErrand] {
    try tx.all(
        """
        SELECT \(QueuedErrand.columns) FROM outbox_errand
        WHERE state = ? AND id > ? ORDER BY id LIMIT ?
        """, [state.rawValue, after?.raw ?? 0, limit], QueuedErrand.init)
}

/// One errand; nil when it is not known, or forgotten.
package func errand(_ id: ErrandID, in tx: ReadTransaction) throws -> QueuedErrand? {
    try tx.first(
        "SELECT \(QueuedErrand.columns) FROM outbox_errand WHERE id = ?", [id.raw],
        QueuedErrand.init)
}

/// How many errands to a target are waiting or with the courier, and since when the oldest is.
package func backlog(
    of target: String, in tx: ReadTransaction
) throws -> (count: Int64, oldest: Instant?) {
    try tx.first(
        """
        SELECT count(*), min(made_us) FROM outbox_errand
        WHERE target = ? AND state IN ('waiting', 'claimed')
        """, [target]
    ) { ($0.int64(0), $0.instantOrNil(1)) } ?? (0, nil)
}

/// All targets that errands were ever sent to, without their secrets, by name.
package func targetStates(in tx: ReadTransaction) throws -> [TargetState] {
    try tx.all(
        """
        SELECT name, failures, paused_until_us, reason, note FROM outbox_target ORDER BY name
        """
    ) {
        TargetState(
            name: $0.text(0), failures: $0.int(1), pausedUntil: $0.instant(2),
            reason: $0.textOrNil(3).flatMap(Outcome.Reason.init), note: $0.text(4))
    }
}
