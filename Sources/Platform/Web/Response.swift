// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// An answer: status, header fields and body. The security headers of `SecurityHeaders` are added
/// to every answer by the server, as is `Cache-Control: no-store` unless the answer has its own.
package struct Response: Sendable {
    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Sent for as long as the stream is open.
        case stream(EventStream)
        /// Made once and sent many times (static files, health).
        case prepared(PreparedResponse)
    }

    package var status: Int
    package var headers: [Header]
    package var body: Body

    package init(status: Int, headers: [Header] = [], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The JSON of `value`, names sorted.
    package static func json(
        _ value: some Encodable, status: Int = 200, headers: [Header] = []
    ) throws -> Response {
        json(bytes: try JSON(encoding: value).bytes(), status: status, headers: headers)
    }

    /// JSON that is already written.
    package static func json(
        bytes: [UInt8], status: Int = 200, headers: [Header] = []
    ) -> Response {
        Response(
            status: status, headers: [Header("Content-Type", "application/json")] + headers,
            body: .bytes(bytes))
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200, headers: [Header] = []) -> Response
    {
        let kind = Header("Content-Type", "text/plain; charset=utf-8")
        return Response(status: status, headers: [kind] + headers, body: .bytes(Array(text.utf8)))
    }

    /// A file to keep. The browser saves it and does not show it; were it shown after all, it could
    /// run nothing and reach nothing.
    ///
    /// - Parameters:
    ///   - type: its media type.
    ///   - fileName: the name proposed to the browser; anything but ASCII letters, digits and
    ///     `. - _` becomes a hyphen, and it does not begin with a full stop.
    package static func download(_ bytes: [UInt8], type: String, fileName: String) -> Response {
        let plain = fileName.unicodeScalars.prefix(128).map { scalar -> Character in
            let isPlain =
                scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "-._".unicodeScalars.contains(scalar))
            return isPlain ? Character(scalar) : "-"
        }
        let name = String(plain.drop { $0 == "." })
        return Response(
            status: 200,
            headers: [
                Header("Content-Type", type),
                Header(
                    "Content-Disposition",
                    "attachment; filename=\"\(name.isEmpty ? "file" : name)\""),
                Header("Content-Security-Policy", SecurityHeaders.downloadPolicy),
            ], body: .bytes(bytes))
    }

    /// An answer that was made before.
    package static func prepared(_ prepared: PreparedResponse) -> Response {
        let response = prepared.response
        return Response(
            status: response.status, headers: response.headers, body: .prepared(prepared))
    }

    /// An answer without a body, for example 204.
    package static func empty(_ status: Int, headers: [Header] = []) -> Response {
        Response(status: status, headers: headers)
    }

    /// A redirect to a path of this server.
    package static func redirect(to path: String, status: Int = 303) -> Response {
        Response(status: status, headers: [Header("Location", path)])
    }

    /// The value of the first header of that name (any case), or nil.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.count == name.utf8.count && Response.same($0.name, name) }?
            .value
    }

    /// The body as bytes; empty for a stream.
    package var bytes: [UInt8] {
        switch body {
        case .empty, .stream: []
        case .bytes(let bytes): bytes
        case .prepared(let prepared): prepared.response.bytes
        }
    }

    private static func same(_ a: String, _ b: String) -> Bool {
        zip(a.utf8, b.utf8).allSatisfy { HeaderBlock.lowered($0) == HeaderBlock.lowered($1) }
    }
}

/// The header fields that every answer carries, errors included.
package enum SecurityHeaders {
    /// No inline code or style, nothing from elsewhere, no framing, no string becomes markup.
    package static let contentSecurityPolicy = String(describing: policy)

    static let policy: StaticString = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
        connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; \
        frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
        trusted-types 'none'
        """

    /// Of pages that register a service worker, whose address is a text that could be code: they may
    /// make one kind of such text, and what may be in it is for their script to say.
    package static let workerPolicy = contentSecurityPolicy.replacing(
        "trusted-types 'none'", with: "trusted-types sluice-worker")

    /// Of what pages are made of, when somebody opens it as if it were one. It is short, because
    /// each of many small files brings it.
    package static let partPolicy = "default-src 'none'; frame-ancestors 'none'"

    /// Of files to keep: nothing may be loaded or run, and the document has no origin.
    package static let downloadPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

    /// The policy is the first, so that it can be left out for another. Static texts end in a zero byte and go to C as they are.
    static let all: [(name: StaticString, value: StaticString)] = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
}
