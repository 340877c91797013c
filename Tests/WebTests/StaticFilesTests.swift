// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

@testable import Web

/// A folder of screens that is removed again.
private final class Folder {
    let path = NSTemporaryDirectory() + "www-\(UUID().uuidString)"

    init() throws {
        try write("index.html", "<!doctype html><title>Sluice</title>")
        try write("css/base.css", String(repeating: "body { margin: 0 } ", count: 200))
        try write("stock/index.html", "stock")
        try write("icon.png", "png")
        try write(".hidden", "secret")
        try FileManager.default.createSymbolicLink(
            atPath: path + "/passwd", withDestinationPath: "/etc/passwd")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}

private func ask(
    _ files: StaticFiles, _ target: String, _ headers: [(String, String)] = [],
    method: Method = .get
) throws -> Response {
    let head = try RequestHead(method, target, headers: headers)
    return try #require(files.answer(to: Request(head), problems: problemWriter()))
}

@Suite struct StaticFilesTests {
    @Test func `files are found by their whole path and nothing else is`() throws {
        let folder = try Folder()
        let files = try StaticFiles(folder: folder.path)
        #expect(
            files.paths == [
                "/ui/", "/ui/css/base.css", "/ui/icon.png", "/ui/index.html", "/ui/stock/",
                "/ui/stock/index.html",
            ])
        let front = try ask(files, "/ui/")
        #expect(front.status == 200 && front.header("Content-Type") == "text/html; charset=utf-8")
        #expect(front.header("Cache-Control") == "no-cache")
        #expect(String(decoding: try ask(files, "/ui/stock/").bytes, as: UTF8.self) == "stock")
        for path in [
            "/ui/.hidden", "/ui/passwd", "/ui/css", "/ui//index.html", "/index.html",
            "/ui/css%2fbase.css", "/ui/Index.html", "/ui/stock/index.html/",
        ] {
            #expect(try ask(files, path).status == 404, "\(path)")
        }
        #expect(try ask(files, "/").header("Location") == "/ui/")
        #expect(try ask(files, "/ui").header("Location") == "/ui/")
        #expect(try ask(files, "/ui/stock").header("Location") == "/ui/stock/")
        #expect(try ask(files, "/ui/", method: .post).status == 405)
        #expect(try ask(files, "/ui/none", method: .post).status == 404)
    }

    @Test func `a file that was not changed is not sent again, each form with its own tag`() throws
    {
        let folder = try Folder()
        let files = try StaticFiles(folder: folder.path)
        let plain = try ask(files, "/ui/css/base.css")
        let zipped = try ask(files, "/ui/css/base.css", [("Accept-Encoding", "br, gzip;q=0.5")])
        #expect(plain.header("Content-Encoding") == nil && plain.bytes.count == 3800)
        #expect(zipped.header("Content-Encoding") == "gzip" && zipped.bytes.count < 400)
        #expect(plain.header("Vary") == "Accept-Encoding")
        #expect(zipped.header("Vary") == "Accept-Encoding")
        let tag = try #require(plain.header("ETag"))
        #expect(tag != zipped.header("ETag"))
        for match in [tag, "W/" + tag, "\"x\", " + tag, "*"] {
            let again = try ask(files, "/ui/css/base.css", [("If-None-Match", match)])
            #expect(again.status == 304 && again.bytes.isEmpty && again.header("ETag") == tag)
        }
        #expect(try ask(files, "/ui/css/base.css", [("If-None-Match", "\"x\"")]).status == 200)
        let refused = try ask(files, "/ui/css/base.css", [("Accept-Encoding", "gzip;q=0.0")])
        #expect(refused.header("Content-Encoding") == nil)
        #expect(try ask(files, "/ui/icon.png").header("Vary") == nil)
    }

    @Test func `over the wire the zipped form unpacks to the file`() throws {
        let folder = try Folder()
        let server = try serve(try StaticFiles(folder: folder.path))
        defer { server.stop() }
        let client = try RawClient(port: server.port)
        let zipped = try client.ask(
            "GET", "/ui/css/base.css", headers: ["Accept-Encoding: gzip"])
        #expect(zipped.header("content-encoding") == "gzip")
        #expect(zipped.header("content-security-policy") == SecurityHeaders.partPolicy)
        let unpacked = try unzipped(zipped.body)
        #expect(unpacked == (try client.ask("GET", "/ui/css/base.css")).body)
        let tag = try #require(zipped.header("etag"))
        let again = try client.ask(
            "GET", "/ui/css/base.css", headers: ["Accept-Encoding: gzip", "If-None-Match: \(tag)"])
        #expect(again.status == 304)
        let head = try client.ask("HEAD", "/ui/css/base.css")
        #expect(head.header("content-length") == "3800")
        #expect(try client.ask("GET", "/ui/../etc/passwd").status == 400)
    }

    @Test func `a changed file is seen when reloading is on`() throws {
        let folder = try Folder()
        let still = try StaticFiles(folder: folder.path)
        let fresh = try StaticFiles(folder: folder.path, reloads: true)
        try folder.write("index.html", "new words")
        try folder.write("more.html", "more")
        #expect(becomes { (try? ask(fresh, "/ui/"))?.bytes == Array("new words".utf8) })
        #expect(try ask(fresh, "/ui/more.html").status == 200)
        #expect(try ask(still, "/ui/").bytes != Array("new words".utf8))
        #expect(try ask(still, "/ui/more.html").status == 404)
    }

    @Test func `a missing folder is a failure at start`() {
        #expect(throws: StaticFiles.Unreadable.self) {
            try StaticFiles(folder: "/nonexistent/www")
        }
    }

    private func unzipped(_ bytes: [UInt8]) throws -> [UInt8] {
        let file = NSTemporaryDirectory() + UUID().uuidString + ".gz"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/zcat")
        process.arguments = [file]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](data)
    }
}
