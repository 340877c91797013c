// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Secrets
import Web

/// Bytes in the base 64 of addresses, as WebAuthn writes them.
struct WebBytes: WireText {
    static let rule = Schema.TextRule(
        least: 1, most: 16_384,
        // The bits that are left over in the last character are zero.
        pattern: "^([A-Za-z0-9_-]{4}){0,4096}"
            + "([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$")
    static let isTrimmed = false
    static let sample = WebBytes(checked: "AAAA")
    let text: String
    init(checked text: String) { self.text = text }

    init(_ text: String) throws(WireFault) {
        guard text.utf8.count <= 16_384 else { throw WireFault("too_long") }
        guard !text.isEmpty, Base64.bytes(url: text) != nil else { throw WireFault("malformed") }
        self.text = text
    }

    var bytes: [UInt8] { Base64.bytes(url: text) ?? [] }
}

/// What a browser needs to make a passkey.
struct RegistrationChallenge: WireRecord {
    let challenge: String
    let host: String
    let siteName: String
    let userHandle: String
    let userName: String
    /// Credentials that the person has already.
    let known: [String]
}

struct RegistrationRequest: WireRecord {
    let name: Name
    let clientData: WebBytes
    let attestation: WebBytes
}

/// What a browser needs to ask for a passkey.
struct AssertionChallenge: WireRecord {
    let challenge: String
    let host: String
    /// Credentials that will do; empty for any that the browser knows.
    let known: [String]
}

struct ChallengeRequest: WireRecord {
    /// The ticket of a sign-in whose password was right; null signs in by the passkey alone.
    let ticket: Secret?
}

struct AssertionRequest: WireRecord {
    let credential: WebBytes
    let clientData: WebBytes
    let authenticatorData: WebBytes
    let signature: WebBytes

    static let sample = AssertionRequest(
        credential: .sample, clientData: .sample, authenticatorData: .sample, signature: .sample)

    /// Throws when what the browser says of the ceremony cannot be read.
    func read() throws -> Assertion {
        Assertion(
            credential: credential.bytes, client: try readClientData(clientData.bytes),
            authenticator: authenticatorData.bytes, signature: signature.bytes)
    }
}

struct PasskeySignInRequest: WireRecord {
    let ticket: Secret?
    let assertion: AssertionRequest
}

struct PasskeyNameRequest: WireRecord {
    let name: Name
}

func passkeyEndpoints(_ roles: RoleTable) -> [Route] {
    registrationRoutes(roles) + assertionRoutes(roles) + passkeyProofRoutes(roles)
}

private func registrationRoutes(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/passkey-registration", needs: .threshold,
            summary: "Begin to set up a passkey on this device", query: NoQuery.self,
            body: Empty.self, answers: RegistrationChallenge.self, refusals: [DoorRefusal.self],
            example: Empty(), repeats: .allowed, prepare: { _, _, _, head, _ in try place(head) }
        ) { _, _, place, caller, tx in
            let user = try user(caller, in: tx)
            let purpose = PasskeyPurpose.register(user.id).text
            return RegistrationChallenge(
                challenge: Base64.url(try roles.challenges.make(for: purpose, at: tx.now)),
                host: place.host, siteName: try tx.site()?.name ?? "Sluice",
                userHandle: Base64.url(userHandle(user)), userName: user.name,
                known: try tx.passkeys(of: user.id).map { Base64.url($0.credential) })
        },
        .change(
            .post, "/api/v1/session/passkeys", needs: .threshold,
            summary: "Take up a passkey that was made on this device", query: NoQuery.self,
            body: RegistrationRequest.self, answers: WithSession<EnrolledView>.self, status: 201,
            refusals: [DoorRefusal.self],
            example: RegistrationRequest(
                name: Name(checked: "Phone"), clientData: .sample, attestation: .sample),
            repeats: .allowed,
            prepare: { _, body, _, head, _ in
                (
                    place: try place(head), token: try sessionToken(head),
                    client: try readClientData(body.clientData.bytes),
                    cookies: Credential.place(head)
                )
            }
        ) { _, body, prepared, _, tx in
            let enrolled = try addPasskey(
                named: body.name.text, client: prepared.client,
                attestation: body.attestation.bytes, at: prepared.place,
                session: prepared.token, roles.challenges, in: tx)
            roles.takenBack.note(at: tx.now)
            return answer(enrolled, prepared.cookies)
        },
        .change(
            .put, "/api/v1/session/passkeys/{id}", needs: .signedIn,
            summary: "Name one of one's passkeys", query: ByID<Passkey>.self,
            body: PasskeyNameRequest.self, answers: Nothing.self, status: 204,
            refusals: [DoorRefusal.self],
            example: PasskeyNameRequest(name: Name(checked: "Phone")), repeats: .allowed
        ) { path, body, caller, tx in
            try rename(path.id, to: body.name.text, by: caller, in: tx)
            return Nothing()
        },
        .change(
            .delete, "/api/v1/session/passkeys/{id}", needs: .signedIn,
            summary: "Remove one of one's passkeys", query: ByID<Passkey>.self, body: NoBody.self,
            answers: Nothing.self, status: 204, refusals: [DoorRefusal.self], repeats: .allowed,
            prepare: { _, _, _, head, _ in Credential.session(in: head) }
        ) { path, _, token, caller, tx in
            try removePasskey(path.id, session: token, by: caller, in: tx)
            return Nothing()
        },
    ]
}

