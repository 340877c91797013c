// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Audit
import Glibc
import Journal
import Kernel
import SealedStore
import Synchronization

/// What the box itself tells the journal.
enum SystemEvent {
    /// Somebody took an older state of the books for the right one.
    static let rollbackAccepted = EventKind(
        "store.rollback_accepted", needs: AuditPermission.see, names: ["by"])

    /// The books were sealed under a new root key.
    static let keyRotated = EventKind(
        "store.key_rotated", needs: AuditPermission.see, names: ["by"])

    static let all = [rollbackAccepted, keyRotated]
}

/// Accepts the state in which the real books of a data folder lie, while the daemon does not run.
///
/// - Returns: what to say to the person who did it.
/// - Throws: `StoreFault.inUse` while the daemon runs, `AcceptanceFault`, `KeyFault`.
package func acceptRollback(data: String, reason: String) throws -> String {
    let store = "\(data)/store"
    // The keys are only opened here: making new ones would never help an old store.
    let ring = KeyRing(data: data)
    let lock = try ring.holdExisting()
    defer { lock.release() }
    let moved = try SealedStore.acceptRollback(
        folder: store, key: try ring.openExisting(), actor: ownName(),
        reason: reason, now: systemClock())
    let note = moved.map { " The damaged ledger was moved to \($0)." } ?? ""
    return """
        Accepted. The next start of the daemon takes the books as they lie and writes who, when and \
        why into the journal.\(note) Run `sluicectl verify` then.
        """
}

/// Who runs this program, as far as the system knows; with sudo, who called it.
package func ownName() -> String {
    let user = getuid()
    let name = getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "uid \(user)"
    guard user == 0, let caller = getenv("SUDO_USER") else { return name }
    return "\(name) for \(String(cString: caller))"
}

/// Tells the journal what was accepted while nobody could be told, each once.
func tellAcceptances(of store: SealedStore) throws {
    let acceptances = store.acceptances
    guard !acceptances.isEmpty else { return }
    try store.write { tx in
        for acceptance in acceptances {
            let subject = "ledger-record-\(acceptance.number)-\(acceptance.atMicroseconds)"
            // A crash between this commit and the ledger's note must not tell it twice.
            let known = try tx.journal(
                JournalFilter(subject: subject), kinds: [SystemEvent.rollbackAccepted],
                before: nil, limit: 1)
            guard known.isEmpty else { continue }
            try tx.tell(
                SystemEvent.rollbackAccepted, about: subject,
                [
                    "by": .text(acceptance.actor), "reason": .text(acceptance.reason),
                    "accepted": .instant(Instant(microseconds: acceptance.atMicroseconds)),
                    "commit": .integer(Int64(clamping: acceptance.commit)),
                ], by: .system("rollback"))
        }
    }
    try store.acceptancesAreTold()
    for acceptance in acceptances {
        Log.write(
            .warning,
            "an older state of the books was accepted by \(acceptance.actor): \(acceptance.reason)")
    }
}

/// Writes the head of the generation ledger into the system journal, which may be kept elsewhere:
/// a box whose ledger is behind what was once written there was put back as a whole.
final class Witness: Sendable {
    /// At most once in this many microseconds, and only when there is something new.
    static let period: Int64 = 60_000_000

    private let state = Mutex<(head: LedgerHead?, at: Instant?)>((nil, nil))
    private let write: @Sendable (String) -> Void

    init(write: @escaping @Sendable (String) -> Void = { Log.write(.notice, $0) }) {
        self.write = write
    }

    /// - Parameter isLast: the store has been closed, so it is written at once.
    func note(_ head: LedgerHead?, now: Instant, isLast: Bool = false) {
        guard let head else { return }
        let isNews = state.withLock { state in
            let isSoon = state.at.map { now.microseconds - $0.microseconds < Self.period } ?? false
            // A clock that was set back must not silence it.
            let isBack = state.at.map { now < $0 } ?? false
            guard state.head != head, isLast || isBack || !isSoon else { return false }
            state = (head, now)
            return true
        }
        guard isNews else { return }
        write(
            """
            ledger head: generation \(head.generation), commit \(head.commit), \
            record \(head.sequence), chain \(head.chain)
            """)
    }
}
