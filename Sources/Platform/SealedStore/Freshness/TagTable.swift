// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc
import Synchronization

/// The tag of the newest version of every page of the main file: in memory while the store is open,
/// and on disk since the last complete copy back of the log.
///
/// A page that was put back to an older version of itself still opens with the key; its tag tells.
/// Memory: 16 bytes a page, 4 MiB for each GiB of the store.
///
/// Why this never raises a false alarm: a page of the main file is written only while the log is
/// copied back, and the log is begun anew only after the main file and then this table were
/// flushed. After a crash anywhere between, the page's newest version is still in the log and is
/// read from there; the main file's copy of it is not looked at until the next copy back.
final class TagTable: Sendable {
    let path: String
    private let databaseID: [UInt8]
    private let epoch: UInt32
    private let sealer: RecordSealer
    private let memory = Mutex(Memory())
    private let kept = Mutex(Kept())

    private struct Memory {
        var tags: [PageTag] = []
        /// Pages whose tag changed since the table was written last.
        var changed: Set<UInt32> = []
    }

    /// What lies on disk.
    struct Kept: Sendable {
        var sequence: UInt64 = 0
        /// Tag of the last record: the MAC of the whole table.
        var mac = [UInt8](repeating: 0, count: Format.tag)
        var certificate = CopyCertificate()
        var ledgerSequence: UInt64 = 0
        var baseLength = 0
        var length = 0
        /// As it was loaded: tags of the records in the file, by their sequence numbers.
        var macs: [UInt64: [UInt8]] = [:]
        /// As it was loaded: pages that the last record set; some of all when it was a base.
        var newest: [UInt32] = []
    }

    /// Bytes of changes beside which a new base is written: never less than this.
    static let changesMin = 256 << 10
    /// Pages that are compared when the store is opened, at most.
    static let lookMax = 1024

    init(path: String, key: RootKey) throws {
        self.path = path
        databaseID = key.databaseID
        epoch = key.epoch
        sealer = RecordSealer(try key.subkey("sl.ptags"))
    }

    /// All that is known of the table on disk, once: what only the judgement at open needs is let go.
    func takeLoaded() -> Kept {
        kept.withLock { kept in
            defer {
                kept.macs = [:]
                kept.newest = []
            }
            return kept
        }
    }

    var mark: (sequence: UInt64, mac: [UInt8], certificate: CopyCertificate) {
        kept.withLock { ($0.sequence, $0.mac, $0.certificate) }
    }
    var pages: Int { memory.withLock { $0.tags.count } }

    // MARK: In memory

    /// Whether page `number`, counted from 1, is the newest version of itself.
    func isNewest(_ number: Int, _ tag: UnsafePointer<UInt8>) -> Bool {
        isNewest(number, PageTag(tag))
    }

    func isNewest(_ number: Int, _ tag: PageTag) -> Bool {
        memory.withLock { memory in
            number >= 1 && number <= memory.tags.count && memory.tags[number - 1] == tag
        }
    }

    /// Takes the tag of a page that was written. Pages between, of which there is only the one that
    /// is never written, get one that fits nothing.
    func set(_ number: Int, _ tag: UnsafePointer<UInt8>) {
        let new = PageTag(tag)
        memory.withLock { memory in
            while memory.tags.count < number { memory.tags.append(TagTable.nothing) }
            memory.tags[number - 1] = new
            memory.changed.insert(UInt32(truncatingIfNeeded: number))
        }
    }

    func cut(to pages: Int) {
        memory.withLock { memory in
            guard pages < memory.tags.count else { return }
            memory.tags.removeLast(memory.tags.count - max(0, pages))
            memory.changed = memory.changed.filter { Int($0) <= pages }
        }
    }

    /// By chance the tag of a page once in 2^128 pages.
    private static let nothing = PageTag()

    // MARK: To disk

    /// Writes what changed and flushes it, or everything as a new base when that is shorter.
    ///
    /// - Parameter certificate: nil keeps the one before.
    /// - Throws: `SystemFault`; the table on disk is then the one before, and the next call tries
    ///   everything again.
    func keep(_ certificate: CopyCertificate?, ledgerSequence: UInt64) throws(SystemFault) {
        let (pages, changes) = memory.withLock { memory in
            let changes = memory.changed.sorted().compactMap { number in
                Int(number) <= memory.tags.count ? (number, memory.tags[Int(number) - 1]) : nil
            }
            memory.changed.removeAll(keepingCapacity: true)
            return (memory.tags.count, changes)
        }
        do {
            try kept.withLock { kept throws(SystemFault) in
                var head = TagFile.Head(
                    kind: .change, sequence: kept.sequence + 1,
                    pages: UInt32(truncatingIfNeeded: pages),
                    entries: UInt32(truncatingIfNeeded: changes.count),
                    certificate: certificate ?? kept.certificate, ledgerSequence: ledgerSequence,
                    previous: kept.mac)
                let added = kept.length - kept.baseLength + changes.count * 20
                if kept.length == 0 || added > max(TagTable.changesMin, kept.baseLength) {
                    head.kind = .base
                    try replace(&head, &kept)
                } else {
                    try append(head, changes, &kept)
                }
            }
        } catch {
            memory.withLock { $0.changed.formUnion(changes.map(\.0)) }
            throw error
        }
    }

