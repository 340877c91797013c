// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Catalog
import Clockwork
import Kernel
import SealedStore

/// Notes on open scans that the catalogue knows their code by now, so that the office sees at a
/// glance which can be carried out.
let noticeNewCodes = Listener(
    "scanning.notice_new_codes",
    to: [CatalogEvent.codeAdded, CatalogEvent.packagingAdded, CatalogEvent.importApplied]
) { _, tx in
    for code in try tx.openUnknownCodes(limit: Limit.listCount) {
        do {
            let found = try look(up: code, by: .system("listener"), in: tx)
            if !found.matches.isEmpty { try tx.markKnown(code: code) }
        } catch is any Refusal {
            // What no reader can read stays unknown.
        }
    }
}
