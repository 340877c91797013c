// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel

/// The packs of one chain and one hour, in an object that is written once: its name is its hash.
///
/// A day of shipments makes two thousand packs. Were all of them named in the index, which is
/// written anew with each shipment, a day would cost 0.6 GB on the line to each remote target.
struct PackList: Sendable, Equatable {
    /// BLAKE2b-256 of the object.
    let hash: [UInt8]
    /// Packs in it, at least 1.
    let count: Int

    static let folder = "lists/"
    /// Packs of one list at most.
    static let packsMost = 256
    private static let listsMost = 100_000
    private static let hour: Int64 = 3_600_000_000

    var name: String { PackList.folder + hexadecimal(hash) }

    /// Whether `name` is exactly one of a list.
    static func isName(_ name: String) -> Bool {
        guard name.hasPrefix(folder) else { return false }
        let rest = name.dropFirst(folder.count)
        return rest.utf8.count == 64
            && rest.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// Cuts packs where another chain or another hour begins, and where a list is full. It depends on
    /// nothing else, so what stays makes the same list again.
    static func stretches(of packs: [BackupIndex.Pack]) -> [ArraySlice<BackupIndex.Pack>] {
        var found: [ArraySlice<BackupIndex.Pack>] = []
        var start = 0
        for (place, pack) in packs.enumerated() where place > 0 {
            let before = packs[place - 1]
            let isSame =
                pack.chain == before.chain
                && pack.from.microseconds / hour == before.from.microseconds / hour
            guard !isSame || place - start == packsMost else { continue }
            found.append(packs[start..<place])
            start = place
        }
        if start < packs.count { found.append(packs[start...]) }
        return found
    }

    static func make(_ packs: ArraySlice<BackupIndex.Pack>, _ seal: BackupSeal) throws -> [UInt8] {
        var out = ByteWriter()
        out.put(UInt32(packs.count))
        for pack in packs { pack.put(to: &out) }
        return try Container.make(.list, head: out.bytes, seal: seal)
    }

    /// The packs that a list names.
    ///
    /// - Throws: `BackupFault`.
    static func read(_ head: ArraySlice<UInt8>, name: String) throws -> [BackupIndex.Pack] {
        try asBackupFault(of: name) {
            var reader = ByteReader(head)
            let packs = try BackupIndex.Pack.takeAll(&reader)
            guard reader.isAtEnd else { throw ByteFault.range }
            return packs
        }
    }

    /// What an index says of its lists.
    static func takeAll(_ reader: inout ByteReader) throws -> [PackList] {
        let count = Int(try reader.take(UInt32.self))
        guard count <= listsMost else { throw ByteFault.range }
        return try (0..<count).map { _ in
            let hash = Array(try reader.take(count: 32))
            let packs = Int(try reader.take(UInt32.self))
            guard (1...packsMost).contains(packs) else { throw ByteFault.range }
            return PackList(hash: hash, count: packs)
        }
    }
}

extension BackupIndex.Pack {
    /// Packs of one target at most.
    static let most = 1_000_000

    static func takeAll(_ reader: inout ByteReader) throws -> [BackupIndex.Pack] {
        let count = Int(try reader.take(UInt32.self))
        guard count <= most else { throw ByteFault.range }
        return try (0..<count).map { _ in try BackupIndex.Pack(&reader) }
    }

    func put(to out: inout ByteWriter) {
        out.put(chain.description)
        for number in [first, last, commitBefore, commit] { out.put(number) }
        out.put(from)
        out.put(until)
        out.put(size)
        out.put(hash)
    }

    fileprivate init(_ reader: inout ByteReader) throws {
        guard let chain = ChainID(try reader.takeText()) else { throw ByteFault.range }
        self.chain = chain
        first = try reader.takeNumber()
        last = try reader.takeNumber()
        commitBefore = try reader.takeNumber()
        commit = try reader.takeNumber()
        from = try reader.takeInstant()
        until = try reader.takeInstant()
        size = try reader.takeNumber()
        hash = Array(try reader.take(count: 32))
        guard first > 0, last >= first else { throw ByteFault.range }
    }
}
