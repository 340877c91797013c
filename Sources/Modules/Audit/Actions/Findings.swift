// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import SealedStore

/// Tells a crossing, once: as long as a finding of it is open, and for entries that were part of one
/// that was cleared, nothing new is told. Returns whether it was.
@discardableResult
func raise(
    _ crossing: Crossing, by caller: Caller, in tx: WriteTransaction
) throws -> Bool {
    if let open = try tx.openFinding(crossing.rule, crossing.key) {
        if crossing.lastSeq > open.lastSeq { try tx.extend(open.id, with: crossing) }
        return false
    }
    guard try tx.lastSeq(of: crossing.rule, crossing.key) < crossing.lastSeq else { return false }
    let id = try tx.insert(crossing)
    try tx.tell(
        AuditEvent.findingRaised, about: id.description,
        [
            "rule": .text(crossing.rule.rawValue), "key": .text(crossing.key),
            "actor": .text(crossing.actor), "address": .text(crossing.address),
            "count": .integer(crossing.count), "first": .integer(crossing.firstSeq),
            "last": .integer(crossing.lastSeq),
        ], by: caller)
    return true
}

/// Says that a finding was looked into, and what it was. Refuses one that was cleared before.
func clearFinding(
    _ id: ID<Finding>, reason: String, by caller: Caller, in tx: WriteTransaction
) throws -> Finding {
    guard let finding = try tx.finding(id) else { throw AuditRefusal.findingUnknown }
    guard finding.state == .open else { throw AuditRefusal.findingCleared }
    try tx.clear(id, by: caller.name, reason: reason)
    try tx.tell(
        AuditEvent.findingCleared, about: id.description,
        [
            "rule": .text(finding.rule.rawValue), "key": .text(finding.key),
            "reason": .text(reason),
            "state": .list([
                .text(FindingState.open.rawValue), .text(FindingState.cleared.rawValue),
            ]),
        ], by: caller)
    guard let cleared = try tx.finding(id) else { throw AuditRefusal.findingUnknown }
    return cleared
}
