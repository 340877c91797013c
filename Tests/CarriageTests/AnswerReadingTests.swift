// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import TestKit
import Testing

@testable import Carriage

/// What targets answer, read without trusting them.
struct AnswerReadingTests {
    private let page = """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Name>box</Name><Prefix>north/</Prefix><KeyCount>2</KeyCount>
          <IsTruncated>true</IsTruncated>
          <Contents><Key>north/a&amp;b&#x41;&#66;</Key><ETag>&quot;x&quot;</ETag><Size>0</Size>
            <Owner><ID>7</ID><DisplayName/></Owner></Contents>
          <Contents><Size>5368709120</Size><Key>north/b</Key></Contents>
          <CommonPrefixes><Prefix>north/c/</Prefix></CommonPrefixes>
        </ListBucketResult>
        """

    @Test func `a page of a bucket is read`() throws {
        let list = try BucketList(Array(page.utf8))
        #expect(list.hasMore)
        #expect(
            list.objects == [
                BucketList.Entry(key: "north/a&bAB", size: 0),
                BucketList.Entry(key: "north/b", size: 5_368_709_120),
            ])
    }

    @Test(arguments: [
        "", "<", "<a>", "</a>", "<a></b>", "<a/>", "text", "<ListBucketResult/>",
        "<ListBucketResult><IsTruncated>false</IsTruncated>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents>"
            + "</ListBucketResult>",
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key>"
            + "<Size>-1</Size></Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>&no;</Key>"
            + "<Size>1</Size></Contents></ListBucketResult>",
        String(repeating: "<a>", count: 100_000),
    ])
    func `what is no page is refused`(_ text: String) {
        let failure = #expect(throws: CarriageFailure.self) { try BucketList(Array(text.utf8)) }
        #expect(failure?.reason == .answerUnreadable)
    }

    @Test func `a page cut off anywhere is refused`() {
        let bytes = Array(page.utf8)
        for count in 0..<(bytes.count - 1) {
            #expect(throws: CarriageFailure.self) { try BucketList(Array(bytes[..<count])) }
        }
    }

    @Test func `answers that were changed anywhere are read or refused, and nothing else`() {
        var dice = SeededDice()
        let listing = "-rw-------    1 1000     1000   5368709120 Nov 28 20:08 0001.seg\n"
        for good in [page, listing, "<Error><Code>AccessDenied</Code></Error>"] {
            var refused = 0
            for _ in 0..<3000 {
                var bytes = Array(good.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &dice) {
                    let place = Int.random(in: bytes.indices, using: &dice)
                    switch Int.random(in: 0..<3, using: &dice) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
                    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 5))
                    default: bytes.insert(contentsOf: Array("<&;>".utf8), at: place)
                    }
                    if bytes.isEmpty { bytes = [0] }
                }
                if (try? BucketList(bytes)) == nil { refused += 1 }
                _ = try? FolderEntry.all(in: bytes)
                #expect(BucketRefusal.failure(400, body: bytes, about: .object).text.count < 600)
            }
            #expect(refused > 500, "seed \(dice.seed)")
        }
    }

    @Test(arguments: [
        (403, "InvalidAccessKeyId", Outcome.Reason.credentialsRefused),
        (403, "SignatureDoesNotMatch", .credentialsRefused), (403, "AccessDenied", .accessDenied),
        (403, "RequestTimeTooSkewed", .clockDiffers), (403, "", .accessDenied),
        (401, "", .credentialsRefused), (404, "NoSuchBucket", .placeMissing),
        (404, "NoSuchKey", .objectMissing), (301, "PermanentRedirect", .regionWrong),
        (307, "", .regionWrong), (400, "AuthorizationHeaderMalformed", .regionWrong),
        (400, "XAmzContentSHA256Mismatch", .notVerified), (400, "Other", .refused),
        (503, "SlowDown", .busy), (500, "", .busy), (429, "", .busy), (507, "", .targetFull),
    ])
    func `a refusal of a bucket is understood`(
        _ status: Int, _ code: String, _ reason: Outcome.Reason
    ) {
        let body =
            code.isEmpty
            ? "" : "<Error><Code>\(code)</Code><Message>so it is</Message></Error>"
        let failure = BucketRefusal.failure(
            status, body: Array(body.utf8), about: .object)
        #expect(failure.reason == reason)
        #expect(failure.text.contains("\(status)"))
        #expect(failure.text.contains(code) || code.isEmpty)
    }

    @Test func `a missing bucket is told from a missing object by what was asked`() {
        #expect(BucketRefusal.failure(404, body: [], about: .bucket).reason == .placeMissing)
        #expect(BucketRefusal.failure(404, body: [], about: .object).reason == .objectMissing)
    }

    @Test func `a sentence about a failure is one line of limited length`() {
        let long = CarriageFailure(
            .refused, "a\r\nb\u{1b}[31m" + String(repeating: "x", count: 9999))
        #expect(long.text.hasPrefix("a  b [31mx"))
        #expect(long.text.count == ErrandLimit.textLength)
    }

    @Test func `a folder's listing is read`() throws {
        let listing = """
            drwxr-xr-x    3 box      box          4096 Nov 28 20:08 .
            -rw-------    1 1000     1000   5368709120 Nov 28 20:08 0001.seg
            -rw-------    1 box      box            12 Jan  1  2025 name with spaces
            lrwxrwxrwx    1 box      box             4 Nov 28 20:08 link -> /etc
            drwx------    2 box      box          4096 Nov 28 20:08 deep

            """
        #expect(
            try FolderEntry.all(in: Array(listing.utf8)) == [
                FolderEntry(name: ".", size: 4096, isFolder: true),
                FolderEntry(name: "0001.seg", size: 5_368_709_120, isFolder: false),
                FolderEntry(name: "name with spaces", size: 12, isFolder: false),
                FolderEntry(name: "deep", size: 4096, isFolder: true),
            ])
        #expect(try FolderEntry.all(in: []) == [])
        for bad in ["0001.seg", "-rw- 1 a b big Nov 1 1 x", "-rw- 1 a b -1 Nov 1 1 x"] {
            #expect(throws: CarriageFailure.self) { try FolderEntry.all(in: Array(bad.utf8)) }
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func `base 64 is that of RFC 4648 without padding`(_ plain: String, _ coded: String) {
        #expect(Base64.text(Array(plain.utf8)) == coded)
    }

    @Test func `a bucket is addressed by path or by host`() throws {
        func url(_ endpoint: String, pathStyle: Bool) throws -> String {
            let bucket = ErrandTarget.Bucket(
                endpoint: endpoint, bucket: "box", prefix: "", region: "r", accessKey: "a",
                secretKey: SecretText("s"), pathStyle: pathStyle)
            let settings = CarriageSettings(certificates: "", folders: [])
            let transfer = try Transfer(settings, stopSign: StopSign())
            return BucketWork(bucket, transfer, settings, bytesPerSecond: nil).bucketURL
        }
        #expect(try url("https://s3.example.org", pathStyle: true) == "https://s3.example.org/box/")
        #expect(
            try url("https://s3.example.org:9000", pathStyle: false)
                == "https://box.s3.example.org:9000/")
        #expect(try url("http://[::1]:9000", pathStyle: true) == "http://[::1]:9000/box/")
    }
}
