// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Journal
import Kernel
import ModuleKit
import Outbox
import SealedStore

/// How the gateway is kept, for the seal that it has of its own.
let gatewayPlace = "access_gateway.form"

/// What people call the gateway in errands.
private let gatewayName = "sms"

/// The gateway as somebody asks for it; secrets that are nil stay as they are.
struct GatewayDraft: Sendable {
    let isOn: Bool
    let address: String
    let media: MessageMedia
    let template: String
    let header: String?
    let secret: SecretText?
    let seconds: Int
}

/// How the gateway is reached; nil before somebody said it.
func knownGateway(
    in tx: ReadTransaction
) throws -> (isOn: Bool, way: ErrandTarget.Gateway, target: ErrandTarget)? {
    guard let kept = try tx.gateway() else { return nil }
    let target = try ErrandTarget(reading: try tx.fields.open(kept.sealed, for: gatewayPlace))
    guard case .gateway(let way) = target.place else { return nil }
    return (kept.isOn, way, target)
}

/// The gateway while codes may go through it; nil when it is off. Practice books are a copy of real
/// ones, and nobody's telephone rings for them.
func openGateway(in tx: ReadTransaction) throws -> ErrandTarget? {
    guard try !(tx.site()?.isPractice ?? false), let known = try knownGateway(in: tx), known.isOn
    else { return nil }
    return known.target
}

/// Keeps how the gateway is reached.
///
/// - Throws: `MessageRefusal.fieldWrong`, which names the field.
func setGateway(
    _ draft: GatewayDraft, by caller: Caller, in tx: WriteTransaction
) throws -> ErrandTarget.Gateway {
    let before = try knownGateway(in: tx)
    let target = try target(draft, besides: before?.way)
    guard case .gateway(let way) = target.place else { throw MessageRefusal.unset }
    try tx.setGateway(isOn: draft.isOn, tx.fields.seal(target.bytes, for: gatewayPlace))
    try tx.tell(
        AccessEvent.gatewayChanged, about: "sms-gateway",
        [
            "on": .list([.flag(before?.isOn ?? false), .flag(draft.isOn)]),
            "address": .list([.text(before?.way.address ?? ""), .text(way.address)]),
            // Of the way in only that it is another one.
            "accessChanged": .flag(before.map { $0.way != way } ?? true),
        ], by: caller)
    return way
}

private func target(
    _ draft: GatewayDraft, besides old: ErrandTarget.Gateway?
) throws -> ErrandTarget {
    var way = ErrandTarget.Gateway(
        address: draft.address, media: draft.media, template: draft.template,
        header: draft.header, secret: draft.secret, seconds: draft.seconds)
    // A secret that was meant for one machine is not kept for another, nor where none is used.
    if way.secret == nil, let old,
        MessageRule.host(of: old.address) == MessageRule.host(of: way.address),
        way.header != nil || way.template.contains("{secret}")
    {
        way.secret = old.secret
    }
    let target = ErrandTarget(name: gatewayName, place: .gateway(way))
    do throws(ErrandRefusal) {
        try target.check()
    } catch {
        guard case .fieldInvalid(let field, let wants) = error else { throw error }
        let last = field.split(separator: ".").last.map(String.init) ?? "address"
        throw MessageRefusal.fieldWrong(field: last, wants: wants)
    }
    return target
}

/// A message that was counted and told, and is still to be handed to the courier.
struct Outgoing: Sendable {
    let errand: Errand
    /// How long somebody waits for it.
    let seconds: Int
    let purpose: MessagePurpose
    /// Nil when an administrator tries the gateway.
    let user: ID<User>?
}

