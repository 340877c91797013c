// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Keeps in mind who was refused and who read what: for whatever changes nothing and so leaves no
/// trace in the books. Called on threads that answer requests, so it must not wait.
package protocol RequestWitness: Sendable {
    func refused(_ request: WitnessedRequest, _ refusal: any Refusal)
    func answered(_ request: WitnessedRequest)
}

/// A request as its witness sees it.
package struct WitnessedRequest: Sendable {
    package let head: RequestHead
    package let caller: Caller
    /// "GET /api/v1/items/{id}".
    package let route: String
    package let isSensitive: Bool

    /// The name of a list that the browser says it is making a file of; nil for reading on a screen.
    /// Source: our own screens, `kit/table.js`.
    package var exports: Bool { head.header("sluice-purpose") == "export" }

    init(_ head: RequestHead, _ caller: Caller, _ endpoint: Endpoint) {
        self.head = head
        self.caller = caller
        route = endpoint.name
        isSensitive = endpoint.isSensitive
    }
}

/// A request and who watches it.
struct Watch: Sendable {
    let witness: any RequestWitness
    let request: WitnessedRequest

    /// Whether a refusal of this kind says that somebody may not.
    static func isNews(_ kind: RefusalKind) -> Bool {
        kind == .forbidden || kind == .unauthenticated || kind == .tooMany
    }

    func refused(_ error: any Error) {
        guard let refusal = error as? any Refusal, Self.isNews(refusal.kind) else { return }
        witness.refused(request, refusal)
    }

    func answered(_ status: Int) {
        guard request.isSensitive || request.exports, status < 300 else { return }
        witness.answered(request)
    }
}
