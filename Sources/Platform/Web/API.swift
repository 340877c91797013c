// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Answers requests by endpoints: finds the endpoint, asks who calls, checks where a change comes
/// from and whether the caller may make it, and runs the endpoint's function.
package struct API: RequestHandler {
    /// Finds out who calls, from the credentials of the request. Returns a guest when there are
    /// none; throws a refusal when there are some that are no good. Must not wait. It may have the
    /// answer signed (`Reply.finish`), and must not answer.
    package typealias Authenticate = @Sendable (Request, Reply) throws -> Caller

    private let router: Router
    private let problems: ProblemWriter
    private let authenticate: Authenticate
    private let otherwise: (any RequestHandler)?
    private let rates: RateLimiter?
    private let witness: (any RequestWitness)?

    /// - Parameter witness: learns of refusals and of what is read; nil for none.
    /// - Parameter rates: counts requests of endpoints; nil counts none.
    /// - Parameter otherwise: answers paths that no endpoint has, for example static files.
    /// - Throws: `Router.Failure` for a list with a mistake.
    package init(
        endpoints: [Endpoint], problems: ProblemWriter, authenticate: @escaping Authenticate,
        otherwise: (any RequestHandler)? = nil, rates: RateLimiter? = nil,
        witness: (any RequestWitness)? = nil
    ) throws {
        self.witness = witness
        router = try Router(endpoints)
        self.problems = problems
        self.authenticate = authenticate
        self.otherwise = otherwise
        self.rates = rates
    }

    /// The endpoints, in their declared order.
    package var endpoints: [Endpoint] { router.endpoints }

    package func bodyLimit(for head: RequestHead) -> BodyRule {
        switch router.match(head.method, head.segments) {
        // A body where none is taken is refused as a wrong media type, which says more than 413.
        case .found(let endpoint, _): .upTo(endpoint.bodies.isEmpty ? 1024 : endpoint.bodyBytesMax)
        case .otherMethods, .none: .upTo(1024)
        }
    }

    package func methods(at segments: [String]) -> [Method] {
        let own = router.methods(segments)
        return own.isEmpty ? otherwise?.methods(at: segments) ?? [] : own
    }

    package func handle(_ request: Request, _ reply: Reply) {
        var language: Language?
        do {
            let head = request.head
            switch router.match(head.method, head.segments) {
            case .none:
                guard let otherwise else { throw WebRefusal.notFound }
                otherwise.handle(request, reply)
            case .otherMethods(let methods):
                throw WebRefusal.methodNotAllowed(allowed: methods)
            case .found(let endpoint, let parameters):
                var caller: Caller
                do {
                    try CrossSite.check(head)
                    caller = try counted(request, reply).asking(head, endpoint)
                } catch {
                    watch(reply, head, .guest, endpoint)
                    throw error
                }
                watch(reply, head, caller, endpoint)
                if caller.actor != .guest { language = caller.language }
                try admit(caller, to: endpoint)
                if case .permission(let one) = endpoint.need { caller = caller.acting(under: one) }
                // What needs no right can lose none, such as signing in anew.
                if endpoint.need == .guest { caller.lookedUpAt = nil }
                let mediaType = try mediaType(of: request, for: endpoint)
                try checkHead(head, endpoint)
                let incoming = Endpoint.Incoming(
                    head: head, body: request.body, parameters: parameters, mediaType: mediaType)
                endpoint.run(incoming, caller, reply)
            }
        } catch {
            reply.fail(error, in: language)
        }
    }

    private func watch(
        _ reply: Reply, _ head: RequestHead, _ caller: Caller, _ endpoint: Endpoint
    ) {
        guard let witness else { return }
        reply.watch(Watch(witness: witness, request: .init(head, caller, endpoint)))
    }

    /// Who calls, after the request was counted for them. Credentials that are no good count for
    /// the address that they come from.
    private func counted(_ request: Request, _ reply: Reply) throws -> Caller {
        let head = request.head
        let caller: Caller
        do {
            caller = try authenticate(request, reply)
        } catch {
            try rates?.admit(.address(head.clientAddress))
            throw error
        }
        if let subject = RateSubject(caller, head) { try rates?.admit(subject) }
        return caller
    }

    private func admit(_ caller: Caller, to endpoint: Endpoint) throws {
        if endpoint.need == .guest { return }
        if caller.isViewing, !endpoint.method.isSafe, !endpoint.endsViewing {
            throw AccessRefusal.viewingOnly
        }
        if endpoint.need == .threshold || endpoint.need == .signedIn {
            guard caller.actor != .guest else { throw AccessRefusal.unauthenticated }
        }
        if caller.isToken && (endpoint.isForSessions || endpoint.needsFreshProof) {
            throw AccessRefusal.sessionOnly
        }
        if endpoint.need == .threshold { return }
        // Before the permission: whoever is still on the threshold has none.
        switch caller.standing {
        case .full: break
        case .mustSetPassword: throw AccessRefusal.passwordNeeded
        case .mustEnrol: throw AccessRefusal.factorNeeded
        }
        if case .permission(let permission) = endpoint.need { try caller.require(permission) }
        if endpoint.needsFreshProof, !caller.isFresh { throw AccessRefusal.stepUpNeeded }
    }

    private func mediaType(of request: Request, for endpoint: Endpoint) throws -> String? {
        guard !request.body.isEmpty || !endpoint.bodies.isEmpty else { return nil }
        let sent = request.head.header("content-type").map(MediaType.essence)
        guard let sent, let form = endpoint.bodies.first(where: { $0.mediaType == sent }) else {
            throw WebRefusal.mediaUnsupported(accepted: endpoint.bodies.map(\.mediaType))
        }
        if CrossSite.isSimple(sent) && !CrossSite.isBeyondBrowsers(request.head) {
            let others = endpoint.bodies.map(\.mediaType).filter { !CrossSite.isSimple($0) }
            throw WebRefusal.mediaUnsupported(accepted: others)
        }
        if form.schema == nil { try UploadCheck.require(request.body, as: sent) }
        return sent
    }

    private func checkHead(_ head: RequestHead, _ endpoint: Endpoint) throws {
        if endpoint.query == nil, !head.query.isEmpty {
            throw WebRefusal.fields(head.query.map { WireFault("unknown", path: [$0.name]) })
        }
        if endpoint.needsMatch && head.header("if-match") == nil { throw WebRefusal.matchMissing }
        if endpoint.needsKey && head.header("idempotency-key") == nil {
            throw WebRefusal.keyMissing
        }
    }
}

