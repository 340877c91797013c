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
    let count = try context.store.write { tx in
        let oldest = try tx.now.adding(seconds: -previewDaysKept * 86_400)
        let stale = try tx.stalePreviews(before: oldest, limit: Limit.listCount)
        for id in stale { _ = try discardImport(id, by: context.caller, in: tx) }
        return stale.count
    }
    return "\(count) files"
}
