// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel
package import SealedStore
package import Web

/// An endpoint of a room before it is bound to a store.
package struct Route: Sendable {
    /// How quickly a look answers.
    package enum Pace: Sendable {
        /// A few rows by index: answered on the HTTP worker when a reader is free.
        case quick
        /// Anything else: handed to the reading threads.
        case pooled
    }

    /// What the slow work before a change is.
    package enum Work: Sendable {
        case parsing
        /// A password is hashed: 64 MiB and a fifth of a second each.
        case hashing
        /// Somebody outside of the box is waited for.
        case waiting
    }

    /// What a change does about being sent twice.
    package enum Repeat: Sendable {
        /// The Idempotency-Key header names the request.
        case byKey
        /// Signing in and the like: every request stands for itself.
        case allowed
    }

    /// The endpoint, bound to the store and queues that it runs on.
    package let endpoint: @Sendable (Premises, _ tag: String) throws -> Endpoint

    init(_ endpoint: @escaping @Sendable (Premises, String) throws -> Endpoint) {
        self.endpoint = endpoint
    }
}

/// What all constructors of routes say alike.
struct RouteCard<Q: Codable & Sendable, A: AnswerBody>: Sendable {
    let method: Method
    let path: PathTemplate
    let need: Endpoint.Need
    let summary: String
    let refusals: [any Refusal.Type]
    let status: Int

    /// The endpoint with everything but its body.
    func endpoint(_ tag: String, run: @escaping Endpoint.Run) throws -> Endpoint {
        let schema = try WireForm(Q.self).schema
        let names = Set(path.parameterNames)
        let inPath = schema.fields.filter { names.contains($0.name) }
        let inQuery = schema.fields.filter { !names.contains($0.name) }
        return Endpoint(
            method, path, need: need, tag: tag, summary: summary,
            parameters: inPath.isEmpty
                ? nil : Schema(.record(name: "\(Q.self).Path", fields: inPath)),
            query: inQuery.isEmpty
                ? nil : Schema(.record(name: "\(Q.self).Query", fields: inQuery)),
            answer: try A.answerForm(status: status),
            refusals: refusals.flatMap { $0.catalogue }, run: run)
    }

    /// A function that reads path and query together.
    func queryReader() throws -> @Sendable (Endpoint.Incoming) throws -> Q {
        let form = try WireForm(Q.self)
        return { try form.decode(pairs: $0.parameters + $0.head.query) }
    }
}

extension Route {
    /// A question: reads in one snapshot and changes nothing.
    package static func look<Q: Codable & Sendable, A: AnswerBody>(
        _ path: PathTemplate, needs need: Endpoint.Need, summary: String,
        query: Q.Type, answers: A.Type = A.self,
        refusals: [any Refusal.Type] = [], pace: Pace = .pooled,
        handle: @escaping @Sendable (Q, Caller, ReadTransaction) throws -> A
    ) -> Route {
        let card = RouteCard<Q, A>(
            method: .get, path: path, need: need, summary: summary, refusals: refusals,
            status: 200)
        return Route { premises, tag in
            let readQuery = try card.queryReader()
            return try card.endpoint(tag) { incoming, caller, reply in
                respond(reply, caller) {
                    let query = try readQuery(incoming)
                    let answer = { @Sendable (tx: ReadTransaction) throws in
                        try handle(query, caller, tx).response(status: 200)
                    }
                    if pace == .quick, let response = try premises.store.readIfFree(answer) {
                        return reply.send(response)
                    }
                    let queued = premises.looks.submit {
                        respond(reply, caller) {
                            reply.send(try premises.store.read(answer))
                        }
                    }
                    if !queued { throw KitRefusal.busy }
                }
            }
        }
    }

    /// A change: one transaction, idempotent by its key.
    ///
    /// - Parameter key: takes the key from the body instead of the header.
    package static func change<Q: Codable & Sendable, B: RequestBody, A: AnswerBody>(
        _ method: Method, _ path: PathTemplate, needs need: Endpoint.Need, summary: String,
        query: Q.Type, body: B.Type = B.self, answers: A.Type = A.self,
        status: Int = 200, refusals: [any Refusal.Type] = [], example: B? = nil,
        limit: Int = Limit.bodyBytesJSON, key: (@Sendable (B) -> String?)? = nil,
        repeats: Repeat = .byKey,
        handle: @escaping @Sendable (Q, B, Caller, WriteTransaction) throws -> A
    ) -> Route {
        let card = RouteCard<Q, A>(
            method: method, path: path, need: need, summary: summary, refusals: refusals,
            status: status)
        return Route { premises, tag in
            let readQuery = try card.queryReader()
            let readBody = try B.bodyReader()
            var endpoint = try card.endpoint(tag) { incoming, caller, reply in
                respond(reply, caller) {
                    let query = try readQuery(incoming)
                    let body = try readBody(incoming)
                    let repetition = try Repetition(
                        repeats, incoming, caller, key: key.map { $0(body) })
                    carryOut(premises, repetition, status, caller, reply) { tx in
                        try handle(query, body, caller, tx)
                    }
                }
            }
            try describe(&endpoint, example: example, limit: limit)
            endpoint.needsKey = repeats == .byKey && key == nil
            return endpoint
        }
    }

