// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Journal
import Kernel
import SealedStore

/// - Parameter kinds: all that is told in the house.
func auditJobs(_ kinds: [EventKind]) -> [Job] {
    [
        Job(
            "audit.watch", "Look for what an administrator should know.", .every(seconds: 60)
        ) { context in
            let raised = try watch(
                context.store, kinds, zone: context.zone, by: context.caller)
            return "\(raised) findings"
        },
        Job(
            "audit.anchor", "Put the state of the journal into a line that is kept elsewhere.",
            .daily(hour: 23, minute: 55)
        ) { context in
            try context.store.write { tx in
                guard try tx.journalHead() > 0 else { return "nothing was told yet" }
                return try anchor(by: context.caller, in: tx).line
            }
        },
        Job(
            "audit.verify", "Recompute the chain of the journal and compare.",
            .daily(hour: 3, minute: 30)
        ) { context in
            try checkNightly(context.store, kinds, by: context.caller)
        },
    ]
}
