// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

@testable import SealedStore

extension FuzzTarget {
    static let files = [keyFile, segment, manifest, index, record]

    private static let keyFile = FuzzTarget("keyfile", bytesMax: 8_192) { bytes in
        guard let file = try? KeyFile(bytes) else { return }
        promise(!file.slots.isEmpty, "a key file without slots was read")
    }

    // The objects of a backup, as they lie on the target and, as the MAC stops nearly every change of
    // those, with a head that somebody who has the key could have written.

    private static let segment = FuzzTarget("segment") { bytes in
        for object in [bytes, try Container.make(.segment, head: bytes, seal: Known.seal)] {
            refusing { try Segment.openWhole(object, name: "segment", seal: Known.seal) }
        }
    }

    private static let manifest = FuzzTarget("manifest") { bytes in
        for object in [bytes, try Container.make(.manifest, head: bytes, seal: Known.seal)] {
            refusing { try Snapshot.open(object, name: "snapshot", seal: Known.seal) }
        }
    }

    private static let index = FuzzTarget("index") { bytes in
        for object in [bytes, try Container.make(.index, head: bytes, seal: Known.seal)] {
            refusing { try BackupIndex(object, seal: Known.seal) { _ in [] } }
            refusing { try BackupIndex.unproven(object) { _ in bytes } }
        }
        refusing { try PackList.read(bytes[...], name: "list") }
    }

    /// A record of the generation ledger: the bytes as they are, and sealed as the rest of one.
    private static let record = FuzzTarget("record", bytesMax: 512) { bytes in
        let bound = [UInt8](repeating: 7, count: 24)
        _ = LedgerRecord.open(bytes[...], sealer: Known.sealer, bound: bound)
        let clear =
            LedgerRecord.magic + [LedgerRecord.version, Format.algorithm]
            + [UInt8](repeating: 0, count: 42)
        let room = LedgerRecord.size - clear.count - RecordSealer.overhead
        var payload = Array(bytes.prefix(room))
        payload += [UInt8](repeating: 0, count: room - payload.count)
        let sealed = clear + Known.sealer.seal(payload, bound: clear + bound)
        _ = LedgerRecord.open(sealed[...], sealer: Known.sealer, bound: bound)
    }

    /// Backup objects may only be refused as such.
    private static func refusing<T>(_ read: () throws -> T) {
        do {
            _ = try read()
        } catch is BackupFault {
        } catch {
            promise(false, "\(error)")
        }
    }
}

/// One key for all inputs, so that an input does the same each time.
enum Known {
    static let root = value {
        RootKey(
            secret: try SecretBytes(count: 32) { $0.update(repeating: 5, count: 32) },
            databaseID: [UInt8](repeating: 9, count: 16), epoch: 1)
    }
    static let seal = value { try BackupSeal(root) }
    static let sealer = value { RecordSealer(try root.subkey("sl.pages")) }

    private static func value<T>(_ make: () throws -> T) -> T {
        do {
            return try make()
        } catch {
            fatalError("\(error)")
        }
    }
}
