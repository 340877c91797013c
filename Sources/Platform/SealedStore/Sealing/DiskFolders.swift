// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

/// Steps on whole folders, for those who put the parts of a data folder in their places. Each is seen
/// by `DiskWatch`, so that power cuts between any two of them can be tried.
extension Disk {
    /// Folders within folders that are removed at most.
    private static let depthMax = 16

    /// Makes a folder that only its owner may enter. The name is not flushed.
    ///
    /// - Returns: false when there is something of this name already.
    /// - Throws: `SystemFault`.
    @discardableResult
    package static func makeFolder(_ path: String) throws(SystemFault) -> Bool {
        guard DiskWatch.may(.makeFolder(path)), mkdir(path, 0o700) == 0 else {
            if errno == EEXIST { return false }
            throw SystemFault("mkdir \(path)")
        }
        return true
    }

    /// Gives a file or folder another name, in the place of a file of that name. Neither folder is
    /// flushed.
    ///
    /// - Throws: `SystemFault`.
    package static func rename(_ old: String, to new: String) throws(SystemFault) {
        guard DiskWatch.may(.rename(old, to: new)), Glibc.rename(old, new) == 0 else {
            throw SystemFault("rename \(old)")
        }
    }

    /// Removes a file, or a folder with all that is in it; links are removed and not followed. What
    /// is not there is no error.
    ///
    /// - Throws: `SystemFault`.
    package static func removeAll(_ path: String) throws(SystemFault) {
        try removeAll(path, depth: 0)
    }

    private static func removeAll(_ path: String, depth: Int) throws(SystemFault) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw SystemFault("stat \(path)")
        }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if isFolder {
            guard depth < depthMax, let names = names(in: path) else {
                throw SystemFault("read \(path)")
            }
            for name in names { try removeAll("\(path)/\(name)", depth: depth + 1) }
        }
        guard DiskWatch.may(.remove(path)), (isFolder ? rmdir(path) : unlink(path)) == 0 else {
            throw SystemFault("remove \(path)")
        }
    }

    /// Removes what writers of a file with `draftOfItsOwn` left when they were killed. None may be at
    /// work.
    static func removeDrafts(of path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let folder = path[..<slash]
        let beginning = path[path.index(after: slash)...] + draftMark
        for name in names(in: String(folder)) ?? [] where name.hasPrefix(beginning) {
            try? remove("\(folder)/\(name)")
        }
    }

    /// What is in a folder, in order; nil when it cannot be read.
    private static func names(in folder: String) -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    /// Flushes a file, or the names in a folder.
    ///
    /// - Throws: `SystemFault`.
    package static func flushWhole(_ path: String) throws(SystemFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw SystemFault("stat \(path)") }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        guard DiskWatch.may(isFolder ? .flushFolder(of: "\(path)/.") : .flush(path)),
            fsync(file) == 0
        else { throw SystemFault("fsync \(path)", isFlush: true) }
    }
}
