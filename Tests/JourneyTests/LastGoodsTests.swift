// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Synchronization
import TestKit
import Testing
import Web

extension Journeys.LastGoodsTests {
    @Test func `of 64 clients that ship the last ten, exactly ten succeed`() throws {
        let folder = try TestFolder()
        let daemon = try Daemon(data: folder.path + "/box")
        let shop = try Shop(daemon)
        try shop.receive(10, daemon)
        let answers = Mutex<[String]>([])
        let (ready, go) = (DispatchGroup(), DispatchSemaphore(value: 0))
        for _ in 0..<64 { ready.enter() }
        let starter = Thread {
            ready.wait()
            for _ in 0..<64 { go.signal() }
        }
        starter.start()
        let port = daemon.port
        together(64) { _ in
            let line = try? Line(.port(port))
            line?.credentials = [shop.device]
            ready.leave()
            go.wait()
            let scan = shop.scan("ship", event: UUID().uuidString)
            let answer = try? line?.ask("POST", "/api/v1/scans", json: scan)
            answers.withLock { $0.append("\(answer?.status ?? 0) \(answer?.code ?? "")") }
        }
        let counts = Dictionary(grouping: answers.withLock { $0 }, by: \.self).mapValues(\.count)
        #expect(counts == ["200 ": 10, "409 stock.insufficient": 54])
        #expect(try shop.level(daemon) == 0)
        let verdict = try verification(daemon)
        #expect(verdict.ok)
        #expect(verdict.rows["goods"] == 11)
        #expect(daemon.stop() == 0)
    }
}
