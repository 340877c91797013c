// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
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

    init() throws {
        house = try TestHouse()
        _ = try person("Lin", .administrator)
    }

    /// Adds somebody with the good password.
    func person(_ name: String, _ role: Role) throws -> ID<User> {
        let hash = try #require(goodHash)
        return try house.store.write { tx in
            try addUser(
                name: name, password: hash, role: role, language: .en, by: TestHouse.root, in: tx
            ).id
        }
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
            return try Access.signIn(PasswordVerdict(user: user), from: "127.0.0.1", in: tx).token
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
