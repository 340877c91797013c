// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Kernel
import Synchronization
import Testing

@testable import SealedStore

/// A folder as a target: what is ours in it, which folder it is, and one that does not answer.
struct FolderTargetTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "folder-target-" + UUID().uuidString
        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static let chain = "0006500f1a2b3c4d01020304"
    private static let number = "00000000000000ff"

    @Test(arguments: [
        ("packs/\(chain)-\(number)-\(number)", true),
        ("snapshots/\(chain)-\(number)/manifest", true),
        ("snapshots/\(chain)-\(number)/0000000a", true),
        ("packs/shipping-labels.pdf", false),
        ("packs/\(chain)-\(number)", false),
        ("packs/\(chain)-\(number)-\(number)-\(number)", false),
        ("packs/\(chain)-\(number)-\(number).new", false),
        ("packs/\(chain)-\(number)-\(number)/0000000a", false),
        ("packs/\(chain.dropLast())-\(number)-\(number)", false),
        ("packs/\(chain)-\(number)-\(number.dropLast())g", false),
        ("snapshots/family-photos.tar", false),
        ("snapshots/2025/january.tar", false),
        ("snapshots/\(chain)-\(number)/manifest2", false),
        ("snapshots/\(chain)-\(number)/000a", false),
        ("snapshots/\(chain)-\(number)", false),
        ("index", false), ("", false), ("/", false), ("packs/", false),
    ])
    func `only names of exactly our form are ours`(_ name: String, _ isOurs: Bool) {
        #expect(BackupObject.isOurs(name) == isOurs)
    }

    @Test func `what a real backup holds is all ours`() throws {
        let backed = try BackedUp()
        let store = try backed.open()
        defer { store.close() }
        try backed.takeSnapshot(store)
        try backed.change(store)
        try backed.ship(store)
        let names = try (backed.target.list("packs/") + backed.target.list("snapshots/")).map(
            \.name)
        #expect(names.count >= 3)
        for name in names { #expect(BackupObject.isOurs(name), "\(name)") }
    }

    @Test func `a pipe in the place of an object is a fault and holds nobody`() throws {
        let folder = try Folder()
        #expect(mkfifo(folder.path + "/index", 0o600) == 0)
        let target = try FolderTarget(folder.path)
        #expect(throws: BackupFault.self) { try target.get("index") }
        try FileManager.default.createDirectory(
            atPath: folder.path + "/keys", withIntermediateDirectories: true)
        #expect(throws: BackupFault.self) { try target.get("keys") }
    }

    @Test func `a folder is the same by another path and through a link`() throws {
        let (one, other) = (try Folder(), try Folder())
        let link = other.path + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: one.path)
        let identity = try FolderTarget(one.path).identity()
        #expect(try FolderTarget(one.path + "/").identity() == identity)
        #expect(try FolderTarget(link).identity() == identity)
        #expect(try FolderTarget(other.path).identity() != identity)
        #expect(throws: BackupFault.self) { try FolderTarget(one.path + "/none").identity() }
        #expect(try FolderTarget(link).isWithin(one.path))
        #expect(try !FolderTarget(one.path).isWithin(one.path + "/none"))
        #expect(try !FolderTarget(other.path).isWithin(one.path))
        #expect(try FolderTarget("/").isRoot && !FolderTarget(one.path).isRoot)
        // A name that merely begins like another one is another folder.
        #expect(try !FolderTarget(one.path).isWithin(String(one.path.dropLast())))
    }

    @Test func `who waits for a folder that hangs is let go, and nobody waits for it again`() throws
    {
        let patience = Patience()
        let gate = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        #expect(throws: BackupFault.silent("/hangs")) {
            try patience.wait(for: "/hangs", seconds: 0) {
                gate.wait()
                ended.signal()
            }
        }
        let ran = Mutex(false)
        #expect(throws: BackupFault.silent("/hangs")) {
            try patience.wait(for: "/hangs", seconds: 60) { ran.withLock { $0 = true } }
        }
        #expect(!ran.withLock { $0 })
        // Other folders have nothing to do with it.
        #expect(try patience.wait(for: "/other", seconds: 60) { 7 } == 7)
        gate.signal()
        ended.wait()
        // Once it came back it is asked again; that it came back is known a moment later.
        var answer: Int?
        for _ in 0..<10_000 where answer == nil {
            answer = try? patience.wait(for: "/hangs", seconds: 60) { 8 }
            if answer == nil { sched_yield() }
        }
        #expect(answer == 8)
        #expect(throws: BackupFault.missing("x")) {
            try patience.wait(for: "/other", seconds: 60) { throw BackupFault.missing("x") }
        }
    }
}
