// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import ModuleKit
import Outbox
import SealedStore

/// Jobs of the platform itself.
let systemJobs: [Job] = [
    Job(
        "system.forget_answers", "Forget answers to requests that were repeated a month ago.",
        .daily(hour: 2, minute: 40)
    ) { context in
        var forgotten = 0
        while true {
            let count = try context.store.write { try $0.forgetAnswers(limit: 1000) }
            forgotten += count
            if count == 0 { return "\(forgotten) answers" }
        }
    },
    Job(
        "system.forget_errands", "Forget errands done two days ago, and those failed a month ago.",
        .daily(hour: 2, minute: 50)
    ) { context in
        var forgotten = 0
        for (state, days) in [(ErrandState.done, Int64(2)), (.failed, 31)] {
            while true {
                let count = try context.store.write {
                    try forgetErrands(
                        state, before: try $0.now.adding(seconds: -days * 86_400), limit: 1000,
                        in: $0)
                }
                forgotten += count
                if count == 0 { break }
            }
        }
        return "\(forgotten) errands"
    },
]
