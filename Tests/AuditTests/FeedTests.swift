// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import SealedStore
import TestKit
import Testing
import Web

@testable import Appliance
@testable import Audit
@testable import Journal

@Suite struct FeedTests {
    private let kinds = AuditEvent.all

    private func lines(_ path: String) throws -> [JSON] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { try JSON(reading: Array($0.utf8)) }
    }

    @Test func `every entry comes once, in order, also after a restart and a file moved away`()
        throws
    {
        let house = try TestHouse()
        let folder = try TestFolder()
        let path = folder.path + "/journal.jsonl"
        try house.bin("A-01")
        let plan = FeedPlan.file(path)
        #expect(AuditFeed(store: house.store, plan: plan, kinds: kinds).handOn())
        let first = try lines(path).count
        #expect(first > 0)
        try house.bin("A-02")
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        // Another feed of the same kind, as after a restart.
        #expect(AuditFeed(store: house.store, plan: plan, kinds: kinds).handOn())
        let all = try lines(path + ".1") + lines(path)
        let head = try house.head()
        #expect(all.compactMap { $0["seq"]?.integer } == Array(1...head))
        #expect(all.allSatisfy { $0["hash"]?.text?.count == 64 })
    }

    @Test func `what cannot be handed on stays and comes later`() throws {
        let house = try TestHouse()
        let folder = try TestFolder()
        try house.bin("A-01")
        let path = folder.path + "/gone/journal.jsonl"
        let feed = AuditFeed(store: house.store, plan: .file(path), kinds: kinds)
        #expect(!feed.handOn())
        #expect(try house.store.read { try $0.journalCursor(of: "feed.file") } == 0)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/gone", withIntermediateDirectories: true)
        #expect(feed.handOn())
        #expect(Int64(try lines(path).count) == (try house.head()))
    }

    @Test func `the system's log gets messages of RFC 5424`() throws {
        let house = try TestHouse()
        let folder = try TestFolder()
        let path = folder.path + "/log"
        let log = try LogSocket(path)
        try house.bin("A-01")
        #expect(AuditFeed(store: house.store, plan: .syslog(path), kinds: kinds).handOn())
        let message = try #require(log.next())
        #expect(message.hasPrefix("<109>1 2026-11-23T02:00:00"))
        #expect(message.contains(" - sluiced "))
        #expect(message.contains(" stock.warehouse_added - {"))
        let json = try #require(message.firstIndex(of: "{"))
        #expect(try JSON(reading: Array(message[json...].utf8))["seq"]?.integer == 1)
    }

    @Test func `a log that is not there is told by name and number`() throws {
        let line = FeedLine(at: TestClock.monday, kind: "a.b", isRefusal: true, json: [0x7b, 0x7d])
        #expect(throws: FeedFault.self) { try SyslogSocket.send([line], to: "/nowhere/log") }
        #expect(throws: FeedFault.self) {
            try SyslogSocket.send([line], to: String(repeating: "x", count: 300))
        }
        let long = FeedLine(
            at: TestClock.monday, kind: "a.b", isRefusal: true,
            json: [UInt8](repeating: 0x61, count: 20_000))
        #expect(SyslogSocket.message(long).count == SyslogSocket.datagramMost)
        #expect(String(decoding: SyslogSocket.message(line), as: UTF8.self).hasPrefix("<108>1 "))
    }

    @Test(arguments: ["", "file:", "file:relative", "syslog:relative", "tcp:1.2.3.4", "/x"])
    func `what is no feed is refused`(_ text: String) {
        #expect(FeedPlan(text) == nil)
    }

    @Test func `feeds are read`() {
        #expect(FeedPlan("file:/var/log/j") == .file("/var/log/j"))
        #expect(FeedPlan("syslog") == .syslog("/dev/log"))
        #expect(FeedPlan("syslog:/run/s") == .syslog("/run/s"))
    }
}

/// A socket like the one of the system's log.
private final class LogSocket {
    private let socket: Int32

    init(_ path: String) throws {
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
        }
        try #require(result == 0)
    }

    func next() -> String? {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = recv(socket, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    deinit { close(socket) }
}
