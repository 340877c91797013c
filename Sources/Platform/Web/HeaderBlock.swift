// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The header fields of one request: one buffer and a list of places in it.
///
/// They are copied out of the connection's memory, because a request may outlive its connection
/// (the client leaves, the deadline passes) while another thread still reads it. Texts are made
/// only of the fields somebody asks for.
package struct HeaderBlock: Sendable {
    private struct Entry {
        let name: Range<Int>
        let value: Range<Int>
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []

    init() {
        bytes.reserveCapacity(768)
        entries.reserveCapacity(16)
    }

    package init(_ fields: [(String, String)]) {
        for (name, value) in fields {
            append(name: Array(name.utf8)[...], value: Array(value.utf8)[...])
        }
    }

    package var count: Int { entries.count }

    mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
        let start = bytes.count
        bytes.append(contentsOf: name)
        let middle = bytes.count
        bytes.append(contentsOf: value)
        entries.append(Entry(name: start..<middle, value: middle..<bytes.count))
    }

    /// The value of the first field of that name (any case), or nil.
    package subscript(_ name: String) -> String? {
        for entry in entries where isNamed(entry, name) {
            return String(decoding: bytes[entry.value], as: UTF8.self)
        }
        return nil
    }

    /// The values of all fields of that name, in order.
    package func all(_ name: String) -> [String] {
        entries.compactMap {
            isNamed($0, name) ? String(decoding: bytes[$0.value], as: UTF8.self) : nil
        }
    }

    private func isNamed(_ entry: Entry, _ name: String) -> Bool {
        guard entry.name.count == name.utf8.count else { return false }
        for (index, byte) in zip(entry.name, name.utf8)
        where HeaderBlock.lowered(bytes[index]) != HeaderBlock.lowered(byte) {
            return false
        }
        return true
    }

    static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
