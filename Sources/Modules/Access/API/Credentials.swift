// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import Web

/// Names of what carries a credential.
///
/// Over TLS the cookies have the `__Host-` prefix and `Secure`: no other host, and nobody on the
/// line without TLS, can set or read them (RFC 6265bis, 4.1.3). Plain HTTP cannot have that, so
/// there the names are plain. Browsers say with each change which of the two it is.
enum Credential {
    static let session = "sluice_session"
    /// A browser from which somebody signed in before. It opens nothing; it only keeps the tries
    /// of strangers apart from those of the person.
    static let lane = "sluice_browser"
    private static let prefix = "__Host-"

    /// Whether the page that asks came over TLS, also when that ended at a proxy before us.
    private static func isSecure(_ head: RequestHead) -> Bool {
        head.header("origin")?.lowercased().hasPrefix("https://") ?? false
    }

    /// A cookie that was set over TLS, else one that was not; never a plain one where the page says
    /// that it came over TLS.
    private static func value(_ name: String, in head: RequestHead) -> String? {
        if let value = head.cookie(prefix + name) { return value }
        return isSecure(head) ? nil : head.cookie(name)
    }

    /// The session token of a request, if it has one.
    static func session(in head: RequestHead) -> String? { value(session, in: head) }

    /// Who asks from where.
    static func visitor(_ head: RequestHead) -> Visitor {
        let agent = (head.header("user-agent") ?? "").unicodeScalars.filter {
            $0.value >= 0x20 && $0.value < 0x7f
        }
        return Visitor(
            address: head.clientAddress,
            agent: String(String.UnicodeScalarView(agent.prefix(SessionRule.agentLength))),
            laneToken: value(lane, in: head), sessionToken: session(in: head))
    }

    /// The headers that hand a browser its session and its name, or take the session away.
    static func cookies(
        session token: String?, lane: String? = nil, for head: CookiePlace
    ) -> [Response.Header] {
        var headers = [
            cookie(session, token, seconds: token == nil ? 0 : SessionRule.longestSeconds, head)
        ]
        if let lane {
            headers.append(cookie(Self.lane, lane, seconds: SessionRule.laneSeconds, head))
        }
        return headers
    }

    private static func cookie(
        _ name: String, _ value: String?, seconds: Int64, _ place: CookiePlace
    ) -> Response.Header {
        let isSecure = place == .secure
        return Response.Header(
            "Set-Cookie",
            "\(isSecure ? prefix : "")\(name)=\(value ?? ""); Path=/; HttpOnly; SameSite=Strict; "
                + "Max-Age=\(seconds)\(isSecure ? "; Secure" : "")")
    }

    /// Which kind of cookie a request's answer sets.
    static func place(_ head: RequestHead) -> CookiePlace { isSecure(head) ? .secure : .plain }
}

/// Whether a cookie is kept for TLS only.
enum CookiePlace: Sendable {
    case secure, plain
}

extension Gatekeeper {
    /// Who sends a request: a device by its bearer token, a person by the session cookie, a guest
    /// otherwise. A bearer token that is no good is refused; a stale cookie makes a guest.
    ///
    /// - Parameter isUse: whether this counts as a use of the session, which keeps it alive.
    package func authenticate(_ head: RequestHead, isUse: Bool = true) throws -> Caller {
        if let field = head.header("authorization") {
            guard field.hasPrefix("Bearer "),
                let device = try device(token: String(field.dropFirst(7)))
            else { throw AccessRefusal.unauthenticated }
            return device
        }
        if let token = Credential.session(in: head),
            let person = try person(session: token, isUse: isUse)
        {
            return person
        }
        return .guest
    }
}

extension DoorRefusal: AnswerHeaders {
    /// Says when to come back (RFC 9110, 10.2.3).
    package var answerHeaders: [Response.Header] {
        switch self {
        case .throttled(let seconds): [Response.Header("Retry-After", String(seconds))]
        case .noMemory: [Response.Header("Retry-After", "5")]
        default: []
        }
    }
}
