// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import SealedStore
package import Web

/// The version that the API description and the programs name.
package let sluiceVersion = "0.1.0"

/// The description of the API, made once.
package func openAPIDocument(_ endpoints: [Endpoint]) -> JSON {
    OpenAPI.document(title: "Sluice", version: sluiceVersion, endpoints: endpoints)
}

func openAPIEndpoint(describing endpoints: [Endpoint]) -> Endpoint {
    let bytes = openAPIDocument(endpoints).bytes()
    return Endpoint(
        .get, "/api/openapi.json", need: .guest, tag: "system",
        summary: "Read this description of the API",
        answer: .json(Schema(.anything))
    ) { _, _, reply in
        reply.send(.json(bytes: bytes))
    }
}

/// Whether the process lives, and whether it can serve.
func healthEndpoints(_ store: SealedStore) -> [Endpoint] {
    [
        Endpoint(
            .get, "/health/live", need: .guest, tag: "system",
            summary: "Tell that the process runs", answer: .json(Schema(.anything))
        ) { _, _, reply in
            reply.send(.json(bytes: Array(#"{"live":true}"#.utf8)))
        },
        Endpoint(
            .get, "/health/ready", need: .guest, tag: "system",
            summary: "Tell whether the store answers; 503 when it does not",
            answer: .json(Schema(.anything))
        ) { _, _, reply in
            let isReady = (try? store.read { try $0.integer("SELECT 1") }) == 1
            reply.send(
                .json(
                    bytes: Array("{\"ready\":\(isReady)}".utf8), status: isReady ? 200 : 503))
        },
        Endpoint(
            .get, "/problems/{code}", need: .guest, tag: "system",
            summary: "Lead to the help page of a problem",
            parameters: Schema(
                .record(
                    name: "ProblemPath",
                    fields: [Schema.Field("code", Word.schema)])),
            answer: Endpoint.AnswerForm(status: 303, mediaType: nil, schema: nil)
        ) { incoming, _, reply in
            // Only what a code can be is put into the address.
            let code = (incoming.parameters.first?.value ?? "").filter {
                $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "_")
            }
            reply.send(.redirect(to: "/ui/help/problem.html?code=\(code)"))
        },
    ]
}

/// The live stream: every event that the caller may see, from where the browser left off.
///
/// - Parameter caller: who sends a request now; a stream whose session ended is ended, too.
func eventsEndpoint(
    _ parts: HouseParts, _ feed: EventFeed,
    caller look: @escaping @Sendable (RequestHead) throws -> Caller
) -> Endpoint {
    Endpoint(
        .get, "/api/v1/events", need: .signedIn, tag: "system",
        summary: "Follow the journal live, as server-sent events",
        answer: Endpoint.AnswerForm(status: 200, mediaType: "text/event-stream", schema: nil)
    ) { incoming, caller, reply in
        let after = incoming.head.header("last-event-id").flatMap { Int64($0) }
        let scopes = Dictionary(
            uniqueKeysWithValues: caller.permissions.map {
                ($0.code, caller.acting(under: $0).scope)
            })
        let head = incoming.head
        let isWelcome = { @Sendable () -> Bool in
            do {
                let now = try look(head)
                return now.actor == caller.actor && now.permissions == caller.permissions
                    && now.allowances == caller.allowances && now.standing == .full
            } catch is AccessRefusal {
                return false
            } catch {
                // A store that does not answer now says nothing about the reader.
                return true
            }
        }
        let queued = parts.looks.submit {
            do {
                let stream = try parts.events.open(
                    key: caller.actor.description, after: after, past: feed.past(after:limit:),
                    isMasked: !caller.sees(.personName),
                    allows: { event in
                        scopes[event.topic].map { event.lies(within: $0) } ?? false
                    }, isWelcome: isWelcome)
                // Rights may have gone since the request came in; from here on the feed sees it.
                feed.welcome()
                reply.send(stream)
            } catch {
                reply.fail(error, in: caller.language)
            }
        }
        if !queued { reply.fail(WebRefusal.busy, in: caller.language) }
    }
}
