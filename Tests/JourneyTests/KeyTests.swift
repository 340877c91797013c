// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import TestKit
import Testing

@testable import Appliance
@testable import SealedStore

extension Journeys.KeyTests {
    /// A data folder with books that were closed.
    private func box(_ folder: TestFolder) throws -> String {
        let data = folder.path + "/box"
        let daemon = try Daemon(data: data)
        let shop = try Shop(daemon)
        try shop.receive(3, daemon)
        daemon.stop()
        return data
    }

    @Test func `a recovery key opens the store only after two groups were typed back`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let before = try KeyRing(data: data).slots().count
        let wrong = try Talk("sluicectl", ["key", "add", "recovery", "--data", data])
        _ = try groups(wrong)
        for _ in 0..<3 {
            try wrong.wait(for: ": ")
            wrong.answer("ZZZZZ")
        }
        #expect(wrong.end() == 1)
        #expect(try KeyRing(data: data).slots().count == before)
        let key = try addRecovery(data)
        let root = try KeyFile.open(at: "\(data)/keys/store.key").unlock(with: .recovery(key))
        #expect(root.databaseID == (try KeyRing(data: data).open()).databaseID)
        // It can do by itself what the machine can: here, make another way in.
        let talk = try Talk(
            "sluicectl", ["key", "add", "passphrase", "--with", "recovery", "--data", data])
        try talk.wait(for: "Recovery key: ")
        talk.answer(key)
        for question in ["New passphrase: ", "The same again: "] {
            try talk.wait(for: question)
            talk.answer("a barge full of apples")
        }
        #expect(talk.end() == 0, "\(talk.asked)")
        let status = try Programs.run("sluicectl", ["key", "status", "--data", data])
        #expect(status.0 == 0)
        for kind in ["keyFile", "recovery", "passphrase"] { #expect(status.1.contains(kind)) }
    }

