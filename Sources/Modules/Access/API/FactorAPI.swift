// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
import Secrets
import Symbology
import Web

/// What one signs in with besides the password.
struct FactorsView: WireRecord {
    let totp: Bool
    let passkeys: [PasskeyView]
    /// The telephone for codes by message; null when there is none.
    let phone: PhoneView?
    /// Whether codes are sent by message at all.
    let messages: Bool
    /// Recovery codes that are left.
    let recoveryCodes: Int64
    /// Whether the role asks for a second factor.
    let needed: Bool
    /// Whether who one is was proved a moment ago, as changes here ask for.
    let fresh: Bool
}

struct PasskeyView: Codable, Sendable {
    let id: ID<Passkey>
    let name: String
    let createdAt: Instant
    let usedAt: Instant?

    init(_ passkey: Passkey) {
        id = passkey.id
        name = passkey.name
        createdAt = passkey.createdAt
        usedAt = passkey.usedAt
    }
}

/// A seed for an app, shown this once.
struct TotpBegun: WireRecord {
    /// Base 32, to be typed in.
    let secret: String
    /// The same as an address, which apps take, too.
    let uri: String
    /// The address as a QR code: an SVG document.
    let picture: String
}

/// What somebody gets who set up a factor.
struct EnrolledView: WireRecord {
    /// Shown this once; empty when the person has some already.
    let recoveryCodes: [String]
}

func factorEndpoints(_ roles: RoleTable) -> [Route] {
    [
        .look(
            "/api/v1/session/factors", needs: .threshold,
            summary: "Read what one signs in with besides the password", query: NoQuery.self,
            answers: FactorsView.self, refusals: [DoorRefusal.self]
        ) { _, caller, tx in
            let user = try user(caller, in: tx)
            return FactorsView(
                totp: user.factors.contains(.totp),
                passkeys: try tx.passkeys(of: user.id).map(PasskeyView.init),
                phone: try phoneHint(of: user, in: tx).map(PhoneView.init),
                messages: try openGateway(in: tx) != nil,
                recoveryCodes: try tx.recoveryCodes(of: user.id),
                needed: try tx.mustHaveFactor(user.id), fresh: caller.isFresh)
        },
        .change(
            .post, "/api/v1/session/totp", needs: .threshold,
            summary: "Make a seed for an app that shows codes; it counts once a code was given",
            query: NoQuery.self, body: Empty.self, answers: TotpBegun.self, status: 201,
            refusals: [DoorRefusal.self], example: Empty(), repeats: .allowed,
            prepare: { _, _, _, head, _ in try sessionToken(head) }
        ) { _, _, token, _, tx in
            let (user, seed) = try beginTotp(session: token, in: tx)
            let secret = Base32.text(seed)
            let site = try tx.site()?.name ?? "Sluice"
            let uri = otpauth(secret, user.name, site)
            return TotpBegun(secret: secret, uri: uri, picture: QRCode(uri)?.svg ?? "")
        },
        .change(
            .post, "/api/v1/session/totp/confirmation", needs: .threshold,
            summary: "Put the seed of an app into use by a code from it", query: NoQuery.self,
            body: CodeRequest.self, answers: WithSession<EnrolledView>.self,
            refusals: [DoorRefusal.self], example: CodeRequest(code: Secret(checked: "287082")),
            repeats: .allowed,
            prepare: { _, body, _, head, store in
                let enrolled = try confirmTotp(
                    code: body.code.text, session: try sessionToken(head),
                    Credential.visitor(head), store: store)
                return answer(enrolled, Credential.place(head))
            }
        ) { _, _, answer, _, tx in
            roles.takenBack.note(at: tx.now)
            return answer
        },
        .change(
            .delete, "/api/v1/session/totp", needs: .signedIn,
            summary: "Turn off the codes of one's app", query: NoQuery.self, body: NoBody.self,
            answers: Nothing.self, status: 204, refusals: [DoorRefusal.self], repeats: .allowed,
            prepare: { _, _, _, head, _ in try sessionToken(head) }
        ) { _, _, token, _, tx in
            try removeTotp(session: token, in: tx)
            return Nothing()
        },
        .change(
            .post, "/api/v1/session/recovery-codes", needs: .signedIn,
            summary: "Make ten new recovery codes and show them, this once; the old ones are void",
            query: NoQuery.self, body: Empty.self, answers: EnrolledView.self, status: 201,
            refusals: [DoorRefusal.self], example: Empty(), repeats: .allowed,
            prepare: { _, _, _, head, _ in try sessionToken(head) }
        ) { _, _, token, _, tx in
            EnrolledView(recoveryCodes: try renewRecoveryCodes(session: token, in: tx))
        },
    ]
}

/// What somebody gets who set up a factor, with the session's new token.
func answer(_ enrolled: Enrolled, _ place: CookiePlace) -> WithSession<EnrolledView> {
    WithSession(
        view: EnrolledView(recoveryCodes: enrolled.recoveryCodes), token: enrolled.token,
        place: place)
}

/// The address that apps read from a QR code. Source: the Key Uri Format of Google Authenticator,
/// which all apps read.
private func otpauth(_ secret: String, _ account: String, _ issuer: String) -> String {
    let (account, issuer) = (escaped(account), escaped(issuer))
    return "otpauth://totp/\(issuer):\(account)?secret=\(secret)&issuer=\(issuer)"
        + "&algorithm=SHA1&digits=\(OneTimeCode.digits)&period=\(OneTimeCode.period)"
}

/// All but unreserved characters as `%41`; no longer than that the QR code stays small.
private func escaped(_ text: String) -> String {
    var all = ""
    for character in text {
        let more = escaped(character)
        guard all.utf8.count + more.utf8.count <= 90 else { break }
        all += more
    }
    return all
}

private func escaped(_ character: Character) -> String {
    let digits = Array("0123456789ABCDEF")
    return character.utf8.map { byte -> String in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            String(UnicodeScalar(byte))
        default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }.joined()
}
