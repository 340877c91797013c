// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import CSodium
import Kernel
import Outbox
import SealedStore
import Secrets
import TestKit
import Testing
import Web

@testable import Access

/// A password that the rules accept, and its hash, which takes long enough to make it once only.
let goodPassword = "harbour crane nine"
let goodHash = try? hashed(goodPassword, unlike: [])

/// A house with its first administrator.
struct Door {
    let house: TestHouse
    var clock: TestClock { house.clock }

    /// - Parameter hatch: where messages go; nobody serves it by default.
    init(hatch: Hatch = Hatch()) throws {
        house = try TestHouse(hatch: hatch)
        _ = try person("Lin", .owner)
    }

    /// Adds somebody with the good password.
    func person(_ name: String, _ role: ShippedRole?) throws -> ID<User> {
        let hash = try #require(goodHash)
        let id = try house.store.write { tx in
            try addUser(
                name: name, password: hash, language: .en, by: TestHouse.root, in: tx
            ).id
        }
        if let role { try grant(role, to: id) }
        return id
    }

    /// Gives somebody a role for all rows.
    func grant(_ role: ShippedRole, to id: ID<User>) throws {
        let table = table
        _ = try house.store.write { tx in
            try give(
                GrantDraft(user: id, role: Role(role)), accepting: true, table,
                by: TestHouse.root, in: tx)
        }
    }

    /// Asks for a grant over the API; `more` are further fields of the request.
    func ask(
        _ user: ID<User>, _ role: String, _ more: String = "", as sender: TestHouse.Sender
    ) throws -> Answer {
        try house.send(
            .post, "/api/v1/grants", json: #"{"user":"\#(user)","role":"\#(role)"\#(more)}"#,
            as: sender)
    }

    var table: RoleTable { house.house.gate.roles }

    /// Ends all grants of somebody.
    func strip(_ id: ID<User>) throws -> Answer {
        let grants = try house.send(.get, "/api/v1/grants?user=\(id)&state=active").json["items"]
        let first = grants?[0]?["id"]?.text ?? "grt-0"
        return try house.send(.post, "/api/v1/grants/\(first)/end", json: "{}")
    }

    func signIn(_ name: String, _ password: String = goodPassword) throws -> Answer {
        try house.send(
            .post, "/api/v1/session", json: #"{"name":"\#(name)","password":"\#(password)"}"#,
            as: .guest)
    }

    /// Opens a session without the slow part.
    func session(of id: ID<User>) throws -> TestHouse.Sender {
        let token = try house.store.write { tx in
            guard let user = try tx.user(id) else { throw DoorRefusal.userUnknown }
            return try comeIn(user, .password, .here, in: tx).token
        }
        return .session(token)
    }

    /// The status of a look at one's own session.
    func look(_ sender: TestHouse.Sender) throws -> Int {
        try house.send(.get, "/api/v1/session", as: sender).status
    }

    func etag(_ id: ID<User>) throws -> String {
        try house.send(.get, "/api/v1/users/\(id)").response.header("etag") ?? ""
    }

    func edit(_ id: ID<User>, _ json: String) throws -> Answer {
        try house.send(
            .patch, "/api/v1/users/\(id)", json: json, headers: [("If-Match", try etag(id))])
    }

    func head() throws -> Int64 { try house.head() }
}

extension Visitor {
    static let here = Visitor(address: "127.0.0.1", agent: "Test/1.0", laneToken: nil)
}

extension TestHouse {
    /// Tables and columns in which a text stands in clear.
    func places(of text: String) throws -> [String] {
        try store.read { tx in
            let tables = try tx.all("SELECT name FROM sqlite_schema WHERE type = 'table'") {
                $0.text(0)
            }
            return try tables.flatMap { table in
                let columns = try tx.all("SELECT name FROM pragma_table_info(?)", [table]) {
                    $0.text(0)
                }
                return try columns.filter { column in
                    try tx.integer(
                        """
                        SELECT count(*) FROM "\(table)"
                        WHERE instr(CAST("\(column)" AS BLOB), CAST(? AS BLOB)) > 0
                        """, [text]) != 0
                }.map { "\(table).\($0)" }
            }
        }
    }
}

extension PasswordHash {
    /// A hash as an older version might have made it.
    static func cheap(_ password: String) -> PasswordHash? {
        var output = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let bytes = password.utf8.map { CChar(bitPattern: $0) }
        guard
            crypto_pwhash_str_alg(
                &output, bytes, UInt64(bytes.count), 1, 8 << 20,
                crypto_pwhash_alg_argon2id13()) == 0
        else { return nil }
        let text = output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return PasswordHash(text: String(decoding: text, as: UTF8.self))
    }
}
