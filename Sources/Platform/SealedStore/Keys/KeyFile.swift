// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium
import Glibc

/// The file with the wrapped root key: which database it is for, and the slots that open it.
///
/// Layout, numbers little-endian: magic 8 · format 2 · algorithm 1 · slots 1 · epoch 4 · database
/// id 16 · tag table format 2 · generation ledger format 2 · next slot 1 · zero 27 · the slots, 160
/// bytes each (see `KeySlot.bytes`) · MAC 32. The MAC is keyed from the root and covers all before
/// it. The fields of tag table and ledger are zero as long as the store keeps neither.
package struct KeyFile: Sendable {
    package let path: String
    package let databaseID: [UInt8]
    /// The epoch of the data key.
    package let epoch: UInt32
    package private(set) var slots: [KeySlot]
    private var nextSlot: UInt8
    /// The bytes that the MAC covers, as they were read.
    private let signed: [UInt8]
    private var mac: [UInt8]

    private static let magic = Array("SLUICEKY".utf8)
    private static let format = 1
    private static let headSize = 64
    private static let macSize = 32
    /// Slots in one file at most.
    package static let slotLimit = 16

    // MARK: Making

    /// Makes the key file of a new database, with one slot.
    ///
    /// - Throws: `KeyFault.exists` when there is a file at `path` already.
    package static func create(
        at path: String, slot opener: Opener, cost: PassphraseCost = .usual
    ) throws -> (file: KeyFile, root: RootKey) {
        guard !Disk.exists(path) else { throw KeyFault.exists }
        let root = try RootKey.random()
        var file = KeyFile(path: path, root: root)
        try file.addSlot(opener, root: root, cost: cost)
        return (file, root)
    }

    private init(path: String, root: RootKey) {
        self.path = path
        databaseID = root.databaseID
        epoch = root.epoch
        slots = []
        nextSlot = 1
        signed = []
        mac = []
    }

    /// Reads a key file, without opening any slot.
    ///
    /// - Throws: `KeyFault.notOurs`, `KeyFault.newer`, `KeyFault.tampered`, `KeyFault.system`.
    package static func open(at path: String) throws -> KeyFile {
        let limit = headSize + slotLimit * KeySlot.size + macSize
        do {
            guard let bytes = try Disk.contents(of: path, limit: limit + 1) else {
                throw KeyFault.system("open \(path)", ENOENT)
            }
            return try KeyFile(path: path, bytes: bytes)
        } catch let fault as SystemFault {
            throw KeyFault.system(fault.call, fault.number)
        }
    }

    /// A key file that lies elsewhere, such as in a backup.
    init(_ bytes: [UInt8]) throws { try self.init(path: "", bytes: bytes) }

    private init(path: String, bytes: [UInt8]) throws {
        guard bytes.count >= KeyFile.headSize, bytes.starts(with: KeyFile.magic) else {
            throw KeyFault.notOurs
        }
        let format = Int(littleEndian(bytes[8..<10]))
        guard format == KeyFile.format else { throw KeyFault.newer(format: format) }
        let count = Int(bytes[11])
        let end = KeyFile.headSize + count * KeySlot.size
        guard count > 0, count <= KeyFile.slotLimit, bytes.count == end + KeyFile.macSize else {
            throw KeyFault.tampered
        }
        self.path = path
        epoch = UInt32(truncatingIfNeeded: littleEndian(bytes[12..<16]))
        databaseID = Array(bytes[16..<32])
        nextSlot = bytes[36]
        signed = Array(bytes[..<end])
        slots = try (0..<count).map { index in
            let start = KeyFile.headSize + index * KeySlot.size
            guard let slot = KeySlot(bytes: bytes[start..<start + KeySlot.size]) else {
                throw KeyFault.tampered
            }
            return slot
        }
        mac = Array(bytes[end...])
    }

    // MARK: Opening

    /// The root key.
    ///
    /// - Throws: `KeyFault.wrongKey` when no slot opens with it, `KeyFault.tampered` when one does
    ///   and the file was changed by somebody who does not have the root.
    package func unlock(with opener: Opener) throws -> RootKey {
        for slot in slots {
            guard let secret = try slot.open(opener, databaseID: databaseID, epoch: epoch) else {
                continue
            }
            let root = RootKey(secret: secret, databaseID: databaseID, epoch: epoch)
            let expected = try KeyFile.mac(of: signed, root: root)
            guard sodium_memcmp(expected, mac, KeyFile.macSize) == 0 else {
                throw KeyFault.tampered
            }
            return root
        }
        throw KeyFault.wrongKey
    }

    // MARK: Slots

    /// Adds a way to the root and writes the file anew. Returns the number of the slot.
    @discardableResult
    package mutating func addSlot(
        _ opener: Opener, root: RootKey, cost: PassphraseCost = .usual
    ) throws -> UInt8 {
        guard slots.count < KeyFile.slotLimit, nextSlot < .max else { throw KeyFault.full }
        guard root.databaseID == databaseID else { throw KeyFault.wrongKey }
        let slot = try KeySlot(number: nextSlot, root: root, opener: opener, cost: cost)
        try write(slots + [slot], nextSlot: nextSlot + 1, root: root)
        return slot.number
    }

    /// Removes a way to the root and writes the file anew.
    ///
    /// - Throws: `KeyFault.noSuchSlot`, `KeyFault.lastSlot`, `KeyFault.lastUnattended`.
    package mutating func removeSlot(_ number: UInt8, root: RootKey) throws {
        guard let slot = slots.first(where: { $0.number == number }) else {
            throw KeyFault.noSuchSlot
        }
        guard slots.count > 1 else { throw KeyFault.lastSlot }
        guard !slot.kind.isUnattended || slots.count(where: { $0.kind.isUnattended }) > 1 else {
            throw KeyFault.lastUnattended
        }
        guard root.databaseID == databaseID else { throw KeyFault.wrongKey }
        try write(slots.filter { $0.number != number }, nextSlot: nextSlot, root: root)
    }

    /// Writes a key file for a new root with the same slots, each of which must be opened once, since
    /// the new root is wrapped in it.
    ///
    /// - Parameters:
    ///   - openers: what opens each slot now, by the slot's number.
    ///   - renewed: what opens a slot from then on, where that is something else.
    ///   - dropping: slots that the new file does not have.
    /// - Throws: `KeyFault.slotNotGiven`, `KeyFault.noSuchSlot`, `KeyFault.lastUnattended`.
    package func rewrapped(
        at path: String, for root: RootKey, openers: [UInt8: Opener],
        renewed: [UInt8: Opener] = [:], dropping: Set<UInt8> = []
    ) throws -> KeyFile {
        guard dropping.isSubset(of: slots.map(\.number)) else { throw KeyFault.noSuchSlot }
        let kept = slots.filter { !dropping.contains($0.number) }
        guard kept.contains(where: { $0.kind.isUnattended }) else { throw KeyFault.lastUnattended }
        guard root.databaseID == databaseID, root.epoch > epoch else { throw KeyFault.wrongKey }
        let wrapped = try kept.map { slot in
            guard let opener = openers[slot.number],
                try slot.open(opener, databaseID: databaseID, epoch: epoch) != nil
            else { throw KeyFault.slotNotGiven(slot.number) }
            return try KeySlot(
                number: slot.number, root: root, opener: renewed[slot.number] ?? opener,
                cost: PassphraseCost(operations: slot.operations, memory: slot.memory))
        }
        var file = KeyFile(path: path, root: root)
        try file.write(wrapped, nextSlot: nextSlot, root: root)
        return file
    }

    private mutating func write(_ slots: [KeySlot], nextSlot: UInt8, root: RootKey) throws {
        let head = KeyFile.head(root: root, slots: slots.count, nextSlot: nextSlot)
        let signed = slots.reduce(head) { $0 + $1.bytes }
        let mac = try KeyFile.mac(of: signed, root: root)
        do {
            try Disk.replace(path, with: signed + mac)
        } catch {
            throw KeyFault.system(error.call, error.number)
        }
        self = try KeyFile(path: path, bytes: signed + mac)
    }

    private static func head(root: RootKey, slots: Int, nextSlot: UInt8) -> [UInt8] {
        var head = magic
        head.append(UInt8(format))
        head.append(0)
        head.append(Format.algorithm)
        head.append(UInt8(slots))
        withUnsafeBytes(of: root.epoch.littleEndian) { head.append(contentsOf: $0) }
        head += root.databaseID + [0, 0, 0, 0, nextSlot]
        return head + [UInt8](repeating: 0, count: headSize - head.count)
    }

    private static func mac(of bytes: [UInt8], root: RootKey) throws -> [UInt8] {
        let key = try root.subkey("sl.kfile")
        var mac = [UInt8](repeating: 0, count: macSize)
        crypto_generichash(&mac, macSize, bytes, UInt64(bytes.count), key.pointer, key.count)
        return mac
    }
}
