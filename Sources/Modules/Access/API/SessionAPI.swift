// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Secrets
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

struct PasswordChangeRequest: WireRecord {
    let current: Secret
    let new: Secret
}

struct LanguageRequest: WireRecord {
    let language: Choice<Language>
}

struct PersonView: Codable, Sendable {
    let id: ID<User>
    let name: String
    let role: Choice<Role>
}

struct SiteView: Codable, Sendable {
    let name: String
    let timeZone: String
    /// Whether this is the practice store and nothing here is real.
    let practice: Bool
}

struct SessionView: WireRecord {
    let user: PersonView
    let permissions: [String]
    let language: Choice<Language>
    let site: SiteView
}

/// A session that was just opened: the view, and the cookie beside it.
struct SessionOpened: AnswerBody {
    let view: SessionView
    let token: String

    static func answerForm(status: Int) throws -> Endpoint.AnswerForm {
        try SessionView.answerForm(status: status)
    }

    func response(status: Int) throws -> Response {
        var response = try view.response(status: status)
        response.headers.append(Credential.setCookie(token))
        return response
    }
}

/// The cookie is taken away together with the session.
struct SessionClosed: AnswerBody {
    static func answerForm(status: Int) throws -> Endpoint.AnswerForm { .nothing }

    func response(status: Int) throws -> Response {
        .empty(204, headers: [Credential.setCookie(nil)])
    }
}

/// Setting up, signing in and out, and what concerns oneself.
func sessionEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/setup", needs: .guest, summary: "Tell whether the box is still to be set up",
            query: NoQuery.self,
            answers: SetupView.self, pace: .quick
        ) { _, _, tx in
            SetupView(needed: try !tx.anyUser())
        },
        .change(
            .post, "/api/v1/setup", needs: .guest,
            summary: "Make the first administrator with the code that the box printed at its start",
            query: NoQuery.self,
            body: SetupRequest.self, answers: SessionOpened.self, status: 201,
            refusals: [DoorRefusal.self, TimeRefusal.self],
            example: SetupRequest(
                code: Word(checked: "7Q2M-XK4D"), name: Name(checked: "lin"), password: .sample,
                language: Choice(.zhCN), siteName: Name(checked: "Northbank Trading"),
                timeZone: Name(checked: "Asia/Shanghai")), repeats: .allowed,
            prepare: { _, body, _, head, store in
                try checkSetupCode(body.code.text, from: head.clientAddress, store: store)
                return try hashed(
                    body.password.text, unlike: [body.name.text, body.siteName.text])
            }
        ) { _, body, password, _, tx in
            let opened = try setUp(
                code: body.code.text, name: body.name.text, password: password,
                language: body.language.value,
                site: Site(name: body.siteName.text, timeZone: body.timeZone.text), in: tx)
            return SessionOpened(
                view: try sessionView(of: opened.owner, roles, in: tx), token: opened.token)
        },
        .change(
            .post, "/api/v1/session", needs: .guest, summary: "Sign in",
            query: NoQuery.self,
            body: SignInRequest.self, answers: SessionOpened.self, status: 201,
            refusals: [DoorRefusal.self],
            example: SignInRequest(name: Name(checked: "lin"), password: .sample),
            repeats: .allowed,
            prepare: { _, body, _, head, store in
                (
                    address: head.clientAddress,
                    verdict: try checkPassword(
                        of: body.name.text, body.password.text, from: head.clientAddress,
                        store: store)
                )
            }
        ) { _, _, prepared, _, tx in
            let opened = try signIn(prepared.verdict, from: prepared.address, in: tx)
            return SessionOpened(
                view: try sessionView(of: opened.owner, roles, in: tx), token: opened.token)
        },
        .look(
            "/api/v1/session", needs: .signedIn,
            summary: "Read who is signed in and what they may do",
            query: NoQuery.self,
            answers: SessionView.self, refusals: [DoorRefusal.self], pace: .quick
        ) { _, caller, tx in
            try sessionView(of: try user(caller, in: tx), roles, in: tx)
        },
        .change(
            .delete, "/api/v1/session", needs: .signedIn, summary: "Sign out",
            query: NoQuery.self, body: NoBody.self,
            answers: SessionClosed.self, status: 204, repeats: .allowed,
            prepare: { _, _, _, head, _ in Credential.session(in: head) }
        ) { _, _, token, caller, tx in
            if let token { try signOut(token: token, by: caller, in: tx) }
            roles.takenBack.note(at: tx.now)
            return SessionClosed()
        },
        .change(
            .post, "/api/v1/session/password", needs: .signedIn, summary: "Change one's password",
            query: NoQuery.self,
            body: PasswordChangeRequest.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self],
            example: PasswordChangeRequest(current: .sample, new: .sample), repeats: .allowed,
            prepare: { _, body, caller, head, store in
                let id = try userID(caller)
                try checkOwnPassword(of: id, body.current.text, store: store)
                return (
                    hash: try hashed(body.new.text, unlike: [caller.name]),
                    token: Credential.session(in: head)
                )
            }
        ) { _, _, prepared, caller, tx in
            try setPassword(
                of: try userID(caller), to: prepared.hash, keeping: prepared.token, by: caller,
                in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
        .change(
            .put, "/api/v1/session/language", needs: .signedIn, summary: "Choose one's language",
            query: NoQuery.self,
            body: LanguageRequest.self, answers: SessionView.self, refusals: [DoorRefusal.self],
            example: LanguageRequest(language: Choice(.en))
        ) { _, body, caller, tx in
            let user = try setLanguage(
                of: try userID(caller), to: body.language.value, by: caller, in: tx)
            return try sessionView(of: user, roles, in: tx)
        },
    ]
}

/// The user behind a caller; devices and the box itself have none.
func userID(_ caller: Caller) throws(DoorRefusal) -> ID<User> {
    guard case .user(let id) = caller.actor else { throw .userUnknown }
    return ID(id)
}

private func user(_ caller: Caller, in tx: ReadTransaction) throws -> User {
    guard let user = try tx.user(try userID(caller)) else { throw DoorRefusal.userUnknown }
    return user
}

private func sessionView(
    of user: User, _ roles: RoleTable, in tx: ReadTransaction
) throws -> SessionView {
    let site = try tx.site()
    return SessionView(
        user: PersonView(id: user.id, name: user.name, role: Choice(user.role)),
        permissions: roles.permissions(of: user.role).map(\.code).sorted(),
        language: Choice(user.language),
        site: SiteView(
            name: site?.name ?? "", timeZone: site?.timeZone ?? "UTC",
            practice: site?.isPractice ?? false))
}
