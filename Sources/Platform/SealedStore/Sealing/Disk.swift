// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// A call to the system that failed.
package struct SystemFault: Error, Sendable, Equatable {
    /// What was tried, such as `open /var/lib/…`.
    package let call: String
    /// The system's error number.
    package let number: Int32
    /// A flush failed: nobody knows what the disk holds.
    let isFlush: Bool

    init(_ call: String, isFlush: Bool = false) {
        self.call = call
        self.isFlush = isFlush
        number = errno
    }

    /// Whether the rights of whoever tried are the reason, or those that a file has.
    package var refusesRights: Bool { number == EACCES || number == EPERM }
}

/// Plain files, written so that they survive a power cut whole or not at all.
package enum Disk {
    /// Writes `bytes` beside `path`, flushes, renames, and flushes the folder.
    ///
    /// - Parameter draft: name of the file until then; nil where one writer alone has `path`.
    static func replace(
        _ path: String, with bytes: [UInt8], mode: mode_t = 0o600, draft: String? = nil
    ) throws(SystemFault) {
        let draft = draft ?? path + ".new"
        // One that stays behind harms nobody: the next one takes its place.
        try? remove(draft)
        try write(bytes, toDraft: draft, of: path, mode: mode)
        try move(draft, to: path)
    }

    /// The same where there must be no file yet: of several who try at once one succeeds.
    ///
    /// - Throws: `SystemFault`; with EEXIST when there is one.
    static func place(_ path: String, with bytes: [UInt8]) throws(SystemFault) {
        let draft = draftOfItsOwn(of: path)
        try write(bytes, toDraft: draft, of: path, mode: 0o600)
        // A second name, and not a rename, which would take the place of another file.
        guard DiskWatch.may(.rename(draft, to: path)), link(draft, path) == 0 else {
            let fault = SystemFault("link \(path)")
            try? remove(draft)
            throw fault
        }
        unlink(draft)
        try flushFolder(of: path)
    }

    /// A name that no other writer of the same file takes.
    static func draftOfItsOwn(of path: String) -> String {
        "\(path)\(draftMark)\(String(UInt64.random(in: 0 ... .max), radix: 16))"
    }

    static let draftMark = ".new-"

    private static func write(
        _ bytes: [UInt8], toDraft draft: String, of path: String, mode: mode_t
    ) throws(SystemFault) {
        guard DiskWatch.may(.create(draft)) else { throw SystemFault("open \(draft)") }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw SystemFault("open \(draft)") }
        do throws(SystemFault) {
            defer { close(file) }
            try give(file, toOwnerOf: folder(of: path))
            guard DiskWatch.may(.write(draft, offset: 0, bytes: bytes)) else {
                throw SystemFault("write \(draft)")
            }
            let filled = bytes.withUnsafeBytes { all in
                Result { () throws(SystemFault) in
                    try fill(file, with: all, isAligned: false, of: draft)
                }
            }
            try filled.get()
            guard DiskWatch.may(.flush(draft)), fsync(file) == 0 else {
                throw SystemFault("fsync \(draft)")
            }
        } catch {
            try? remove(draft)
            throw error
        }
    }

    /// Renames a file and flushes the folder.
    static func move(_ old: String, to path: String) throws(SystemFault) {
        try rename(old, to: path)
        try flushFolder(of: path)
    }

    /// Writes `bytes` where `file` stands: at `offset` of `path`.
    static func append(
        _ bytes: ArraySlice<UInt8>, to file: Int32, at offset: Int, of path: String
    ) throws(SystemFault) {
        guard DiskWatch.may(.write(path, offset: offset, bytes: Array(bytes))) else {
            throw SystemFault("write")
        }
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SystemFault("write") }
            rest = rest.dropFirst(written)
        }
    }

    private static func folder(of path: String) -> String {
        let end = path.lastIndex(of: "/")
        return end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// What root writes on the command line must be the daemon's, to whom the folder belongs.
    private static func give(_ file: Int32, toOwnerOf folder: String) throws(SystemFault) {
        var status = stat()
        guard geteuid() == 0, stat(folder, &status) == 0, status.st_uid != 0 else { return }
        guard fchown(file, status.st_uid, status.st_gid) == 0 else {
            throw SystemFault("chown \(folder)")
        }
    }

    static func flushFolder(of path: String) throws(SystemFault) {
        let folder = folder(of: path)
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFault("open \(folder)") }
        defer { close(file) }
        guard DiskWatch.may(.flushFolder(of: path)), fsync(file) == 0 else {
            throw SystemFault("fsync \(folder)", isFlush: true)
        }
    }

    /// Writes `bytes` to an existing file from `offset` on and flushes them.
    static func add(_ bytes: [UInt8], to path: String, at offset: Int) throws(SystemFault) {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        guard lseek(file, off_t(offset), SEEK_SET) == off_t(offset) else {
            throw SystemFault("seek \(path)")
        }
        try append(bytes[...], to: file, at: offset, of: path)
        guard DiskWatch.may(.flush(path)), fdatasync(file) == 0 else {
            throw SystemFault("fsync \(path)", isFlush: true)
        }
    }

    /// Shortens a file to `size` bytes and flushes it.
    static func cut(_ path: String, to size: Int) throws(SystemFault) {
        let file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        guard DiskWatch.may(.truncate(path, size: size)), ftruncate(file, off_t(size)) == 0 else {
            throw SystemFault("truncate \(path)")
        }
        guard DiskWatch.may(.flush(path)), fsync(file) == 0 else {
            throw SystemFault("fsync \(path)", isFlush: true)
        }
    }

    /// Flushes what others have written to a file.
    static func flush(_ path: String) throws(SystemFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        guard DiskWatch.may(.flush(path)), fdatasync(file) == 0 else {
            throw SystemFault("fsync \(path)", isFlush: true)
        }
    }

    /// The size of a file in bytes; nil when there is no such file.
    static func size(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Reads at most `limit` bytes; nil when there is no such file.
    static func contents(of path: String, limit: Int) throws(SystemFault) -> [UInt8]? {
        // Whoever opens a pipe would wait for a writer that never comes.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemFault("open \(path)")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw SystemFault("open \(path)") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            errno = EMEDIUMTYPE
            throw SystemFault("open \(path)")
        }
        guard DiskWatch.may(.read(path)) else { throw SystemFault("read \(path)") }
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

    /// Shows each whole page of a file, numbered from 1.
    static func eachPage(
        of path: String, _ body: (Int, UnsafePointer<UInt8>) -> Void
    ) throws(SystemFault) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        guard DiskWatch.may(.read(path)) else { throw SystemFault("read \(path)") }
        let chunk = 256 * Format.page
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: chunk, alignment: 16)
        defer { buffer.deallocate() }
        var number = 0
        while true {
            let count = pread(file, buffer, chunk, off_t(number * Format.page))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFault("read \(path)") }
            guard count >= Format.page else { return }
            for index in 0..<count / Format.page {
                number += 1
                body(
                    number,
                    UnsafePointer(
                        (buffer + index * Format.page).assumingMemoryBound(to: UInt8.self)))
            }
        }
    }

    /// The tags of some pages of a file.
    static func tags(
        of pages: [UInt32], in path: String
    ) throws(SystemFault) -> [(page: UInt32, tag: [UInt8])] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        guard DiskWatch.may(.read(path)) else { throw SystemFault("read \(path)") }
        var found: [(page: UInt32, tag: [UInt8])] = []
        for page in pages {
            var tag = [UInt8](repeating: 0, count: Format.tag)
            let offset = (Int(page) - 1) * Format.page + Format.tagOffset
            guard pread(file, &tag, Format.tag, off_t(offset)) == Format.tag else {
                throw SystemFault("read \(path)")
            }
            found.append((page, tag))
        }
        return found
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The path without links and dots; nil when there is no such file.
    static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }
}
