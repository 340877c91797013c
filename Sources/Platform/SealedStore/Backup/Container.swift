// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CSodium

/// The envelope of everything that a backup is made of, except raw pages.
///
/// Layout, numbers little-endian: magic 8 · format 2 · kind 1 · final flag 1 · database id 16 ·
/// key epoch 4 · length of the head 4 · length of the body 8 · head · body · MAC 32. The MAC is
/// keyed from the root and covers all before it. The final flag is 1 in an object that was closed
/// in order; there is no other. Bodies are sealed already; heads hold numbers, times and hashes.
enum Container {
    enum Kind: UInt8 {
        case segment = 1
        case manifest = 2
        case index = 3
    }

    static let magic = Array("SLUICEBK".utf8)
    static let format = 1
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
        return (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) }
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

    static func make(
        _ kind: Kind, head: [UInt8], body: [UInt8] = [], seal: BackupSeal
    ) throws -> [UInt8] {
        var out = ByteWriter()
        out.bytes.reserveCapacity(preamble + head.count + body.count + macSize)
        out.put(magic)
        out.put(UInt16(format))
        out.put(kind.rawValue)
        out.put(UInt8(1))
        out.put(seal.databaseID)
        out.put(seal.epoch)
        out.put(UInt32(head.count))
        out.put(UInt64(body.count))
        out.put(head)
        out.put(body)
        out.put(try seal.mac(of: out.bytes[...], epoch: seal.epoch))
        return out.bytes
    }

    /// Opens the container at the start of `bytes`.
    ///
    /// - Parameter name: of the object, for the fault.
    /// - Throws: `BackupFault`, one case for each way in which it may not be what was written.
    static func open(
        _ bytes: ArraySlice<UInt8>, as kind: Kind, name: String, seal: BackupSeal
    ) throws -> Content {
        var reader = ByteReader(bytes, name: name)
        guard try Array(reader.take(count: magic.count)) == magic else {
            throw BackupFault.notOurs(name)
        }
        let found = Int(try reader.take(UInt16.self))
        guard found <= format else { throw BackupFault.newer(name, format: found) }
        let kindFound = try reader.take(UInt8.self)
        let isFinal = try reader.take(UInt8.self)
        guard found > 0, kindFound == kind.rawValue, isFinal == 1 else {
            throw BackupFault.altered(name)
        }
        guard try Array(reader.take(count: 16)) == seal.databaseID else {
            throw BackupFault.otherDatabase(name)
        }
        let epoch = try reader.take(UInt32.self)
        let headCount = Int(try reader.take(UInt32.self))
        let bodyCount = try reader.take(UInt64.self)
        guard headCount <= headLimit, bodyCount <= UInt64(bodyLimit) else {
            throw BackupFault.altered(name)
        }
        let head = try reader.take(count: headCount)
        let body = try reader.take(count: Int(bodyCount))
        let signed = bytes[bytes.startIndex..<body.endIndex]
        let mac = Array(try reader.take(count: macSize))
        let expected = try seal.mac(of: signed, epoch: epoch)
        guard sodium_memcmp(mac, expected, macSize) == 0 else { throw BackupFault.altered(name) }
        let length = body.endIndex + macSize - bytes.startIndex
        return Content(
            head: head, body: body, epoch: epoch, length: length, hash: BackupSeal.link(mac[...]))
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
    func mac(of bytes: ArraySlice<UInt8>, epoch: UInt32) throws -> [UInt8] {
        let key = try epoch == self.epoch ? self.key : root.at(epoch: epoch).subkey("sl.bckup")
        var mac = [UInt8](repeating: 0, count: Container.macSize)
        bytes.withUnsafeBufferPointer {
            _ = crypto_generichash(
                &mac, mac.count, $0.baseAddress, UInt64($0.count), key.pointer, key.count)
        }
        return mac
    }

    /// What a container is called by its successor: the hash of its MAC, which covers all of it.
    /// The frames are thereby walked over once, not twice.
    static func link(_ container: ArraySlice<UInt8>) -> [UInt8] {
        hash(container.suffix(Container.macSize))
    }

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
