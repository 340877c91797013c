// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Clockwork
import Kernel
import SealedStore

/// A file that nobody has applied for so long is not waited for any more.
let previewDaysKept: Int64 = 30

/// Puts files aside that were looked at and never applied; their rows take room for nothing.
let forgetPreviews = Job(
    "catalog.forget_previews", "Put import files aside that nobody has applied for a month.",
    .daily(hour: 2, minute: 20)
) { context in
    let oldest = try context.store.read { try $0.now.adding(seconds: -previewDaysKept * 86_400) }
    let stale = try context.store.read {
        try $0.stalePreviews(before: oldest, limit: Limit.listCount)
    }
    // One by one: a file may have thousands of rows, and the writer has others to serve.
    var count = 0
    for id in stale {
        do {
            _ = try context.store.write { try discardImport(id, by: context.caller, in: $0) }
            count += 1
        } catch is LifecycleRefusal {
            // Somebody applied it meanwhile.
        }
    }
    return "\(count) files"
}
