// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import ModuleKit
import SealedStore

/// What to acknowledge a scan with: the place that the journal has reached. Practice books have
/// none, since they come and go.
func acknowledgement(in tx: ReadTransaction) throws -> Acknowledgement? {
    guard try tx.site()?.isPractice != true else { return nil }
    return try tx.journalMark().map(acknowledgement)
}

private func acknowledgement(_ mark: JournalMark) -> Acknowledgement {
    Acknowledgement(seq: mark.seq, proof: String(mark.text.prefix(Acknowledgement.proofLength)))
}

/// Refuses when the books do not hold what was acknowledged to this client once: they end before
/// it, or have gone on another way from an earlier state.
///
/// - Throws: `ScanRefusal.storeBehind`.
func refuseIfBehind(_ last: Acknowledgement?, in tx: ReadTransaction) throws {
    guard let last, try tx.site()?.isPractice != true else { return }
    let kept = try tx.journalMark(at: last.seq).map(acknowledgement)
    guard kept == last else {
        throw ScanRefusal.storeBehind(
            acknowledged: last.seq, found: try tx.journalMark()?.seq ?? 0)
    }
}
