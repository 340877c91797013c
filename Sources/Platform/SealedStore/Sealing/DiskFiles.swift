// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSQLiteVFS
import Glibc

/// Single steps on files and folders, for those who flush later and many at once.
extension Disk {
    /// Bytes at which memory, places in a file and sizes must begin and end when a write goes past
    /// the kernel's memory. Source: open(2), "O_DIRECT".
    static let block = 4096
    /// From how many bytes on it is worth it to go past the kernel's memory.
    private static let directLeast = 128 << 10
    /// Bytes of one such write at most: those who flush their commits meanwhile wait behind it.
    private static let directMost = 1 << 20

    /// Writes a file anew and does not flush it.
    ///
    /// Large ones go to the disk past the kernel's memory, where the file system can do that: what
    /// is written once and read once by few takes no memory from others, and no processor either.
    /// - Parameter bytes: at an address that `block` divides; readable up to the next multiple.
    static func write(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(SystemFault) {
        try remove(path)
        guard DiskWatch.may(.create(path)) else { throw SystemFault("open \(path)") }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let file = open(path, flags, 0o600)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        defer { close(file) }
        guard DiskWatch.may(.write(path, offset: 0, bytes: Array(bytes))) else {
            throw SystemFault("write \(path)")
        }
        try fill(file, with: bytes, isAligned: true, of: path)
    }

    /// Writes all that a new file holds, past `DiskWatch`: the caller has asked.
    ///
    /// - Parameter isAligned: whether the bytes may be handed to the disk where they lie.
    static func fill(
        _ file: Int32, with bytes: UnsafeRawBufferPointer, isAligned: Bool, of path: String
    ) throws(SystemFault) {
        if bytes.count >= directLeast, writeDirectly(bytes, isAligned, to: file) { return }
        try write(bytes, to: file, at: 0, of: path)
        // What a try past the kernel's memory left behind the end.
        guard ftruncate(file, off_t(bytes.count)) == 0 else { throw SystemFault("write \(path)") }
    }

    /// Whether it could be done; when not, the file may hold anything.
    private static func writeDirectly(
        _ bytes: UnsafeRawBufferPointer, _ isAligned: Bool, to file: Int32
    ) -> Bool {
        let flags = fcntl(file, F_GETFL)
        guard flags >= 0, fcntl(file, F_SETFL, flags | sluice_o_direct) == 0 else { return false }
        defer { _ = fcntl(file, F_SETFL, flags) }
        let piece = UnsafeMutableRawBufferPointer.allocate(
            byteCount: isAligned ? 0 : directMost, alignment: block)
        defer { piece.deallocate() }
        let size = (bytes.count + block - 1) / block * block
        var done = 0
        while done < size {
            let most = min(size - done, directMost)
            let start: UnsafeRawPointer?
            if isAligned {
                start = bytes.baseAddress.map { $0 + done }
            } else {
                let end = min(bytes.count, done + most)
                piece.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[done..<end]))
                start = UnsafeRawPointer(piece.baseAddress)
            }
            let count = pwrite(file, start, most, off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0, count % block == 0 || done + count == size else { return false }
            done += count
        }
        return ftruncate(file, off_t(bytes.count)) == 0
    }

    /// Writes to an open file from `offset` on, past `DiskWatch`: the caller has asked.
    private static func write(
        _ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int, of path: String
    ) throws(SystemFault) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                file, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SystemFault("write \(path)") }
            done += count
        }
    }

    /// Writes `bytes` to an open file from `offset` on.
    static func put(
        _ bytes: [UInt8], to file: Int32, at offset: Int, of path: String
    ) throws(SystemFault) {
        guard DiskWatch.may(.write(path, offset: offset, bytes: bytes)) else {
            throw SystemFault("write \(path)")
        }
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemFault) in try write(buffer, to: file, at: offset, of: path) }
        }
        try result.get()
    }

    /// Reads from an open file until `buffer` is full or the file ends. Returns the bytes read.
    static func read(
        _ buffer: UnsafeMutableRawBufferPointer, from file: Int32, at offset: Int, of path: String
    ) throws(SystemFault) -> Int {
        guard DiskWatch.may(.read(path)) else { throw SystemFault("read \(path)") }
        var done = 0
        while done < buffer.count {
            let count = pread(
                file, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFault("read \(path)") }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Flushes an open file.
    static func flush(_ file: Int32, of path: String) throws(SystemFault) {
        guard DiskWatch.may(.flush(path)), fdatasync(file) == 0 else {
            throw SystemFault("fsync \(path)", isFlush: true)
        }
    }

    /// Gives an open file another size.
    static func resize(_ file: Int32, to size: Int, of path: String) throws(SystemFault) {
        guard DiskWatch.may(.truncate(path, size: size)), ftruncate(file, off_t(size)) == 0 else {
            throw SystemFault("truncate \(path)")
        }
    }

    /// Makes an empty file and opens it; there must be none.
    static func create(_ path: String) throws(SystemFault) -> Int32 {
        guard DiskWatch.may(.create(path)) else { throw SystemFault("open \(path)") }
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw SystemFault("open \(path)") }
        return file
    }

    /// Lets two files or folders change places, in one step, and flushes the folder of the first.
    static func exchange(_ one: String, _ other: String) throws(SystemFault) {
        guard DiskWatch.may(.exchange(one, other)), sluice_exchange(one, other) == 0 else {
            throw SystemFault("exchange \(one) and \(other)")
        }
        try flushFolder(of: one)
    }

    /// Removes a file; one that is not there is no fault. The name is not flushed.
    static func remove(_ path: String) throws(SystemFault) {
        guard exists(path) else { return }
        if !DiskWatch.may(.remove(path)) || unlink(path) != 0, errno != ENOENT {
            throw SystemFault("unlink \(path)")
        }
    }

    /// Removes a folder when it is empty.
    static func removeFolder(_ path: String) {
        if DiskWatch.may(.remove(path)) { rmdir(path) }
    }

    /// Looks for room where a file or folder lies.
    ///
    /// - Throws: `BackupFault.noRoom`. Where the system does not tell, there is room.
    static func requireRoom(for bytes: Int, at path: String) throws {
        var room = statvfs()
        guard statvfs(path, &room) == 0 else { return }
        let free = Int(clamping: UInt64(room.f_bavail)).multipliedReportingOverflow(
            by: Int(clamping: UInt64(room.f_frsize)))
        guard !free.overflow, free.partialValue < bytes else { return }
        throw BackupFault.noRoom(path, needed: bytes, free: free.partialValue)
    }

    /// Whether two files or folders lie in the same file system; false when one is not there.
    static func shareDisk(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(one, &first) == 0 && stat(other, &second) == 0
            && first.st_dev == second.st_dev
    }
}
