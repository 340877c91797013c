// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands
import Glibc

/// Errands to a folder on a server that speaks SFTP (draft-ietf-secsh-filexfer-02, which OpenSSH
/// and all others speak).
///
/// An object is written under a name that no object can have, looked at, and renamed: what has an
/// object's name is whole.
struct FolderWork {
    private let folder: ErrandTarget.RemoteFolder
    private let transfer: Transfer
    private let settings: CarriageSettings
    private let bytesPerSecond: Int64?
    /// The private key, in memory only.
    private let key: KeyFile?

    private final class KeyFile {
        let descriptor: Int32
        init(_ text: String) throws(CarriageFailure) {
            descriptor = try memoryFile(Array((text.hasSuffix("\n") ? text : text + "\n").utf8))
        }
        deinit { close(descriptor) }
    }

    init(
        _ folder: ErrandTarget.RemoteFolder, _ transfer: Transfer, _ settings: CarriageSettings,
        bytesPerSecond: Int64?
    ) throws(CarriageFailure) {
        self.folder = folder
        self.transfer = transfer
        self.settings = settings
        self.bytesPerSecond = bytesPerSecond
        if case .privateKey(let secret) = folder.credential {
            key = try KeyFile(secret.revealed)
        } else {
            key = nil
        }
    }

    func carryOut(_ work: Errand.Work) throws(CarriageFailure) -> Outcome.Answer {
        switch work {
        case .put(let object, let file, let size, let sha256):
            try put(
                try Source(file, size: size, sha256: sha256, folders: settings.folders),
                as: object.text)
            return .stored
        case .get(let object, let file, let size, let sha256):
            let partial = try PartialFile(file, folders: settings.folders)
            begin(path(object.text))
            transfer.flow.file = partial
            try transfer.perform()
            return try settle(partial, size: size, sha256: sha256)
        case .list(let prefix, let after, let limit):
            return try list(prefix, after: after, limit: limit)
        case .delete(let object):
            try remove(object.text)
            return .deleted
        case .probe:
            return try probe()
        case .message:
            throw .wrongTarget
        }
    }

    private func put(_ source: Source, as object: String) throws(CarriageFailure) {
        let whole = path(object)
        let draft = draftPath(object)
        begin(draft)
        // What a broken transfer left is removed, not written over: its end may still be on its
        // way to that file.
        transfer.set(CURLOPT_QUOTE, lines: ["*rm \(draft)"])
        transfer.set(CURLOPT_FTP_CREATE_MISSING_DIRS, Int(CURLFTP_CREATE_DIR.rawValue))
        transfer.set(CURLOPT_NEW_DIRECTORY_PERMS, 0o700)
        transfer.set(CURLOPT_NEW_FILE_PERMS, 0o600)
        transfer.upload(source)
        try transfer.perform()
        try expectSize(source.size, at: draft)
        // A rename of this version of the protocol does not replace; between the two commands
        // there is no object, which is never taken for a whole one.
        try command(["*rm \(whole)", "rename \(draft) \(whole)"])
        try expectSize(source.size, at: whole)
    }

    /// Asks for what lies behind the expected end: nothing, when the file has just that size.
    private func expectSize(_ size: Int64, at path: String) throws(CarriageFailure) {
        let wrong = CarriageFailure(
            .notVerified, "The target took the object but does not show what was sent.")
        begin(path)
        if size > 0 {
            transfer.set(CURLOPT_RESUME_FROM_LARGE, size: size)
        }
        do throws(CarriageFailure) {
            try transfer.perform()
        } catch {
            // "Offset was beyond file size" is the word for a file that is too short.
            throw error.reason == .broken && error.text.contains("beyond") ? wrong : error
        }
        guard transfer.objectSize <= 0, transfer.flow.memory.isEmpty else { throw wrong }
    }

    private func remove(_ object: String) throws(CarriageFailure) {
        do throws(CarriageFailure) {
            try command(["rm \(path(object))"])
        } catch {
            guard error.reason == .refused else { throw error }
            // The words of a failed command do not say enough: is it there at all?
            guard try exists(object) else { return }
            throw CarriageFailure(.accessDenied, "The object cannot be removed: \(error.text)")
        }
    }

    private func exists(_ object: String) throws(CarriageFailure) -> Bool {
        let pieces = object.split(separator: "/")
        let parent = pieces.dropLast().joined(separator: "/")
        do throws(CarriageFailure) {
            return try entries(of: parent).contains { $0.name == pieces.last.map(String.init) }
        } catch {
            guard error.reason == .objectMissing else { throw error }
            return false
        }
    }

    private func probe() throws(CarriageFailure) -> Outcome.Answer {
        try put(try Source(Carrier.probeBytes), as: Carrier.probeObject)
        begin(path(Carrier.probeObject))
        try transfer.perform()
        guard transfer.flow.memory == Carrier.probeBytes else {
            throw CarriageFailure(.notVerified, "The target gives back other bytes than it got.")
        }
        do throws(CarriageFailure) {
            try remove(Carrier.probeObject)
            return .probed(mayDelete: true)
        } catch {
            guard error.reason == .accessDenied else { throw error }
            return .probed(mayDelete: false)
        }
    }

