// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Foundation
import Kernel
import SealedStore
import Synchronization
import TestKit
import Trust
import Web

@testable import Appliance

/// The whole house as the appliance opens it, practice books and all, without a socket. What the
/// house would write to its log is kept, so that a test can say what was behind a 500.
final class Probe: Sendable {
    let house: House
    private let folder: TestFolder
    private let shelves: TestFolder
    private let switchboard: Switchboard
    private let problems: ProblemWriter
    private let remarks: Log

    /// What was logged.
    private final class Log: Sendable {
        let lines = Mutex<[String]>([])
    }

    init() throws {
        let folder = try TestFolder()
        let remarks = Log()
        problems = ProblemWriter(
            titles: { code, _ in code },
            log: { request, inside in
                remarks.lines.withLock { $0.append("\(request): \(inside)") }
            })
        self.folder = folder
        self.remarks = remarks
        let screens = try TestFolder()
        switchboard = Switchboard()
        let desk = TrustDesk(isServing: true) {
            BoxNames(hosts: [CompanyCertificate.name], addresses: [[192, 168, 1, 5]])
        }
        let practice = Practice(
            data: folder.path, key: try RootKey.random(), problems: problems,
            screens: try StaticFiles(folder: screens.path), switchboard: switchboard,
            backup: BackupPlan(
                spool: folder.path + "/spool", keyFile: folder.path + "/keys/store.key"),
            desk: desk,
            opened: { house in
                try house.store.write {
                    _ = try keepCertificate(desk, by: .system("start"), in: $0)
                }
            })
        shelves = try TestFolder()
        for name in ["shelf", "other"] {
            try FileManager.default.createDirectory(
                atPath: "\(shelves.path)/\(name)", withIntermediateDirectories: true)
        }
        house = try practice.openHouse()
        switchboard.connect(house)
    }

    deinit { switchboard.disconnect()?.stop() }

    var store: SealedStore { house.store }
    /// Folders that can keep backups.
    var shelf: String { shelves.path + "/shelf" }
    var otherShelf: String { shelves.path + "/other" }
    var endpoints: [Endpoint] { house.api.endpoints }
    var inside: [String] { remarks.lines.withLock { $0 } }

    /// Who sends.
    enum Sender: Sendable, Hashable {
        case guest
        /// Over the control socket: may do everything.
        case root
        case session(String)
        case device(String)
    }

    func send(_ call: Call, as sender: Sender = .root) throws -> Reply {
        var headers = call.headers + [("Host", "box")]
        if let type = call.mediaType { headers.append(("Content-Type", type)) }
        switch sender {
        case .guest, .root: break
        case .session(let token):
            headers.append(("Cookie", "sluice_session=\(token)"))
            if !call.headers.contains(where: { $0.0 == "Origin" }) {
                headers.append(("Origin", "http://box"))
            }
        case .device(let token): headers.append(("Authorization", "Bearer \(token)"))
        }
        let head: RequestHead
        do {
            head = try RequestHead(
                call.method, call.target, headers: headers, peerUser: sender == .root ? 0 : nil)
        } catch {
            // What the server refuses before it looks for an endpoint.
            return Reply(problems.response(for: error, requestID: "0", language: .en))
        }
        let request = Request(head, body: call.body)
        guard let response = house.api.answer(to: request, problems: problems) else {
            throw NoReply(call: call.name)
        }
        return Reply(response)
    }

    struct NoReply: Error { let call: String }

    /// An answer, as these tests look at it.
    struct Reply {
        let response: Response
        let json: JSON
        var status: Int { response.status }
        var code: String { json["code"]?.text ?? "" }

        init(_ response: Response) {
            self.response = response
            json = (try? JSON(reading: response.bytes)) ?? .null
        }
    }

    /// Rows that move by themselves: the run log, and how far listeners have read.
    private static let restless: Set = ["clock_job", "journal_cursor"]

    /// What all tables hold, but for what moves by itself.
    func hashes() throws -> [TableHash] {
        try store.tableHashes().filter { !Self.restless.contains($0.table) }
    }
}

/// A request to be.
struct Call: Sendable {
    var method: Web.Method
    var path: String
    var query: [(String, String)] = []
    var headers: [(String, String)] = []
    var mediaType: String?
    var body: [UInt8] = []
    /// What this call is a case of.
    var name = ""

    init(_ method: Web.Method, _ path: String, json: String? = nil) {
        self.method = method
        self.path = path
        if let json {
            mediaType = "application/json"
            body = Array(json.utf8)
        }
    }

    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?"
            + query.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }.joined(separator: "&")
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    /// The same with a key of its own.
    func keyed(_ key: String = UUID().uuidString) -> Call {
        var call = without("Idempotency-Key")
        call.headers.append(("Idempotency-Key", key))
        return call
    }

    func without(_ header: String) -> Call {
        var call = self
        call.headers.removeAll { $0.0 == header }
        return call
    }

    func with(_ header: String, _ value: String) -> Call {
        var call = without(header)
        call.headers.append((header, value))
        return call
    }

    func with(_ body: JSON, _ name: String) -> Call {
        var call = self
        call.body = body.bytes()
        call.name = name
        return call
    }

    func named(_ name: String) -> Call {
        var call = self
        call.name = name
        return call
    }
}
