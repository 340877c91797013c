// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands

/// Speaks HTTP with the daemon over its Unix socket, which sees by the socket who asks.
package final class DaemonLine {
    private let path: String
    private let transfer: Transfer

    /// An answer with its status of HTTP.
    package struct Answer: Sendable {
        package let status: Int
        package let body: [UInt8]
    }

    /// - Parameter answerSeconds: the longest wait for an answer.
    package init(
        _ path: String, answerSeconds: Int, stopSign: StopSign
    ) throws(CarriageFailure) {
        self.path = path
        var settings = CarriageSettings(certificates: "", folders: [])
        settings.requestSeconds = answerSeconds
        settings.slowSeconds = answerSeconds
        transfer = try Transfer(settings, stopSign: stopSign)
    }

    /// Sends JSON and waits for the answer. Throws `CarriageFailure` when there is none.
    package func post(_ target: String, json: [UInt8]) throws(CarriageFailure) -> Answer {
        transfer.begin("http://localhost\(target)", protocols: "http")
        transfer.set(CURLOPT_UNIX_SOCKET_PATH, path)
        transfer.set(
            CURLOPT_HTTPHEADER, lines: ["Content-Type: application/json", "Expect:"])
        transfer.post(json)
        let status = try transfer.perform()
        return Answer(status: status, body: transfer.flow.memory)
    }
}
