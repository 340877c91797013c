// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Kernel
import Testing

@testable import Web

@Suite struct UploadCheckTests {
    private static let foreign: [(String, [UInt8], SniffedKind)] = [
        ("a workbook", [0x50, 0x4b, 3, 4, 20, 0], .zip),
        ("an empty archive", [0x50, 0x4b, 5, 6], .zip),
        ("an old workbook", [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0], .office),
        ("a document", Array("%PDF-1.7\n".utf8), .pdf),
        ("a picture", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], .png),
        ("a photograph", [0xff, 0xd8, 0xff, 0xe0], .jpeg),
        ("an animation", Array("GIF89a".utf8), .gif),
        ("something squeezed", [0x1f, 0x8b, 8], .gzip),
        ("a 7-Zip archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .sevenZip),
        ("a RAR archive", Array("Rar!".utf8) + [0x1a, 7, 0], .rar),
        ("a database", Array("SQLite format 3".utf8) + [0], .sqlite),
        ("a program", [0x7f, 0x45, 0x4c, 0x46, 2], .program),
        ("a program of Windows", [0x4d, 0x5a, 0x90, 0], .program),
        ("a script", Array("#!/bin/sh\n".utf8), .program),
        ("a page", Array("<!DOCTYPE html><p>".utf8), .markup),
        ("a page behind white space", Array("\n\t  <HTML>".utf8), .markup),
        ("a page behind a byte order mark", [0xef, 0xbb, 0xbf] + Array("<script>".utf8), .markup),
        ("a drawing", Array("<svg onload=alert(1)>".utf8), .markup),
        ("XML", Array("<?xml version=\"1.0\"?>".utf8), .markup),
    ]

    @Test(arguments: foreign)
    func `a file that is something else is refused as a table`(
        _ name: String, _ bytes: [UInt8], _ kind: SniffedKind
    ) throws {
        #expect(SniffedKind(bytes) == kind)
        let refusal = #expect(throws: WebRefusal.self) {
            try UploadCheck.require(bytes, as: "text/csv")
        }
        #expect(refusal?.code == "request.file_kind")
        #expect(refusal?.kind == .unsupportedMedia)
        #expect(refusal?.parameters["found"] == .text(kind.rawValue))
    }

    @Test(arguments: [
        "", "a,b\n1,2\n", "PK,name\n", "MZ,name\n", "<5 pcs,a\n", "商品,条码\n", "#,a\n", "%,a\n",
        "\u{feff}a,b\n", "GIF,a\n",
    ])
    func `a table is a table`(_ text: String) throws {
        try UploadCheck.require(Array(text.utf8), as: "text/csv")
        try UploadCheck.require([0xff, 0xfe] + Array(text.utf8), as: "text/csv")
    }

    @Test(arguments: [
        "text/html", "image/svg+xml", "application/zip", "application/octet-stream", "",
    ])
    func `a type without a rule takes no file`(_ mediaType: String) {
        #expect(UploadCheck.kinds(of: mediaType) == nil)
        #expect(throws: WebRefusal.self) { try UploadCheck.require([1], as: mediaType) }
    }

    @Test func `every beginning of every kind is looked at without harm`() {
        for (_, bytes, _) in Self.foreign {
            for count in 0...bytes.count { _ = SniffedKind(Array(bytes.prefix(count))) }
        }
    }

    @Test(arguments: [
        ("imp-1-errors.csv", "imp-1-errors.csv"), ("../../etc/passwd", "-..-etc-passwd"),
        ("a\"; filename=\"b.exe", "a---filename--b.exe"),
        ("a\r\nSet-Cookie: x", "a--Set-Cookie--x"),
        ("报表.csv", "--.csv"), ("", "file"), ("....", "file"), (".htaccess", "htaccess"),
    ])
    func `a file to keep has a plain name and can do nothing`(
        _ given: String, _ name: String
    ) throws {
        let response = Response.download([1], type: "text/csv", fileName: given)
        #expect(response.header("content-disposition") == "attachment; filename=\"\(name)\"")
        let server = try serve(Handler { _, reply in reply.send(response) })
        defer { server.stop() }
        let answer = try RawClient(port: server.port).ask("GET", "/")
        let policies = answer.headers.filter { $0.name.lowercased() == "content-security-policy" }
        #expect(policies.map(\.value) == ["default-src 'none'; frame-ancestors 'none'; sandbox"])
        #expect(answer.header("x-content-type-options") == "nosniff")
        #expect(answer.header("cache-control") == "no-store")
        for header in SecurityHeaders.all.dropFirst() {
            #expect(answer.header("\(header.name)") == "\(header.value)")
        }
    }
}
