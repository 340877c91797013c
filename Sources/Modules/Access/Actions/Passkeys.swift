// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import SealedStore
import Secrets

/// What a challenge is for: one that was made for one thing is good for no other.
enum PasskeyPurpose {
    case register(ID<User>)
    case signIn
    case second(ID<Ticket>)
    case prove(ID<Session>)

    var text: String {
        switch self {
        case .register(let id): "register \(id)"
        case .signIn: "sign in"
        case .second(let id): "second \(id)"
        case .prove(let id): "prove \(id)"
        }
    }
}

/// An answer of an authenticator to a challenge.
struct Assertion: Sendable {
    let credential: [UInt8]
    let client: ClientData
    let authenticator: [UInt8]
    let signature: [UInt8]
}

/// Takes a new passkey.
func addPasskey(
    named name: String, client: ClientData, attestation: [UInt8], at place: PasskeyPlace,
    session token: String, _ challenges: Challenges, in tx: WriteTransaction
) throws -> Enrolled {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    guard try tx.passkeys(of: user.id).count < PasskeyRule.most else {
        throw DoorRefusal.passkeyTooMany(most: PasskeyRule.most)
    }
    let data: AuthenticatorData
    do throws(PasskeyFault) {
        try client.require("webauthn.create", at: place)
        guard
            challenges.isGood(
                client.challenge, for: PasskeyPurpose.register(user.id).text, at: tx.now)
        else { throw .challenge }
        data = try AuthenticatorData.inside(attestation: attestation)
        try data.require(hostDigest: SHA256Stream.digest(of: Array(place.host.utf8)))
    } catch {
        throw DoorRefusal.passkeyRefused(error)
    }
    guard let new = data.credential else { throw DoorRefusal.passkeyRefused(.malformed) }
    guard try tx.passkey(credential: new.id) == nil else { throw DoorRefusal.passkeyTaken }
    guard challenges.spend(client.challenge, at: tx.now) else {
        throw DoorRefusal.passkeyRefused(.challenge)
    }
    _ = try tx.insertPasskey(
        of: user.id, credential: new.id, algorithm: new.algorithm, key: new.key,
        counter: data.counter, name: name)
    return try enrol(.passkey, user, session, in: tx)
}

/// Looks whether an assertion was made with the passkey, here and now, by its person.
private func check(
    _ assertion: Assertion, _ passkey: Passkey, for purpose: PasskeyPurpose,
    at place: PasskeyPlace, _ challenges: Challenges, now: Instant
) throws(PasskeyFault) -> AuthenticatorData {
    try assertion.client.require("webauthn.get", at: place)
    guard challenges.isGood(assertion.client.challenge, for: purpose.text, at: now) else {
        throw .challenge
    }
    let data = try AuthenticatorData(assertion.authenticator)
    try data.require(hostDigest: SHA256Stream.digest(of: Array(place.host.utf8)))
    let message = assertion.authenticator + SHA256Stream.digest(of: assertion.client.bytes)
    guard publicKey(of: passkey).verifies(assertion.signature, of: message) else {
        throw .signature
    }
    guard challenges.spend(assertion.client.challenge, at: now) else { throw .challenge }
    return data
}

private func publicKey(of passkey: Passkey) -> PublicKey {
    switch passkey.algorithm {
    case .es256: .p256(x: Array(passkey.key.prefix(32)), y: Array(passkey.key.suffix(32)))
    case .eddsa: .ed25519(passkey.key)
    }
}

/// The person whose passkey an assertion was made with. The counter is raised; one that went back
/// is refused and told, because then there are two of the key.
private func use(
    _ assertion: Assertion, for purpose: PasskeyPurpose, of owner: ID<User>?,
    at place: PasskeyPlace, _ challenges: Challenges, in tx: WriteTransaction
) throws -> Result<User, DoorRefusal> {
    guard let passkey = try tx.passkey(credential: assertion.credential),
        owner == nil || passkey.user == owner, let user = try tx.user(passkey.user),
        user.state == .active
    else { return .failure(.passkeyRefused(.credential)) }
    let data: AuthenticatorData
    do throws(PasskeyFault) {
        data = try check(assertion, passkey, for: purpose, at: place, challenges, now: tx.now)
    } catch {
        return .failure(.passkeyRefused(error))
    }
    guard counterFollows(data.counter, passkey.counter) else {
        try tx.insertNotice(of: user.id, .counterBack, by: passkey.name)
        try tx.tell(
            AccessEvent.counterBack, about: user.id.description,
            [
                "passkey": .text(passkey.id.description), "name": .text(passkey.name),
                "kept": .integer(passkey.counter), "given": .integer(data.counter),
            ], by: .guest)
        return .failure(.passkeyCounterBack)
    }
    try tx.notePasskeyUse(passkey.id, counter: data.counter)
    return .success(user)
}

