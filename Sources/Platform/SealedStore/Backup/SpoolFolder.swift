// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Glibc

/// The folder of captured segments.
///
/// A segment lies under its name when it is whole and flushed. Before that it is a draft, named
/// with `.new` behind: a power cut may have torn it, and what it holds is still in the log.
struct SpoolFolder: Sendable {
    let path: String

    private static let ending = ".seg"
    private static let draftEnding = ".seg.new"
    /// Files that are looked at, at most: a year of one segment a second.
    private static let filesMost = 32_000_000

    init(_ path: String) { self.path = path }

    func make() throws(SystemFault) {
        if try Disk.makeFolder(path) { try Disk.flushFolder(of: path) }
    }

    /// Names of all segments, oldest first. What is no segment of ours is left alone.
    func names() throws(SystemFault) -> [String] { try list().names }

    /// Segments, and drafts by the names that they will have.
    private func list() throws(SystemFault) -> (names: [String], drafts: [String]) {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return ([], []) }
            throw SystemFault("open \(path)")
        }
        defer { closedir(folder) }
        var names: [String] = []
        var drafts: [String] = []
        while names.count + drafts.count < SpoolFolder.filesMost, let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard ChainID(String(name.prefix(ChainID.length))) != nil else { continue }
            if name.hasSuffix(SpoolFolder.ending) {
                names.append(name)
            } else if name.hasSuffix(SpoolFolder.draftEnding) {
                drafts.append(String(name.dropLast(4)))
            }
        }
        return (names.sorted(), drafts.sorted())
    }

    // MARK: Drafts

    private func full(_ name: String) -> String { "\(path)/\(name)" }
    private func draft(_ name: String) -> String { "\(path)/\(name).new" }

    /// Writes a draft; `flush` and `settle` make it last.
    /// - Parameter bytes: see `Disk.write`.
    func write(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(SystemFault) {
        do throws(SystemFault) {
            try Disk.write(draft(name), bytes)
        } catch {
            try? Disk.remove(draft(name))
            throw error
        }
    }

    /// Flushes drafts, and that they are there.
    func flush(_ names: [String]) throws(SystemFault) {
        guard !names.isEmpty else { return }
        for name in names { try Disk.flush(draft(name)) }
        try Disk.flushFolder(of: path + "/.")
    }

    /// Gives drafts that are flushed their names. A power cut that takes the names back harms
    /// nobody: drafts that are whole are adopted.
    func settle(_ names: [String]) throws(SystemFault) {
        for name in names { try Disk.rename(draft(name), to: full(name)) }
    }

    /// Removes drafts, the newest first, so that no hole comes about.
    func drop(_ names: [String]) {
        for name in names.reversed() { try? Disk.remove(draft(name)) }
    }

    /// Settles the drafts that an ended program left, as far as they are whole and follow the
    /// newest segment; removes the others.
    ///
    /// - Throws: `BackupFault.system`; nothing that may be whole is removed then.
    func adoptDrafts(_ seal: BackupSeal) throws {
        let (names, drafts) = try list()
        guard !drafts.isEmpty else { return }
        var chain = SegmentChain()
        if let newest = names.last, let found = try? whole(full(newest), newest, seal) {
            try? chain.follow(found.segment, hash: found.content.hash)
        }
        var kept: [String] = []
        for name in drafts {
            let found: (segment: Segment, content: Container.Content)
            do {
                found = try whole(draft(name), name, seal)
                if let last = chain.last, last.chain != found.segment.chain {
                    chain = SegmentChain()
                }
                // Nothing is missing before a draft, or it is of no use.
                let isFirst = chain.last == nil
                guard !isFirst || found.segment.sequence == 1 else { break }
                try chain.follow(found.segment, hash: found.content.hash)
            } catch let fault as SystemFault {
                throw BackupFault.system(fault)
            } catch {
                break
            }
            kept.append(name)
        }
        try asBackupFault {
            try flush(kept)
            try settle(kept)
        }
        drop(Array(drafts.dropFirst(kept.count)))
    }

    private func whole(
        _ path: String, _ name: String, _ seal: BackupSeal
    ) throws -> (segment: Segment, content: Container.Content) {
        try Segment.openWhole(try read(path, name), name: name, seal: seal)
    }

    // MARK: Segments

    func read(_ name: String) throws -> [UInt8] { try read(full(name), name) }

    private func read(_ path: String, _ name: String) throws -> [UInt8] {
        let limit =
            Container.preamble + Container.macSize + 4096 + Segment.framesMost * Format.frame
        guard let bytes = try Disk.contents(of: path, limit: limit) else {
            throw BackupFault.missing(name)
        }
        return bytes
    }

    func remove(_ name: String) { try? Disk.remove(full(name)) }

    /// Removes all segments and drafts, and the folder when nothing else is in it.
    func clear() {
        let (names, drafts) = (try? list()) ?? ([], [])
        for name in names { remove(name) }
        drop(drafts)
        Disk.removeFolder(path)
    }

    /// Bytes of a segment or draft.
    func size(of name: String) -> Int {
        Disk.size(of: full(name)) ?? Disk.size(of: draft(name)) ?? 0
    }
}
