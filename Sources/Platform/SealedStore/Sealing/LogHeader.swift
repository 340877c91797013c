// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The 32 bytes at the start of a log: clear, with a foreign version number on disk.
///
/// A stock SQLite that meets them answers CANTOPEN and leaves the log alone; with its own version
/// number it would take the unreadable frames for an empty log and remove the file.
/// Source: https://www.sqlite.org/fileformat2.html, "WAL File Format".
enum LogHeader {
    /// Turns SQLite's header into ours, or ours into SQLite's. Returns false when it is neither
    /// whole nor of the expected version.
    static func turn(
        _ header: UnsafeMutablePointer<UInt8>, from old: UInt32, to new: UInt32
    ) -> Bool {
        let magic = bigEndian(header, 0)
        guard magic & 0xFFFF_FFFE == 0x377F_0682, bigEndian(header, 4) == old,
            bigEndian(header, 8) == UInt32(Format.page)
        else { return false }
        let sum = checksum(header, bigEndianWords: magic & 1 == 1)
        guard sum.0 == bigEndian(header, 24), sum.1 == bigEndian(header, 28) else { return false }
        putBigEndian(new, header, 4)
        let renewed = checksum(header, bigEndianWords: magic & 1 == 1)
        putBigEndian(renewed.0, header, 24)
        putBigEndian(renewed.1, header, 28)
        return true
    }

    /// The two salts of a header or frame as one number.
    @inline(__always)
    static func salts(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self)
    }

    /// SQLite's checksum over the first 24 bytes.
    private static func checksum(
        _ header: UnsafePointer<UInt8>, bigEndianWords: Bool
    ) -> (UInt32, UInt32) {
        var sum: (UInt32, UInt32) = (0, 0)
        for offset in stride(from: 0, to: 24, by: 8) {
            let first = bigEndian(header, offset)
            let second = bigEndian(header, offset + 4)
            sum.0 = sum.0 &+ (bigEndianWords ? first : first.byteSwapped) &+ sum.1
            sum.1 = sum.1 &+ (bigEndianWords ? second : second.byteSwapped) &+ sum.0
        }
        return sum
    }
}
