// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Audit
import Clockwork
import Journal
import Web

/// Says each anchor in the system's log, where it stays when the books do not.
let anchorLog = Listener("system.anchor_log", to: [AuditEvent.anchored]) { entry, _ in
    let facts = try JSON(reading: Array(entry.facts.utf8))
    Log.write(.notice, "journal anchor: \(facts["line"]?.text ?? "")")
}
