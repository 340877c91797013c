// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The limits of the house, by name. Every body, queue, page, loop and name has one.
package enum Limit {
    /// Characters of a name: fits every label and every screen.
    package static let nameLength = 200
    /// Characters of a note that a person writes.
    package static let noteLength = 1000
    /// Characters of a code: the longest GS1 element strings in use stay below.
    package static let codeLength = 128
    /// Rows of a page at most: 200 rows still render within 100 ms on a slow phone.
    package static let pageSize = 200
    /// Rows of a page that asks for no number: a screen and a half of a table.
    package static let pageSizeDefault = 50
    /// Characters of a cursor: base 64 over the longest name, the longest code and an id, where
    /// every character takes four bytes, needs 1,788.
    package static let cursorLength = 2048
    /// Elements of a list in a request: more lines than any order has, and decoded in a few ms.
    package static let listCount = 1000
    /// Bytes of a JSON body: a full list of the longest lines stays below 1 MiB.
    package static let bodyBytesJSON = 1 << 20
    /// Bytes of a scan: one code and a dozen short fields, with room to spare.
    package static let bodyBytesScan = 8 << 10
    /// Bytes of a file to import: `importRows` rows of 800 bytes each.
    package static let bodyBytesImport = 16 << 20
    /// Headers of a request: browsers send about twenty.
    package static let requestHeaders = 64
    /// Bytes of all headers: one session cookie, one cursor and the browser's own fit many times.
    package static let headerBytes = 16 << 10
    /// Connections of one HTTP worker: libmicrohttpd 0.9.75 stalls at 128 ready events.
    package static let connectionsPerWorker = 120
    /// HTTP workers: three hold 360 connections; on two cores a fourth would only switch.
    package static let workers = 3
    /// Requests a second of one scanner, person, token, or address without any of these: a scanner
    /// at work makes two, a screen that opens ten at once.
    package static let requestsPerSecond = 50
    /// The highest rate that can be set; beyond it there is no limit worth its name.
    package static let ratedPerSecond = 1_000_000
    /// Senders of one kind that are counted apart: more than a box of this size ever has.
    package static let ratedSubjects = 4096
    /// Changes that wait for the writer before callers are told to come back: eight full batches.
    package static let writeQueue = 4096
    /// Changes in one commit: enough to share its fsync, few enough to keep it short.
    package static let writeBatch = 512
    /// Open event streams: each holds a connection, so most are left for requests.
    package static let eventStreams = 64
    /// Bytes that wait for a slow reader of events before its stream is closed and it reconnects.
    package static let streamBufferBytes = 256 << 10
    /// Characters of an idempotency key: a UUID has 36, other makers' keys stay below 128.
    package static let idempotencyKeyLength = 128
    /// Packagings of a variant: piece, inner, case and pallet, each with a few successors.
    package static let packagingsPerVariant = 16
    /// Barcodes of a packaging, past ones too: suppliers change them a few times a year.
    package static let codesPerPackaging = 64
    /// Variants of an item: twenty colours in ten sizes.
    package static let variantsPerItem = 200
    /// Rows of an import: a whole catalogue, still one transaction of a few seconds.
    package static let importRows = 20_000
}