    private func replace(_ head: inout TagFile.Head, _ kept: inout Kept) throws(SystemFault) {
        var out = ByteWriter()
        let tags = memory.withLock { $0.tags }
        head.pages = UInt32(truncatingIfNeeded: tags.count)
        head.entries = head.pages
        for tag in tags { tag.write(to: &out) }
        let record = record(head, out.bytes)
        try Disk.replace(path, with: record)
        kept.baseLength = record.count
        kept.length = record.count
        note(head, record, &kept)
    }

    private func append(
        _ head: TagFile.Head, _ changes: [(UInt32, PageTag)], _ kept: inout Kept
    ) throws(SystemFault) {
        var out = ByteWriter()
        for (number, tag) in changes {
            out.put(number)
            tag.write(to: &out)
        }
        let record = record(head, out.bytes)
        try Disk.add(record, to: path, at: kept.length)
        kept.length += record.count
        note(head, record, &kept)
    }

    private func record(_ head: TagFile.Head, _ entries: [UInt8]) -> [UInt8] {
        let clear = TagFile.bytes(of: head, databaseID: databaseID, epoch: epoch)
        return clear + sealer.seal(entries, bound: clear)
    }

    private func note(_ head: TagFile.Head, _ record: [UInt8], _ kept: inout Kept) {
        kept.sequence = head.sequence
        kept.mac = Array(record.suffix(Format.tag))
        kept.certificate = head.certificate
        kept.ledgerSequence = head.ledgerSequence
    }

    /// Pages spread evenly over all.
    private static func spread(_ pages: Int) -> [UInt32] {
        let step = max(1, pages / lookMax + 1)
        return stride(from: 1, through: pages, by: step).map { UInt32(truncatingIfNeeded: $0) }
    }

    // MARK: From disk

    /// Reads the table. A last record that is not whole was torn by a crash and counts for nothing;
    /// what was written behind it is dropped with it, since records follow each other.
    ///
    /// - Returns: false when there is no file, or none whose base opens.
    func load() throws(SystemFault) -> Bool {
        guard let bytes = try Disk.contents(of: path, limit: TagFile.bytesMax) else { return false }
        var tags: [PageTag] = []
        var found = Kept()
        while let (head, entries, end) = next(bytes, found, isFirst: found.length == 0) {
            // `next` has compared the length with the number of entries.
            var reader = ByteReader(entries[...])
            var newest: [UInt32] = []
            for index in 0..<Int(head.entries) {
                let number = head.kind == .base ? UInt32(index + 1) : try? reader.take(UInt32.self)
                guard let number, let tag = try? PageTag(&reader) else { break }
                guard number >= 1, number <= head.pages else { continue }
                while tags.count < Int(number) { tags.append(TagTable.nothing) }
                tags[Int(number) - 1] = tag
                newest.append(number)
            }
            if tags.count > Int(head.pages) { tags.removeLast(tags.count - Int(head.pages)) }
            if head.kind == .base {
                found.baseLength = end
                newest = TagTable.spread(tags.count)
            }
            note(head, Array(bytes[end - Format.tag..<end]), &found)
            found.macs[found.sequence] = found.mac
            found.newest = Array(newest.suffix(TagTable.lookMax))
            found.length = end
        }
        guard found.length > 0 else { return false }
        if found.length < bytes.count { try Disk.cut(path, to: found.length) }
        let (loaded, state) = (tags, found)
        memory.withLock { $0 = Memory(tags: loaded) }
        kept.withLock { $0 = state }
        return true
    }

    /// The record at the end of `found`, opened; nil when there is no whole one.
    private func next(
        _ bytes: [UInt8], _ found: Kept, isFirst: Bool
    ) -> (TagFile.Head, [UInt8], end: Int)? {
        let start = found.length
        guard bytes.count - start >= TagFile.headSize + RecordSealer.overhead else { return nil }
        let clear = Array(bytes[start..<start + TagFile.headSize])
        guard let head = TagFile.head(clear, databaseID: databaseID, epoch: epoch),
            head.kind == (isFirst ? .base : .change),
            isFirst || (head.sequence == found.sequence + 1 && head.previous == found.mac)
        else { return nil }
        let body = Int(head.entries) * head.kind.entrySize + RecordSealer.overhead
        guard head.kind == .change || head.entries == head.pages,
            body <= bytes.count - start - TagFile.headSize
        else { return nil }
        let end = start + TagFile.headSize + body
        guard let entries = sealer.open(bytes[start + TagFile.headSize..<end], bound: clear) else {
            return nil
        }
        return (head, entries, end)
    }

    // MARK: Beginning

    /// Begins a table with the tags of the pages as they lie in the main file, whoever wrote them.
    func begin(
        with tags: [PageTag], after sequence: UInt64, certificate: CopyCertificate,
        ledgerSequence: UInt64
    ) throws(SystemFault) {
        memory.withLock { $0 = Memory(tags: tags) }
        kept.withLock { $0 = Kept(sequence: sequence) }
        try keep(certificate, ledgerSequence: ledgerSequence)
    }
}
