// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CMicroHTTPD
import Glibc

// The functions libmicrohttpd calls. They stand at file scope, where Swift cannot take them for
// code of an actor. `cls` is the `ServerCore`, which its server keeps alive until after the stop.

private func core(_ pointer: UnsafeMutableRawPointer?) -> ServerCore? {
    pointer.map { Unmanaged<ServerCore>.fromOpaque($0).takeUnretainedValue() }
}

private let accessHandler: MHD_AccessHandlerCallback = {
    _, connection, _, method, version, piece, pieceSize, context in
    guard let connection, let pieceSize, let exchange = context?.pointee else { return .NO }
    let body = UnsafeRawBufferPointer(start: piece, count: pieceSize.pointee)
    pieceSize.pointee = 0
    return Unmanaged<Exchange>.fromOpaque(exchange).takeUnretainedValue()
        .step(connection, method: method, version: version, piece: body)
}

/// Called with the target before libmicrohttpd changes it. The exchange made here is handed to the
/// access handler and released in `completed`.
private let requestLine:
    @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?
    ) -> UnsafeMutableRawPointer? = { cls, target, connection in
        guard let core = core(cls), let target, let connection,
            let context = sluice_mhd_socket_context(connection)
        else { return nil }
        let line = Unmanaged<Line>.fromOpaque(context).takeUnretainedValue()
        let raw = UnsafeRawBufferPointer(start: target, count: strlen(target))
        let exchange = Exchange(core: core, line: line, rawTarget: Array(raw))
        return Unmanaged.passRetained(exchange).toOpaque()
    }

private let completed: MHD_RequestCompletedCallback = { _, _, context, _ in
    guard let pointer = context?.pointee else { return }
    context?.pointee = nil
    Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().finish()
}

private let connectionChanged: MHD_NotifyConnectionCallback = { cls, connection, context, code in
    guard let core = core(cls), let connection, let context else { return }
    if code == .CONNECTION_NOTIFY_STARTED {
        let socket = sluice_mhd_connection_fd(connection)
        guard let line = core.table.line(of: socket) else { return }
        context.pointee = Unmanaged.passRetained(line).toOpaque()
    } else if let pointer = context.pointee {
        context.pointee = nil
        core.table.remove(Unmanaged<Line>.fromOpaque(pointer).takeRetainedValue())
    }
}

/// Leaves the target as it came: it is decoded once, by `TargetReader`.
private let unescape:
    @convention(c) (
        UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?
    ) -> Int = { _, _, text in text.map { strlen($0) } ?? 0 }

private let logger: MHD_LogCallback = { cls, format, arguments in
    guard let core = core(cls), let format, let arguments else { return }
    var buffer = [CChar](repeating: 0, count: 512)
    let written = Int(vsnprintf(&buffer, buffer.count, format, arguments))
    let text = buffer.prefix(max(0, min(written, buffer.count - 1)))
        .map { UInt8(bitPattern: $0) }
    let note = String(decoding: text, as: UTF8.self).filter { !$0.isNewline }
    if let passed = core.noteLimit.pass(note) { core.note(passed) }
}

/// Starts one thread of libmicrohttpd, without a listening socket of its own (see `Acceptor`); nil
/// when it refuses.
///
/// Each thread is a daemon of its own instead of a member of libmicrohttpd's pool, so that
/// `ConnectionTable` alone decides how many connections each has. Version 0.9.75 keeps a lock for
/// ever when a connection is added to a thread that has as many as its limit (found with 240
/// clients; the thread then stands still), so its limit lies above ours and is never met.
func startDaemon(core: ServerCore) -> OpaquePointer? {
    let cls = Unmanaged.passUnretained(core).toOpaque()
    func item(
        _ option: MHD_OPTION, _ value: Int, _ pointer: UnsafeMutableRawPointer? = nil
    ) -> MHD_OptionItem {
        MHD_OptionItem(option: option, value: value, ptr_value: pointer)
    }
    func callback(_ option: MHD_OPTION, _ function: UnsafeRawPointer) -> MHD_OptionItem {
        item(option, Int(bitPattern: function), cls)
    }
    var items = [
        // The logger first: remarks about the options after it go to it.
        callback(.EXTERNAL_LOGGER, unsafeBitCast(logger, to: UnsafeRawPointer.self)),
        item(.CONNECTION_LIMIT, ServerSettings.connectionsPerWorkerMax + 100),
        item(.CONNECTION_MEMORY_LIMIT, 32 * 1024),
        item(.CONNECTION_TIMEOUT, core.settings.idleSeconds),
        item(.STRICT_FOR_CLIENT, 1),
        item(.SIGPIPE_HANDLED_BY_APP, 1),
        callback(.URI_LOG_CALLBACK, unsafeBitCast(requestLine, to: UnsafeRawPointer.self)),
        callback(.UNESCAPE_CALLBACK, unsafeBitCast(unescape, to: UnsafeRawPointer.self)),
        callback(.NOTIFY_COMPLETED, unsafeBitCast(completed, to: UnsafeRawPointer.self)),
        callback(
            .NOTIFY_CONNECTION, unsafeBitCast(connectionChanged, to: UnsafeRawPointer.self)),
    ]
    if core.settings.tls != nil { items += tlsOptions() }
    items.append(item(.END, 0))
    var flags =
        MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        | MHD_USE_ITC.rawValue | MHD_USE_ERROR_LOG.rawValue | MHD_USE_NO_LISTEN_SOCKET.rawValue
    if core.settings.tls != nil { flags |= MHD_USE_TLS.rawValue }
    return sluice_mhd_start(UInt32(flags), accessHandler, cls, &items)
}
