// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

/// Setting up, signing in and out, and what concerns oneself.
func sessionEndpoints(_ roles: RoleTable) -> [Route] {
    setupRoutes(roles) + signInRoutes(roles) + ownRoutes(roles) + proofRoutes(roles)
        + passwordRoutes(roles) + ownSessionRoutes(roles)
}

private func setupRoutes(_ roles: RoleTable) -> [Route] {
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
            body: SetupRequest.self, answers: WithSession<SessionView>.self, status: 201,
            refusals: [DoorRefusal.self, TimeRefusal.self],
            example: SetupRequest(
                code: Word(checked: "7Q2M-XK4D"), name: Name(checked: "lin"), password: .sample,
                language: Choice(.zhCN), siteName: Name(checked: "Northbank Trading"),
                timeZone: Name(checked: "Asia/Shanghai")), repeats: .allowed, work: .hashing,
            prepare: { _, body, _, head, store in
                try checkSetupCode(body.code.text, from: head.clientAddress, store: store)
                return (
                    hash: try hashed(
                        body.password.text, unlike: [body.name.text, body.siteName.text]),
                    visitor: Credential.visitor(head), place: Credential.place(head)
                )
            }
        ) { _, body, prepared, _, tx in
            let opened = try setUp(
                code: body.code.text, name: body.name.text, password: prepared.hash,
                language: body.language.value,
                site: Site(name: body.siteName.text, timeZone: body.timeZone.text),
                prepared.visitor, in: tx)
            return WithSession(
                view: try sessionView(of: opened.owner, session: nil, roles, in: tx),
                token: opened.token,
                lane: opened.lane, place: prepared.place)
        },
    ]
}

private func signInRoutes(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/session", needs: .guest,
            summary: "Sign in by name and password, or learn which second factor is asked for",
            query: NoQuery.self,
            body: SignInRequest.self, answers: WithSession<SignInView>.self, status: 201,
            refusals: [DoorRefusal.self],
            example: SignInRequest(name: Name(checked: "lin"), password: .sample),
            repeats: .allowed, work: .hashing,
            prepare: { _, body, _, head, store in
                let outcome = try signIn(
                    name: body.name.text, password: body.password.text,
                    Credential.visitor(head), roles.checks, store: store)
                return answer(outcome, Credential.place(head))
            }
        ) { _, _, answer, _, _ in answer },
        .change(
            .post, "/api/v1/session/factor", needs: .guest,
            summary: "Finish signing in with a code of an app or a recovery code",
            query: NoQuery.self, body: TicketRequest.self, answers: WithSession<SignInView>.self,
            status: 201, refusals: [DoorRefusal.self],
            example: TicketRequest(ticket: .sample, code: Secret(checked: "287082")),
            repeats: .allowed,
            prepare: { _, body, _, head, store in
                let opened = try signIn(
                    ticket: body.ticket.text, code: body.code.text, Credential.visitor(head),
                    store: store)
                return answer(.opened(opened), Credential.place(head))
            }
        ) { _, _, answer, _, _ in answer },
    ]
}

/// What a browser gets for a sign-in.
func answer(_ outcome: SignInOutcome, _ place: CookiePlace) -> WithSession<SignInView> {
    switch outcome {
    case .opened(let opened):
        WithSession(
            view: SignInView(user: PersonView(opened.owner), ticket: nil, factors: [], phone: nil),
            token: opened.token, lane: opened.lane, place: place)
    case .factorNeeded(let ticket, let factors, let phone):
        WithSession(
            view: SignInView(
                user: nil, ticket: ticket,
                factors: Factor.allCases.filter(factors.contains).map { Choice($0) },
                phone: phone.map(PhoneView.init)),
            token: nil, place: place)
    }
}

private func ownRoutes(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/session", needs: .threshold,
            summary: "Read who is signed in and what they may do",
            query: NoQuery.self,
            answers: SessionView.self, refusals: [DoorRefusal.self], pace: .quick
        ) { _, caller, tx in
            try sessionView(
                of: try user(caller, in: tx), session: caller.session, roles, in: tx)
        },
        .change(
            .delete, "/api/v1/session", needs: .threshold, summary: "Sign out",
            query: NoQuery.self, body: NoBody.self,
            answers: SessionClosed.self, status: 204, repeats: .allowed,
            prepare: { _, _, _, head, _ in
                (token: Credential.session(in: head), place: Credential.place(head))
            }
        ) { _, _, prepared, caller, tx in
            if let token = prepared.token { try signOut(token: token, by: caller, in: tx) }
            roles.takenBack.note(at: tx.now)
            return SessionClosed(place: prepared.place)
        },
        .change(
            .put, "/api/v1/session/language", needs: .threshold, summary: "Choose one's language",
            query: NoQuery.self,
            body: LanguageRequest.self, answers: SessionView.self, refusals: [DoorRefusal.self],
            example: LanguageRequest(language: Choice(.en))
        ) { _, body, caller, tx in
            let user = try setLanguage(
                of: try userID(caller), to: body.language.value, by: caller, in: tx)
            return try sessionView(of: user, session: caller.session, roles, in: tx)
        },
        .change(
            .delete, "/api/v1/session/notices", needs: .signedIn,
            summary: "Put away what one was told about one's own account",
            query: NoQuery.self, body: NoBody.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self], repeats: .allowed
        ) { _, _, caller, tx in
            try putAwayNotices(of: try userID(caller), in: tx)
            return Nothing()
        },
    ]
}

