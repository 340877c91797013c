// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands
import Glibc
import Secrets

/// Bytes to be uploaded, hashed while they are read. The last piece is held back when the hash of
/// all is not the one that was announced: the target then never gets a whole object.
final class Source {
    let size: Int64
    private let descriptor: Int32
    private let sha256: String
    private var hash = SHA256Stream()
    private var offset: Int64 = 0

    /// Opens the file of an errand.
    init(_ path: String, size: Int64, sha256: String, folders: [String]) throws(CarriageFailure) {
        try confine(path, to: folders)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CarriageFailure(
                .fileMissing,
                "The file \(path) cannot be read: \(String(cString: strerror(errno))).")
        }
        self.descriptor = descriptor
        self.size = size
        self.sha256 = sha256
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CarriageFailure(.fileMissing, "\(path) is not a file.")
        }
        guard Int64(status.st_size) == size else {
            throw CarriageFailure(
                .fileChanged, "\(path) has \(status.st_size) bytes and not \(size).")
        }
        try checkEnd()
    }

    /// Bytes from memory, for probes.
    init(_ bytes: [UInt8]) throws(CarriageFailure) {
        descriptor = try memoryFile(bytes)
        size = Int64(bytes.count)
        var hash = SHA256Stream()
        bytes.withUnsafeBytes { hash.update($0) }
        sha256 = Digest.hex(hash.digest())
    }

    deinit { close(descriptor) }

    var hexDigest: String { sha256 }

    func rewind(to place: Int64) -> Bool {
        guard place == 0 else { return false }
        offset = 0
        hash = SHA256Stream()
        return true
    }

    /// Fills `buffer`; returns how much, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CarriageFailure) -> Int {
        let wanted = Int(min(Int64(buffer.count), size - offset))
        guard wanted > 0 else { return 0 }
        var count = -1
        repeat {
            count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
        } while count < 0 && errno == EINTR
        guard count > 0 else {
            throw CarriageFailure(.fileChanged, "The file became shorter while it was sent.")
        }
        hash.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
        offset += Int64(count)
        try checkEnd()
        return count
    }

    private func checkEnd() throws(CarriageFailure) {
        guard offset == size, Digest.hex(hash.digest()) != sha256 else { return }
        throw CarriageFailure(
            .fileChanged, "The file is not the one that was handed over: its hash is another.")
    }
}

/// A file that is being fetched: it gets its name only when it is whole and on the disk.
final class PartialFile {
    private let path: String
    private let descriptor: Int32
    private var hash = SHA256Stream()
    private(set) var size: Int64 = 0
    private var isKept = false

    private var draft: String { path + ".part" }

    init(_ path: String, folders: [String]) throws(CarriageFailure) {
        try confine(path, to: folders)
        self.path = path
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        descriptor = open(path + ".part", flags, 0o640)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        close(descriptor)
        if !isKept { unlink(draft) }
    }

    private static func failure(_ path: String) -> CarriageFailure {
        CarriageFailure(
            .fileUnwritable,
            "The file \(path) cannot be written: \(String(cString: strerror(errno))).")
    }

    var hexDigest: String { Digest.hex(hash.digest()) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CarriageFailure) {
        guard Int64(bytes.count) <= ErrandLimit.objectBytes - size else {
            throw CarriageFailure(
                .notVerified, "The object is larger than \(ErrandLimit.objectBytes) bytes.")
        }
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        hash.update(bytes)
        size += Int64(bytes.count)
    }

    /// Gives the file its name, once it is on the disk.
    func keep() throws(CarriageFailure) {
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw Self.failure(path) }
        isKept = true
        let folder = open(parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure(path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure(path) }
    }
}

private func parent(of path: String) -> String {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    return end == path.startIndex ? "/" : String(path[..<end])
}

/// Refuses a file outside of `folders`, wherever links may lead: an errand must not make the
/// courier send away, or write over, anything else.
private func confine(_ path: String, to folders: [String]) throws(CarriageFailure) {
    guard !folders.isEmpty else { return }
    let folder = resolved(parent(of: path))
    let isInside = folders.contains { one in
        guard let folder, let root = resolved(one) else { return false }
        return folder == root || folder.hasPrefix(root + "/")
    }
    guard isInside else {
        throw CarriageFailure(
            .fileOutside, "\(path) does not lie in a folder that the courier may use.")
    }
}

private func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
}

/// A file that exists in memory only. Returns its descriptor; `/proc/self/fd/N` is its path.
func memoryFile(_ bytes: [UInt8]) throws(CarriageFailure) -> Int32 {
    let descriptor = memfd_create("errand", sluice_memfd_cloexec)
    guard descriptor >= 0,
        bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count
    else {
        if descriptor >= 0 { close(descriptor) }
        throw CarriageFailure(.fileUnwritable, "There is no memory left for a few bytes.")
    }
    return descriptor
}
