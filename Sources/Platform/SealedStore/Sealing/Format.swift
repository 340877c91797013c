// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Sizes and marks of the sealed formats, in bytes.
///
/// A page keeps its size: SQLite leaves the last 40 bytes of each page to us, and they carry the
/// nonce and the tag. Source: https://www.sqlite.org/fileformat2.html
enum Format {
    static let page = 4096
    static let reserved = 40
    static let body = page - reserved
    static let nonce = 24
    static let tag = 16
    /// Where the tag lies in a sealed page.
    static let tagOffset = page - tag
    /// The start of page 1, whose content SQLite knows beforehand; it carries our mark.
    static let mark = 16
    static let logHeader = 32
    static let frameHeader = 24
    static let frame = frameHeader + page
    /// Version of page and log layout.
    static let version: UInt8 = 1
    /// XChaCha20-Poly1305 (IETF); newer libraries have faster ones, hence a number.
    #if SLUICE_UNSEALED
        static let algorithm: UInt8 = 0
    #else
        static let algorithm: UInt8 = 1
    #endif
    /// The page that holds SQLite's lock bytes and is never written.
    static let lockPage = 262_145
    static let magic: [UInt8] = [0x53, 0x6C, 0x75, 0xC3]
    /// What a log's header says instead of SQLite's version, so that a stock tool leaves it alone.
    static let logVersion: UInt32 = 0x53_4C_75_01
    static let stockLogVersion: UInt32 = 3_007_000
    static let stockMagic = Array("SQLite format 3\0".utf8)
}

@inline(__always)
func bigEndian(_ pointer: UnsafePointer<UInt8>, _ offset: Int) -> UInt32 {
    UInt32(
        bigEndian: UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: offset, as: UInt32.self))
}

@inline(__always)
func putBigEndian(_ value: UInt32, _ pointer: UnsafeMutablePointer<UInt8>, _ offset: Int) {
    UnsafeMutableRawPointer(pointer).storeBytes(
        of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
}
