// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// A target in a folder: another disk, a stick, a mounted share.
///
/// An object is written beside its name, flushed and renamed, so a stick that is pulled out leaves
/// whole objects only. The folder must be there: a share that is not mounted is not made up.
package struct FolderTarget: BackupTarget {
    private let path: String
    /// Objects that are listed, at most.
    private static let objectsMost = 4_000_000
    private static let depthMost = 4

    /// - Parameter path: full path of the folder.
    /// - Throws: `BackupFault.badName`.
    package init(_ path: String) throws {
        guard path.hasPrefix("/"), !path.contains("\0"), path.utf8.count <= 1000,
            !path.split(separator: "/").contains("..")
        else { throw BackupFault.badName(path) }
        self.path = path
    }

    package func put(_ name: String, _ bytes: [UInt8]) throws {
        try asBackupFault {
            let full = try full(name)
            try makeFolders(of: name)
            try Disk.replace(full, with: bytes)
            giveToOwner(full)
        }
    }

    /// What root writes, while it restores, must be readable for the daemon later: it belongs to
    /// the owner of the folder.
    private func giveToOwner(_ full: String) {
        var status = stat()
        guard getuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return }
        lchown(full, status.st_uid, status.st_gid)
    }

    package func get(_ name: String) throws -> [UInt8]? {
        try asBackupFault {
            try requireFolder()
            let limit = BackupObject.sizeMost
            guard let bytes = try Disk.contents(of: try full(name), limit: limit + 1) else {
                return nil
            }
            guard bytes.count <= limit else { throw BackupFault.altered(name) }
            return bytes
        }
    }

    package func list(_ prefix: String) throws -> [BackupObject] {
        try asBackupFault {
            try requireFolder()
            var found: [BackupObject] = []
            // Whatever else lies in the folder is not looked at: it may be a lot.
            let end = prefix.lastIndex(of: "/") ?? prefix.startIndex
            let within = String(prefix[..<end])
            guard within.isEmpty || Disk.exists("\(path)/\(within)") else { return [] }
            try walk(within, 0, &found)
            return found.filter { $0.name.hasPrefix(prefix) }.sorted { $0.name < $1.name }
        }
    }

    package func delete(_ name: String) throws {
        try asBackupFault {
            let full = try full(name)
            try Disk.remove(full)
            // An empty folder is no loss; one that is not empty stays.
            if let end = full.lastIndex(of: "/"), name.contains("/") {
                Disk.removeFolder(String(full[..<end]))
            }
        }
    }

    /// What tells this folder from others, by whatever path it is named: its device and number.
    ///
    /// - Throws: `BackupFault.system` when it is not there.
    package func identity() throws -> FolderIdentity {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw BackupFault.system(SystemFault("open \(path)"))
        }
        return FolderIdentity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
    }

    /// Whether it is the same folder as another one or lies below it, by whatever path.
    package func isWithin(_ other: String) -> Bool {
        guard let own = Disk.resolved(path), let other = Disk.resolved(other) else { return false }
        return own == other || own.hasPrefix(other == "/" ? "/" : other + "/")
    }

    /// Whether it is the root of all folders.
    package var isRoot: Bool { Disk.resolved(path) == "/" }

    /// Whether it lies in the file system of another file or folder.
    package func sharesDisk(with other: String) -> Bool { Disk.shareDisk(path, other) }

    private func full(_ name: String) throws -> String {
        guard BackupObject.isName(name) else { throw BackupFault.badName(name) }
        return "\(path)/\(name)"
    }

    private func requireFolder() throws(SystemFault) {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        close(file)
    }

    private func makeFolders(of name: String) throws(SystemFault) {
        try requireFolder()
        var folder = path
        for part in name.split(separator: "/").dropLast() {
            folder += "/\(part)"
            if try Disk.makeFolder(folder) {
                giveToOwner(folder)
                try Disk.flushFolder(of: folder)
            }
        }
    }

    private func walk(_ within: String, _ depth: Int, _ found: inout [BackupObject]) throws {
        let place = within.isEmpty ? path : "\(path)/\(within)"
        guard let folder = opendir(place) else { throw SystemFault("open \(place)") }
        defer { closedir(folder) }
        while found.count < FolderTarget.objectsMost, let entry = readdir(folder) {
            let part = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let name = within.isEmpty ? part : "\(within)/\(part)"
            // Drafts, and whatever else lies there, are none of ours.
            guard BackupObject.isName(name), !name.hasSuffix(".new") else { continue }
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                if depth < FolderTarget.depthMost { try walk(name, depth + 1, &found) }
            } else if status.st_mode & S_IFMT == S_IFREG {
                found.append(BackupObject(name: name, size: Int(status.st_size)))
            }
        }
    }
}

/// A folder, whatever its path is.
package struct FolderIdentity: Sendable, Hashable {
    let device: UInt64
    let number: UInt64
}
