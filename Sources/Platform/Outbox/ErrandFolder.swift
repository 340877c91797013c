// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Glibc
import Secrets

/// The two folders through which files go to the courier (`out`) and come from it (`in`).
///
/// The files live as long as somebody waits for their errand; what a crash left is removed when
/// the folders are made.
package struct ErrandFolder: Sendable {
    private let path: String
    private var out: String { path + "/out" }
    private var inbox: String { path + "/in" }
    private static let beginning = "call-"

    /// - Parameter path: full path of the folder that both lie in.
    package init(_ path: String) { self.path = path }

    /// Makes the folders where they are missing, and removes what was left behind.
    ///
    /// - Throws: `CarryFault.file`.
    package func make() throws(CarryFault) {
        for folder in [path, out, inbox] where mkdir(folder, 0o700) != 0 && errno != EEXIST {
            throw Self.failure("make \(folder)")
        }
        for folder in [out, inbox] {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            for name in names where name.hasPrefix(Self.beginning) { unlink("\(folder)/\(name)") }
        }
    }

    /// Runs `body` with the path of a file that holds `bytes` and goes away afterwards.
    func with<T>(
        _ bytes: [UInt8], _ body: (String) throws(CarryFault) -> T
    ) throws(CarryFault) -> T {
        let file = "\(out)/\(Self.beginning)\(Random.text(26))"
        defer { unlink(file) }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw Self.failure("make \(file)") }
        defer { close(descriptor) }
        // The courier reads it by its group, whatever the mask of this process says.
        fchmod(descriptor, 0o640)
        var owner = stat()
        if getuid() == 0, stat(out, &owner) == 0 { fchown(descriptor, owner.st_uid, owner.st_gid) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write \(file)") }
            sent += count
        }
        return try body(file)
    }

    /// Runs `body` with the path of a file that the courier is to write, and returns what it wrote.
    ///
    /// - Parameter most: bytes that are read at most.
    func fetch(
        most: Int, _ body: (String) throws(CarryFault) -> Void
    ) throws(CarryFault) -> [UInt8] {
        let file = "\(inbox)/\(Self.beginning)\(Random.text(26))"
        defer { unlink(file) }
        try body(file)
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Self.failure("open \(file)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            (0...most).contains(Int(status.st_size))
        else { throw .file("\(file) is no file of at most \(most) bytes") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("read \(file)") }
            done += count
        }
        return bytes
    }

    private static func failure(_ call: String) -> CarryFault {
        .file("\(call): \(String(cString: strerror(errno)))")
    }
}