/// Writes a message with a new code for somebody, who has no other code from then on.
///
/// - Parameter ticket: the sign-in that the code is for; nil when it confirms the number.
/// - Throws: `MessageRefusal` when codes are not sent now, or were sent too often.
func draftCode(
    to number: String, of user: User, for purpose: MessagePurpose, ticket: ID<Ticket>?,
    in tx: WriteTransaction
) throws -> Outgoing {
    guard let target = try openGateway(in: tx) else { throw MessageRefusal.off }
    try count(user.id, in: tx)
    let new = newSentCode()
    try tx.setSentCode(of: user.id, ticket: ticket, salt: new.salt, digest: new.digest)
    try tx.tell(
        AccessEvent.messageSent, about: user.id.description,
        ["purpose": .text(purpose.rawValue)], by: .named(.user(user.id.raw), user.name))
    return try outgoing(
        purpose.text(code: new.code, user.language), to: number, through: target, purpose,
        user.id, in: tx)
}

/// Writes a message by which an administrator tries the gateway, also while it is off.
func draftTest(
    to number: String, by caller: Caller, in tx: WriteTransaction
) throws -> Outgoing {
    guard try !(tx.site()?.isPractice ?? false) else { throw MessageRefusal.off }
    guard let known = try knownGateway(in: tx) else { throw MessageRefusal.unset }
    try count(nil, in: tx)
    try tx.tell(
        AccessEvent.messageSent, about: "sms-gateway",
        ["purpose": .text(MessagePurpose.test.rawValue)], by: caller)
    return try outgoing(
        MessagePurpose.test.text(code: "", caller.language), to: number, through: known.target,
        .test, nil, in: tx)
}

/// Every message counts before it is sent: of a hundred that are asked for at once, no more leave
/// than one after the other would.
private func count(_ user: ID<User>?, in tx: WriteTransaction) throws {
    let start = try tx.now.adding(seconds: -MessageRule.windowSeconds)
    let own = try user.flatMap {
        MessageRule.wait(
            try tx.messages(to: $0, since: start), most: MessageRule.personMost, at: tx.now)
    }
    let all = MessageRule.wait(
        try tx.messages(since: start), most: MessageRule.houseMost, at: tx.now)
    if let seconds = [own, all].compactMap(\.self).max() {
        throw MessageRefusal.tooMany(seconds: seconds)
    }
    try tx.insertMessage(to: user)
}

private func outgoing(
    _ text: String, to number: String, through target: ErrandTarget, _ purpose: MessagePurpose,
    _ user: ID<User>?, in tx: ReadTransaction
) throws -> Outgoing {
    guard case .gateway(let way) = target.place else { throw MessageRefusal.unset }
    let until = try tx.now.adding(seconds: MessageRule.seconds).microseconds / 1_000_000
    let errand = Errand(
        target: target,
        work: .message(to: SecretText(number), text: SecretText(text), until: until))
    try errand.check()
    return Outgoing(
        errand: errand, seconds: way.seconds + Int(MessageRule.patienceSeconds),
        purpose: purpose, user: user)
}

/// Hands a message to the courier and waits until the gateway has it. Outside of every transaction:
/// it takes seconds. Nothing is tried again by itself; whoever waits asks again, or takes another way.
///
/// - Throws: `CarryFault`, which the journal has been told.
func send(
    _ message: Outgoing, by runner: any ErrandRunner, _ origin: Origin?, store: SealedStore
) throws {
    do throws(CarryFault) {
        _ = try runner.carry(message.errand, within: message.seconds)
    } catch {
        let word = error.word
        try store.write { tx in
            tx.origin = origin
            try tx.tell(
                AccessEvent.messageUndelivered,
                about: message.user?.description ?? "sms-gateway",
                ["purpose": .text(message.purpose.rawValue), "reason": .text(word)],
                by: .system("courier"))
        }
        throw error
    }
}

/// The same for a person, who is told only that it did not work.
func sendCode(
    _ message: Outgoing, by runner: any ErrandRunner, _ origin: Origin?, store: SealedStore
) throws {
    do {
        try send(message, by: runner, origin, store: store)
    } catch is CarryFault {
        throw MessageRefusal.notSent
    }
}
