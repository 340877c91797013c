// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
import Secrets
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

    /// Whether the request or the page that asks came over TLS, also when that ended at a proxy before us.
    private static func isSecure(_ head: RequestHead) -> Bool {
        head.isTLS || (head.header("origin")?.lowercased().hasPrefix("https://") ?? false)
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
            laneToken: value(lane, in: head),
            origin: Origin(
                address: head.clientAddress, credential: "none",
                route: "\(head.method.rawValue) \(head.path)"),
            sessionToken: session(in: head))
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

extension Credential {
    /// A browser says with it that nobody touched it for a while: what it asks by itself keeps no
    /// session alive.
    static let unattended = "sluice-unattended"

    /// Names under which other systems take tokens in addresses.
    private static let namesInAddresses: Set<String> = [
        "token", "access_token", "api_key", "apikey", "key", "auth", "authorization",
    ]

    /// Whether the address holds a credential: it then stands in logs and histories already.
    static func isInAddress(of head: RequestHead) -> Bool {
        head.query.contains {
            namesInAddresses.contains($0.name.lowercased()) || $0.value.hasPrefix("sld_")
                || $0.value.hasPrefix(TokenText.prefix)
        }
    }

    /// Whether somebody did something, rather than a page that stands open.
    static func isAttended(_ head: RequestHead) -> Bool {
        head.header(unattended) == nil
            && head.header("accept")?.lowercased().hasPrefix("text/event-stream") != true
    }

    /// The answer with the MAC that belongs to this request.
    static func signed(_ response: Response, for mark: SignatureMark, key: [UInt8]) -> Response {
        var response = response
        let message = mark.answerMessage(
            status: response.status,
            bodyHash: Digest.hex(SHA256Stream.digest(of: response.bytes)))
        response.headers.append(
            Response.Header(
                "Sluice-Answer-MAC", Digest.hex(HMAC.sha256(Array(message.utf8), key: key))))
        return response
    }
}

extension Gatekeeper {
    /// Who sends a request: a device by its signature or its token, a program by its API token, a
    /// person by the session cookie, a guest otherwise. A credential in the Authorization field that
    /// is no good is refused; a stale cookie makes a guest.
    ///
    /// - Parameters:
    ///   - reply: signs the answer to a signed request.
    ///   - isUse: whether this counts as a use of the session, which keeps it alive, and uses up the
    ///     number of a signed request.
    package func authenticate(
        _ request: Request, _ reply: Reply? = nil, isUse: Bool = true
    ) throws -> Caller {
        let head = request.head
        if !head.query.isEmpty, Credential.isInAddress(of: head) {
            throw AccessRefusal.credentialInAddress
        }
        if let field = head.header("authorization") {
            if SignatureMark.isMeant(by: field) {
                return try device(signed: field, request, reply, isUse: isUse)
            }
            guard field.hasPrefix("Bearer ") else { throw AccessRefusal.unauthenticated }
            let token = String(field.dropFirst(7))
            guard
                let caller = token.hasPrefix(TokenText.prefix)
                    ? try program(token: token, from: head.clientAddress)
                    : try device(token: token)
            else { throw AccessRefusal.unauthenticated }
            return caller
        }
        if let token = Credential.session(in: head),
            let person = try person(
                session: token, isUse: isUse && Credential.isAttended(head))
        {
            return person
        }
        return .guest
    }

    private func device(
        signed field: String, _ request: Request, _ reply: Reply?, isUse: Bool
    ) throws -> Caller {
        guard let mark = SignatureMark(field) else { throw DeviceRefusal.signatureMalformed }
        let head = request.head
        let message = mark.message(
            method: head.method.rawValue, target: head.target,
            mediaType: head.header("content-type").map(MediaType.essence) ?? "",
            bodyHash: Digest.hex(SHA256Stream.digest(of: request.body)))
        return try device(signed: mark, message, isUse: isUse) { key in
            reply?.finish { Credential.signed($0, for: mark, key: key) }
        }
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
