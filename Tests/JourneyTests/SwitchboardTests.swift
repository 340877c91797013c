// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import TestKit
import Testing

@testable import Appliance
@testable import Web

/// Requests that come while one house takes the place of another.
@Suite struct SwitchboardTests {
    private final class Awaited: ReplyTarget, @unchecked Sendable {  // `lock` guards `response`.
        private let lock = NSLock()
        private var response: Response?

        func deliver(_ response: Response) { lock.withLock { self.response = response } }
        var status: Int? { lock.withLock { response?.status } }
    }

    private let house: TestHouse
    private let switchboard = Switchboard()

    init() throws {
        house = try TestHouse()
        switchboard.connect(house.house)
    }

    private func ask(_ path: String = "/health/live") throws -> Awaited {
        let head = try RequestHead(.get, path, headers: [("Host", "box")])
        let awaited = Awaited()
        switchboard.handle(
            Request(head, body: []), Reply(head: head, problems: house.problems, target: awaited))
        return awaited
    }

    @Test func `requests wait for the house to come, and are served by it`() throws {
        #expect(try ask().status == 200)
        _ = switchboard.disconnect(forAnother: true)
        let waiting = try (0..<3).map { _ in try ask() }
        #expect(waiting.allSatisfy { $0.status == nil })
        switchboard.connect(house.house)
        #expect(waiting.map(\.status) == [200, 200, 200])
        #expect(try ask().status == 200)
    }

    @Test func `so many wait and no more, and all are told when no house comes`() throws {
        _ = switchboard.disconnect(forAnother: true)
        let waiting = try (0..<Switchboard.waitingMost).map { _ in try ask() }
        #expect(try ask().status == 503)
        #expect(waiting.allSatisfy { $0.status == nil })
        _ = switchboard.disconnect()
        #expect(waiting.allSatisfy { $0.status == 503 })
        #expect(try ask().status == 503)
    }

    @Test func `paths and limits are those of the house before while another one is to come`()
        throws
    {
        let path = ["api", "v1", "scans"]
        let methods = switchboard.methods(at: path)
        #expect(!methods.isEmpty)
        _ = switchboard.disconnect(forAnother: true)
        #expect(switchboard.methods(at: path) == methods)
    }
}
