// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// Reads the log as it lies on disk, sealed, through a descriptor of its own. The log carries no
/// locks of SQLite, so closing this descriptor drops none.
struct LogReading: ~Copyable {
    private let file: Int32
    private let path: String

    /// Nil when there is no log.
    init?(of vault: Vault) throws(SystemFault) {
        path = vault.path + "-wal"
        file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemFault("open \(path)")
        }
    }

    deinit { close(file) }

    /// Makes sure that what is read here is on the disk, and not only in the kernel's memory.
    func flush() throws(SystemFault) { try Disk.flush(file, of: path) }

    /// The salts in the header; nil when there is no header.
    func salts() throws(SystemFault) -> [UInt8]? {
        var header = [UInt8](repeating: 0, count: Format.logHeader)
        guard try read(&header, at: 0) == Format.logHeader else { return nil }
        return header.allSatisfy { $0 == 0 } ? nil : Array(header[16..<24])
    }

    /// Fills `buffer` with whole frames, from frame `first` on.
    ///
    /// - Throws: `BackupFault.cut` when the log is shorter, `SystemFault`.
    func read(into buffer: UnsafeMutableRawBufferPointer, from first: Int) throws {
        let offset = Format.logHeader + (first - 1) * Format.frame
        guard try Disk.read(buffer, from: file, at: offset, of: path) == buffer.count else {
            throw BackupFault.cut("the log")
        }
    }

    /// The number of the frame with which the transaction of frame `number` begins; it lies
    /// readable in the nonce.
    func transactionStart(ofFrame number: Int) throws -> Int {
        var frame = [UInt8](repeating: 0, count: Format.frame)
        return try frame.withUnsafeMutableBytes { buffer in
            try read(into: buffer, from: number)
            guard let base = buffer.baseAddress else { return 0 }
            return LogReading.transactionStart(in: base)
        }
    }

    /// - Parameter frame: all bytes of a frame.
    static func transactionStart(in frame: UnsafeRawPointer) -> Int {
        let offset = Format.frameHeader + Format.body + Sealer.noteOffset
        return Int(
            UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    private func read(_ bytes: inout [UInt8], at offset: Int) throws(SystemFault) -> Int {
        let result = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(SystemFault) in
                try Disk.read(buffer, from: file, at: offset, of: path)
            }
        }
        return try result.get()
    }
}
