// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization

/// Writes down in the generation ledger how far commits are flushed, on a thread of its own: no
/// commit ever waits for it. At most a second passes from a commit to its note.
final class LedgerKeeper: @unchecked Sendable {  // Semaphores and atomics guard all that changes.
    /// Rest before a note, in seconds, so that many commits share one.
    static let rest = 0.5

    private let freshness: Freshness
    private let vault: Vault
    private let isDue = Atomic<Bool>(false)
    private let isClosing = Atomic<Bool>(false)
    private let due = DispatchSemaphore(value: 0)
    private let closing = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(_ freshness: Freshness, _ vault: Vault) {
        self.freshness = freshness
        self.vault = vault
    }

    func start() {
        freshness.whenChanged { [self] in ring() }
        let thread = Thread { [self] in
            while turn() {}
            ended.signal()
        }
        thread.name = "store-ledger"
        thread.start()
    }

    private func ring() {
        if !isDue.exchange(true, ordering: .acquiringAndReleasing) { due.signal() }
    }

    private func turn() -> Bool {
        due.wait()
        guard !isClosing.load(ordering: .acquiring) else { return false }
        let isLast = closing.wait(timeout: .now() + Self.rest) == .success
        isDue.store(false, ordering: .releasing)
        if !isLast, !note(.state) { ring() }
        return !isLast
    }

    /// Writes a note now. Returns false when the disk was full: the note before still holds, and the
    /// next one is tried after a rest.
    @discardableResult
    func note(_ kind: LedgerRecord.Kind) -> Bool {
        guard !vault.isFenced else { return true }
        do {
            try freshness.note(kind)
            return true
        } catch {
            _ = vault.code(for: error)
            return vault.isFenced
        }
    }

    /// Ends the thread and writes the last note.
    func close() {
        freshness.whenChanged {}
        isClosing.store(true, ordering: .releasing)
        closing.signal()
        due.signal()
        ended.wait()
        note(.closed)
    }
}
