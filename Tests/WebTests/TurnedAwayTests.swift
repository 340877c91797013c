// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import Web

/// What the guard refuses is told to the operator, and a flood of it fills nothing.
struct TurnedAwayTests {
    @Test func `the first is told at once, the rest of its minute with the next`() {
        let notes = Notes()
        let log = TurnedAway(note: { notes.add($0) })
        for second in 0..<60 { log.add(WebRefusal.framingBad, from: "10.0.0.7", at: Int64(second)) }
        #expect(notes.all == ["refused at the door: request.framing_bad from 10.0.0.7"])
        log.add(WebRefusal.targetBad, from: "10.0.0.7", at: 59)
        log.add(WebRefusal.framingBad, from: "10.0.0.8", at: 59)
        #expect(notes.all.count == 3)
        log.add(WebRefusal.framingBad, from: "10.0.0.7", at: 60)
        #expect(
            notes.all.last?.hasSuffix("from 10.0.0.7, 59 more of the kind since the line before")
                == true)
    }

    @Test func `a flood from many addresses makes a few lines a minute`() {
        let notes = Notes()
        let log = TurnedAway(note: { notes.add($0) })
        for second in 0..<120 {
            for address in 0..<1000 {
                log.add(WebRefusal.headersBad, from: "10.0.\(address)", at: Int64(second))
            }
        }
        #expect(notes.all.count <= 2 * (TurnedAway.most + 1))
        #expect(notes.all.count > TurnedAway.most)
    }

    @Test func `what a server refuses stands in its log with the address`() throws {
        let notes = Notes()
        let server = try serve(echo, notes: notes) { $0.hosts = ["localhost"] }
        defer { server.stop() }
        let sent = [
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ]
        for text in sent {
            let client = try RawClient(port: server.port)
            client.send(text)
            #expect(try client.answer().status >= 400)
        }
        for code in ["request.framing_bad", "request.host_unknown", "request.target_bad"] {
            let line = "refused at the door: \(code) from 127.0.0.1"
            #expect(notes.all.filter { $0 == line }.count == 1, "\(code)")
        }
    }
}
