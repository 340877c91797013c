// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import ModuleKit
import Outbox
import SealedStore
import Web

/// A telephone number in the form of E.164, which begins with a plus sign and the country.
///
/// Its description and its reflection never show it, so that it cannot reach a log.
struct PhoneNumber: WireText, CustomStringConvertible, CustomReflectable {
    static let rule = Schema.TextRule(least: 8, most: 16, pattern: "^\\+[1-9][0-9]{6,14}$")
    static let sample = PhoneNumber(checked: "+441632960123")
    let text: String
    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        guard isTelephoneNumber(text) else { throw WireFault("phone_number") }
        self.text = text
    }

    var description: String { "(number)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// A telephone as its owner sees it.
struct PhoneView: Codable, Sendable {
    /// The last digits of the number; the rest is shown nowhere.
    let lastDigits: String
    /// Whether codes can be sent to it now.
    let reachable: Bool

    init(_ hint: PhoneHint) {
        lastDigits = hint.lastDigits
        reachable = hint.isReachable
    }
}

struct PhoneRequest: WireRecord {
    let number: PhoneNumber
}

struct SendRequest: WireRecord {
    /// The ticket of a sign-in whose password was right.
    let ticket: Secret
}

/// A code is on its way.
struct SentView: WireRecord {
    let lastDigits: String
    /// For how long the code is good.
    let seconds: Int64
}

func phoneEndpoints(_ roles: RoleTable, by runner: any ErrandRunner) -> [Route] {
    messageSignInRoutes(by: runner) + ownPhoneRoutes(roles, by: runner)
}

private func messageSignInRoutes(by runner: any ErrandRunner) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/sms", needs: .guest,
            summary: "Have a code sent to one's telephone, to finish signing in",
            query: NoQuery.self, body: SendRequest.self, answers: SentView.self, status: 201,
            refusals: [DoorRefusal.self, MessageRefusal.self],
            example: SendRequest(ticket: .sample), repeats: .allowed, work: .waiting,
            prepare: { _, body, _, head, store in
                let hint = try sendSignInCode(
                    ticket: body.ticket.text, by: runner, Credential.visitor(head), store: store)
                return SentView(lastDigits: hint.lastDigits, seconds: MessageRule.seconds)
            }
        ) { _, _, view, _, _ in view },
        .change(
            .post, "/api/v1/session/sms/code", needs: .guest,
            summary: "Finish signing in with the code that was sent to one's telephone",
            query: NoQuery.self, body: TicketRequest.self, answers: WithSession<SignInView>.self,
            status: 201, refusals: [DoorRefusal.self, MessageRefusal.self],
            example: TicketRequest(ticket: .sample, code: Secret(checked: "287082")),
            repeats: .allowed,
            prepare: { _, body, _, head, store in
                let opened = try signIn(
                    ticket: body.ticket.text, sent: body.code.text, Credential.visitor(head),
                    store: store)
                return answer(.opened(opened), Credential.place(head))
            }
        ) { _, _, answer, _, _ in answer },
    ]
}

private func ownPhoneRoutes(_ roles: RoleTable, by runner: any ErrandRunner) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/phone", needs: .signedIn,
            summary: "Have a code sent to a telephone; the number counts once it was typed back",
            query: NoQuery.self, body: PhoneRequest.self, answers: SentView.self, status: 201,
            refusals: [DoorRefusal.self, MessageRefusal.self],
            example: PhoneRequest(number: .sample), repeats: .allowed, work: .waiting,
            prepare: { _, body, _, head, store in
                try beginPhone(
                    number: body.number.text, session: try sessionToken(head), by: runner,
                    Credential.visitor(head), store: store)
                return SentView(
                    lastDigits: MessageRule.lastDigits(of: body.number.text),
                    seconds: MessageRule.seconds)
            }
        ) { _, _, view, _, _ in view },
        .change(
            .post, "/api/v1/session/phone/confirmation", needs: .signedIn,
            summary: "Put a telephone into use by the code that was sent to it",
            query: NoQuery.self, body: CodeRequest.self, answers: WithSession<EnrolledView>.self,
            refusals: [DoorRefusal.self, MessageRefusal.self],
            example: CodeRequest(code: Secret(checked: "287082")), repeats: .allowed,
            prepare: { _, body, _, head, store in
                let enrolled = try confirmPhone(
                    code: body.code.text, session: try sessionToken(head),
                    Credential.visitor(head), store: store)
                return answer(enrolled, Credential.place(head))
            }
        ) { _, _, answer, _, tx in
            roles.takenBack.note(at: tx.now)
            return answer
        },
        .change(
            .delete, "/api/v1/session/phone", needs: .signedIn,
            summary: "Send no more codes to one's telephone", query: NoQuery.self,
            body: NoBody.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self, MessageRefusal.self], repeats: .allowed,
            prepare: { _, _, _, head, _ in try sessionToken(head) }
        ) { _, _, token, _, tx in
            try removePhone(session: token, in: tx)
            return Nothing()
        },
    ]
}

extension MessageRefusal: AnswerHeaders {
    /// Says when to come back (RFC 9110, 10.2.3).
    package var answerHeaders: [Response.Header] {
        switch self {
        case .tooMany(let seconds): [Response.Header("Retry-After", String(seconds))]
        default: []
        }
    }
}
