// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// How the capture of commits does.
package struct SpoolStatus: Sendable {
    /// Whether commits are captured at all.
    package var isCapturing = false
    /// When this run of the program opened the books.
    package var openedAt: Instant?
    package var chain: ChainID?
    /// The last segment, its commit, and when it was closed.
    package var sequence: Int64 = 0
    package var commit: Int64 = 0
    package var at: Instant?
    /// Frames that are durable in the log and not captured yet.
    package var framesBehind = 0
    /// Bytes of segments that lie in the folder.
    package var bytes = 0
    /// What the last try failed with; nil when it did not.
    package var fault: BackupFault?
    /// When the chain last ended with commits missing behind it, and why.
    package var gap: (at: Instant, reason: String)?
}