private func proofRoutes(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/proofs", needs: .signedIn,
            summary: "Prove again who one is, by a code of an app or a recovery code",
            query: NoQuery.self, body: CodeRequest.self, answers: SessionRenewed.self, status: 204,
            refusals: [DoorRefusal.self], example: CodeRequest(code: Secret(checked: "287082")),
            repeats: .allowed,
            prepare: { _, body, _, head, store in
                let token = try prove(
                    code: body.code.text, session: try sessionToken(head),
                    Credential.visitor(head), store: store)
                return SessionRenewed(token: token, place: Credential.place(head))
            }
        ) { _, _, renewed, _, tx in
            roles.takenBack.note(at: tx.now)
            return renewed
        },
        .change(
            .post, "/api/v1/session/proofs/password", needs: .threshold,
            summary: "Prove again who one is by the password, without a second factor",
            query: NoQuery.self, body: OwnPasswordRequest.self, answers: SessionRenewed.self,
            status: 204, refusals: [DoorRefusal.self],
            example: OwnPasswordRequest(current: .sample), repeats: .allowed, work: .hashing,
            prepare: { _, body, _, head, store in
                let token = try prove(
                    password: body.current.text, session: try sessionToken(head),
                    Credential.visitor(head), roles.checks, store: store)
                return SessionRenewed(token: token, place: Credential.place(head))
            }
        ) { _, _, renewed, _, tx in
            roles.takenBack.note(at: tx.now)
            return renewed
        },
    ]
}

private func passwordRoutes(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/password", needs: .signedIn, summary: "Change one's password",
            query: NoQuery.self,
            body: PasswordChangeRequest.self, answers: SessionRenewed.self, status: 204,
            refusals: [DoorRefusal.self],
            example: PasswordChangeRequest(current: .sample, new: .sample), repeats: .allowed,
            work: .hashing,
            prepare: { _, body, caller, head, store in
                let words = try nearWords(caller.name, store: store)
                let token = try changePassword(
                    session: try sessionToken(head), current: body.current.text,
                    new: try hashed(body.new.text, unlike: words), Credential.visitor(head),
                    roles.checks, store: store)
                return SessionRenewed(token: token, place: Credential.place(head))
            }
        ) { _, _, renewed, _, tx in
            roles.takenBack.note(at: tx.now)
            return renewed
        },
        .change(
            .put, "/api/v1/session/password", needs: .threshold,
            summary: "Choose a password of one's own in the place of one that somebody gave",
            query: NoQuery.self,
            body: NewPasswordRequest.self, answers: SessionRenewed.self, status: 204,
            refusals: [DoorRefusal.self], example: NewPasswordRequest(new: .sample),
            repeats: .allowed, work: .hashing,
            prepare: { _, body, caller, head, store in
                let words = try nearWords(caller.name, store: store)
                return (
                    hash: try hashed(body.new.text, unlike: words),
                    token: try sessionToken(head), place: Credential.place(head)
                )
            }
        ) { _, _, prepared, _, tx in
            let token = try choosePassword(session: prepared.token, new: prepared.hash, in: tx)
            roles.takenBack.note(at: tx.now)
            return SessionRenewed(token: token, place: prepared.place)
        },
    ]
}

private func ownSessionRoutes(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/sessions", needs: .signedIn, summary: "List one's own sessions",
            query: NoQuery.self, answers: PageView<OwnSessionView>.self,
            refusals: [DoorRefusal.self]
        ) { _, caller, tx in
            let sessions = try tx.sessions(of: try userID(caller)).filter {
                SessionRule.isAlive($0, at: tx.now)
            }
            return PageView(
                items: sessions.map { OwnSessionView($0, here: $0.id.raw == caller.session) },
                next: nil)
        },
        .change(
            .delete, "/api/v1/sessions/{id}", needs: .signedIn,
            summary: "End one of one's own sessions", query: ByID<Session>.self, body: NoBody.self,
            answers: Nothing.self, status: 204, refusals: [DoorRefusal.self], repeats: .allowed
        ) { path, _, caller, tx in
            try requireFresh(caller)
            try endSession(path.id, of: try userID(caller), by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
        .change(
            .delete, "/api/v1/sessions", needs: .signedIn,
            summary: "End all of one's own sessions but this one", query: NoQuery.self,
            body: NoBody.self, answers: Nothing.self, status: 204, refusals: [DoorRefusal.self],
            repeats: .allowed, prepare: { _, _, _, head, _ in try sessionToken(head) }
        ) { _, _, token, caller, tx in
            try requireFresh(caller)
            try endOtherSessions(session: token, by: caller, in: tx)
            roles.takenBack.note(at: tx.now)
            return Nothing()
        },
    ]
}
