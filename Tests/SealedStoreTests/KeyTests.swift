// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Synchronization
import Testing

@testable import SealedStore

@Suite struct KeyTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "sluice-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func same(_ a: RootKey, _ b: RootKey) -> Bool {
        a.databaseID == b.databaseID && a.epoch == b.epoch
            && memcmp(a.secret.pointer, b.secret.pointer, 32) == 0
    }

    @Test func `every kind of slot opens the same root`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.key"
        let paper = try KeyFile.newRecoveryText()
        try KeyFile.newSecretFile(at: folder + "/secret")
        var (file, root) = try KeyFile.create(at: path, slot: .recovery(paper))
        try file.addSlot(.passphrase(Array("correct horse".utf8)), root: root, cost: .least)
        try file.addSlot(.file(folder + "/secret"), root: root)
        let openers: [KeyFile.Opener] = [
            .recovery(paper.lowercased().replacingOccurrences(of: "-", with: " ")),
            .passphrase(Array("correct horse".utf8)), .file(folder + "/secret"),
        ]
        for opener in openers {
            #expect(same(try KeyFile.open(at: path).unlock(with: opener), root))
        }
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(file.slots.map(\.kind) == [.recovery, .passphrase, .keyFile])
    }

    @Test func `wrong key, not ours, mistyped and tampered are told apart`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.key"
        let paper = try KeyFile.newRecoveryText()
        let (file, _) = try KeyFile.create(at: path, slot: .recovery(paper))
        #expect(throws: KeyFault.wrongKey) {
            try file.unlock(with: .recovery(try KeyFile.newRecoveryText()))
        }
        #expect(throws: KeyFault.wrongKey) { try file.unlock(with: .passphrase([1])) }
        #expect(throws: KeyFault.mistyped) {
            var wrong = Array(paper)
            wrong[3] = wrong[3] == "7" ? "8" : "7"
            return try file.unlock(with: .recovery(String(wrong)))
        }
        #expect(throws: KeyFault.exists) { try KeyFile.create(at: path, slot: .recovery(paper)) }
        try Data(
            "something else entirely, long enough to be a key file of ours at first sight".utf8
        )
        .write(to: URL(fileURLWithPath: folder + "/other"))
        #expect(throws: KeyFault.notOurs) { try KeyFile.open(at: folder + "/other") }
    }

    @Test func `no changed byte of a key file goes unnoticed`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.key"
        let paper = try KeyFile.newRecoveryText()
        try KeyFile.newSecretFile(at: folder + "/secret")
        var (file, root) = try KeyFile.create(at: path, slot: .recovery(paper))
        try file.addSlot(.file(folder + "/secret"), root: root)
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in good.indices {
            var bad = good
            bad[index] ^= 1 << UInt8(index % 8)
            try bad.write(to: URL(fileURLWithPath: path))
            #expect(throws: KeyFault.self, "byte \(index)") {
                try KeyFile.open(at: path).unlock(with: .recovery(paper))
            }
        }
        for count in 0..<good.count {
            try good.prefix(count).write(to: URL(fileURLWithPath: path))
            #expect(throws: KeyFault.self) {
                try KeyFile.open(at: path).unlock(with: .recovery(paper))
            }
        }
    }

    @Test func `a removed slot opens no more, and the last one stays`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.key"
        let old = try KeyFile.newRecoveryText()
        let new = try KeyFile.newRecoveryText()
        var (file, root) = try KeyFile.create(at: path, slot: .recovery(old))
        #expect(throws: KeyFault.lastSlot) { try file.removeSlot(1, root: root) }
        #expect(throws: KeyFault.noSuchSlot) { try file.removeSlot(9, root: root) }
        let number = try file.addSlot(.recovery(new), root: root)
        try file.removeSlot(1, root: root)
        #expect(throws: KeyFault.wrongKey) {
            try KeyFile.open(at: path).unlock(with: .recovery(old))
        }
        #expect(same(try KeyFile.open(at: path).unlock(with: .recovery(new)), root))
        #expect(number == 2)
        #expect(try file.addSlot(.recovery(old), root: root) == 3)
    }

    @Test func `a secret file that others may read is refused`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try KeyFile.newSecretFile(at: folder + "/secret")
        chmod(folder + "/secret", 0o640)
        #expect(throws: KeyFault.readableByOthers) {
            try KeyFile.create(at: folder + "/store.key", slot: .file(folder + "/secret"))
        }
    }

    @Test func `a credential of any length opens its slot and no other`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.key"
        func credential(_ name: String, _ count: Int) throws -> KeyFile.Opener {
            let place = "\(folder)/\(name)"
            try Data(randomBytes(count)).write(to: URL(fileURLWithPath: place))
            chmod(place, 0o440)
            return .machine(place)
        }
        let long = try credential("long", 1024)
        let (_, root) = try KeyFile.create(at: path, slot: long)
        #expect(same(try KeyFile.open(at: path).unlock(with: long), root))
        for (name, count) in [("other", 1024), ("short", 32)] {
            let wrong = try credential(name, count)
            #expect(throws: KeyFault.wrongKey) { try KeyFile.open(at: path).unlock(with: wrong) }
        }
        for count in [0, 31, 1025] {
            let bad = try credential("bad", count)
            #expect(throws: KeyFault.mistyped) { try KeyFile.open(at: path).unlock(with: bad) }
        }
        chmod(folder + "/long", 0o444)
        #expect(throws: KeyFault.readableByOthers) {
            try KeyFile.open(at: path).unlock(with: long)
        }
    }

    @Test func `the last slot for starts without a person stays`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/store.key"
        for name in ["one", "two"] { try KeyFile.newSecretFile(at: "\(folder)/\(name)") }
        var (file, root) = try KeyFile.create(at: path, slot: .file(folder + "/one"))
        try file.addSlot(.recovery(try KeyFile.newRecoveryText()), root: root)
        #expect(throws: KeyFault.lastUnattended) { try file.removeSlot(1, root: root) }
        let number = try file.addSlot(.machine(folder + "/two"), root: root)
        try file.removeSlot(1, root: root)
        #expect(throws: KeyFault.lastUnattended) { try file.removeSlot(number, root: root) }
        #expect(same(try KeyFile.open(at: path).unlock(with: .machine(folder + "/two")), root))
    }

    /// A sanitizer answers `mlock` without doing it.
    /// Source: compiler-rt, sanitizer_common_interceptors.inc, `MlockIsUnsupported`.
    private var ignoresLocking: Bool {
        dlsym(nil, "__tsan_init") != nil || dlsym(nil, "__asan_init") != nil
    }

    @Test func `keys lie in memory that no core dump holds and that is not swapped`() throws {
        let secret = try SecretBytes(count: 32) { $0.update(repeating: 7, count: 32) }
        let address = UInt(bitPattern: secret.pointer)
        let found = try #require(try Disk.contents(of: "/proc/self/smaps", limit: 16 << 20))
        let maps = String(decoding: found, as: UTF8.self)
        var isHere = false
        var flags: [Substring] = []
        for line in maps.split(separator: "\n") {
            let range = line.prefix { $0 != " " }.split(separator: "-")
            if range.count == 2, let start = UInt(range[0], radix: 16),
                let end = UInt(range[1], radix: 16)
            {
                isHere = (start..<end).contains(address)
            } else if isHere, line.hasPrefix("VmFlags:") {
                flags = line.split(separator: " ")
            }
        }
        // Source: proc_pid_smaps(5): dd is "do not include in a core dump", lo "locked".
        #expect(flags.contains("dd") && (flags.contains("lo") || ignoresLocking), "\(flags)")
        withExtendedLifetime(secret) {}
    }
}

