// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import SealedStore

/// A failure that says of the target that it is damaged, and not merely out of reach.
private func damage(_ error: any Error, _ target: Target) -> BackupRefusal? {
    guard let fault = error as? BackupFault, fault.isDamage else { return nil }
    return .targetDamaged(name: target.name, reason: fault.description)
}

/// Notes why a target could not be read to its end. Returns the cause.
private func noteFailure(
    _ error: any Error, of target: Target, in store: SealedStore
) throws -> any Error {
    let cause = damage(error, target) ?? named(error, target)
    let (code, words) = wording(of: cause)
    try store.write { tx in
        if code == targetDamagedCode {
            try tx.noteDamage(target.id, words: words)
        } else {
            try tx.noteFault(target.id, code: code, words: words)
        }
    }
    return cause
}

/// Compares the journal with the anchor that a target keeps.
private func requirePassing(
    _ line: String, of target: Target, in store: SealedStore
) throws {
    guard let anchor = JournalAnchor(line: line) else { return }
    let fault = try store.read { tx in
        try tx.journalFault(of: anchor, forks: [BackupEvent.restored])
    }
    // The target may have gone further than books that were brought back from it.
    if case .forked = fault { return }
    guard let fault else { return }
    throw BackupRefusal.journalBehind(name: target.name, seq: fault.seq)
}

/// Reads every byte of every target. Returns one line about it.
func verifyTargets(
    _ store: SealedStore, _ depot: Depot, report: @escaping @Sendable (Int) -> Void
) throws -> String {
    guard store.canBackUp else { return "practice books are not backed up" }
    let (targets, parts) = try store.read { (try $0.backupTargets(), try $0.olderParts()) }
    var objects = 0
    var unopened: [String] = []
    var failure: (any Error)?
    for target in targets {
        do {
            let place = try depot.open(target, for: store)
            // What we know that we wrote may grow while it is read.
            let index = try depot.alone {
                let now = try store.read { try $0.backupTarget(target.id) } ?? target
                return try heldIndex(of: now, at: place, store)
            }
            let restorer = Restorer(place, seal: store.backupSeal) { done, total in
                report(Int(done * 100 / max(1, total)))
            }
            objects += try restorer.checkAll(index).objects
            try requirePassing(index.anchor, of: target, in: store)
            let older = try checkOlder(parts[target.id] ?? [], at: target, store, depot)
            objects += older.objects
            unopened += older.notes
            try store.write { try $0.noteVerified(target.id) }
        } catch {
            failure = try noteFailure(error, of: target, in: store)
        }
    }
    if let failure { throw failure }
    guard !unopened.isEmpty else { return "\(objects) objects" }
    return "\(objects) objects; not opened, for want of their keys: "
        + unopened.joined(separator: "; ")
}

/// What was found of the parts that other keys opened.
private struct OlderFindings {
    var objects = 0
    /// A few words on each part.
    var notes: [String] = []
}

/// Reads what other keys sealed at a target, as far as that can be done without them: a list that we
/// left there must be as we left it, and every object as the list names it. Parts that nothing is
/// known of, as of books that were restored and went another way, are said and raise no alarm.
///
/// - Throws: `BackupFault` for a part that is known and not as it was left.
private func checkOlder(
    _ known: [OlderPart], at target: Target, _ store: SealedStore, _ depot: Depot
) throws -> OlderFindings {
    let whole = try depot.whole(target)
    let own = try BackupFolder(of: store.backupSeal)
    var rest = try BackupFolder.all(of: whole).filter { $0 != own }
        .map { ClosedPart(whole, $0, of: store.backupSeal) }
    var found = OlderFindings()
    for one in known {
        let candidates = rest.filter { Int64($0.folder.epoch) == one.epoch }
        guard !candidates.isEmpty else {
            throw BackupFault.missing("the part of key epoch \(one.epoch)")
        }
        let hashes = candidates.map { part in Result { try part.indexHash() } }
        let hit = zip(candidates, hashes).first { (try? $0.1.get()) == one.indexHash }?.0
        guard let part = hit else {
            // The first says why: missing, or another one than was written.
            _ = try hashes[0].get()
            throw BackupFault.altered(candidates[0].folder.prefix + BackupIndex.name)
        }
        found.objects += try part.check()
        found.notes.append("\(target.name), \(part.folder), found as it was left")
        rest.removeAll { $0.folder == part.folder }
        try store.write { try $0.noteVerifiedPart(epoch: one.epoch, of: target.id) }
    }
    for part in rest {
        do {
            found.objects += try part.check()
            found.notes.append("\(target.name), \(part.folder), its objects as its list names them")
        } catch let fault as BackupFault {
            found.notes.append("\(target.name), \(part.folder), nothing is known of it: \(fault)")
        }
    }
    return found
}
