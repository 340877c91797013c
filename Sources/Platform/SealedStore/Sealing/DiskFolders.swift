// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc

/// Steps on whole folders, for those who put the parts of a data folder in their places. Each is seen
/// by `DiskWatch`, so that power cuts between any two of them can be tried.
extension Disk {
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
}
