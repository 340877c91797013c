// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

@testable import SealedStore

/// What a power cut may make of the steps that were not flushed.
enum CrashKind: String, CaseIterable {
    /// Everything that was not flushed is lost.
    case lost
    /// Everything is there.
    case kept
    /// Any of the writes to each file.
    case subset
    /// All of some files, nothing of others.
    case reordered
    /// The last write ends at a border of a sector; what was there before follows, or zeros, or noise.
    case tornOld, tornZero, tornNoise
    /// Files have grown, and the data is missing.
    case grown
    /// Each sector of each write for itself.
    case sectors
}

/// A tree of files with what of it is flushed and what is not.
///
/// Names in a folder reach the disk in their order, in each folder for itself; a rename from one folder
/// to another reaches both at once, as every file system with a journal has it. A sector of 512
/// bytes is written whole or not at all, and a write touches no byte beside it: the promise that
/// the sealed store builds on (docs/decisions/0002).
final class CrashTree {
    fileprivate enum Change {
        case write(Int, [UInt8])
        case truncate(Int)
    }

    fileprivate final class File {
        var flushed: [UInt8]
        var pending: [Change] = []
        init(_ bytes: [UInt8]) { flushed = bytes }
    }

    fileprivate final class Folder {
        var flushed: [String: Node] = [:]
        var now: [String: Node] = [:]
    }

    fileprivate enum Node {
        case file(File)
        case folder(Folder)
    }

    /// What one step makes of the names in one folder, or in two: on the disk wholly or not at all.
    fileprivate struct NameChange {
        /// A name, and what it stands for from then on; nil for nothing.
        let parts: [(folder: Folder, name: String, node: Node?)]
    }

    private let base: String
    private let root = Folder()
    /// Changes of names that are not known to be flushed, in their order.
    private var pending: [NameChange] = []
    /// The file of the last write, which may be torn.
    private var last: File?

    /// - Parameter files: what lies flushed under `base`, by path relative to it.
    init(_ base: String, _ state: CrashState) {
        self.base = base
        for path in state.folders { add(path, .folder(Folder())) }
        for (path, bytes) in state.files { add(path, .file(File(bytes))) }
    }

    private func add(_ path: String, _ node: Node) {
        guard let (folder, name) = place(base + "/" + path) else { return }
        folder.now[name] = node
        folder.flushed[name] = node
    }

    /// The folder that holds a path, and the path's name in it; nil for one outside.
    private func place(_ path: String) -> (Folder, String)? {
        guard path.hasPrefix(base + "/") else { return nil }
        var parts = path.dropFirst(base.count + 1).split(separator: "/").map(String.init)
        guard let name = parts.popLast() else { return nil }
        var folder = root
        for part in parts {
            guard case .folder(let next) = folder.now[part] else { return nil }
            folder = next
        }
        return (folder, name)
    }

    private func file(_ path: String) -> File? {
        guard let (folder, name) = place(path), case .file(let file) = folder.now[name] else {
            return nil
        }
        return file
    }

    // MARK: Steps

    func apply(_ step: DiskStep) {
        switch step {
        case .read: break
        case .makeFolder(let path): add(.folder(Folder()), at: path)
        case .create(let path): add(.file(File([])), at: path)
        case .write(let path, let offset, let bytes):
            last = file(path)
            last?.pending.append(.write(offset, bytes))
        case .truncate(let path, let size): file(path)?.pending.append(.truncate(size))
        case .flush(let path):
            guard let file = file(path) else { return }
            file.flushed = file.pending.reduce(into: file.flushed) { $1.apply(to: &$0) }
            file.pending = []
            if last === file { last = nil }
        case .rename(let old, let new):
            guard let (folder, name) = place(old), let node = folder.now[name],
                let (target, other) = place(new)
            else { return }
            change([(folder, name, nil), (target, other, node)])
        case .exchange(let one, let two):
            guard let (folder, name) = place(one), let node = folder.now[name],
                let (target, other) = place(two), let second = target.now[other]
            else { return }
            change([(folder, name, second), (target, other, node)])
        case .remove(let path):
            if let (folder, name) = place(path) { change([(folder, name, nil)]) }
        case .flushFolder(let path):
            if let (folder, _) = place(path) { flush(folder) }
        }
    }

    private func add(_ node: Node, at path: String) {
        guard let (folder, name) = place(path), folder.now[name] == nil else { return }
        change([(folder, name, node)])
    }

    private func change(_ parts: [(folder: Folder, name: String, node: Node?)]) {
        for part in parts { part.folder.now[part.name] = part.node }
        pending.append(NameChange(parts: parts))
    }

    /// All changes of a folder are on the disk now, and with a rename from another folder all that was
    /// changed there before it.
    private func flush(_ folder: Folder) {
        var flushed: Set<ObjectIdentifier> = [ObjectIdentifier(folder)]
        var left: [NameChange] = []
        var done: [NameChange] = []
        for change in pending.reversed() {
            let folders = change.parts.map { ObjectIdentifier($0.folder) }
            if folders.contains(where: { flushed.contains($0) }) {
                flushed.formUnion(folders)
                done.append(change)
            } else {
                left.append(change)
            }
        }
        for change in done.reversed() {
            for part in change.parts { part.folder.flushed[part.name] = part.node }
        }
        pending = left.reversed()
    }

