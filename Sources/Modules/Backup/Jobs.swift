// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import SealedStore

let shipBackup = Job(
    "backup.ship", "Bring what was captured to every target.", .every(minutes: 1)
) { context in
    let round = Round(store: context.store, caller: context.caller, report: context.report)
    let outcome = Result { try round.run() }
    if context.store.canBackUp { try settleAlarms(of: context.store, by: context.caller) }
    return try outcome.get()
}

let snapshotBackup = Job(
    "backup.snapshot", "Take a snapshot of the whole store to every target.",
    .daily(hour: 1, minute: 10)
) { context in
    let round = Round(store: context.store, caller: context.caller, report: context.report)
    return try round.run(takesSnapshot: true)
}

let thinBackup = Job(
    "backup.thin", "Thin out old backups: all of a day, then 7 days, 5 weeks, 12 months.",
    .daily(hour: 1, minute: 40)
) { context in
    try thin(context.store, zone: context.zone)
}

let drillBackup = Job(
    "backup.drill", "Restore the newest backup beside the books and compare every table.",
    .daily(hour: 2, minute: 10)
) { context in
    try drill(context.store, by: context.caller, report: context.report)
}

let verifyBackup = Job(
    "backup.verify", "Read every byte of every backup and check it.",
    .daily(hour: 4, minute: 10)
) { context in
    try verifyTargets(context.store, report: context.report)
}
