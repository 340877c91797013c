// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Trust
import Web

/// The door for plain HTTP of a box that serves TLS. It gives what a device needs in order to trust
/// the box, leads everybody else to the door with a lock, and takes no sign-in.
///
/// A change that comes here is refused and not led on: what was in it has been read on the line
/// already, and whoever sent it must learn that.
struct Porch: RequestHandler {
    let house: any RequestHandler
    let screens: StaticFiles
    let problems: ProblemWriter
    let desk: TrustDesk
    /// Whether scanners that know no TLS may scan here.
    let takesScans: Bool

    /// The page of steps, and where its address leads.
    static let page = "/ui/trust/start.html"

    private static let open: Set<String> = [
        "/trust", "/ca.crt", "/ca.pem", "/ca.mobileconfig", "/api/v1/trust", "/health/live",
        "/health/ready",
    ]
    /// Files of the page of steps: no screen that shows or asks anything of the books is among them.
    private static let folders = ["/ui/kit/", "/ui/css/", "/ui/locales/"]
    private static let files: Set<String> = [
        page, "/ui/trust/start.js", "/ui/trust/steps.js", "/ui/trust/check.js",
        "/ui/trust/trust.css",
    ]

    func bodyLimit(for head: RequestHead) -> BodyRule {
        // A change is read, so that its refusal says why.
        head.method.isSafe ? .upTo(0) : house.bodyLimit(for: head)
    }

    func methods(at segments: [String]) -> [Web.Method] { house.methods(at: segments) }

    func handle(_ request: Request, _ reply: Reply) {
        let head = request.head
        if isScan(head) { return house.handle(request, reply) }
        guard head.method.isSafe else { return reply.fail(WebRefusal.tlsNeeded) }
        let path = "/" + head.segments.joined(separator: "/")
        if path == Self.page, let page = screens.page(at: path) {
            return reply.send(withProbe(page, head))
        }
        if Self.open.contains(path) || Self.files.contains(path)
            || Self.folders.contains(where: { path.hasPrefix($0) })
        {
            return house.handle(request, reply)
        }
        // Programs are not led on: they would send their credential here again and again.
        guard head.segments.first != "api", let place = securePlace(head) else {
            return reply.fail(WebRefusal.tlsNeeded)
        }
        // Not for ever: a box may be told to serve plain HTTP again.
        reply.send(
            Response.redirect(
                to: place + head.pathAndQuery, status: head.method == .get ? 302 : 307))
    }

    /// Scans of devices; with a cookie it would be somebody's browser.
    private func isScan(_ head: RequestHead) -> Bool {
        takesScans && head.method == .post && head.segments == ["api", "v1", "scans"]
            && head.header("cookie") == nil
    }

    /// Scheme, name and port of the door with a lock, under the name by which this one was reached.
    private func securePlace(_ head: RequestHead) -> String? {
        guard let doors = desk.doors, let name = head.header("host").flatMap(HostField.name(of:))
        else { return nil }
        return "https://\(name)" + (doors.tls == 443 ? "" : ":\(doors.tls)")
    }

    /// The page of steps may try the other door, to tell whether this browser trusts it yet.
    private func withProbe(_ page: Response, _ head: RequestHead) -> Response {
        guard let place = securePlace(head), !place.contains("[") else { return page }
        var page = page
        let policy = SecurityHeaders.workerPolicy.replacing(
            "connect-src 'self';", with: "connect-src 'self' \(place);")
        page.headers.removeAll {
            ["etag", "cache-control", "content-security-policy"].contains($0.name.lowercased())
        }
        page.headers.append(Response.Header("Content-Security-Policy", policy))
        page.headers.append(Response.Header("Cache-Control", "no-store"))
        return page
    }
}

/// Screens that register a service worker, which tells whether a browser trusts the box.
let workerPages: Set<String> = ["trust/start.html", "trust/trust.html"]

/// Whether a browser that shows a page of the plain door reaches this one without a warning. It may
/// read the answer, which says nothing, when it comes by the same name.
func trustEndpoints() -> [Endpoint] {
    [
        Endpoint(
            .get, "/trust", need: .guest, tag: "system",
            summary: "Lead to the page on which a device learns to trust the box",
            answer: Endpoint.AnswerForm(status: 303, mediaType: nil, schema: nil)
        ) { _, _, reply in
            reply.send(.redirect(to: Porch.page))
        },
        Endpoint(
            .get, "/trust/probe", need: .guest, tag: "system",
            summary: "Answer whoever gets here without a warning", answer: .nothing
        ) { incoming, _, reply in
            var headers: [Response.Header] = []
            if let origin = incoming.head.header("origin"),
                let start = origin.firstRange(of: "://"),
                let from = HostField.name(of: String(origin[start.upperBound...])),
                from == incoming.head.header("host").flatMap(HostField.name(of:))
            {
                headers = [
                    Response.Header("Access-Control-Allow-Origin", origin),
                    Response.Header("Vary", "Origin"),
                ]
            }
            reply.send(.empty(204, headers: headers))
        },
    ]
}
