// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import ModuleKit
import SealedStore

/// The number to acknowledge a scan with: the journal's last entry, which only grows. Practice books
/// have none, since they come and go.
func acknowledgement(in tx: ReadTransaction) throws -> Int64? {
    try tx.site()?.isPractice == true ? nil : tx.journalHead()
}

/// Refuses when the books do not reach what was acknowledged to this client once.
///
/// - Throws: `ScanRefusal.storeBehind`.
func refuseIfBehind(_ last: Int64?, in tx: ReadTransaction) throws {
    guard let last, let head = try acknowledgement(in: tx), head < last else { return }
    throw ScanRefusal.storeBehind(acknowledged: last, found: head)
}