    // MARK: Lists

    private func list(
        _ prefix: String, after: String?, limit: Int
    ) throws(CarriageFailure) -> Outcome.Answer {
        // Only folders that can hold such names are walked.
        let start = prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        var folders = [start.joined(separator: "/")]
        var found: [Outcome.Listed] = []
        var seen = 0
        while let next = folders.popLast() {
            for entry in try entries(under: next) {
                seen += 1
                guard seen <= ErrandLimit.walked else {
                    throw CarriageFailure(
                        .answerUnreadable, "The folder holds more than can be listed.")
                }
                let full = next.isEmpty ? entry.name : "\(next)/\(entry.name)"
                guard let name = try? ObjectName(full) else { continue }
                if entry.isFolder {
                    let isOnTheWay = full.hasPrefix(prefix) || prefix.hasPrefix(full + "/")
                    if isOnTheWay { folders.append(full) }
                } else if full.hasPrefix(prefix) {
                    found.append(Outcome.Listed(object: name, size: entry.size))
                }
            }
        }
        found.sort { $0.object < $1.object }
        if let after, let last = try? ObjectName(after) { found.removeAll { $0.object <= last } }
        let page = Array(found.prefix(limit))
        return .listed(page, next: found.count > limit ? page.last?.object.text : nil)
    }

    /// What a folder holds; a folder below the target's own that is not there holds nothing.
    private func entries(under name: String) throws(CarriageFailure) -> [FolderEntry] {
        do throws(CarriageFailure) {
            return try entries(of: name)
        } catch {
            guard error.reason == .objectMissing else { throw error }
            if name.isEmpty {
                throw CarriageFailure(
                    .placeMissing, "The folder \(folder.path) is not there.")
            }
            return []
        }
    }

    private func entries(of name: String) throws(CarriageFailure) -> [FolderEntry] {
        begin((name.isEmpty ? folder.path : path(name)) + "/")
        try transfer.perform()
        return try FolderEntry.all(in: transfer.flow.memory)
    }

    // MARK: Requests

    private func path(_ object: String) -> String { "\(folder.path)/\(object)" }

    /// Beside the object, with a point in front and `.part` behind.
    private func draftPath(_ object: String) -> String {
        var pieces = object.split(separator: "/").map(String.init)
        if let last = pieces.popLast() { pieces.append(".\(last).part") }
        return path(pieces.joined(separator: "/"))
    }

    /// Runs commands in the target's folder.
    private func command(_ lines: [String]) throws(CarriageFailure) {
        begin(folder.path + "/")
        transfer.set(CURLOPT_NOBODY, 1)
        transfer.set(CURLOPT_QUOTE, lines: lines)
        try transfer.perform()
    }

    private func begin(_ path: String) {
        transfer.begin("sftp://\(folder.host):\(folder.port)\(path)", protocols: "sftp")
        transfer.pin(folder.hostKeys)
        transfer.set(CURLOPT_USERNAME, folder.user)
        switch folder.credential {
        case .password(let secret):
            transfer.set(CURLOPT_SSH_AUTH_TYPES, Int(sluice_curl_ssh_password))
            transfer.set(CURLOPT_PASSWORD, secret.revealed)
        case .privateKey:
            transfer.set(CURLOPT_SSH_AUTH_TYPES, Int(sluice_curl_ssh_public_key))
            transfer.set(CURLOPT_SSH_PUBLIC_KEYFILE, "")
            transfer.set(
                CURLOPT_SSH_PRIVATE_KEYFILE, "/proc/self/fd/\(key.map(\.descriptor) ?? -1)")
        }
        if let bytesPerSecond {
            transfer.set(CURLOPT_MAX_SEND_SPEED_LARGE, size: bytesPerSecond)
            transfer.set(CURLOPT_MAX_RECV_SPEED_LARGE, size: bytesPerSecond)
        }
    }
}

/// A line of a folder's listing: `-rw------- 1 user group 1234 Nov 28 20:08 name`, the form that
/// the protocol recommends for its `longname`.
struct FolderEntry: Equatable {
    let name: String
    let size: Int64
    let isFolder: Bool

    /// Only plain files and folders; links and the like are passed over.
    static func all(in listing: [UInt8]) throws(CarriageFailure) -> [FolderEntry] {
        var entries: [FolderEntry] = []
        for line in listing.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(
                separator: UInt8(ascii: " "), maxSplits: 8, omittingEmptySubsequences: true)
            guard fields.count == 9, let kind = line.first,
                let size = Int64(String(decoding: fields[4], as: UTF8.self)), size >= 0
            else {
                throw CarriageFailure(.answerUnreadable, "The folder's listing cannot be read.")
            }
            guard kind == UInt8(ascii: "-") || kind == UInt8(ascii: "d") else { continue }
            let name = String(decoding: fields[8], as: UTF8.self).filter { $0 != "\r" }
            entries.append(
                FolderEntry(name: name, size: size, isFolder: kind == UInt8(ascii: "d")))
        }
        return entries
    }
}
