// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation

// What begins another chain because something is known or seen elsewhere.
extension Spool {
    /// Counts commits from `most` on, if fewer were counted: so many were given numbers before, by
    /// a spool that is gone. What this one captured with lower numbers is forgotten; the books hold
    /// it, and the next chain begins with a snapshot.
    func count(from most: Int64) {
        lock.lock()
        defer { lock.unlock() }
        guard commit < most, NewChainMark.commits.contains(most) else { return }
        if let chain {
            noteGap("commits were counted anew, as the spool was lost")
            dropDrafts()
            for name in (try? folder.names()) ?? [] where SegmentName(name)?.chain == chain {
                status.bytes = max(0, status.bytes - folder.size(of: name))
                folder.remove(name)
            }
        }
        (head, commit) = (nil, most)
        endChain()
    }

    /// Begins a chain anew, because segments of this one are missing.
    func breakChain(_ reason: String) {
        lock.lock()
        defer { lock.unlock() }
        noteGap(reason)
        dropDrafts()
        endChain()
    }

    /// Makes the folder again when somebody removed it. What was in it and lies nowhere else is
    /// missing in the history; the books have it. With the lock held.
    func makeAgain() throws {
        guard !Disk.exists(folder.path) else { return }
        noteGap("the spool folder was removed")
        (head, status.bytes) = (nil, 0)
        endChain()
        try asBackupFault { try folder.make() }
    }
}
