// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore

/// Gives somebody a role.
///
/// Nobody gives themselves anything, nor anybody more, or for longer, than they hold. A role that could open the
/// house waits for a second person, unless there is nobody else who could agree: then it counts at
/// once and the journal says so. The box itself needs nobody's consent.
/// - Parameter accepts: whether conflicts of duties were seen and are taken.
func give(
    _ draft: GrantDraft, accepting accepts: Bool, _ table: RoleTable, by caller: Caller,
    in tx: WriteTransaction
) throws -> Grant {
    let user = try require(draft.user, in: tx)
    let card = try require(draft.role, table, in: tx)
    guard card.state == .active else { throw GrantRefusal.roleRetired }
    guard caller.actor != .user(user.id.raw) else { throw GrantRefusal.grantOwn }
    try checkPeriod(draft, at: tx.now)
    try checkRows(draft, table, in: tx)
    guard try tx.openGrants(of: user.id) < GrantRule.most else {
        throw GrantRefusal.grantTooMany(most: GrantRule.most)
    }
    let wanted = allowances(card, reads: draft.reads, writes: draft.writes, table)
    try requireHolding(wanted, until: draft.until, of: caller, table, in: tx)
    if !accepts { try warn(of: card, for: user, table, in: tx) }
    return try record(draft, card, table, by: caller, in: tx)
}

/// Throws unless the caller holds what they would give, and for as long as they would give it: else
/// somebody could make a right of a day into one of years.
private func requireHolding(
    _ wanted: [Permission: Allowance], until end: Instant?, of caller: Caller, _ table: RoleTable,
    in tx: ReadTransaction
) throws {
    guard case .user(let id) = caller.actor else { return }
    let lasting = try allowances(of: ID(id), lasting: end, table, in: tx)
    let later = Caller(
        actor: caller.actor, name: caller.name, permissions: Set(lasting.keys), scope: .nothing,
        language: caller.language, allowances: lasting)
    if let more = missing(wanted, of: caller) ?? missing(wanted, of: later) {
        throw GrantRefusal.grantBeyondYou(permission: more.code)
    }
}

/// Lends one of one's own grants to somebody for a time. It ends when the lender loses it.
///
/// Nobody asked the borrower, so no loan that two people settle among themselves ends anybody's
/// sessions: whoever may lend could keep everybody else from their work. What was borrowed counts,
/// and counts no more, at the next look-up.
func lend(
    _ id: ID<Grant>, to user: User, until: Instant, note: String, accepting accepts: Bool,
    _ table: RoleTable, by caller: Caller, in tx: WriteTransaction
) throws -> Grant {
    let own = try userID(caller)
    guard let grant = try tx.grant(id), grant.user == own else { throw GrantRefusal.grantUnknown }
    guard try tx.grantsInForce(of: own).contains(where: { $0.id == id }), grant.lent == nil else {
        throw GrantRefusal.grantNotLendable
    }
    guard user.id != own else { throw GrantRefusal.grantOwn }
    // Else one person could fill another's hands, so that nobody else could give them anything.
    guard try !tx.openLoans(of: id).contains(where: { $0.user == user.id }) else {
        throw GrantRefusal.grantNotLendable
    }
    guard until.microseconds <= (try tx.now.adding(seconds: GrantRule.loanSeconds)).microseconds
    else { throw GrantRefusal.grantPeriod }
    let draft = GrantDraft(
        user: user.id, role: grant.role, until: until, reads: grant.reads, writes: grant.writes,
        lent: id, note: note)
    try checkPeriod(draft, at: tx.now)
    guard try tx.openGrants(of: user.id) < GrantRule.most else {
        throw GrantRefusal.grantTooMany(most: GrantRule.most)
    }
    let card = try require(grant.role, table, in: tx)
    if !accepts { try warn(of: card, for: user, table, in: tx) }
    return try record(draft, card, table, by: caller, in: tx)
}

