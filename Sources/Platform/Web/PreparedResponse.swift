// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Synchronization

/// An answer whose libmicrohttpd form is made once and sent many times.
package final class PreparedResponse: Sendable {
    package let response: Response
    private let plain: NativeHandle?
    /// The same with a value of `Strict-Transport-Security`; there is one at a time.
    private let strict = Mutex<(value: String, handle: NativeHandle)?>(nil)

    /// `response` must have bytes or nothing as its body.
    package init(_ response: Response) {
        self.response = response
        plain = NativeHandle(NativeResponse.make(response, closing: false))
    }

    /// The response object; whoever sends it must hold on to it meanwhile. Nil when memory is short.
    func native(strict value: String?) -> NativeHandle? {
        guard let value else { return plain }
        return strict.withLock { strict in
            if let made = strict, made.value == value { return made.handle }
            let made = NativeHandle(
                NativeResponse.make(response, closing: false, strict: value))
            if let made { strict = (value, made) }
            return made
        }
    }
}

/// A response object of libmicrohttpd, given back when nobody holds it any more.
///
/// `@unchecked Sendable`: the pointer never changes, and libmicrohttpd counts the uses of a
/// response under its own lock.
final class NativeHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { MHD_destroy_response(pointer) }
}

/// The making of libmicrohttpd's responses.
enum NativeResponse {
    /// The response object, owned by the caller; nil when memory is short.
    static func make(
        _ response: Response, closing: Bool, strict: String? = nil
    ) -> OpaquePointer? {
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
            return make(prepared.response, closing: closing, strict: strict)
        case .stream(let stream):
            made = stream.makeNative()
        }
        guard let made else { return nil }
        addHeaders(of: response, closing: closing, to: made)
        if let strict {
            _ = MHD_add_response_header(made, "Strict-Transport-Security", strict)
        }
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
