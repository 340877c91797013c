// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// The text of a file as UTF-8, whatever spreadsheet wrote it: a byte order mark decides, then
/// valid UTF-8, then GB18030, which Chinese Excel writes without saying so.
///
/// Refuses what is none of these.
func decodedText(_ bytes: [UInt8]) throws(ImportRefusal) -> [UInt8] {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
        return try requireText(Array(bytes.dropFirst(3)))
    }
    if bytes.starts(with: [0xFF, 0xFE]) { return try utf16(bytes.dropFirst(2), low: 0) }
    if bytes.starts(with: [0xFE, 0xFF]) { return try utf16(bytes.dropFirst(2), low: 1) }
    if isUTF8(bytes) { return try requireText(bytes) }
    guard let text = converted(bytes, from: "GB18030") else { throw .unreadableText }
    return try requireText(text)
}

/// A zero byte is in no text file: it is a workbook or a picture with a wrong name.
private func requireText(_ bytes: [UInt8]) throws(ImportRefusal) -> [UInt8] {
    guard isUTF8(bytes), !bytes.contains(0) else { throw .unreadableText }
    return bytes
}

private func isUTF8(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

private func utf16(_ bytes: ArraySlice<UInt8>, low: Int) throws(ImportRefusal) -> [UInt8] {
    guard bytes.count % 2 == 0 else { throw .unreadableText }
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = bytes.startIndex
    while index < bytes.endIndex {
        let pair = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
        units.append(low == 0 ? pair.0 | pair.1 << 8 : pair.1 | pair.0 << 8)
        index += 2
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw .unreadableText }
    return try requireText(Array(text.utf8))
}

/// Converts with the C library; nil when a byte sequence means nothing in that encoding.
private func converted(_ bytes: [UInt8], from encoding: String) -> [UInt8]? {
    // iconv_open fails with a pointer of all ones.
    guard let converter = iconv_open("UTF-8", encoding), converter != iconv_t(bitPattern: -1) else {
        return nil
    }
    defer { iconv_close(converter) }
    var input = bytes.map { CChar(bitPattern: $0) }
    // Two bytes become at most three, four become at most four.
    var output = [CChar](repeating: 0, count: bytes.count * 2 + 16)
    let room = output.count
    var left = room
    let result = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            var from = source.baseAddress
            var fromLeft = source.count
            var to = target.baseAddress
            return iconv(converter, &from, &fromLeft, &to, &left)
        }
    }
    // The count of characters that could not be converted exactly, or -1.
    guard result >= 0 else { return nil }
    return output.prefix(room - left).map { UInt8(bitPattern: $0) }
}
