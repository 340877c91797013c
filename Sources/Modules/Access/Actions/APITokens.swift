// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore

/// What somebody asks a token to be.
struct TokenWish: Sendable {
    let name: String
    let grant: TokenGrant
    let days: Int
}

/// Makes a token for a program of the person's, who proved a moment ago that it is they. It may do
/// no more than they may, now and later.
func makeToken(
    _ wish: TokenWish, session token: String, _ roles: RoleTable, in tx: WriteTransaction
) throws -> Opened<APIToken> {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    guard try tx.apiTokenCount(of: user.id) < TokenRule.most else {
        throw DeviceRefusal.tokenTooMany(most: TokenRule.most)
    }
    let grantable = TokenRule.grantable(try allowances(of: user.id, roles, in: tx).keys)
    let beyond = wish.grant.permissions.subtracting(grantable).sorted().first
    if let beyond { throw DeviceRefusal.tokenRights(permission: beyond) }
    guard !wish.grant.permissions.isEmpty else { throw DeviceRefusal.tokenRights(permission: "") }
    for address in wish.grant.addresses where AddressBlock(address) == nil {
        throw DeviceRefusal.tokenAddress(text: address)
    }
    let text = newAPIToken()
    let id = try tx.insertAPIToken(
        of: user.id, name: wish.name, digest: tokenDigest(text), wish.grant,
        until: try tx.now.adding(seconds: Int64(wish.days) * 86_400))
    try tx.tell(
        AccessEvent.tokenMade, about: id.description,
        [
            "name": .text(wish.name), "days": .integer(Int64(wish.days)),
            "permissions": .list(wish.grant.permissions.sorted().map { .text($0) }),
        ], by: .named(.user(user.id.raw), user.name))
    return Opened(owner: try require(id, of: user.id, in: tx), token: text)
}

/// A new text for a token. The old one stays good for `TokenRule.graceSeconds`.
func rotateToken(
    _ id: ID<APIToken>, session token: String, in tx: WriteTransaction
) throws -> Opened<APIToken> {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    let old = try require(id, of: user.id, in: tx)
    let text = newAPIToken()
    try tx.rotateAPIToken(
        id, to: tokenDigest(text), grace: try tx.now.adding(seconds: TokenRule.graceSeconds))
    try tx.tell(
        AccessEvent.tokenRotated, about: id.description, ["name": .text(old.name)],
        by: .named(.user(user.id.raw), user.name))
    return Opened(owner: try require(id, of: user.id, in: tx), token: text)
}

/// Ends one of one's own tokens at once, the old text too.
func endToken(
    _ id: ID<APIToken>, of user: ID<User>, by caller: Caller, in tx: WriteTransaction
) throws {
    let token = try require(id, of: user, in: tx)
    try tx.deleteAPIToken(id)
    try tx.tell(
        AccessEvent.tokensEnded, about: user.description,
        ["count": .integer(1), "name": .text(token.name)], by: caller)
}

/// Ends all tokens of somebody who is suspended, or whose account may be in other hands.
func endTokens(of user: User, by caller: Caller, in tx: WriteTransaction) throws {
    let count = try tx.deleteAPITokens(of: user.id)
    guard count > 0 else { return }
    try tx.tell(
        AccessEvent.tokensEnded, about: user.id.description, ["count": .integer(Int64(count))],
        by: caller)
}

private func require(
    _ id: ID<APIToken>, of user: ID<User>, in tx: ReadTransaction
) throws -> APIToken {
    guard let token = try tx.apiToken(id), token.user == user else {
        throw DeviceRefusal.tokenUnknown
    }
    return token
}
