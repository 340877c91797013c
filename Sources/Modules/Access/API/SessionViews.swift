// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Web

struct SetupView: WireRecord {
    let needed: Bool
}

struct SetupRequest: WireRecord {
    let code: Word
    let name: Name
    let password: Secret
    let language: Choice<Language>
    let siteName: Name
    let timeZone: Name
}

struct SignInRequest: WireRecord {
    let name: Name
    let password: Secret
}

/// A second factor for a sign-in whose password was right.
struct TicketRequest: WireRecord {
    let ticket: Secret
    /// Six digits of an app, or a recovery code.
    let code: Secret
}

struct PasswordChangeRequest: WireRecord {
    let current: Secret
    let new: Secret
}

struct NewPasswordRequest: WireRecord {
    let new: Secret
}

struct CodeRequest: WireRecord {
    let code: Secret
}

struct OwnPasswordRequest: WireRecord {
    let current: Secret
}

struct LanguageRequest: WireRecord {
    let language: Choice<Language>
}

struct PersonView: Codable, Sendable {
    let id: ID<User>
    let name: String

    init(_ user: User) {
        id = user.id
        name = user.name
    }
}

struct SiteView: Codable, Sendable {
    let name: String
    let timeZone: String
    /// Whether this is the practice store and nothing here is real.
    let practice: Bool
}

struct SessionView: WireRecord {
    let user: PersonView
    /// The roles that the person holds now.
    let roles: [RoleRef]
    let permissions: [String]
    /// Names of people who may give roles, for whoever lacks a right; a few of them.
    let helpers: [String]
    /// Through whose eyes the session looks; null through its own.
    let viewing: ViewingView?
    let language: Choice<Language>
    let site: SiteView
    /// What still stands between the person and their work.
    let standing: Choice<Standing>
    let notices: [NoticeView]
}

struct NoticeView: Codable, Sendable {
    let kind: Choice<NoticeKind>
    /// Who did it, or with what.
    let by: String
    let at: Instant

    init(_ notice: Notice) {
        kind = Choice(notice.kind)
        by = notice.by
        at = notice.at
    }
}

/// What came of a sign-in.
struct SignInView: WireRecord {
    /// Who is signed in; null while a second factor is asked for.
    let user: PersonView?
    /// Goes with the second factor; null when none is asked for.
    let ticket: String?
    /// What the person has: any of them will do, or a recovery code.
    let factors: [Choice<Factor>]
    /// The telephone for codes by message; null when the person has none.
    let phone: PhoneView?
}

/// An answer that hands a browser its session, or a new token for it.
struct WithSession<View: WireRecord>: AnswerBody {
    let view: View
    /// Nil leaves the browser as it is.
    let token: String?
    var lane: String?
    let place: CookiePlace

    static func answerForm(status: Int) throws -> Endpoint.AnswerForm {
        try View.answerForm(status: status)
    }

    func response(status: Int) throws -> Response {
        var response = try view.response(status: status)
        if let token {
            response.headers += Credential.cookies(session: token, lane: lane, for: place)
        }
        return response
    }
}

/// A new token for the session, and nothing to say.
struct SessionRenewed: AnswerBody {
    let token: String
    let place: CookiePlace

    static func answerForm(status: Int) throws -> Endpoint.AnswerForm { .nothing }

    func response(status: Int) throws -> Response {
        .empty(204, headers: Credential.cookies(session: token, for: place))
    }
}

/// The cookie is taken away together with the session.
struct SessionClosed: AnswerBody {
    let place: CookiePlace

    static func answerForm(status: Int) throws -> Endpoint.AnswerForm { .nothing }

    func response(status: Int) throws -> Response {
        .empty(204, headers: Credential.cookies(session: nil, for: place))
    }
}

/// One of one's own sessions.
struct OwnSessionView: WireRecord {
    let id: ID<Session>
    let here: Bool
    let createdAt: Instant
    let seenAt: Instant
    let address: String
    let agent: String
    let way: Choice<Way>

    init(_ session: Session, here: Bool) {
        id = session.id
        self.here = here
        createdAt = session.createdAt
        seenAt = session.seenAt
        address = session.address
        agent = session.agent
        way = Choice(session.way)
    }
}

/// The session of a request. Whoever is signed in over the control socket has none.
func sessionToken(_ head: RequestHead) throws(AccessRefusal) -> String {
    guard let token = Credential.session(in: head) else { throw .unauthenticated }
    return token
}

/// The user behind a caller; devices and the box itself have none.
func userID(_ caller: Caller) throws(DoorRefusal) -> ID<User> {
    guard case .user(let id) = caller.actor else { throw .userUnknown }
    return ID(id)
}

func user(_ caller: Caller, in tx: ReadTransaction) throws -> User {
    guard let user = try tx.user(try userID(caller)) else { throw DoorRefusal.userUnknown }
    return user
}

/// Whom somebody may ask for a right.
private func helpers(
    of user: User, _ roles: RoleTable, in tx: ReadTransaction
) throws -> [String] {
    try confirmers(besides: .system("session"), and: user.id, roles, in: tx).sorted()
        .prefix(GrantRule.helpersMost).compactMap { try tx.user($0)?.name }
}

func sessionView(
    of user: User, session: Int64?, _ roles: RoleTable, in tx: ReadTransaction
) throws -> SessionView {
    let site = try tx.site()
    let standing = standing(of: user, mustHaveFactor: try tx.mustHaveFactor(user.id))
    let (held, viewing) = try allowances(
        of: user.id, through: session.map { ID($0) }, roles, in: tx)
    return SessionView(
        user: PersonView(user),
        roles: try roleRefs(of: viewing?.user ?? user.id, roles, in: tx),
        permissions: standing == .full ? held.keys.map(\.code).sorted() : [],
        helpers: standing == .full ? try helpers(of: user, roles, in: tx) : [],
        viewing: try viewing.flatMap { view in
            try tx.user(view.user).map {
                ViewingView(id: $0.id, name: $0.name, until: view.until)
            }
        },
        language: Choice(user.language),
        site: SiteView(
            name: site?.name ?? "", timeZone: site?.timeZone ?? "UTC",
            practice: site?.isPractice ?? false),
        standing: Choice(standing), notices: try tx.notices(of: user.id).map(NoticeView.init))
}
