// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Journal
import Kernel
import ModuleKit
import Outbox
import SealedStore

/// Where the number of a person is kept, for the seal that it has of its own.
func phonePlace(_ user: ID<User>) -> String { "access_phone.number \(user)" }

/// The number that codes of somebody go to; nil when they confirmed none.
private func number(of user: User, in tx: ReadTransaction) throws -> String? {
    guard let phone = try tx.phone(of: user.id), phone.confirmedAt != nil else { return nil }
    return try plainNumber(phone, user.id, in: tx)
}

private func plainNumber(
    _ phone: Phone, _ user: ID<User>, in tx: ReadTransaction
) throws -> String {
    String(decoding: try tx.fields.open(phone.sealed, for: phonePlace(user)), as: UTF8.self)
}

/// What may be shown of somebody's telephone; nil when there is none.
func phoneHint(of user: User, in tx: ReadTransaction) throws -> PhoneHint? {
    guard let number = try number(of: user, in: tx) else { return nil }
    return PhoneHint(
        lastDigits: MessageRule.lastDigits(of: number),
        isReachable: try openGateway(in: tx) != nil)
}

/// Notes a number and sends a code to it; it counts once the code was typed back.
func beginPhone(
    number: String, session token: String, by runner: any ErrandRunner, _ visitor: Visitor,
    store: SealedStore
) throws {
    let message = try store.write { tx in
        tx.origin = visitor.origin
        let (session, user) = try here(token, in: tx)
        try requireFresh(session, at: tx.now)
        guard !user.strongFactors.isEmpty else { throw MessageRefusal.factorFirst }
        guard !user.factors.contains(.sms) else { throw MessageRefusal.numberTaken }
        let message = try draftCode(
            to: number, of: user, for: .number, ticket: nil, in: tx)
        try tx.setPhone(
            tx.fields.seal(Array(number.utf8), for: phonePlace(user.id)), of: user.id)
        try tx.tell(
            AccessEvent.factorBegun, about: user.id.description,
            ["factor": .text(Factor.sms.rawValue)], by: .named(.user(user.id.raw), user.name))
        return message
    }
    try sendCode(message, by: runner, visitor.origin, store: store)
}

/// Puts a number into use by the code that was sent to it.
func confirmPhone(
    code: String, session token: String, _ visitor: Visitor, store: SealedStore
) throws -> Enrolled {
    let result = try store.write { tx -> Result<Enrolled, MessageRefusal> in
        tx.origin = visitor.origin
        let (session, user) = try here(token, in: tx)
        try requireFresh(session, at: tx.now)
        guard !user.strongFactors.isEmpty else { return .failure(.factorFirst) }
        guard let phone = try tx.phone(of: user.id), phone.confirmedAt == nil else {
            return .failure(.numberNotBegun)
        }
        let keys = try factorKeys(of: user.id, visitor, in: tx)
        try takeTry(keys, in: tx)
        guard try takeSentCode(code, of: user.id, for: nil, in: tx) else {
            try tellProofRefused(user, visitor, in: tx)
            return .failure(.codeWrong)
        }
        try giveBack(keys, in: tx)
        try tx.confirmPhone(of: user.id)
        return .success(try enrol(.sms, user, session, in: tx))
    }
    return try result.get()
}

func removePhone(session token: String, in tx: WriteTransaction) throws {
    let (session, user) = try here(token, in: tx)
    try requireFresh(session, at: tx.now)
    guard user.factors.contains(.sms) else { throw MessageRefusal.numberMissing }
    try tx.deletePhone(of: user.id)
    try tellRemoved(.sms, user, in: tx)
}

/// Uses up the code that is open for somebody, when it is the one that was typed. A wrong one
/// counts at the code, which is void after a few.
private func takeSentCode(
    _ typed: String, of user: ID<User>, for ticket: ID<Ticket>?, in tx: WriteTransaction
) throws -> Bool {
    guard let sent = try tx.sentCode(of: user), MessageRule.isOpen(sent, for: ticket, at: tx.now)
    else { return false }
    guard isSame(typed, as: sent) else {
        try tx.noteFailureOfSentCode(of: user)
        return false
    }
    try tx.deleteSentCode(of: user)
    return true
}

/// Sends a code to somebody whose password was right. Returns what is shown of their telephone.
func sendSignInCode(
    ticket token: String, by runner: any ErrandRunner, _ visitor: Visitor, store: SealedStore
) throws -> PhoneHint {
    let (message, hint) = try store.write { tx in
        tx.origin = visitor.origin
        let ticket = try goodTicket(token, in: tx)
        guard let user = try tx.user(ticket.user), user.state == .active else {
            throw DoorRefusal.ticketVoid
        }
        guard let number = try number(of: user, in: tx), !user.strongFactors.isEmpty else {
            throw MessageRefusal.numberMissing
        }
        let message = try draftCode(
            to: number, of: user, for: .signIn, ticket: ticket.id, in: tx)
        let digits = MessageRule.lastDigits(of: number)
        return (message, PhoneHint(lastDigits: digits, isReachable: true))
    }
    try sendCode(message, by: runner, visitor.origin, store: store)
    return hint
}

/// Signs somebody in by the code that was sent for this very sign-in.
func signIn(
    ticket token: String, sent code: String, _ visitor: Visitor, store: SealedStore
) throws -> Opened<User> {
    // One transaction: what the code was good for, nobody else can have.
    let result = try store.write { tx -> Result<Opened<User>, MessageRefusal> in
        tx.origin = visitor.origin
        let ticket = try goodTicket(token, in: tx)
        guard let user = try tx.user(ticket.user), user.state == .active else {
            throw DoorRefusal.ticketVoid
        }
        guard user.factors.contains(.sms), !user.strongFactors.isEmpty else {
            return .failure(.numberMissing)
        }
        guard try openGateway(in: tx) != nil else { return .failure(.off) }
        let keys = try factorKeys(of: user.id, visitor, in: tx)
        try takeTry(keys, in: tx)
        guard try takeSentCode(code, of: user.id, for: ticket.id, in: tx) else {
            try tx.noteFailure(of: ticket.id)
            try tx.tell(
                AccessEvent.signInRefused, about: user.id.description,
                [
                    "name": .text(user.name), "address": .text(visitor.address),
                    "way": .text(Way.sms.rawValue),
                ], by: .guest)
            return .failure(.codeWrong)
        }
        try giveBack(keys, in: tx)
        try tx.deleteTicket(ticket.id)
        return .success(try comeIn(user, .sms, visitor, in: tx))
    }
    return try result.get()
}
