// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// A call to the system that failed.
package struct SystemFault: Error, Sendable, Equatable {
    /// What was tried, such as `open /var/lib/…`.
    package let call: String
    /// The system's error number.
    package let number: Int32

    init(_ call: String) {
        self.call = call
        number = errno
    }
}

/// Plain files, written so that they survive a power cut whole or not at all.
enum Disk {
    /// Writes `bytes` beside `path`, flushes, renames, and flushes the folder.
    static func replace(_ path: String, with bytes: [UInt8], mode: mode_t = 0o600)
        throws(SystemFault)
    {
        let draft = path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw SystemFault("open \(draft)") }
        do throws(SystemFault) {
            defer { close(file) }
            try append(bytes[...], to: file)
            guard fsync(file) == 0 else { throw SystemFault("fsync \(draft)") }
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, path) == 0 else { throw SystemFault("rename \(draft)") }
        try flushFolder(of: path)
    }

    static func append(_ bytes: ArraySlice<UInt8>, to file: Int32) throws(SystemFault) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SystemFault("write") }
            rest = rest.dropFirst(written)
        }
    }

    static func flushFolder(of path: String) throws(SystemFault) {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFault("open \(folder)") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw SystemFault("fsync \(folder)") }
    }

    /// Reads at most `limit` bytes; nil when there is no such file.
    static func contents(of path: String, limit: Int) throws(SystemFault) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemFault("open \(path)")
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit, 65536))
        while bytes.count < limit {
            let count = Glibc.read(file, &buffer, min(buffer.count, limit - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFault("read \(path)") }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The path without links and dots; nil when there is no such file.
    static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
