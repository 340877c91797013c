// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Appliance
import Foundation
package import Kernel
import ModuleKit
package import Outbox
package import SealedStore
package import Trust
package import Web

/// A whole house on real files with a clock that stands still. Requests go through the API without
/// a socket; nothing of our own is replaced.
package final class TestHouse: Sendable {
    package let house: House
    package let clock: TestClock
    package let problems: ProblemWriter
    private let folder: TestFolder

    package var store: SealedStore { house.store }

    /// - Parameters:
    ///   - running: whether listeners and timers have their threads; most tests play them
    ///     by hand (`house.listeners.deliverAll()`, `house.timekeeper.run(job)`).
    ///   - hatch: where messages are handed to a courier; one that nobody serves by default.
    package init(
        running: Bool = false, clock: TestClock = TestClock(), desk: TrustDesk = .absent,
        hatch: Hatch = Hatch()
    ) throws {
        folder = try TestFolder()
        self.clock = clock
        problems = ProblemWriter(titles: { code, _ in code }, log: { _, _ in })
        house = try House(
            House.Plan(
                folder: folder.path + "/store", key: try RootKey.random(), clock: clock.now,
                problems: problems, hatch: hatch, desk: desk))
        try house.store.write { tx in
            try tx.setSite(Site(name: "Northbank", timeZone: "Asia/Shanghai"))
            // The site is set up by a person in a real house; here nobody is told.
            tx.markTold()
        }
        if running { try house.start() }
    }

    deinit { house.stop() }

    /// Somebody on the box itself, who may do everything.
    package static let root = Caller.system("test")

    /// Who sends a request.
    package enum Sender: Sendable {
        case guest
        /// Over the control socket: may do everything.
        case root
        case session(String)
        case device(String)
    }

    /// Sends a request through the API and waits for the answer.
    package func send(
        _ method: Web.Method, _ target: String, json: String? = nil, as sender: Sender = .root,
        headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> Answer {
        var fields = headers
        func has(_ name: String) -> Bool {
            headers.contains { $0.0.lowercased() == name.lowercased() }
        }
        fields.append(("Host", "box"))
        if json != nil, !has("content-type") { fields.append(("Content-Type", "application/json")) }
        if !method.isSafe, !has("idempotency-key") {
            fields.append(("Idempotency-Key", UUID().uuidString))
        }
        switch sender {
        case .guest, .root: break
        case .session(let cookie):
            fields.append(("Cookie", "sluice_session=\(cookie)"))
            fields.append(("Origin", "http://box"))
        case .device(let token): fields.append(("Authorization", "Bearer \(token)"))
        }
        let isRoot = if case .root = sender { true } else { false }
        let head = try RequestHead(
            method, target, headers: fields, peerUser: isRoot ? 0 : nil)
        let request = Request(head, body: body ?? json.map { Array($0.utf8) } ?? [])
        guard let response = house.api.answer(to: request, problems: problems) else {
            throw NoAnswer()
        }
        return Answer(response)
    }

    struct NoAnswer: Error {}
}

/// An answer of the API, as a test looks at it.
package struct Answer: Sendable {
    package let response: Response
    package var status: Int { response.status }
    package var text: String { String(decoding: response.bytes, as: UTF8.self) }
    /// The body as JSON, null when it is none.
    package let json: JSON
    /// The code of a problem document.
    package var code: String? { json["code"]?.text }

    package init(_ response: Response) {
        self.response = response
        json = (try? JSON(reading: response.bytes)) ?? .null
    }

    /// The session cookie that the answer hands out.
    package var session: String? {
        response.header("set-cookie").flatMap { field in
            field.split(separator: ";").first?.split(separator: "=").dropFirst().first.map(
                String.init)
        }
    }
}
