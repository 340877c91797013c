// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// A place that keeps backup objects: bytes under names such as `packs/…`.
///
/// Five verbs, so that a folder, a bucket and a server far away look the same. A target keeps what
/// it is given; whether that is what was written is found out by the reader.
package protocol BackupTarget: Sendable {
    /// Keeps `bytes` under `name`, in place of what was there: whole and for good when it returns,
    /// or not at all.
    func put(_ name: String, _ bytes: [UInt8]) throws
    /// The bytes under `name`; nil when there are none.
    func get(_ name: String) throws -> [UInt8]?
    /// Names and sizes of all objects whose names begin with `prefix`.
    func list(_ prefix: String) throws -> [BackupObject]
    /// Removes an object; one that is not there is no fault.
    func delete(_ name: String) throws
    /// Writes, reads back and removes a small object.
    func probe() throws
}

/// One object as a target lists it.
package struct BackupObject: Sendable, Equatable {
    package let name: String
    package let size: Int

    package init(name: String, size: Int) {
        self.name = name
        self.size = size
    }

    /// Bytes of one object at most.
    package static let sizeMost = 256 << 20

    /// Folders of a target, or of a part of it, in which all objects are but index and key file.
    package static let folders = ["packs/", "snapshots/", PackList.folder]

    /// Whether `name` is exactly one of a pack, of a list of packs, or of a part or manifest of a
    /// snapshot. Whatever else lies in those folders is somebody else's, and stays.
    package static func isOurs(_ name: String) -> Bool {
        if PackList.isName(name) { return true }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return false }
        let words = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard let chain = words.first, ChainID(String(chain)) != nil,
            words.dropFirst().allSatisfy({ isNumber($0, digits: 16) })
        else { return false }
        switch (parts[0], parts.count) {
        case ("packs", 2): return words.count == 3
        case ("snapshots", 3):
            return words.count == 2 && (parts[2] == "manifest" || isNumber(parts[2], digits: 8))
        default: return false
        }
    }

    private static func isNumber(_ text: Substring, digits: Int) -> Bool {
        text.utf8.count == digits
            && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Whether `name` is one that we give: no path that leads out of the target.
    package static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 200
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.first != "."
                    && part.utf8.allSatisfy {
                        (48...57).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 46
                    }
            }
    }
}

extension BackupTarget {
    /// See the protocol; made of the other verbs.
    package func probe() throws {
        let name = "probe-" + hexadecimal(randomBytes(8))
        let bytes = randomBytes(64)
        try put(name, bytes)
        let found = try get(name)
        try delete(name)
        guard found == bytes else { throw BackupFault.altered(name) }
    }

    /// The bytes under `name`.
    ///
    /// - Throws: `BackupFault.missing`, and `BackupFault.altered` when their hash is another one.
    package func fetch(_ name: String, hash: [UInt8]) throws -> [UInt8] {
        guard let bytes = try get(name) else { throw BackupFault.missing(name) }
        guard BackupSeal.hash(bytes[...]) == hash else { throw BackupFault.altered(name) }
        return bytes
    }
}