    // MARK: States

    func state(_ kind: CrashKind, _ dice: inout Dice) -> CrashState {
        var state = CrashState()
        collect(root, "", kind, names(kind, &dice), &dice, &state)
        return state
    }

    /// The names in each folder that has changes, of which some have reached the disk: in each folder
    /// the first ones, as many as chance wants.
    private func names(
        _ kind: CrashKind, _ dice: inout Dice
    ) -> [ObjectIdentifier: [String: Node]] {
        var counts: [ObjectIdentifier: Int] = [:]
        var order: [ObjectIdentifier] = []
        var names: [ObjectIdentifier: [String: Node]] = [:]
        for part in pending.flatMap(\.parts) {
            let id = ObjectIdentifier(part.folder)
            if counts[id] == nil {
                order.append(id)
                names[id] = part.folder.flushed
            }
            counts[id, default: 0] += 1
        }
        var room: [ObjectIdentifier: Int] = [:]
        for id in order {
            let count = counts[id] ?? 0
            room[id] =
                switch kind {
                case .lost: 0
                case .kept: count
                default: dice.below(count + 1)
                }
        }
        for change in pending {
            let folders = change.parts.map { ObjectIdentifier($0.folder) }
            guard folders.allSatisfy({ room[$0, default: 0] > 0 }) else {
                for id in folders { room[id] = 0 }
                continue
            }
            for (part, id) in zip(change.parts, folders) {
                names[id]?[part.name] = part.node
                room[id, default: 1] -= 1
            }
        }
        return names
    }

    private func collect(
        _ folder: Folder, _ prefix: String, _ kind: CrashKind,
        _ known: [ObjectIdentifier: [String: Node]], _ dice: inout Dice, _ state: inout CrashState
    ) {
        let names = known[ObjectIdentifier(folder)] ?? folder.flushed
        for name in names.keys.sorted() {
            switch names[name] {
            case .file(let file):
                state.files[prefix + name] = file.bytes(kind, isLast: file === last, &dice)
            case .folder(let inner):
                state.folders.append(prefix + name)
                collect(inner, prefix + name + "/", kind, known, &dice, &state)
            case nil: break
            }
        }
    }
}

extension CrashTree.Change {
    fileprivate func apply(to bytes: inout [UInt8]) {
        switch self {
        case .truncate(let size): resize(&bytes, size)
        case .write(let offset, let new):
            if bytes.count < offset + new.count { resize(&bytes, offset + new.count) }
            bytes.replaceSubrange(offset..<offset + new.count, with: new)
        }
    }
}

extension CrashTree.File {
    fileprivate func bytes(_ kind: CrashKind, isLast: Bool, _ dice: inout Dice) -> [UInt8] {
        var bytes = flushed
        guard !pending.isEmpty else { return bytes }
        let all = kind == .reordered ? dice.bool() : kind != .lost
        guard all else { return bytes }
        for (index, change) in pending.enumerated() {
            switch (kind, change) {
            case (.subset, _):
                if dice.bool() { change.apply(to: &bytes) }
            case (.grown, .write(let offset, let new)):
                if dice.bool() {
                    change.apply(to: &bytes)
                } else if bytes.count < offset + new.count {
                    resize(&bytes, offset + new.count)
                }
            case (.sectors, .write(let offset, let new)):
                for piece in sectors(offset, new.count) where dice.bool() {
                    CrashTree.Change.write(
                        piece.lowerBound,
                        Array(new[piece.lowerBound - offset..<piece.upperBound - offset])
                    ).apply(to: &bytes)
                }
            case (.tornOld, .write(let offset, let new)), (.tornZero, .write(let offset, let new)),
                (.tornNoise, .write(let offset, let new)):
                if isLast, index == pending.count - 1 {
                    tear(&bytes, offset, new, kind, &dice)
                } else {
                    change.apply(to: &bytes)
                }
            default: change.apply(to: &bytes)
            }
        }
        return bytes
    }

    /// Writes as many whole sectors as chance wants. A write within one sector is not torn.
    private func tear(
        _ bytes: inout [UInt8], _ offset: Int, _ new: [UInt8], _ kind: CrashKind,
        _ dice: inout Dice
    ) {
        let pieces = sectors(offset, new.count)
        let kept = pieces.count == 1 ? dice.below(2) : dice.below(pieces.count)
        let cut = kept == 0 ? offset : pieces[kept - 1].upperBound
        CrashTree.Change.write(offset, Array(new[..<(cut - offset)])).apply(to: &bytes)
        guard pieces.count > 1, kind != .tornOld else { return }
        let rest = (cut..<offset + new.count).map { _ in
            kind == .tornZero ? 0 : UInt8(truncatingIfNeeded: dice.next())
        }
        CrashTree.Change.write(cut, rest).apply(to: &bytes)
    }
}

/// The ranges of a write, cut at the borders of the sectors of its file.
private func sectors(_ offset: Int, _ count: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = offset
    while start < offset + count {
        let end = min(offset + count, (start / 512 + 1) * 512)
        pieces.append(start..<end)
        start = end
    }
    return pieces
}

private func resize(_ bytes: inout [UInt8], _ size: Int) {
    if size < bytes.count {
        bytes.removeLast(bytes.count - size)
    } else {
        bytes += [UInt8](repeating: 0, count: size - bytes.count)
    }
}
