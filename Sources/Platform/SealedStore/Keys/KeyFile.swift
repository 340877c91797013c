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
        let slot = try KeySlot(number: 1, root: root, opener: opener, cost: cost)
        try file.write([slot], nextSlot: 2, root: root, isNew: true)
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

    /// Whether one slot opens with this.
    ///
    /// - Throws: `KeyFault` when what is brought cannot be read, or the slot was changed.
    package func opens(_ number: UInt8, with opener: Opener) throws -> Bool {
        try slots.first { $0.number == number }?
            .open(opener, databaseID: databaseID, epoch: epoch) != nil
    }

    // MARK: Slots

    /// Seconds to wait for whoever is changing a key file.
    private static let patience = Duration.seconds(30)

    /// Keeps everybody else from changing the key file at `path` while `body` reads, changes and
    /// writes it. What others left half-written is removed.
    ///
    /// The lock is on the file itself. A change puts another file in its place: who has waited for
    /// the old one then takes the new one.
    /// - Throws: `KeyFault.busy`, `KeyFault.system`, or what `body` throws.
    package static func changing<T>(at path: String, _ body: () throws -> T) throws -> T {
        let end = ContinuousClock.now + patience
        while true {
            let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw KeyFault.system("open \(path)", errno) }
            defer { close(file) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                guard ContinuousClock.now < end else { throw KeyFault.busy }
                usleep(10_000)
                continue
            }
            var (ours, theirs) = (stat(), stat())
            guard fstat(file, &ours) == 0, stat(path, &theirs) == 0,
                ours.st_ino == theirs.st_ino, ours.st_dev == theirs.st_dev
            else { continue }
            Disk.removeDrafts(of: path)
            return try body()
        }
    }

    /// Adds a way to the root and writes the file anew. Returns the number of the slot.
    @discardableResult
    package mutating func addSlot(
        _ opener: Opener, root: RootKey, cost: PassphraseCost = .usual
    ) throws -> UInt8 {
        guard slots.count < KeyFile.slotLimit else { throw KeyFault.full }
        guard nextSlot < .max else { throw KeyFault.noMoreNumbers }
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

    /// Slots with numbers beyond this one are numbered anew when the root is.
    private static let renumberFrom: UInt8 = 200

    /// Writes a key file for a new root with the same slots, each of which must be opened once, since
    /// the new root is wrapped in it. Numbers of slots that are gone can be given again; where they
    /// would run out, all are given anew from 1 on.
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
        let isTight = kept.contains { $0.number > KeyFile.renumberFrom }
        let wrapped = try kept.enumerated().map { index, slot in
            guard let opener = openers[slot.number], try isOpen(slot, opener) else {
                throw KeyFault.slotNotGiven(slot.number)
            }
            return try KeySlot(
                number: isTight ? UInt8(clamping: index + 1) : slot.number, root: root,
                opener: renewed[slot.number] ?? opener,
                cost: PassphraseCost(operations: slot.operations, memory: slot.memory))
        }
        var file = KeyFile(path: path, root: root)
        let last = wrapped.map(\.number).max() ?? 0
        try file.write(wrapped, nextSlot: last + 1, root: root)
        return file
    }

    /// Whether a slot opens; a file that is not there opens nothing.
    private func isOpen(_ slot: KeySlot, _ opener: Opener) throws -> Bool {
        do {
            return try slot.open(opener, databaseID: databaseID, epoch: epoch) != nil
        } catch KeyFault.system(_, ENOENT) {
            return false
        }
    }

    /// - Parameter isNew: there must be no file yet.
    private mutating func write(
        _ slots: [KeySlot], nextSlot: UInt8, root: RootKey, isNew: Bool = false
    ) throws {
        let head = KeyFile.head(root: root, slots: slots.count, nextSlot: nextSlot)
        let signed = slots.reduce(head) { $0 + $1.bytes }
        let mac = try KeyFile.mac(of: signed, root: root)
        do {
            if isNew {
                try Disk.place(path, with: signed + mac)
            } else {
                try Disk.replace(path, with: signed + mac, draft: Disk.draftOfItsOwn(of: path))
            }
        } catch {
            throw isNew && Disk.exists(path)
                ? KeyFault.exists : KeyFault.system(error.call, error.number)
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
