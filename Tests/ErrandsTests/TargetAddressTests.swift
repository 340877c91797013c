// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Testing

struct TargetAddressTests {
    private static let good: [(String, TargetAddress)] = [
        (
            "s3://bucket/box?endpoint=https://s3.example.org&region=eu-central-1",
            .s3(
                endpoint: "https://s3.example.org", bucket: "bucket", prefix: "box/",
                region: "eu-central-1", pathStyle: true)
        ),
        (
            "s3://bucket?endpoint=http://127.0.0.1:9000&region=us-east-1&style=host",
            .s3(
                endpoint: "http://127.0.0.1:9000", bucket: "bucket", prefix: "",
                region: "us-east-1", pathStyle: false)
        ),
        (
            "sftp://box@nas.local/backup/sluice",
            .sftp(user: "box", host: "nas.local", port: 22, path: "/backup/sluice")
        ),
        (
            "sftp://box@[fd00::1]:2222/backup",
            .sftp(user: "box", host: "[fd00::1]", port: 2222, path: "/backup")
        ),
    ]

    @Test func `an address and its text are the same thing`() throws {
        for (text, address) in Self.good {
            #expect(try TargetAddress(text) == address)
            #expect(address.description == text)
        }
    }

    @Test(arguments: [
        (
            "s3://b/x?endpoint=https%3A%2F%2Fs3.example.org",
            "s3://b/x?endpoint=https://s3.example.org&region=us-east-1"
        ),
        ("sftp://a@h:22/b//", "sftp://a@h/b"),
    ])
    func `other ways to write it mean the same`(_ text: String, _ usual: String) throws {
        #expect(try TargetAddress(text).description == usual)
    }

    @Test(arguments: [
        "", "/mnt", "http://x", "s3://bucket", "s3://bucket?region=x", "s3://b?endpoint=%zz",
        "s3://b?endpoint=https://h&style=odd", "s3://b?secret=x", "sftp://host/path",
        "sftp://u@host",
        "sftp://u@host:x/path",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(throws: ErrandRefusal.self) { try TargetAddress(text) }
    }

    @Test func `a target says its address and nothing of its secrets`() throws {
        for (text, address) in Self.good {
            let target = address.target(
                name: "t", accessKey: "AKIA", credential: .password(SecretText("hidden-word")),
                hostKeys: [ErrandTarget.noHostKey])
            try target.check()
            #expect(target.address?.description == text)
            #expect(!"\(target)".contains("hidden-word"))
            #expect(try ErrandTarget(reading: target.bytes) == target)
        }
    }
}
