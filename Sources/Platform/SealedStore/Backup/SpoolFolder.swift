// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// The folder of captured segments. A file appears in it whole or not at all.
struct SpoolFolder: Sendable {
    let path: String

    private static let ending = ".seg"
    /// Files that are looked at, at most: a year of one segment a second.
    private static let filesMost = 32_000_000

    init(_ path: String) { self.path = path }

    func make() throws(SystemFault) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw SystemFault("mkdir \(path)") }
    }

    /// Names of all whole segments, oldest first. What is no segment of ours is left alone, apart
    /// from drafts that a crash left behind.
    func names() throws(SystemFault) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw SystemFault("open \(path)")
        }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < SpoolFolder.filesMost, let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(SpoolFolder.ending), ChainID(String(name.prefix(24))) != nil {
                names.append(name)
            } else if name.hasSuffix(SpoolFolder.ending + ".new") {
                unlink(path + "/" + name)
            }
        }
        return names.sorted()
    }

    /// Writes and flushes a file; `settle` makes its name last.
    func write(_ name: String, _ bytes: [UInt8]) throws(SystemFault) {
        let draft = "\(path)/\(name).new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw SystemFault("open \(draft)") }
        do throws(SystemFault) {
            defer { close(file) }
            try Disk.append(bytes[...], to: file, at: 0, of: draft)
            guard fsync(file) == 0 else { throw SystemFault("fsync \(draft)") }
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, "\(path)/\(name)") == 0 else { throw SystemFault("rename \(draft)") }
    }

    /// Flushes the names of the files written before.
    func settle() throws(SystemFault) { try Disk.flushFolder(of: path + "/.") }

    func read(_ name: String) throws -> [UInt8] {
        let limit = Container.preamble + Container.macSize + 4096 + (2 << 20)
        guard let bytes = try Disk.contents(of: "\(path)/\(name)", limit: limit) else {
            throw BackupFault.missing(name)
        }
        return bytes
    }

    func remove(_ name: String) { unlink("\(path)/\(name)") }

    func size(of name: String) -> Int {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? Int(status.st_size) : 0
    }
}
