// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD

/// An answer whose libmicrohttpd form is made once and sent many times.
///
/// `@unchecked Sendable`: the pointer never changes after `init`, and libmicrohttpd counts the
/// uses of a response under its own lock.
package final class PreparedResponse: @unchecked Sendable {
    package let response: Response
    let handle: OpaquePointer?

    /// `response` must have bytes or nothing as its body.
    package init(_ response: Response) {
        self.response = response
        handle = NativeResponse.make(response, closing: false)
    }

    deinit {
        if let handle { MHD_destroy_response(handle) }
    }
}

/// The making of libmicrohttpd's responses.
enum NativeResponse {
    /// The response object, owned by the caller; nil when memory is short.
    static func make(_ response: Response, closing: Bool) -> OpaquePointer? {
        let made: OpaquePointer?
        switch response.body {
        case .empty:
            made = MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        case .bytes(let bytes):
            made = bytes.withUnsafeBytes { bytes in
                MHD_create_response_from_buffer(
                    bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                    .RESPMEM_MUST_COPY)
            }
        case .prepared(let prepared):
            return make(prepared.response, closing: closing)
        case .stream(let stream):
            made = stream.makeNative()
        }
        guard let made else { return nil }
        addHeaders(of: response, closing: closing, to: made)
        return made
    }

    private static func addHeaders(
        of response: Response, closing: Bool, to handle: OpaquePointer
    ) {
        // A file to keep has a stricter policy of its own.
        let hasPolicy = response.header("content-security-policy") != nil
        for header in SecurityHeaders.all[(hasPolicy ? 1 : 0)...] {
            add(header.name, header.value, to: handle)
        }
        for header in response.headers {
            // libmicrohttpd refuses CR, LF and tab in names and values, which is what stops a
            // value from becoming a second header.
            _ = MHD_add_response_header(handle, header.name, header.value)
        }
        if response.header("cache-control") == nil {
            add("Cache-Control", "no-store", to: handle)
        }
        if closing { add("Connection", "close", to: handle) }
    }

    private static func add(
        _ name: StaticString, _ value: StaticString, to handle: OpaquePointer
    ) {
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount + 1) {
            name in
            value.utf8Start.withMemoryRebound(
                to: CChar.self, capacity: value.utf8CodeUnitCount + 1
            ) { value in
                _ = MHD_add_response_header(handle, name, value)
            }
        }
    }
}
