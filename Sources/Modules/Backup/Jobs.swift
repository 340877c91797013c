// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import SealedStore

/// Seconds between two shipments. With the capture before and the uploads after them, what was
/// acknowledged is elsewhere within a minute.
private let shipSeconds = 45

/// Shipments and snapshots have a lane of their own: they go on while a drill or a check reads
/// everything, for however long that takes.
func backupJobs(_ depot: Depot) -> [Job] {
    [
        Job(
            "backup.ship", "Bring what was captured to every target.",
            .every(seconds: shipSeconds), lane: .shipping
        ) { context in
            let round = Round(
                depot, context.store, by: context.caller, isAsked: context.isAsked,
                report: context.report)
            return try telling(context) { try round.run() }
        },
        Job(
            "backup.snapshot", "Take a snapshot of the whole store to every target.",
            .daily(hour: 1, minute: 10), lane: .shipping
        ) { context in
            let round = Round(depot, context.store, by: context.caller, report: context.report)
            return try telling(context) { try round.run(takesSnapshot: true) }
        },
        Job(
            "backup.thin",
            "Thin out old backups: all of a day, then 7 days, 5 weeks, 12 months.",
            .daily(hour: 1, minute: 40)
        ) { context in
            try telling(context) { try thin(context.store, depot, zone: context.zone) }
        },
        Job(
            "backup.drill", "Restore the newest backup beside the books and compare every table.",
            .daily(hour: 2, minute: 10)
        ) { context in
            try drill(context.store, depot, by: context.caller, report: context.report)
        },
        Job(
            "backup.verify", "Read every byte of every backup and check it.",
            .daily(hour: 4, minute: 10)
        ) { context in
            try telling(context) {
                try verifyTargets(context.store, depot, report: context.report)
            }
        },
    ]
}

/// Does `work` and tells at once which concerns came or went with it.
private func telling(_ context: JobContext, _ work: () throws -> String) throws -> String {
    let outcome = Result { try work() }
    try settleAlarms(of: context.store, by: context.caller)
    return try outcome.get()
}
