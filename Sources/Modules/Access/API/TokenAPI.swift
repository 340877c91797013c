// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct TokenView: WireRecord {
    let id: ID<APIToken>
    let name: String
    let permissions: [String]
    /// Those of them that its person has now.
    let effective: [String]
    /// Null when all are meant.
    let warehouses: [String]?
    let addresses: [String]
    let createdAt: Instant
    let expiresAt: Instant
    let usedAt: Instant?
    /// Until when the text before the last rotation is good.
    let graceUntil: Instant?

    /// - Parameter person: what its person may do now, and how.
    init(_ token: APIToken, _ person: [Permission: [Allowance]]) {
        id = token.id
        name = token.name
        permissions = token.grant.permissions.sorted()
        effective = TokenRule.allowances(token.grant, of: person).keys.map(\.code).sorted()
        warehouses = token.grant.warehouses.map {
            $0.sorted().map { "\(WarehouseMark.prefix)-\($0)" }
        }
        addresses = token.grant.addresses
        createdAt = token.createdAt
        expiresAt = token.expiresAt
        usedAt = token.usedAt
        graceUntil = token.graceUntil
    }
}

struct TokenRequest: WireRecord {
    let name: Name
    let permissions: List<Word, 64>
    /// Null for all that the person may see.
    let warehouses: List<ID<WarehouseMark>, 64>?
    /// Addresses and blocks from which it may be used; empty for any.
    let addresses: List<Web.Code, 16>
    let days: Whole<1, 366>
}

/// A token with its text, which is shown this once.
struct TokenMade: WireRecord {
    let token: TokenView
    let text: String
}

/// What programs of one's own may do in one's name.
func tokenEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/session/tokens", needs: .signedIn, summary: "List one's own API tokens",
            query: NoQuery.self, answers: PageView<TokenView>.self, refusals: [DoorRefusal.self]
        ) { _, caller, tx in
            let user = try user(caller, in: tx)
            let person = try allowances(of: user.id, roles, in: tx)
            return PageView(
                items: try tx.apiTokens(of: user.id).map { TokenView($0, person) }, next: nil)
        },
        .change(
            .post, "/api/v1/session/tokens", needs: .signedIn,
            summary: "Make an API token for a program of one's own and show it, this once",
            query: NoQuery.self, body: TokenRequest.self, answers: TokenMade.self, status: 201,
            refusals: [DeviceRefusal.self], example: .sample,
            // The answer holds the token, which must not be kept.
            repeats: .allowed, prepare: { _, _, _, head, _ in try sessionToken(head) }
        ) { _, body, session, caller, tx in
            // Null is for all; none at all would be a token for nothing.
            if body.warehouses?.elements.isEmpty == true {
                throw WebRefusal.fields([WireFault("missing", path: ["warehouses"])])
            }
            let opened = try makeToken(body.wish, session: session, roles, in: tx)
            return TokenMade(
                token: TokenView(opened.owner, caller.allowances), text: opened.token)
        },
        .change(
            .post, "/api/v1/session/tokens/{id}/rotation", needs: .signedIn,
            summary: "Give an API token a new text; the old one is good for an hour more",
            query: ByID<APIToken>.self, body: Empty.self, answers: TokenMade.self, status: 201,
            refusals: [DeviceRefusal.self, DoorRefusal.self], example: Empty(), repeats: .allowed,
            prepare: { _, _, caller, head, _ in
                // Whoever is nobody with tokens, such as the box itself, has no such one.
                _ = try userID(caller)
                return try sessionToken(head)
            }
        ) { path, _, session, caller, tx in
            let opened = try rotateToken(path.id, session: session, in: tx)
            roles.takenBack.note(at: tx.now)
            return TokenMade(
                token: TokenView(opened.owner, caller.allowances), text: opened.token)
        },
        .change(
            .delete, "/api/v1/session/tokens/{id}", needs: .signedIn,
            summary: "End one of one's own API tokens", query: ByID<APIToken>.self,
            body: NoBody.self, answers: Nothing.self, status: 204,
            refusals: [DeviceRefusal.self, DoorRefusal.self], repeats: .allowed
        ) { path, _, caller, tx in
            try endToken(path.id, of: try userID(caller), by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
    ]
}

extension TokenRequest {
    static let sample = TokenRequest(
        name: Name(checked: "Stock report"),
        permissions: (try? List([Word(checked: "stock.see")])) ?? .sample, warehouses: nil,
        addresses: (try? List([Web.Code(checked: "192.168.1.0/24")])) ?? .sample, days: .sample)

    var wish: TokenWish {
        TokenWish(
            name: name.text,
            grant: TokenGrant(
                permissions: Set(permissions.elements.map(\.text)),
                warehouses: warehouses.map { Set($0.elements.map(\.raw)) },
                addresses: addresses.elements.map(\.text)), days: days.value)
    }
}