    /// An edit of a record that the caller has seen: needs If-Match.
    package static func edit<Q: Codable & Sendable, B: RequestBody, A: AnswerBody>(
        _ path: PathTemplate, needs need: Endpoint.Need, summary: String, query: Q.Type,
        body: B.Type = B.self, answers: A.Type = A.self, refusals: [any Refusal.Type] = [],
        example: B? = nil,
        handle: @escaping @Sendable (Q, B, EditCondition, Caller, WriteTransaction) throws -> A
    ) -> Route {
        let card = RouteCard<Q, A>(
            method: .patch, path: path, need: need, summary: summary, refusals: refusals,
            status: 200)
        return Route { premises, tag in
            let readQuery = try card.queryReader()
            let readBody = try B.bodyReader()
            var endpoint = try card.endpoint(tag) { incoming, caller, reply in
                respond(reply, caller) {
                    let query = try readQuery(incoming)
                    let body = try readBody(incoming)
                    let condition = EditCondition(incoming.head.header("if-match") ?? "")
                    let repetition = try Repetition(.byKey, incoming, caller, key: nil)
                    carryOut(premises, repetition, 200, caller, reply) { tx in
                        try handle(query, body, condition, caller, tx)
                    }
                }
            }
            try describe(&endpoint, example: example, limit: Limit.bodyBytesJSON)
            endpoint.needsKey = true
            endpoint.needsMatch = true
            endpoint.refusals += KitRefusal.catalogue.filter { $0.kind == .stale }
            return endpoint
        }
    }

    /// A change that needs slow work first: hashing a password, taking a file apart.
    ///
    /// `prepare` runs on the work queue and may open transactions of its own; `handle` then changes
    /// what is to be changed.
    package static func change<
        Q: Codable & Sendable, B: RequestBody, P: Sendable, A: AnswerBody
    >(
        _ method: Method, _ path: PathTemplate, needs need: Endpoint.Need, summary: String,
        query: Q.Type, body: B.Type = B.self, answers: A.Type = A.self,
        status: Int = 200, refusals: [any Refusal.Type] = [], example: B? = nil,
        limit: Int = Limit.bodyBytesJSON, repeats: Repeat = .byKey, work: Work = .parsing,
        prepare: @escaping @Sendable (Q, B, Caller, RequestHead, SealedStore) throws -> P,
        handle: @escaping @Sendable (Q, B, P, Caller, WriteTransaction) throws -> A
    ) -> Route {
        let card = RouteCard<Q, A>(
            method: method, path: path, need: need, summary: summary, refusals: refusals,
            status: status)
        return Route { premises, tag in
            let readQuery = try card.queryReader()
            let readBody = try B.bodyReader()
            var endpoint = try card.endpoint(tag) { incoming, caller, reply in
                respond(reply, caller) {
                    let query = try readQuery(incoming)
                    let body = try readBody(incoming)
                    let repetition = try Repetition(repeats, incoming, caller, key: nil)
                    let queue =
                        switch work {
                        case .parsing: premises.works
                        case .hashing: premises.hashes
                        case .waiting: premises.waits
                        }
                    let queued = queue.submit {
                        respond(reply, caller) {
                            let prepared = try prepare(
                                query, body, caller, incoming.head, premises.store)
                            carryOut(premises, repetition, status, caller, reply) { tx in
                                try handle(query, body, prepared, caller, tx)
                            }
                        }
                    }
                    if !queued { throw KitRefusal.busy }
                }
            }
            try describe(&endpoint, example: example, limit: limit)
            endpoint.needsKey = repeats == .byKey
            return endpoint
        }
    }

    private static func describe<B: RequestBody>(
        _ endpoint: inout Endpoint, example: B?, limit: Int
    ) throws {
        endpoint.bodies = try B.bodyForms()
        endpoint.bodyBytesMax = limit
        if let encodable = example as? any Encodable {
            endpoint.example = String(
                decoding: try JSON(encoding: encodable).bytes(), as: UTF8.self)
        }
    }
}

/// Runs `work` and answers with the problem document when it throws.
func respond(_ reply: Reply, _ caller: Caller, _ work: () throws -> Void) {
    do {
        try work()
    } catch StoreFault.closed {
        // The books are being closed; a moment later others are open, or the box is off.
        reply.fail(WebRefusal.stopping, in: caller.actor == .guest ? nil : caller.language)
    } catch StoreFault.fenced {
        // A flush to disk failed, and the process ends to start anew.
        reply.fail(WebRefusal.stopping, in: caller.actor == .guest ? nil : caller.language)
    } catch StoreFault.full {
        reply.fail(StoreRefusal.full, in: caller.actor == .guest ? nil : caller.language)
    } catch {
        reply.fail(error, in: caller.actor == .guest ? nil : caller.language)
    }
}
