// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import Web

/// Names of what carries a credential.
package enum Credential {
    /// HttpOnly and SameSite=Strict. The `__Host-` prefix needs HTTPS, which this box does not
    /// speak by itself yet.
    static let cookie = "sluice_session"

    /// The session token of a request, if it has one.
    static func session(in head: RequestHead) -> String? { head.cookie(cookie) }

    /// The header that hands a browser its session, or takes it away again.
    static func setCookie(_ token: String?) -> Response.Header {
        let life = token == nil ? 0 : SessionRule.longestSeconds
        return Response.Header(
            "Set-Cookie",
            "\(cookie)=\(token ?? ""); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(life)")
    }
}

extension Gatekeeper {
    /// Who sends a request: a device by its bearer token, a person by the session cookie, a guest
    /// otherwise. A bearer token that is no good is refused; a stale cookie makes a guest.
    package func authenticate(_ head: RequestHead) throws -> Caller {
        if let field = head.header("authorization") {
            guard field.hasPrefix("Bearer "),
                let device = try device(token: String(field.dropFirst(7)))
            else { throw AccessRefusal.unauthenticated }
            return device
        }
        if let token = Credential.session(in: head), let person = try person(session: token) {
            return person
        }
        return .guest
    }
}

extension DoorRefusal: AnswerHeaders {
    /// Says when to come back (RFC 9110, 10.2.3).
    package var answerHeaders: [Response.Header] {
        guard case .throttled(let seconds) = self else { return [] }
        return [Response.Header("Retry-After", String(seconds))]
    }
}