/// Several commands on one key file, and one that is killed in the middle.
@Suite struct KeyFileChangeTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "sluice-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private var path: String { folder + "/store.key" }

    private func together(_ count: Int, _ work: @escaping @Sendable (Int) -> Void) {
        DispatchQueue.concurrentPerform(iterations: count, execute: work)
    }

    @Test func `whoever adds a slot at the same time as others adds one that opens`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let paper = try KeyFile.newRecoveryText()
        let (_, root) = try KeyFile.create(at: path, slot: .recovery(paper))
        let numbers = Mutex<[Int: UInt8]>([:])
        let path = path
        together(8) { index in
            do {
                let number = try KeyFile.changing(at: path) {
                    var file = try KeyFile.open(at: path)
                    return try file.addSlot(
                        .passphrase(Array("words of \(index)".utf8)), root: root, cost: .least)
                }
                numbers.withLock { $0[index] = number }
            } catch {
                Issue.record("\(index): \(error)")
            }
        }
        let file = try KeyFile.open(at: path)
        #expect(file.slots.count == 9)
        let said = numbers.withLock { $0 }
        #expect(Set(said.values).count == 8)
        for (index, number) in said {
            let opener = KeyFile.Opener.passphrase(Array("words of \(index)".utf8))
            #expect(try file.opens(number, with: opener))
            _ = try file.unlock(with: opener)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["store.key"])
    }

    @Test func `of those who make a key file at the same time one does`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for round in 0..<20 {
            let path = "\(folder)/\(round).key"
            let made = Mutex<[[UInt8]]>([])
            let refused = Mutex(0)
            let papers = try (0..<4).map { _ in try KeyFile.newRecoveryText() }
            together(4) { index in
                do {
                    let (_, root) = try KeyFile.create(at: path, slot: .recovery(papers[index]))
                    made.withLock { $0.append(root.databaseID) }
                } catch KeyFault.exists {
                    refused.withLock { $0 += 1 }
                } catch {
                    Issue.record("\(error)")
                }
            }
            let winners = made.withLock { $0 }
            #expect(winners.count == 1)
            #expect(refused.withLock { $0 } == 3)
            #expect(winners.first == (try KeyFile.open(at: path).databaseID))
        }
    }

    @Test func `what a killed writer left goes with the next change, and nothing else`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (_, root) = try KeyFile.create(
            at: path, slot: .recovery(try KeyFile.newRecoveryText()))
        for name in ["store.key.new-1f", "store.key.old", "other.key.new-1f"] {
            try Data([1]).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        _ = try KeyFile.changing(at: path) {
            var file = try KeyFile.open(at: path)
            return try file.addSlot(.passphrase([1, 2]), root: root, cost: .least)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                == ["other.key.new-1f", "store.key", "store.key.old"])
    }

    @Test func `used up numbers are told apart from a full file, and a new root has new ones`()
        throws
    {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["start", "second"] { try KeyFile.newSecretFile(at: "\(folder)/\(name)") }
        let start = KeyFile.Opener.file(folder + "/start")
        var (file, root) = try KeyFile.create(at: path, slot: start)
        var added = 0
        let fault = #expect(throws: KeyFault.self) {
            for _ in 0..<300 {
                let number = try file.addSlot(.file(folder + "/second"), root: root)
                added += 1
                try file.removeSlot(number, root: root)
            }
        }
        #expect(fault == .noMoreNumbers)
        #expect(added == 253)
        #expect(fault?.description.contains("rotate") == true)
        let successor = try root.successor()
        var next = try file.rewrapped(
            at: folder + "/next.key", for: successor, openers: [1: start])
        #expect(try next.addSlot(.file(folder + "/second"), root: successor) == 2)
        for _ in 2..<KeyFile.slotLimit {
            try next.addSlot(.file(folder + "/second"), root: successor)
        }
        #expect(throws: KeyFault.full) {
            try next.addSlot(.file(folder + "/second"), root: successor)
        }
    }

    @Test func `slots whose numbers would run out are numbered anew with the root`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["start", "second"] { try KeyFile.newSecretFile(at: "\(folder)/\(name)") }
        let (start, second) = (
            KeyFile.Opener.file(folder + "/start"), KeyFile.Opener.machine(folder + "/second")
        )
        var (file, root) = try KeyFile.create(at: path, slot: start)
        var last: UInt8 = 1
        while last < 230 {
            let number = try file.addSlot(second, root: root)
            if number < 230 { try file.removeSlot(number, root: root) }
            last = number
        }
        let successor = try root.successor()
        var next = try file.rewrapped(
            at: folder + "/next.key", for: successor, openers: [1: start, last: second])
        #expect(next.slots.map(\.number) == [1, 2])
        #expect(try next.opens(1, with: start))
        #expect(try next.opens(2, with: second))
        #expect(try next.addSlot(second, root: successor) == 3)
    }

    @Test func `a recovery key reads back as it was, with any byte changed it does not`() throws {
        var dice = SeededRandom()
        for _ in 0..<50 {
            let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let secret = try SecretBytes(count: 32) { $0.update(from: bytes, count: 32) }
            let text = try RecoveryText.text(of: secret)
            let back = try RecoveryText.key(of: text)
            #expect(memcmp(back.pointer, secret.pointer, 32) == 0, "seed \(dice.seed)")
            var wrong = Array(text)
            let place = Int.random(in: 0..<wrong.count, using: &dice)
            guard wrong[place] != "-" else { continue }
            wrong[place] = wrong[place] == "7" ? "8" : "7"
            #expect(throws: KeyFault.mistyped, "seed \(dice.seed), place \(place)") {
                try RecoveryText.key(of: String(wrong))
            }
        }
        for text in [
            "", "-", "7", String(repeating: "7", count: 55), String(repeating: "7", count: 400),
        ] {
            #expect(throws: KeyFault.mistyped) { try RecoveryText.key(of: text) }
        }
    }
}

@Suite struct PriorityTests {
    @Test(arguments: [Priority.spool, .copier, .drill])
    func `a thread in the background gives way, and only that thread`(_ priority: Priority) {
        let before = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        let taken = Mutex(false)
        let nice = Mutex<Int32>(0)
        let ended = DispatchSemaphore(value: 0)
        let thread = Thread {
            let wasTaken = priority.take()
            taken.withLock { $0 = wasTaken }
            nice.withLock { $0 = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
            ended.signal()
        }
        thread.start()
        ended.wait()
        #expect(taken.withLock { $0 })
        #expect(nice.withLock { $0 } == priority.rawValue)
        #expect(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) == before)
    }
}
