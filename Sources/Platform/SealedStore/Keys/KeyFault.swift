// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Why keys could not be made, read or used.
package enum KeyFault: Error, Sendable, Equatable {
    /// The system gave no locked memory, or libsodium did not start.
    case noSecureMemory
    /// The file is no key file of this program.
    case notOurs
    /// The file is a key file, written by a newer program than this one.
    case newer(format: Int)
    /// The file is ours, and no slot opens with what was given.
    case wrongKey
    /// The slot opened, yet the file was changed by somebody without the key, or is damaged.
    case tampered
    /// A recovery key or key file that is not written the way we write them.
    case mistyped
    /// There is no slot with this number.
    case noSuchSlot
    /// The last slot cannot be removed: nobody could open the store again.
    case lastSlot
    /// The file holds as many slots as it can.
    case full
    /// Refuses to write over a file that is already there.
    case exists
    /// Anybody else on this machine may read the file of a key; it must have mode 0600.
    case readableByOthers
    /// The system refused: what we did, and its error number.
    case system(String, Int32)
}