private func record(
    _ draft: GrantDraft, _ card: RoleCard, _ table: RoleTable, by caller: Caller,
    in tx: WriteTransaction
) throws -> Grant {
    let seconds = try confirmers(besides: caller, and: draft.user, table, in: tx)
    var waits = isSensitive(card.rights) && !seconds.isEmpty
    if case .system = caller.actor { waits = false }
    let id = try tx.insertGrant(draft, waits ? .waiting : .active, by: caller)
    if !waits, draft.lent == nil { try tx.deleteSessions(of: draft.user, except: nil) }
    var facts = facts(draft)
    if isSensitive(card.rights), !waits { facts["secondPerson"] = .flag(false) }
    try tx.tell(
        waits ? AccessEvent.grantAsked : AccessEvent.granted, about: draft.user.description,
        facts.merging(["grant": .text(id.description)]) { one, _ in one }, by: caller)
    return try requireGrant(id, in: tx)
}

/// Agrees to a grant that waits: another person than the giver and the one who gets it, who could
/// have given it themselves.
func confirm(
    _ id: ID<Grant>, _ table: RoleTable, by caller: Caller, in tx: WriteTransaction
) throws -> Grant {
    let grant = try requireGrant(id, in: tx)
    _ = try grantLifecycle.after("confirm", from: grant.state)
    guard caller.actor != .user(grant.user.raw) else { throw GrantRefusal.grantOwn }
    guard caller.actor.description != grant.given.actor else {
        throw GrantRefusal.grantSamePerson
    }
    if case .user = caller.actor,
        let more = missing(try given(by: grant, table, in: tx), of: caller)
    {
        throw GrantRefusal.grantBeyondYou(permission: more.code)
    }
    try requireGiver(of: grant, table, in: tx)
    try tx.confirmGrant(id, by: caller)
    try tx.deleteSessions(of: grant.user, except: nil)
    var facts: [String: Fact] = [
        "grant": .text(id.description), "role": .text(grant.role.code),
    ]
    let card = try require(grant.role, table, in: tx)
    if isSensitive(card.rights) { facts["secondPerson"] = .flag(true) }
    try tx.tell(AccessEvent.granted, about: grant.user.description, facts, by: caller)
    return try requireGrant(id, in: tx)
}

/// Throws unless whoever gave a grant could still give it: else only one of the two persons who
/// agree would have the right to.
private func requireGiver(
    of grant: Grant, _ table: RoleTable, in tx: ReadTransaction
) throws {
    guard let id = ID<User>(text: grant.given.actor) else { return }
    guard let giver = try tx.user(id), giver.state == .active else {
        throw GrantRefusal.grantGiverGone
    }
    if let lent = grant.lent {
        guard try tx.grantsInForce(of: id).contains(where: { $0.id == lent }) else {
            throw GrantRefusal.grantGiverGone
        }
        return
    }
    let giving = try caller(giver, table, in: tx)
    guard giving.may(AccessPermission.manageGrants),
        missing(try given(by: grant, table, in: tx), of: giving) == nil
    else { throw GrantRefusal.grantGiverGone }
}

/// Ends a grant, or declines one that waits; what was lent from it ends with it. The sessions of
/// whoever loses something end.
func end(_ id: ID<Grant>, by caller: Caller, in tx: WriteTransaction) throws -> Grant {
    let grant = try requireGrant(id, in: tx)
    let waited = grant.state == .waiting
    let state = try grantLifecycle.after(waited ? "decline" : "end", from: grant.state)
    try tx.endGrant(id, as: state, by: caller)
    if try !isBetweenThem(grant, caller, in: tx) {
        try tx.deleteSessions(of: grant.user, except: nil)
    }
    try tellEnded(grant, state, by: caller, in: tx)
    for loan in try tx.openLoans(of: id) {
        let end: GrantState = loan.state == .waiting ? .declined : .ended
        try tx.endGrant(loan.id, as: end, by: caller)
        try tx.deleteSessions(of: loan.user, except: nil)
        try tellEnded(loan, end, by: caller, in: tx)
    }
    try requireOwner(in: tx)
    return try requireGrant(id, in: tx)
}

