// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
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
