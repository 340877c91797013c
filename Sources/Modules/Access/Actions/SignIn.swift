// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

/// What came of a sign-in whose password was right.
enum SignInOutcome: Sendable {
    case opened(Opened<User>)
    /// A second factor is asked for: the ticket that goes with it, and what the person has.
    case factorNeeded(ticket: String, factors: Set<Factor>, phone: PhoneHint?)
}

/// A password that was right, before the transaction that acts on it.
private struct PasswordVerdict {
    let user: User
    /// The stored hash that it was compared with: another one since means another password.
    let stored: String
    let keys: [ThrottleKey]
    /// The same password with as much work as is asked today; nil when it has that already.
    let rehashed: PasswordHash?
}

/// What a sign-in is looked up by, whether or not there is such a user.
private struct LookUp {
    let known: (user: User, password: String)?
    let keys: [ThrottleKey]
}

/// Signs somebody in by name and password: slow on purpose, so never inside the writer.
///
/// A known and an unknown name cause the same work: one look-up, one try taken, one hash, and one
/// entry when it was wrong. They are told apart by nobody.
func signIn(
    name: String, password: String, _ visitor: Visitor, _ checks: CheckCount, store: SealedStore
) throws -> SignInOutcome {
    let form = folded(name)
    let found = try store.read { tx in
        let known = try tx.userWithPassword(named: name, folded: form)
        let keys =
            try known.map { try passwordKeys(of: $0.user.id, visitor, in: tx) }
            ?? [.name(Digest.hex(Digest.blake2b(Array(form.utf8)))), .address(visitor.address)]
        try requireCalm(keys, in: tx)
        return LookUp(known: known, keys: keys)
    }
    try store.write { try takeTry(found.keys, in: $0) }
    let isRight = checkHash(found.known?.password, password, checks)
    guard isRight, let (user, stored) = found.known else {
        try tellRefused(name, found.known?.user, visitor, .password, store: store)
        throw DoorRefusal.sessionRefused
    }
    let hash = PasswordHash(text: stored)
    let verdict = PasswordVerdict(
        user: user, stored: stored, keys: found.keys,
        rehashed: hash.isOutdated ? PasswordHash.make(password) : nil)
    let outcome = try store.write { try act(on: verdict, visitor, in: $0) }
    guard let outcome else {
        try tellRefused(name, user, visitor, .password, store: store)
        throw DoorRefusal.sessionRefused
    }
    return outcome
}

/// A browser of theirs counts its own tries. Strangers count at the account and their address, so
/// that whoever keeps an account busy does not keep its owner out.
private func passwordKeys(
    of user: ID<User>, _ visitor: Visitor, in tx: ReadTransaction
) throws -> [ThrottleKey] {
    if let lane = try lane(of: user, visitor, in: tx) { return [.lane(lane.id)] }
    return [.account(user), .address(visitor.address)]
}

/// Compares a password with a stored hash, or with nobody's: the same work.
func checkHash(_ stored: String?, _ password: String, _ checks: CheckCount) -> Bool {
    checks.add()
    let hash = stored.map(PasswordHash.init(text:)) ?? PasswordHash.ofNobody()
    return hash.matches(password) && stored != nil
}

/// Tells a refusal in a transaction of its own, because what refuses undoes its own.
func tellRefused(
    _ name: String, _ user: User?, _ visitor: Visitor, _ way: Way, store: SealedStore
) throws {
    try store.write { tx in
        tx.origin = visitor.origin
        try tx.tell(
            AccessEvent.signInRefused, about: user?.id.description ?? "",
            [
                "name": .text(name), "address": .text(visitor.address),
                "way": .text(way.rawValue),
            ], by: .guest)
    }
}

