// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore
import Secrets
import Web

/// What makes a request the same request when it comes again: who sends it, its key, and a digest
/// of what it asks.
struct Repetition: Sendable {
    let caller: String
    /// Nil when each request stands for itself.
    let key: String?
    let request: [UInt8]

    /// - Parameter key: what the body named as the key; nil takes the header's.
    init(
        _ repeats: Route.Repeat, _ incoming: Endpoint.Incoming, _ caller: Caller, key: String??
    ) throws {
        // A key in the body names the event itself, whoever brings it: a queue that is sent again
        // after somebody else signed in must not move the goods twice.
        // A program may see less than its person, so it gets no answers that were made for them.
        let sender = caller.isToken ? "\(caller.actor) token" : caller.actor.description
        self.caller = key == nil ? sender : "event"
        guard repeats == .byKey else {
            self.key = nil
            request = []
            return
        }
        self.key = key ?? incoming.head.header("idempotency-key")
        if let key = self.key {
            let isVisible = key.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            guard isVisible, (1...Limit.idempotencyKeyLength).contains(key.utf8.count) else {
                throw KitRefusal.keyMalformed
            }
        }
        var bytes = Array("\(incoming.head.method.rawValue) \(incoming.head.path)".utf8)
        for (name, value) in incoming.head.query { bytes += "\0\(name)\0\(value)".utf8 }
        bytes.append(0)
        request = Digest.blake2b(bytes + incoming.body)
    }
}

/// Makes a change and answers after its commit, or gives the answer that was given before.
func carryOut<A: AnswerBody>(
    _ premises: Premises, _ repetition: Repetition, _ status: Int, _ caller: Caller,
    _ reply: Reply, _ work: @escaping @Sendable (WriteTransaction) throws -> A
) {
    premises.store.submit(
        { tx -> Response in
            try premises.admit(caller, tx)
            tx.origin = caller.origin
            guard let key = repetition.key else { return try work(tx).response(status: status) }
            if let kept = try tx.keptAnswer(to: key, of: repetition.caller) {
                guard kept.request == repetition.request else { throw KitRefusal.keyReused }
                return kept.response
            }
            let response = try work(tx).response(status: status)
            try tx.keep(
                KeptAnswer(
                    request: repetition.request, status: response.status,
                    mediaType: response.header("content-type") ?? "", body: response.bytes),
                to: key, of: repetition.caller)
            return response
        },
        then: { result in
            respond(reply, caller) { reply.send(try result.get()) }
        })
}

extension KeptAnswer {
    /// The answer again, marked as a repetition.
    fileprivate var response: Response {
        var headers = [Response.Header("Idempotency-Replayed", "true")]
        if !mediaType.isEmpty { headers.append(Response.Header("Content-Type", mediaType)) }
        return Response(
            status: status, headers: headers, body: body.isEmpty ? .empty : .bytes(body))
    }
}
