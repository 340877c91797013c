// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Secrets
import Synchronization

/// The screens: every file of a folder, read into memory at start, under an exact URL each.
///
/// A request finds a file by its whole path or not at all; nothing on disk is opened because of a
/// request, so there is nothing to climb out of.
package final class StaticFiles: RequestHandler {
    /// The folder cannot be read.
    package struct Unreadable: Error {
        package let path: String
    }

    /// One sequence of bytes with its own strong tag (RFC 9110, 8.8.3.3: the zipped form is another).
    private struct Form {
        let etag: String
        let whole: PreparedResponse
        let unchanged: PreparedResponse
    }

    private struct Entry {
        let plain: Form
        /// Nil where gzip saves nothing.
        let zipped: Form?
        /// Of the file on disk, to notice changes.
        let stamp: Stamp
    }

    private struct Stamp: Equatable {
        let modified: Date
        let size: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var lastLook = ContinuousClock.now
    }

    private static let fileMax = 8 * 1024 * 1024

    private let folder: String
    private let prefix: String
    private let front: String
    private let reloads: Bool
    private let workerPages: Set<String>
    private let state: Mutex<State>

    /// Reads `folder`. Its file `a/b.html` is served as `prefix` + `a/b.html`, a folder's
    /// `index.html` also under the folder's path with a slash. "/" leads to `front`.
    ///
    /// - Parameters:
    ///   - reloads: looks for changed files at most twice a second, for development.
    ///   - workerPages: files that register a service worker (`SecurityHeaders.workerPolicy`).
    package init(
        folder: String, prefix: String = "/ui/", front: String = "/ui/", reloads: Bool = false,
        workerPages: Set<String> = []
    ) throws {
        self.workerPages = workerPages
        self.folder = folder
        self.prefix = prefix
        self.front = front
        self.reloads = reloads
        state = Mutex(
            State(
                entries: try Self.read(
                    folder, prefix: prefix, old: [:], workerPages: workerPages)))
    }

    /// The URLs that are served, sorted.
    package var paths: [String] { state.withLock { $0.entries.keys.sorted() } }

    package func bodyLimit(for head: RequestHead) -> BodyRule { .upTo(0) }

    package func methods(at segments: [String]) -> [Method] {
        let path = "/" + segments.joined(separator: "/")
        return path == "/" || entry(path) != nil ? [.get, .head] : []
    }

    package func handle(_ request: Request, _ reply: Reply) {
        let head = request.head
        guard head.method.isSafe else {
            return reply.fail(
                head.path == "/" || entry(head.path) != nil
                    ? WebRefusal.methodNotAllowed(allowed: [.get, .head]) : WebRefusal.notFound)
        }
        if head.path == "/" { return reply.send(.redirect(to: front, status: 302)) }
        if let entry = entry(head.path) { return reply.send(answer(entry, head)) }
        if head.path + "/" == prefix || entry(head.path + "/") != nil {
            return reply.send(.redirect(to: head.path + "/", status: 302))
        }
        reply.fail(WebRefusal.notFound)
    }

    /// A file as it is, for whoever adds header fields of its own; nil when it is not there.
    package func page(at path: String) -> Response? { entry(path)?.plain.whole.response }

    private func answer(_ entry: Entry, _ head: RequestHead) -> Response {
        let takesGzip = entry.zipped != nil && Self.takesGzip(head.header("accept-encoding"))
        let form = (takesGzip ? entry.zipped : nil) ?? entry.plain
        if let tags = head.header("if-none-match"), Self.names(form.etag, in: tags) {
            return .prepared(form.unchanged)
        }
        return .prepared(form.whole)
    }

    /// Weak comparison, as RFC 9110, 13.1.2 demands.
    private static func names(_ etag: String, in field: String) -> Bool {
        field.split(separator: ",").contains { tag in
            let tag = tag.filter { $0 != " " }
            return tag == "*" || (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag) == etag
        }
    }

    /// Whether the field names gzip, other than with the weight zero.
    private static func takesGzip(_ field: String?) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").contains { coding in
            let parts = coding.filter { $0 != " " }.lowercased().split(separator: ";")
            guard parts.first == "gzip" else { return false }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }?.dropFirst(2)
            return weight.map { !$0.allSatisfy { $0 == "0" || $0 == "." } } ?? true
        }
    }

    private func entry(_ path: String) -> Entry? {
        state.withLock { state in
            if reloads && ContinuousClock.now - state.lastLook > .milliseconds(500) {
                state.lastLook = .now
                if let fresh = try? Self.read(
                    folder, prefix: prefix, old: state.entries, workerPages: workerPages)
                {
                    state.entries = fresh
                }
            }
            return state.entries[path]
        }
    }

    // MARK: Reading

    private static func read(
        _ folder: String, prefix: String, old: [String: Entry], workerPages: Set<String>
    ) throws -> [String: Entry] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder),
            isFolder.boolValue, let walk = FileManager.default.enumerator(atPath: folder)
        else {
            throw Unreadable(path: folder)
        }
        var entries: [String: Entry] = [:]
        for case let name as String in walk {
            let attributes = walk.fileAttributes ?? [:]
            // Links are left out: they could lead anywhere.
            guard attributes[.type] as? FileAttributeType == .typeRegular,
                !name.split(separator: "/").contains(where: { $0.hasPrefix(".") })
            else { continue }
            let stamp = Stamp(
                modified: attributes[.modificationDate] as? Date ?? .distantPast,
                size: (attributes[.size] as? NSNumber)?.intValue ?? 0)
            let path = prefix + name
            let entry: Entry
            if let known = old[path], known.stamp == stamp {
                entry = known
            } else {
                guard stamp.size <= fileMax else { throw Unreadable(path: folder + "/" + name) }
                entry = try make(
                    folder + "/" + name, name: name, stamp: stamp,
                    isWorkerPage: workerPages.contains(name))
            }
            entries[path] = entry
            if name == "index.html" || name.hasSuffix("/index.html") {
                entries[String(path.dropLast("index.html".count))] = entry
            }
        }
        return entries
    }

    private static func make(
        _ file: String, name: String, stamp: Stamp, isWorkerPage: Bool
    ) throws -> Entry {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Unreadable(path: file)
        }
        let bytes = [UInt8](data)
        let kind = FileKind(name)
        let tag = Digest.hex(Digest.blake2b(bytes).prefix(16))
        // A page has the whole policy, which comes with every answer that has none of its own.
        let own: String? =
            isWorkerPage
            ? SecurityHeaders.workerPolicy : kind.isPage ? nil : SecurityHeaders.partPolicy
        let policy = own.map { [Response.Header("Content-Security-Policy", $0)] } ?? []
        let zipped = kind.isText ? Gzip.compress(bytes) : nil
        guard let zipped, zipped.count < bytes.count * 9 / 10 else {
            let plain = form(bytes, etag: "\"\(tag)\"", kind, policy)
            return Entry(plain: plain, zipped: nil, stamp: stamp)
        }
        let vary = Response.Header("Vary", "Accept-Encoding")
        let coding = Response.Header("Content-Encoding", "gzip")
        return Entry(
            plain: form(bytes, etag: "\"\(tag)\"", kind, policy + [vary]),
            zipped: form(zipped, etag: "\"\(tag)-gz\"", kind, policy + [vary, coding]), stamp: stamp
        )
    }

    private static func form(
        _ bytes: [UInt8], etag: String, _ kind: FileKind, _ more: [Response.Header]
    ) -> Form {
        let headers =
            [
                Response.Header("Content-Type", kind.mediaType),
                Response.Header("Cache-Control", "no-cache"), Response.Header("ETag", etag),
            ] + more
        return Form(
            etag: etag,
            whole: PreparedResponse(
                Response(status: 200, headers: headers, body: .bytes(bytes))),
            unchanged: PreparedResponse(Response(status: 304, headers: headers)))
    }
}

/// What a file is, by the end of its name.
struct FileKind {
    let mediaType: String
    let isText: Bool
    /// Whether a browser shows it by itself, rather than as a part of a page.
    var isPage: Bool { mediaType.hasPrefix("text/html") }

    init(_ name: String) {
        let end = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        (mediaType, isText) =
            switch end {
            case "html": ("text/html; charset=utf-8", true)
            case "js", "mjs": ("text/javascript; charset=utf-8", true)
            case "css": ("text/css; charset=utf-8", true)
            case "json": ("application/json", true)
            case "webmanifest": ("application/manifest+json", true)
            case "svg": ("image/svg+xml; charset=utf-8", true)
            case "txt": ("text/plain; charset=utf-8", true)
            case "csv": ("text/csv; charset=utf-8", true)
            case "png": ("image/png", false)
            case "jpg", "jpeg": ("image/jpeg", false)
            case "ico": ("image/vnd.microsoft.icon", false)
            case "woff2": ("font/woff2", false)
            case "wav": ("audio/wav", false)
            case "mp3": ("audio/mpeg", false)
            case "pdf": ("application/pdf", false)
            default: ("application/octet-stream", false)
            }
    }
}