private func assertionRoutes(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/passkey-challenge", needs: .guest,
            summary: "Begin to sign in by a passkey", query: NoQuery.self,
            body: ChallengeRequest.self, answers: AssertionChallenge.self,
            refusals: [DoorRefusal.self], example: ChallengeRequest(ticket: nil),
            repeats: .allowed, prepare: { _, _, _, head, _ in try place(head) }
        ) { _, body, place, _, tx in
            let ticket = try body.ticket.map { try goodTicket($0.text, in: tx) }
            let purpose = ticket.map { PasskeyPurpose.second($0.id) } ?? .signIn
            let known = try ticket.map { try tx.passkeys(of: $0.user) } ?? []
            return AssertionChallenge(
                challenge: Base64.url(try roles.challenges.make(for: purpose.text, at: tx.now)),
                host: place.host, known: known.map { Base64.url($0.credential) })
        },
        .change(
            .post, "/api/v1/session/passkey", needs: .guest, summary: "Sign in by a passkey",
            query: NoQuery.self, body: PasskeySignInRequest.self,
            answers: WithSession<SignInView>.self, status: 201, refusals: [DoorRefusal.self],
            example: PasskeySignInRequest(ticket: nil, assertion: .sample), repeats: .allowed,
            prepare: { _, body, _, head, store in
                let opened = try signIn(
                    try body.assertion.read(), ticket: body.ticket?.text, at: try place(head),
                    roles.challenges, Credential.visitor(head), store: store)
                return answer(.opened(opened), Credential.place(head))
            }
        ) { _, _, answer, _, _ in answer },
    ]
}

private func passkeyProofRoutes(_ roles: RoleTable) -> [Route] {
    [
        .change(
            .post, "/api/v1/session/proofs/challenge", needs: .signedIn,
            summary: "Begin to prove again who one is, by a passkey", query: NoQuery.self,
            body: Empty.self, answers: AssertionChallenge.self, refusals: [DoorRefusal.self],
            example: Empty(), repeats: .allowed,
            prepare: { _, _, _, head, _ in (place: try place(head), token: try sessionToken(head)) }
        ) { _, _, prepared, _, tx in
            let (session, user) = try here(prepared.token, in: tx)
            let purpose = PasskeyPurpose.prove(session.id).text
            return AssertionChallenge(
                challenge: Base64.url(try roles.challenges.make(for: purpose, at: tx.now)),
                host: prepared.place.host,
                known: try tx.passkeys(of: user.id).map { Base64.url($0.credential) })
        },
        .change(
            .post, "/api/v1/session/proofs/passkey", needs: .signedIn,
            summary: "Prove again who one is, by a passkey", query: NoQuery.self,
            body: AssertionRequest.self, answers: SessionRenewed.self, status: 204,
            refusals: [DoorRefusal.self], example: .sample, repeats: .allowed,
            prepare: { _, body, _, head, store in
                let token = try prove(
                    try body.read(), at: try place(head), session: try sessionToken(head),
                    roles.challenges, store: store)
                return SessionRenewed(token: token, place: Credential.place(head))
            }
        ) { _, _, renewed, _, tx in
            roles.takenBack.note(at: tx.now)
            return renewed
        },
    ]
}

/// Where the page of a request comes from, for passkeys.
private func place(_ head: RequestHead) throws(DoorRefusal) -> PasskeyPlace {
    try PasskeyPlace(authority: head.header("host") ?? "")
}

/// Bytes of the browser's words about a ceremony at most; they are a few hundred.
private let clientDataMost = 4096

private func readClientData(_ bytes: [UInt8]) throws -> ClientData {
    guard bytes.count <= clientDataMost, let document = try? JSON(reading: bytes),
        let type = document["type"]?.text, let origin = document["origin"]?.text,
        let challenge = document["challenge"]?.text.flatMap(Base64.bytes(url:))
    else { throw DoorRefusal.passkeyRefused(.malformed) }
    return ClientData(
        bytes: bytes, type: type, challenge: challenge, origin: origin,
        isCrossOrigin: document["crossOrigin"]?.flag ?? false)
}
