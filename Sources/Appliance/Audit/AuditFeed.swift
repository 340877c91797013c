// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Audit
import Clockwork
import Foundation
import Journal
import Kernel
import SealedStore
import Synchronization
import Web

/// Hands the journal on, in order and without a hole. How far it came is kept in the books, so it
/// goes on there after a restart; what was handed on and not noted, as at a power cut, comes again.
final class AuditFeed: Sendable {
    /// Entries handed on at once.
    static let batch = 256
    /// Seconds of rest after a round: a busy house makes one note a second of how far it came.
    private static let rest = 1.0
    /// Seconds until what failed is tried again.
    private static let pause = 30

    private let store: SealedStore
    private let plan: FeedPlan
    private let kinds: Set<String>
    private let bell = Bell()
    private let isStopping = Mutex(false)
    private let hasFailed = Mutex(false)

    init(store: SealedStore, plan: FeedPlan, kinds: [EventKind]) {
        self.store = store
        self.plan = plan
        self.kinds = Set(kinds.filter(\.isRefusal).map(\.name))
    }

    func start() {
        let thread = Thread { [self] in
            while !isStopping.withLock({ $0 }) {
                let isGood = handOn()
                Thread.sleep(forTimeInterval: Self.rest)
                bell.wait(seconds: isGood ? 3600 : Self.pause)
            }
        }
        thread.name = "audit-feed"
        thread.start()
    }

    func ring() { bell.ring() }

    func stop() {
        isStopping.withLock { $0 = true }
        bell.ring()
    }

    /// Hands on all that was not yet. Returns false when the other end did not take it.
    func handOn() -> Bool {
        let cursor = plan.cursor
        do {
            while !isStopping.withLock({ $0 }) {
                let entries = try store.read {
                    try $0.journal(after: try $0.journalCursor(of: cursor), limit: Self.batch)
                }
                guard let last = entries.last else { break }
                try deliver(entries)
                try store.write { try $0.moveJournalCursor(of: cursor, to: last.seq) }
            }
            hasFailed.withLock { $0 = false }
            return true
        } catch StoreFault.closed {
            return true
        } catch {
            // Once, until it works again: a full disk must not fill another one with lines.
            let isFirst = hasFailed.withLock { failed in
                defer { failed = true }
                return !failed
            }
            if isFirst { Log.write(.error, "audit feed: \(error); tried again every 30 s") }
            return false
        }
    }

    private func deliver(_ entries: [JournalEntry]) throws {
        let lines = try entries.map { entry in
            let isRefusal = kinds.contains(entry.kind)
            let view = try EntryView(entry, refused: isRefusal, showsOrigin: true)
            return FeedLine(
                at: entry.at, kind: entry.kind, isRefusal: isRefusal,
                json: try JSON(encoding: view).bytes())
        }
        switch plan {
        case .file(let path): try FeedFile.append(lines, to: path)
        case .syslog(let path): try SyslogSocket.send(lines, to: path)
        }
    }
}

/// One entry on its way out.
struct FeedLine: Sendable {
    let at: Instant
    let kind: String
    let isRefusal: Bool
    let json: [UInt8]
}

/// Why the other end did not take a line.
struct FeedFault: Error, CustomStringConvertible {
    let call: String
    let number: Int32

    init(_ call: String) {
        self.call = call
        number = errno
    }

    var description: String { "\(call): \(String(cString: strerror(number)))" }
}

/// The file of JSON Lines. It is opened for each batch, so it may be moved away at any time, as
/// logrotate does; the next batch makes a new one.
enum FeedFile {
    static func append(_ lines: [FeedLine], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw FeedFault("open \(path)") }
        defer { close(file) }
        let start = lseek(file, 0, SEEK_END)
        let bytes = lines.reduce(into: [UInt8]()) { $0 += $1.json + [0x0a] }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let fault = FeedFault("write \(path)")
                // Half a line would be taken for one; the whole batch comes again.
                _ = ftruncate(file, start)
                throw fault
            }
            sent += count
        }
        guard fdatasync(file) == 0 else { throw FeedFault("flush \(path)") }
    }
}