/// Signs somebody in by a passkey alone, which is something they have and something they are or
/// know; or by a passkey after their password, when there is a ticket.
func signIn(
    _ assertion: Assertion, ticket token: String?, at place: PasskeyPlace,
    _ challenges: Challenges, _ visitor: Visitor, store: SealedStore
) throws -> Opened<User> {
    let keys = [ThrottleKey.address(visitor.address)]
    let result = try store.write { tx -> Result<Opened<User>, DoorRefusal> in
        tx.origin = visitor.origin
        try takeTry(keys, in: tx)
        let ticket = try token.map { try goodTicket($0, in: tx) }
        let purpose = ticket.map { PasskeyPurpose.second($0.id) } ?? .signIn
        let used = try use(
            assertion, for: purpose, of: ticket?.user, at: place, challenges, in: tx)
        switch used {
        case .failure(let refusal):
            try tx.tell(
                AccessEvent.signInRefused, about: "",
                [
                    "address": .text(visitor.address), "way": .text(Way.passkey.rawValue),
                ], by: .guest)
            return .failure(refusal)
        case .success(let user):
            try giveBack(keys, in: tx)
            if let ticket { try tx.deleteTicket(ticket.id) }
            return .success(try comeIn(user, .passkey, visitor, in: tx))
        }
    }
    return try result.get()
}

/// The ticket of a token, while it is good.
func goodTicket(_ token: String, in tx: ReadTransaction) throws -> Ticket {
    guard let ticket = try tx.ticket(token: tokenDigest(token)),
        TicketRule.isGood(ticket, at: tx.now)
    else { throw DoorRefusal.ticketVoid }
    return ticket
}

/// Proves by a passkey that it is still the person who sits there. Returns the new token.
func prove(
    _ assertion: Assertion, at place: PasskeyPlace, session token: String,
    _ challenges: Challenges, store: SealedStore
) throws -> String {
    let result = try store.write { tx -> Result<String, DoorRefusal> in
        let (session, user) = try here(token, in: tx)
        switch try use(
            assertion, for: .prove(session.id), of: user.id, at: place, challenges, in: tx)
        {
        case .failure(let refusal): return .failure(refusal)
        case .success(let user): return .success(try renew(session, user, .passkey, in: tx))
        }
    }
    return try result.get()
}

func rename(_ id: ID<Passkey>, to name: String, by caller: Caller, in tx: WriteTransaction) throws {
    let passkey = try own(id, caller, in: tx)
    try tx.renamePasskey(id, to: name)
    try tx.tell(
        AccessEvent.passkeyRenamed, about: passkey.user.description,
        ["name": .list([.text(passkey.name), .text(name)])], by: caller)
}

func removePasskey(
    _ id: ID<Passkey>, session token: String?, by caller: Caller, in tx: WriteTransaction
) throws {
    _ = try own(id, caller, in: tx)
    guard let token else { throw AccessRefusal.unauthenticated }
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    if try tx.passkeys(of: user.id).count == 1 { try requireAnother(.passkey, of: user, in: tx) }
    try tx.deletePasskey(id)
    try tellRemoved(.passkey, user, in: tx)
}

/// A passkey of the caller; somebody else's is not there.
private func own(_ id: ID<Passkey>, _ caller: Caller, in tx: ReadTransaction) throws -> Passkey {
    guard let passkey = try tx.passkey(id), caller.actor == .user(passkey.user.raw) else {
        throw DoorRefusal.passkeyUnknown
    }
    return passkey
}