    @Test func `the machine's credential opens the store at a start, and the file can go`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let credentials = folder.path + "/credentials"
        try FileManager.default.createDirectory(
            atPath: credentials, withIntermediateDirectories: true)
        try KeyFile.newSecretFile(at: credentials + "/sluice-key")
        let last = try Programs.run("sluicectl", ["key", "remove", "1", "--data", data])
        #expect(last.0 == 2)
        let added = try Programs.run(
            "sluicectl",
            ["key", "add", "machine", "--credential", credentials + "/sluice-key", "--data", data])
        #expect(added.0 == 0, "\(added.2)")
        let removed = try Talk(
            "sluicectl", ["key", "remove", "1", "--data", data],
            environment: ["CREDENTIALS_DIRECTORY": credentials])
        #expect(removed.end() == 0, "\(removed.asked)")
        #expect(!FileManager.default.fileExists(atPath: "\(data)/keys/unattended.key"))
        #expect(try KeyRing(data: data).slots().map(\.kind) == [.machine])
        // Without the credential nothing starts; with it everything is there.
        #expect(throws: Daemon.Silent.self) { try Daemon(data: data) }
        let daemon = try Daemon(data: data, environment: ["CREDENTIALS_DIRECTORY": credentials])
        #expect(try verification(daemon).ok)
        #expect(daemon.stop() == 0)
    }

    @Test func `a first start with a credential makes no key file beside it`() throws {
        let folder = try TestFolder()
        let credentials = folder.path + "/credentials"
        try FileManager.default.createDirectory(
            atPath: credentials, withIntermediateDirectories: true)
        try Data((0..<200).map { UInt8($0) }).write(
            to: URL(fileURLWithPath: credentials + "/sluice-key"))
        chmod(credentials + "/sluice-key", 0o440)
        let data = folder.path + "/box"
        for _ in 0..<2 {
            let daemon = try Daemon(
                data: data, environment: ["CREDENTIALS_DIRECTORY": credentials])
            #expect(daemon.stop() == 0)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(data)/keys")
        #expect(files == ["store.key"])
    }

    @Test func `no byte of a key stands in a file, an argument, an environment or a log`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let recovery = try addRecovery(data)
        let daemon = try Daemon(data: data)
        let answer = try daemon.control().ask(
            "POST", "/api/v1/devices", json: #"{"name":"Dock 2"}"#)
        #expect(answer.status == 201)
        let root = try KeyFile.open(at: "\(data)/keys/store.key").unlock(with: .recovery(recovery))
        func bytes(_ secret: SecretBytes) -> [UInt8] {
            Array(UnsafeBufferPointer(start: secret.pointer, count: secret.count))
        }
        var secrets = [bytes(root.secret), bytes(try RecoveryText.key(of: recovery))]
        let subkeys: [StaticString] = [
            "sl.pages", "sl.frame", "sl.check", "sl.kfile", "sl.ptags", "sl.gener",
        ]
        for name in subkeys { secrets.append(bytes(try root.subkey(name))) }
        secrets.append(
            Array(try Data(contentsOf: URL(fileURLWithPath: "\(data)/keys/unattended.key"))))
        // Half a key is as bad as a whole one, so each half is looked for in each form.
        var forms: [Data] = [Data(recovery.utf8), Data(recovery.dropFirst(5).utf8)]
        for secret in secrets {
            for half in [secret.prefix(16), secret.suffix(16)] {
                let hex = hexadecimal(Array(half))
                forms += [Data(half), Data(hex.utf8), Data(hex.uppercased().utf8)]
            }
            // Of base64 the first 20 characters are those of the first 15 bytes.
            forms.append(Data(Data(secret).base64EncodedString().prefix(20).utf8))
        }
        func hits(_ found: Data) -> Int { forms.count { found.range(of: $0) != nil } }
        func search(_ when: String) throws {
            let files = try #require(FileManager.default.enumerator(atPath: folder.path))
            var searched = 0
            for case let file as String in files where !file.hasSuffix("unattended.key") {
                guard let found = FileManager.default.contents(atPath: "\(folder.path)/\(file)")
                else { continue }
                searched += 1
                #expect(hits(found) == 0, "\(when): \(file)")
            }
            #expect(searched >= 5)
        }
        for name in ["environ", "cmdline"] {
            let path = "/proc/\(daemon.processID)/\(name)"
            guard let found = FileManager.default.contents(atPath: path) else {
                // The daemon cannot be dumped, hence only root reads what it was started with.
                #expect(geteuid() != 0 && name == "environ")
                continue
            }
            #expect(hits(found) == 0, "\(name)")
        }
        try search("running")
        daemon.stop()
        try search("stopped")
        // The search finds what is there.
        #expect(hits(Data([1] + secrets[0] + [2])) == 2)
        #expect(hits(Data(secrets[3]).base64EncodedData()) == 1)
        #expect(
            hits(try Data(contentsOf: URL(fileURLWithPath: "\(data)/keys/unattended.key"))) == 2)
    }

    @Test func `of keys that are added at the same time each opens the store`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let talks = try (0..<4).map { index in
            let talk = try Talk("sluicectl", ["key", "add", "passphrase", "--data", data])
            try talk.wait(for: "New passphrase: ")
            talk.answer("barge number \(index) of four")
            return talk
        }
        for (index, talk) in talks.enumerated() { talk.answer("barge number \(index) of four") }
        for talk in talks { #expect(talk.end() == 0, "\(talk.asked)") }
        let file = try KeyFile.open(at: "\(data)/keys/store.key")
        #expect(file.slots.count == 5)
        for index in 0..<4 {
            _ = try file.unlock(with: .passphrase(Array("barge number \(index) of four".utf8)))
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(data)/keys").sorted()
                == ["store.key", "unattended.key"])
    }

    @Test func `the only slot that starts the daemon now is not removed`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let credential = folder.path + "/sluice-key"
        try KeyFile.newSecretFile(at: credential)
        #expect(
            try Programs.run(
                "sluicectl", ["key", "add", "machine", "--credential", credential, "--data", data]
            ).0 == 0)
        // The credential is not handed to anybody, so the daemon would not have it either.
        let removed = try Programs.run("sluicectl", ["key", "remove", "1", "--data", data])
        #expect(removed.0 == 2 && removed.2.contains("could not start"), "\(removed.2)")
        #expect(try KeyRing(data: data).slots().map(\.kind) == [.keyFile, .machine])
        #expect(try Daemon(data: data).stop() == 0)
        // The one that does not open can go.
        #expect(try Programs.run("sluicectl", ["key", "remove", "2", "--data", data]).0 == 0)
        #expect(try Daemon(data: data).stop() == 0)
    }

    @Test func `with the recovery key a lost file for starts is made anew`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let recovery = try addRecovery(data)
        let path = "\(data)/keys/unattended.key"
        let first = try Programs.run("sluicectl", ["key", "add", "file", "--data", data])
        #expect(first.0 == 2 && first.2.contains("nothing was changed"), "\(first.2)")
        let damages: [() throws -> Void] = [
            { try FileManager.default.removeItem(atPath: path) },
            { try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path)) },
            { try Data(randomBytes(32)).write(to: URL(fileURLWithPath: path)) },
        ]
        for damage in damages {
            try damage()
            chmod(path, 0o600)
            let silence = #expect(throws: Daemon.Silent.self) { try Daemon(data: data) }
            #expect(silence?.description.contains("key add file --with recovery") == true)
            let talk = try Talk(
                "sluicectl", ["key", "add", "file", "--with", "recovery", "--data", data])
            try talk.wait(for: "Recovery key: ")
            talk.answer(recovery)
            #expect(talk.end() == 0, "\(talk.asked)")
            let daemon = try Daemon(data: data)
            #expect(try verification(daemon).ok)
            #expect(daemon.stop() == 0)
            #expect(try KeyRing(data: data).slots().count(where: { $0.kind == .keyFile }) == 1)
        }
    }

    @Test func `a slot whose file is lost can be dropped with a new key`() throws {
        let folder = try TestFolder()
        let data = try box(folder)
        let credential = folder.path + "/sluice-key"
        try KeyFile.newSecretFile(at: credential)
        let ring = KeyRing(data: data, credential: credential)
        let number = try ring.add(.machine(credential))
        try FileManager.default.removeItem(atPath: "\(data)/keys/unattended.key")
        #expect(throws: KeyFault.slotNotGiven(1)) { try ring.rotate(given: [:], by: "test") }
        let outcome = try ring.rotate(given: [:], dropping: [1], by: "test")
        #expect(outcome.epoch == 2 && outcome.slots == [number])
        #expect(try ring.openExisting().epoch == 2)
    }

    @Test func `a restore asks for the recovery key where the file for starts is lost`() throws {
        let folder = try TestFolder()
        let (data, shelf) = (folder.path + "/box", folder.path + "/shelf")
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        let first = try Daemon(data: data)
        _ = try first.setUp()
        let recovery = try addRecovery(data)
        let shop = try Shop(first)
        try shop.receive(7, first)
        let socket = ["--socket", first.socket]
        for words in [["backup", "add", "shelf", shelf], ["backup", "run"]] {
            let done = try Programs.run("sluicectl", words + socket)
            #expect(done.0 == 0, "\(done.2)")
        }
        first.stop()
        try FileManager.default.removeItem(atPath: "\(data)/keys/unattended.key")
        func says(_ words: [String]) throws {
            let talk = try Talk("sluicectl", words + ["--data", data])
            try talk.wait(for: "Recovery key")
            talk.answer(recovery)
            #expect(talk.end() == 0, "\(talk.asked)")
        }
        try says(["restore", "--from", shelf])
        try says(["key", "add", "file", "--with", "recovery"])
        let second = try Daemon(data: data)
        #expect(try shop.level(second) == 7)
        #expect(second.stop() == 0)
    }
}