/// Opens a session or asks for the second factor; nil when the account changed meanwhile or the
/// password was one for once whose time is over.
private func act(
    on verdict: PasswordVerdict, _ visitor: Visitor, in tx: WriteTransaction
) throws -> SignInOutcome? {
    tx.origin = visitor.origin
    guard let user = try tx.user(verdict.user.id), user.state == .active,
        try tx.password(of: user.id) == verdict.stored
    else { return nil }
    if let until = user.oneTimeUntil, until <= tx.now { return nil }
    try giveBack(verdict.keys, in: tx)
    if let hash = verdict.rehashed { try tx.rehash(user.id, to: hash.text) }
    guard user.factors.isEmpty else {
        let ticket = newToken()
        try tx.insertTicket(of: user.id, token: tokenDigest(ticket))
        try tx.tell(
            AccessEvent.passwordAccepted, about: user.id.description,
            ["address": .text(visitor.address)], by: .named(.user(user.id.raw), user.name))
        let phone = try phoneHint(of: user, in: tx)
        // A way that is closed now is shown as closed, and not offered.
        let open = phone?.isReachable == true ? user.factors : user.strongFactors
        return .factorNeeded(ticket: ticket, factors: open, phone: phone)
    }
    return .opened(try comeIn(user, .password, visitor, in: tx))
}

/// Signs somebody in by the second factor that their ticket waits for.
func signIn(
    ticket token: String, code: String, _ visitor: Visitor, store: SealedStore
) throws -> Opened<User> {
    // The whole of it is one transaction: what the code was good for, nobody else can have.
    let result = try store.write { tx -> Result<Opened<User>, DoorRefusal> in
        tx.origin = visitor.origin
        guard let ticket = try tx.ticket(token: tokenDigest(token)),
            TicketRule.isGood(ticket, at: tx.now), let user = try tx.user(ticket.user),
            user.state == .active
        else { return .failure(.ticketVoid) }
        let keys = try factorKeys(of: user.id, visitor, in: tx)
        try takeTry(keys, in: tx)
        guard let way = try useCode(code, of: user, in: tx) else {
            try tx.noteFailure(of: ticket.id)
            try tx.tell(
                AccessEvent.signInRefused, about: user.id.description,
                [
                    "name": .text(user.name), "address": .text(visitor.address),
                    "way": .text(Way.totp.rawValue),
                ], by: .guest)
            return .failure(.codeWrong)
        }
        try giveBack(keys, in: tx)
        try tx.deleteTicket(ticket.id)
        return .success(try comeIn(user, way, visitor, in: tx))
    }
    return try result.get()
}

/// Opens a session for somebody who gave all that was asked, and tells it.
func comeIn(
    _ user: User, _ way: Way, _ visitor: Visitor, in tx: WriteTransaction
) throws -> Opened<User> {
    try tx.noteSignIn(of: user.id)
    try tx.tell(
        AccessEvent.signedIn, about: user.id.description,
        ["address": .text(visitor.address), "way": .text(way.rawValue)],
        by: .named(.user(user.id.raw), user.name))
    if user.oneTimeUntil != nil {
        // It was good for once; the session that it opened sets another.
        try tx.updatePassword(
            of: user.id, to: PasswordHash.ofNobody().text, oneTimeUntil: user.oneTimeUntil)
    }
    return try open(user.id, way, visitor, in: tx)
}

/// Opens a session in the place of the one that the browser had, and remembers the browser.
func open(
    _ id: ID<User>, _ way: Way, _ visitor: Visitor, in tx: WriteTransaction
) throws -> Opened<User> {
    guard let user = try tx.user(id) else { throw DoorRefusal.userUnknown }
    if let former = visitor.sessionToken, let session = try tx.session(token: tokenDigest(former)) {
        try tx.deleteSession(session.id)
        try tx.tell(
            AccessEvent.sessionsEnded, about: session.user.description, ["count": .integer(1)],
            by: .named(.user(id.raw), user.name))
    }
    let token = newToken()
    try tx.insertSession(
        of: id, token: tokenDigest(token), way: way, address: visitor.address,
        agent: visitor.agent, proves: way != .sms)
    if let lane = try lane(of: id, visitor, in: tx) {
        try tx.touchLane(lane.id)
        return Opened(owner: user, token: token)
    }
    let lane = newToken()
    try tx.insertLane(of: id, token: tokenDigest(lane))
    return Opened(owner: user, token: token, lane: lane)
}
