// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// The envelope of everything that a backup is made of, except raw pages.
///
/// Layout, numbers big-endian: magic 8 · format 2 · kind 1 · final flag 1 · database id 16 ·
/// key epoch 4 · length of the head 4 · length of the body 8 · head · body · MAC 32. The MAC is
/// keyed from the root and covers all before it; of a segment's frames, which are sealed and
/// authenticated each, it covers the seals, and who reads a segment opens its frames. The final
/// flag is 1 in an object that was closed in order; there is no other. Bodies are sealed already;
/// heads hold numbers, times and hashes.
enum Container {
    enum Kind: UInt8 {
        case segment = 1
        case manifest = 2
        case index = 3
        case list = 4

        /// Grows with each change of what a head holds. The index had one number less before packs
        /// of past hours were listed apart from it.
        var format: Int {
            switch self {
            case .segment, .manifest: 2
            case .index, .list: 3
            }
        }
    }

    static let magic = Array("SLUICEBK".utf8)
    static let format = 3
    static let macSize = 32
    static let preamble = 44
    /// Bytes of a head at most: an index of many objects is the longest.
    static let headLimit = 64 << 20
    /// Bytes of a body at most.
    static let bodyLimit = 1 << 30

    /// The epoch that a container says it was made in, which nothing has authenticated; nil for
    /// what is no container of this format.
    static func epochNamed(in bytes: [UInt8]) -> UInt32? {
        guard bytes.count >= preamble, bytes.starts(with: magic) else { return nil }
        let start = magic.count + 2 + 1 + 1 + 16
        return bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// What was found in a container.
    struct Content {
        let head: ArraySlice<UInt8>
        let body: ArraySlice<UInt8>
        /// The epoch of the keys with which it was made.
        let epoch: UInt32
        /// Bytes of the whole container.
        let length: Int
        /// What the next segment names as the one before it, see `BackupSeal.link`.
        let hash: [UInt8]
    }

    /// A container without a body.
    static func make(_ kind: Kind, head: [UInt8], seal: BackupSeal) throws -> [UInt8] {
        let start = start(kind, head: head, bodyCount: 0, seal: seal)
        return start + (try seal.mac(of: start, epoch: seal.epoch))
    }

    /// All that stands before the body.
    static func start(
        _ kind: Kind, head: [UInt8], bodyCount: Int, seal: BackupSeal
    ) -> [UInt8] {
        var out = ByteWriter()
        out.put(magic)
        out.put(UInt16(kind.format))
        out.put(kind.rawValue)
        out.put(UInt8(1))
        out.put(seal.databaseID)
        out.put(seal.epoch)
        out.put(UInt32(head.count))
        out.put(UInt64(bodyCount))
        out.put(head)
        return out.bytes
    }

    /// Adds the seals of `frames` to what the MAC of a segment covers.
    static func addSeals(of frames: UnsafeRawBufferPointer, to signed: inout [UInt8]) {
        var end = Format.frame
        while end <= frames.count {
            signed.append(contentsOf: frames[end - Format.reserved..<end])
            end += Format.frame
        }
    }

    /// Opens the container at the start of `bytes`.
    ///
    /// - Parameter name: of the object, for the fault.
    /// - Throws: `BackupFault`, one case for each way in which it may not be what was written.
    static func open(
        _ bytes: ArraySlice<UInt8>, as kind: Kind, name: String, seal: BackupSeal
    ) throws -> Content {
        try asBackupFault(of: name) { try take(bytes, as: kind, name: name, seal: seal) }
    }

    private static func take(
        _ bytes: ArraySlice<UInt8>, as kind: Kind, name: String, seal: BackupSeal
    ) throws -> Content {
        let found = try parts(of: bytes, as: kind, name: name)
        guard found.databaseID == seal.databaseID else { throw BackupFault.otherDatabase(name) }
        let (body, mac) = (found.body, found.mac)
        var signed = Array(bytes[bytes.startIndex..<found.head.endIndex])
        switch kind {
        case .segment:
            guard body.count % Format.frame == 0 else { throw BackupFault.altered(name) }
            body.withUnsafeBytes { addSeals(of: $0, to: &signed) }
        case .manifest, .index, .list: signed += body
        }
        let expected = try seal.mac(of: signed, epoch: found.epoch)
        guard sodium_memcmp(mac, expected, macSize) == 0 else { throw BackupFault.altered(name) }
        return Content(
            head: found.head, body: body, epoch: found.epoch, length: found.length,
            hash: BackupSeal.link(mac))
    }

    /// What a container says of itself. Nothing of it is authenticated.
    struct Parts {
        let databaseID: [UInt8]
        let epoch: UInt32
        let head: ArraySlice<UInt8>
        let body: ArraySlice<UInt8>
        let mac: [UInt8]
        /// Bytes of the whole container.
        let length: Int
    }

    /// Takes the container at the start of `bytes` apart, without a key.
    ///
    /// - Throws: `BackupFault`, and `ByteFault` when it ends too early.
    static func parts(
        of bytes: ArraySlice<UInt8>, as kind: Kind, name: String
    ) throws -> Parts {
        var reader = ByteReader(bytes)
        guard try Array(reader.take(count: magic.count)) == magic else {
            throw BackupFault.notOurs(name)
        }
        let found = Int(try reader.take(UInt16.self))
        guard found <= kind.format else { throw BackupFault.newer(name, format: found) }
        guard found == kind.format else { throw BackupFault.older(name, format: found) }
        let kindFound = try reader.take(UInt8.self)
        let isFinal = try reader.take(UInt8.self)
        guard kindFound == kind.rawValue, isFinal == 1 else {
            throw BackupFault.altered(name)
        }
        let databaseID = Array(try reader.take(count: 16))
        let epoch = try reader.take(UInt32.self)
        let headCount = Int(try reader.take(UInt32.self))
        let bodyCount = try reader.take(UInt64.self)
        guard headCount <= headLimit, bodyCount <= UInt64(bodyLimit) else {
            throw BackupFault.altered(name)
        }
        let head = try reader.take(count: headCount)
        let body = try reader.take(count: Int(bodyCount))
        let mac = Array(try reader.take(count: macSize))
        return Parts(
            databaseID: databaseID, epoch: epoch, head: head, body: body, mac: mac,
            length: body.endIndex + macSize - bytes.startIndex)
    }
}

/// The key under which backup objects are authenticated, and the hash that chains them.
package final class BackupSeal: Sendable {
    let root: RootKey
    private let key: SecretBytes

    var databaseID: [UInt8] { root.databaseID }
    var epoch: UInt32 { root.epoch }

    /// - Throws: `KeyFault.noSecureMemory`.
    package init(_ root: RootKey) throws {
        self.root = root
        key = try root.subkey("sl.bckup")
    }

    /// A keyed BLAKE2b-256. Objects of another epoch have the key of that epoch.
    func mac(of bytes: [UInt8], epoch: UInt32) throws -> [UInt8] {
        let key = try epoch == self.epoch ? self.key : root.at(epoch: epoch).subkey("sl.bckup")
        var mac = [UInt8](repeating: 0, count: Container.macSize)
        _ = crypto_generichash(
            &mac, mac.count, bytes, UInt64(bytes.count), key.pointer, key.count)
        return mac
    }

    /// What a container is called by its successor: the hash of its MAC, which covers all of it.
    static func link(_ mac: [UInt8]) -> [UInt8] { hash(mac[...]) }

    /// BLAKE2b-256 without a key. Source: RFC 7693.
    static func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        bytes.withUnsafeBufferPointer {
            _ = crypto_generichash(&out, 32, $0.baseAddress, UInt64($0.count), nil, 0)
        }
        return out
    }
}

extension RootKey {
    /// The same root for data that was sealed in another epoch.
    func at(epoch: UInt32) -> RootKey {
        RootKey(secret: secret, databaseID: databaseID, epoch: epoch)
    }
}
