// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
package import Ledger
package import SealedStore

/// Recomputes all balances every night; a difference is a failed run on the jobs screen.
let verifyStock = Job(
    "inventory.verify", "Recompute all balances from the movements and compare.",
    .daily(hour: 3, minute: 10)
) { context in
    let verdict = try context.store.read { try verifyGoods($0) }
    if let difference = verdict.difference {
        throw StockRefusal.booksDiffer(
            unit: difference.unit, account: difference.account, expected: difference.expected,
            kept: difference.kept)
    }
    return "\(verdict.transfers) movements"
}

/// Recomputes all balances of goods.
package func verifyGoods(_ tx: ReadTransaction) throws -> BookVerdict {
    try goods.verify(tx)
}
