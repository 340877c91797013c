// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
package import SealedStore
import Secrets

/// What the door does at every start: gives all names the form by which they are found, and makes
/// the one-time code for the first administrator anew; nil when there is a user already.
///
/// A code that was lost is replaced by a restart.
package func renewSetupCode(in tx: WriteTransaction) throws -> String? {
    guard try !tx.anyUser() else {
        try foldNames(in: tx)
        return nil
    }
    let code = newSetupCode()
    try tx.setSetupCode(tokenDigest(code))
    return "\(code.prefix(4))-\(code.suffix(4))"
}

/// Names from before they were folded, and those that a newer Unicode folds otherwise.
private func foldNames(in tx: WriteTransaction) throws {
    for user in try tx.userNames() {
        let form = folded(user.name)
        if form != user.folded { try tx.setFolded(form, of: user.id) }
    }
}

/// Checks the code before a password is hashed for it, and slows down whoever guesses.
func checkSetupCode(_ code: String, from address: String, store: SealedStore) throws {
    let key = ThrottleKey.setup(address)
    try store.read { tx in
        if try tx.anyUser() { throw DoorRefusal.setupDone }
        try requireCalm([key], in: tx)
    }
    let isRight = try store.write { tx in
        try takeTry([key], in: tx)
        let isRight = try isSetupCode(code, in: tx)
        if isRight { try giveBack([key], in: tx) }
        return isRight
    }
    guard isRight else { throw DoorRefusal.setupCodeWrong }
}

private func isSetupCode(_ code: String, in tx: ReadTransaction) throws -> Bool {
    guard let expected = try tx.setupCode() else { return false }
    return equalInConstantTime(expected, tokenDigest(code.uppercased().filter { $0 != "-" }))
}

/// Makes the first administrator and sets the site up.
func setUp(
    code: String, name: String, password: PasswordHash, language: Language, site: Site,
    _ visitor: Visitor, in tx: WriteTransaction
) throws -> Opened<User> {
    guard try !tx.anyUser() else { throw DoorRefusal.setupDone }
    guard try isSetupCode(code, in: tx) else { throw DoorRefusal.setupCodeWrong }
    try tx.setSite(site)
    let id = try tx.insertUser(
        name: name, folded: folded(name), password: password.text, language: language)
    _ = try tx.insertGrant(
        GrantDraft(user: id, role: .owner), .active, by: .named(.user(id.raw), name))
    try tx.clearSetupCode()
    try tx.tell(
        AccessEvent.setUp, about: id.description,
        ["name": .text(name), "site": .text(site.name), "timeZone": .text(site.timeZone)],
        by: .named(.user(id.raw), name))
    return try open(id, .setup, visitor, in: tx)
}
