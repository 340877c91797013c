// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands
import Glibc
import Secrets

/// What one request moves, and what went wrong meanwhile. libcurl's callbacks work on it; they run
/// on the thread that performs the request.
final class Flow {
    /// What is uploaded.
    var source: Source?
    /// Where a good answer goes; nil keeps it in `memory`.
    var file: PartialFile?
    /// The answer, or what a target says of an error.
    private(set) var memory: [UInt8] = []
    /// Bytes of it at most.
    var memoryMost = ErrandLimit.answerBytes
    /// Status of the last answer over HTTP, 0 elsewhere.
    private(set) var status = 0
    /// Hash that the target keeps beside the object.
    private(set) var keptHash: String?
    /// Fingerprints that an SSH host may show.
    var hostKeys: [String] = []
    /// The fingerprint that it did show.
    private(set) var shownKey: String?
    /// The first failure on our side.
    private(set) var failure: CarriageFailure?
    let stopSign: StopSign

    init(stopSign: StopSign) { self.stopSign = stopSign }

    /// The header in which the hash of an object travels with it.
    static let hashHeader = "x-amz-meta-sha256"

    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        do throws(CarriageFailure) {
            if let file, status < 300 {
                try file.write(bytes)
            } else {
                guard memory.count + bytes.count <= memoryMost else {
                    throw CarriageFailure(.answerUnreadable, "The target's answer has no end.")
                }
                memory.append(contentsOf: bytes)
            }
            return true
        } catch {
            failure = failure ?? error
            return false
        }
    }

    func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        do throws(CarriageFailure) {
            return try source?.read(into: buffer) ?? 0
        } catch {
            failure = failure ?? error
            return nil
        }
    }

    /// One line of the head of an answer.
    func note(header bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes.prefix(512), as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // A new answer begins, for example after "100 Continue".
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            keptHash = nil
        } else if let colon = line.firstIndex(of: ":"),
            line[..<colon].lowercased() == Self.hashHeader
        {
            let value = line[line.index(after: colon)...]
            keptHash = value.filter { !$0.isWhitespace }.lowercased()
        }
    }

    func accepts(hostKey: UnsafeRawBufferPointer) -> Bool {
        var hash = SHA256Stream()
        hash.update(hostKey)
        let shown = "SHA256:" + Base64.text(hash.digest())
        shownKey = shown
        return hostKeys.contains(shown)
    }
}

/// Base 64 without padding (RFC 4648, 4), as fingerprints of SSH keys are written.
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String {
        let letters = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var output: [UInt8] = []
        var (bits, count) = (0, 0)
        for byte in bytes {
            bits = (bits << 8 | Int(byte)) & 0xffff
            count += 8
            while count >= 6 {
                count -= 6
                output.append(letters[bits >> count & 63])
            }
        }
        if count > 0 { output.append(letters[bits << (6 - count) & 63]) }
        return String(decoding: output, as: UTF8.self)
    }
}

private func flow(_ context: UnsafeMutableRawPointer?) -> Flow? {
    context.map { Unmanaged<Flow>.fromOpaque($0).takeUnretainedValue() }
}

// At file scope: a C callback written elsewhere could be taken for an actor's.

let takeBody: sluice_curl_move = { buffer, size, count, context in
    guard let flow = flow(context), let buffer else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: buffer, count: size * count)
    return flow.take(bytes) ? size * count : 0
}

let takeHeader: sluice_curl_move = { buffer, size, count, context in
    guard let flow = flow(context), let buffer else { return 0 }
    flow.note(header: UnsafeRawBufferPointer(start: buffer, count: size * count))
    return size * count
}

let giveBody: sluice_curl_move = { buffer, size, count, context in
    guard let flow = flow(context), let buffer else { return sluice_curl_read_abort }
    let room = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
    return flow.give(room) ?? sluice_curl_read_abort
}

let seekBody: sluice_curl_seek = { context, offset, origin in
    guard let source = flow(context)?.source, origin == SEEK_SET else { return 1 }
    return source.rewind(to: Int64(offset)) ? 0 : 1
}

let watchStop: sluice_curl_watch = { context, _, _, _, _ in
    flow(context)?.stopSign.isUp == true ? 1 : 0
}

let judgeHostKey: sluice_curl_host_key = { context, _, key, size in
    guard let flow = flow(context), let key else { return sluice_curl_key_differs }
    let fits = flow.accepts(hostKey: UnsafeRawBufferPointer(start: key, count: size))
    return fits ? sluice_curl_key_fits : sluice_curl_key_differs
}