extension Caller {
    /// The caller, asking an endpoint from where the request came.
    fileprivate func asking(_ head: RequestHead, _ endpoint: Endpoint) -> Caller {
        from(
            Origin(
                address: head.clientAddress, credential: credential, route: endpoint.name))
    }
}

/// Media types of requests.
package enum MediaType {
    /// The type without parameters, lower case: "text/csv" of "Text/CSV; charset=utf-8".
    package static func essence(_ field: String) -> String {
        if field == "application/json" { return field }
        let end = field.firstIndex(of: ";") ?? field.endIndex
        return field[..<end].filter { $0 != " " && $0 != "\t" }.lowercased()
    }
}

/// The rule against requests that another site makes a browser send.
///
/// SameSite=Strict keeps the cookie back in most cases; this stands behind it. Browsers say where
/// a request comes from: Sec-Fetch-Site on trustworthy origins, Origin on every unsafe request.
enum CrossSite {
    static func check(_ head: RequestHead) throws {
        if head.method.isSafe { return }
        let site = head.header("sec-fetch-site")
        let origin = head.header("origin")
        if let site, site != "same-origin" && site != "none" { throw WebRefusal.crossSite }
        if let origin, !isOwn(origin, head) { throw WebRefusal.crossSite }
        // A cookie without any word of where the request comes from proves nothing. A client that
        // is no browser sends no cookie, or a bearer token beside it.
        let hasCookie = head.header("cookie") != nil && head.header("authorization") == nil
        if hasCookie && site == nil && origin == nil { throw WebRefusal.crossSite }
    }

    /// Types that a form of any site can send without asking first (Fetch standard,
    /// "CORS-safelisted request-header"). They are taken from scanners, which show a token that no
    /// browser adds by itself, and from the box itself.
    static func isSimple(_ mediaType: String) -> Bool {
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
            .contains(mediaType)
    }

    /// Whether no browser of a person can have sent this.
    static func isBeyondBrowsers(_ head: RequestHead) -> Bool {
        head.peerUser != nil || head.header("authorization") != nil
    }

    /// Whether the origin's host and port are those of the Host field. The scheme is compared where
    /// this server ends TLS itself: whoever sits on the line can make a page of the box's name over
    /// plain HTTP. Behind a proxy this server does not know it.
    private static func isOwn(_ origin: String, _ head: RequestHead) -> Bool {
        guard let host = head.header("host"), let start = origin.firstRange(of: "://") else {
            return false
        }
        if head.isTLS && origin[..<start.lowerBound].lowercased() != "https" { return false }
        return origin[start.upperBound...].lowercased() == host.lowercased()
    }
}