/// Whether it is a loan, and the caller one of the two who settle it among themselves.
private func isBetweenThem(
    _ grant: Grant, _ caller: Caller, in tx: ReadTransaction
) throws -> Bool {
    guard let lent = grant.lent, case .user(let id) = caller.actor else { return false }
    return try grant.user.raw == id || tx.grant(lent)?.user.raw == id
}

private func tellEnded(
    _ grant: Grant, _ state: GrantState, by caller: Caller, in tx: WriteTransaction
) throws {
    try tx.tell(
        state == .declined ? AccessEvent.grantDeclined : AccessEvent.grantEnded,
        about: grant.user.description,
        ["grant": .text(grant.id.description), "role": .text(grant.role.code)], by: caller)
}

func requireGrant(_ id: ID<Grant>, in tx: ReadTransaction) throws -> Grant {
    guard let grant = try tx.grant(id) else { throw GrantRefusal.grantUnknown }
    return grant
}

/// People who could agree to a grant: who may give roles, besides the giver and who gets it.
func confirmers(
    besides caller: Caller, and user: ID<User>, _ table: RoleTable, in tx: ReadTransaction
) throws -> Set<ID<User>> {
    let right = AccessPermission.manageGrants
    let roles = try roleCards(table, in: tx).filter { $0.rights.contains(right.code) }.map(\.role)
    let people = try tx.grantsInForce(ofAny: roles).filter {
        try given(by: $0, table, in: tx)[right] != nil
    }
    return Set(people.map(\.user).filter { $0 != user && caller.actor != .user($0.raw) })
}

/// What a person would newly hold together that should be in two hands, now or once what waits or
/// begins later counts.
private func warn(
    of card: RoleCard, for user: User, _ table: RoleTable, in tx: ReadTransaction
) throws {
    let held = Set(try prospects(of: user.id, table, in: tx).keys.map(\.code))
    let before = Set(conflicts(in: held, table))
    let after = conflicts(in: held.union(card.rights), table).filter { !before.contains($0) }
    // The owner holds everything; that is what the role is.
    guard after.isEmpty || card.role == .owner else {
        throw GrantRefusal.grantConflicts(names: after.map(\.name))
    }
}

private func checkPeriod(_ draft: GrantDraft, at now: Instant) throws {
    guard let until = draft.until else { return }
    guard until > now, draft.from.map({ $0 < until }) ?? true else {
        throw GrantRefusal.grantPeriod
    }
}

/// Values that a grant is narrowed to must be there, in dimensions that are there.
private func checkRows(
    _ draft: GrantDraft, _ table: RoleTable, in tx: ReadTransaction
) throws {
    for bounds in [draft.reads, draft.writes] {
        for (dimension, ids) in bounds.values {
            guard let known = table.dimension(dimension), !ids.isEmpty else {
                throw GrantRefusal.grantRows(dimension: dimension.name)
            }
            for id in ids {
                guard id > 0, try known.values(tx, id - 1, 1).first?.id == id else {
                    throw GrantRefusal.grantRows(dimension: dimension.name)
                }
            }
        }
    }
}

private func facts(_ draft: GrantDraft) -> [String: Fact] {
    func rows(_ bounds: Bounds) -> Fact {
        .record(
            Dictionary(
                uniqueKeysWithValues: bounds.values.map {
                    ($0.key.name, .list($0.value.sorted().map { .integer($0) }))
                }))
    }
    return [
        "role": .text(draft.role.code), "from": draft.from.map { .instant($0) } ?? .none,
        "until": draft.until.map { .instant($0) } ?? .none, "reads": rows(draft.reads),
        "writes": rows(draft.writes), "note": .text(draft.note),
        "lentFrom": draft.lent.map { .text($0.description) } ?? .none,
    ]
}
