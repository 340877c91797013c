// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Backup
package import Errands
import Foundation
import Glibc
package import Outbox
package import SealedStore
import Web

/// A courier of our own for as long as a command runs, where no daemon hands out errands: a child
/// that takes them as lines from us. It has no keys either, and where we are root it is not.
package final class CourierChild: ErrandRunner, @unchecked Sendable {  // See `lock`.
    /// Held for the whole of an errand: one at a time, and nothing changes without it.
    private let lock = NSLock()
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer: [UInt8] = []
    private var number: Int64 = 0
    private let folder: String

    /// Folder of its files.
    package let files: ErrandFolder

    /// The user that it runs as when we are root.
    private static let user = "sluice-courier"
    private static let setpriv = "/usr/bin/setpriv"

    /// - Parameter program: path of `sluice-courier`; nil looks beside this program and where the
    ///   package puts it.
    /// - Throws: `CarryFault.file`.
    package init(program: String? = nil) throws(CarryFault) {
        var path = Array("/tmp/sluice-courier-XXXXXX".utf8CString)
        guard mkdtemp(&path) != nil else {
            throw .file("make a folder in /tmp: \(String(cString: strerror(errno)))")
        }
        folder = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        files = ErrandFolder(folder)
        try files.make()
        let courier = program ?? Self.program
        var words = [courier, "--once", "--folder", folder]
        if getuid() == 0, let user = getpwnam(Self.user) {
            let (id, group) = (user.pointee.pw_uid, user.pointee.pw_gid)
            for one in [folder, "\(folder)/out", "\(folder)/in"] { chown(one, id, group) }
            words =
                [
                    Self.setpriv, "--reuid", "\(id)", "--regid", "\(group)", "--clear-groups",
                    "--no-new-privs", "--",
                ] + words
        }
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = ["SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/sbin:/usr/bin"]
        process.standardInput = input
        process.standardOutput = output
        do {
            // A child that ends early is an error of its errand, not the end of this program.
            signal(SIGPIPE, SIG_IGN)
            try process.run()
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw .file("start \(courier): \(error.localizedDescription)")
        }
    }

    deinit {
        try? input.fileHandleForWriting.close()
        if process.isRunning { process.terminate() }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private static var program: String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let beside = own.map { ($0 as NSString).deletingLastPathComponent + "/sluice-courier" }
        return [beside, "/usr/sbin/sluice-courier"].compactMap { $0 }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? "/usr/sbin/sluice-courier"
    }

    package func carry(_ errand: Errand, within seconds: Int) throws(CarryFault) -> Outcome.Answer {
        lock.lock()
        defer { lock.unlock() }
        guard process.isRunning else { throw .courierAway }
        number += 1
        let line = NumberedErrand(id: number, errand: errand).json.bytes() + Array("\n".utf8)
        do {
            try input.fileHandleForWriting.write(contentsOf: Data(line))
        } catch {
            throw .courierAway
        }
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            guard let line = try answer(until: end, seconds) else { throw .courierAway }
            guard let report = try? ErrandReport(reading: line) else {
                throw .undone(.answerUnreadable, text: "The courier's answer cannot be read.")
            }
            // The answer to one that was given up comes late.
            guard report.id == number || report.id == 0 else { continue }
            switch report.outcome {
            case .done(let answer): return answer
            case .undone(let reason, let text): throw .undone(reason, text: text)
            }
        }
    }

    /// The next line that it says; nil when it has ended.
    private func answer(
        until end: ContinuousClock.Instant, _ seconds: Int
    ) throws(CarryFault) -> [UInt8]? {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[..<newline])
                buffer.removeFirst(newline + 1)
                return line
            }
            guard buffer.count <= ErrandLimit.reportBytes else {
                throw .undone(.answerUnreadable, text: "The courier's answer has no end.")
            }
            let left = ContinuousClock.now.duration(to: end).components.seconds
            guard left >= 0 else { throw .tookTooLong(seconds: seconds) }
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let found = poll(&event, 1, Int32(clamping: left * 1000 + 1))
            if found < 0, errno == EINTR { continue }
            guard found > 0 else { throw .tookTooLong(seconds: seconds) }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            buffer += chunk[..<count]
        }
    }
}

/// Brings what was captured to all targets while no daemon runs, and says what could not be brought.
package func bringLastCommits(of store: SealedStore, say: (String) -> Void) {
    say("bringing what was captured to the backups")
    let child = try? CourierChild()
    let nobody = Hatch()
    nobody.stop()
    let faults = bringEverything(
        from: store, by: child ?? nobody, through: child?.files ?? ErrandFolder("/nonexistent"))
    for fault in faults {
        say(
            "not brought: \(fault) The books have everything; single moments since the last "
                + "shipment cannot be brought back from there.")
    }
}
