// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// A file beside the main file of a store that took the place of another one: what is captured
/// from it does not follow what was captured before. It goes along when the folder is renamed.
struct NewChainMark: Sendable {
    private let path: String
    /// Commits of the new chain are counted from here on, so that no number is given twice.
    let commit: Int64

    static let fileName = "new-chain"
    /// Numbers that a commit can have: 2^56 are two million years at a thousand a second.
    static let commits: ClosedRange<Int64> = 0...1 << 56

    /// Nil when there is none.
    init?(besides main: String) throws {
        let path = NewChainMark.path(besides: main)
        guard let bytes = try asBackupFault({ try Disk.contents(of: path, limit: 32) }) else {
            return nil
        }
        self.path = path
        // A mark that cannot be read is a mark, and so is one with a number that no box ever reaches.
        let number = Int64(String(decoding: bytes, as: UTF8.self)) ?? 0
        commit = NewChainMark.commits.contains(number) ? number : 0
    }

    static func put(inFolder folder: String, commit: Int64) throws {
        let commit = min(max(commit, commits.lowerBound), commits.upperBound)
        let path = path(besides: folder + "/" + SealedStore.fileName)
        try asBackupFault { try Disk.replace(path, with: Array("\(commit)".utf8)) }
    }

    func remove() {
        try? Disk.remove(path)
        try? Disk.flushFolder(of: path)
    }

    private static func path(besides main: String) -> String {
        main.dropLast(SealedStore.fileName.utf8.count) + fileName
    }
}

/// For whoever puts a store in the place of another one.
package enum StoreChain {
    /// Lets the first thing that is captured from the store in `folder` begin a chain of its own,
    /// whose commits are counted from `commit` on.
    ///
    /// - Throws: `BackupFault.system`.
    package static func begin(inFolder folder: String, after commit: Int64) throws {
        try NewChainMark.put(inFolder: folder, commit: commit)
    }

    /// From which commit on the chain that is about to begin is counted; nil when none is.
    ///
    /// - Throws: `BackupFault.system`.
    package static func beginning(inFolder folder: String) throws -> Int64? {
        try NewChainMark(besides: "\(folder)/\(SealedStore.fileName)")?.commit
    }
}
