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
    func flush() throws(SystemFault) {
        guard fdatasync(file) == 0 else { throw SystemFault("fdatasync \(path)") }
    }

    /// The salts in the header; nil when there is no header.
    func salts() throws(SystemFault) -> [UInt8]? {
        var header = [UInt8](repeating: 0, count: Format.logHeader)
        guard try read(&header, at: 0) == Format.logHeader else { return nil }
        return header.allSatisfy { $0 == 0 } ? nil : Array(header[16..<24])
    }

    /// `count` whole frames from frame `first` on.
    func frames(from first: Int, count: Int) throws -> [UInt8] {
        var frames = [UInt8](repeating: 0, count: count * Format.frame)
        let found = try read(&frames, at: Format.logHeader + (first - 1) * Format.frame)
        guard found == frames.count else { throw BackupFault.cut("the log") }
        return frames
    }

    /// The number of the frame with which the transaction of frame `number` begins; it lies
    /// readable in the nonce.
    func transactionStart(ofFrame number: Int) throws -> Int {
        LogReading.transactionStart(in: try frames(from: number, count: 1)[...])
    }

    static func transactionStart(in frame: ArraySlice<UInt8>) -> Int {
        let offset = frame.startIndex + Format.frameHeader + Format.body + Sealer.noteOffset
        return frame[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    private func read(_ buffer: inout [UInt8], at offset: Int) throws(SystemFault) -> Int {
        var done = 0
        while done < buffer.count {
            let count = buffer[done...].withUnsafeMutableBytes {
                pread(file, $0.baseAddress, $0.count, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SystemFault("read \(path)") }
            if count == 0 { break }
            done += count
        }
        return done
    }
}
