// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
import Errands
import Glibc

/// A message to a gateway: one POST, no redirect followed, and any answer of 2xx is a yes.
///
/// No sentence of it repeats what a gateway says: gateways like to repeat what they were sent.
/// Source: RFC 9110, 9.3.3 and 15.
struct MessageWork {
    private let gateway: ErrandTarget.Gateway
    private let transfer: Transfer

    init(_ gateway: ErrandTarget.Gateway, _ transfer: Transfer) {
        self.gateway = gateway
        self.transfer = transfer
    }

    func carryOut(_ work: Errand.Work) throws(CarriageFailure) -> Outcome.Answer {
        guard case .message(let number, let text, let until) = work else { throw .wrongTarget }
        guard Int64(time(nil)) < until else {
            throw CarriageFailure(.expired, "The message is good no longer and was not sent.")
        }
        let body: [UInt8]
        do throws(ErrandRefusal) {
            body = try gateway.body(to: number.revealed, text: text.revealed)
        } catch {
            throw CarriageFailure(.errandUnreadable, "The gateway's template cannot be filled in.")
        }
        transfer.begin(
            gateway.address, protocols: gateway.address.hasPrefix("https://") ? "https" : "http")
        transfer.flow.memoryMost = ErrandLimit.messageAnswerBytes
        transfer.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        transfer.set(CURLOPT_CONNECTTIMEOUT, gateway.seconds)
        transfer.set(CURLOPT_TIMEOUT, gateway.seconds)
        // A message is sent once: a connection that was kept and is gone would be tried again.
        transfer.set(CURLOPT_FRESH_CONNECT, 1)
        transfer.set(CURLOPT_FORBID_REUSE, 1)
        var lines = ["Content-Type: \(gateway.media.type)", "Expect:"]
        if let header = gateway.header, let secret = gateway.secret {
            lines.append("\(header): \(secret.revealed)")
        }
        transfer.set(CURLOPT_HTTPHEADER, lines: lines)
        transfer.post(body)
        try Self.judge(try transfer.perform())
        return .sent
    }

    private static func judge(_ status: Int) throws(CarriageFailure) {
        switch status {
        case 200..<300: return
        case 300..<400:
            throw CarriageFailure(
                .refused,
                """
                The gateway sends elsewhere (HTTP \(status)), which is not followed: enter the \
                address that takes messages itself.
                """)
        case 401, 407:
            throw CarriageFailure(
                .credentialsRefused, "The gateway refused the secret (HTTP \(status)).")
        case 403:
            throw CarriageFailure(.accessDenied, "The gateway does not allow it (HTTP 403).")
        case 404, 405, 410:
            throw CarriageFailure(
                .placeMissing, "The gateway takes no messages at this address (HTTP \(status)).")
        case 429, 500...:
            throw CarriageFailure(.busy, "The gateway cannot do it now (HTTP \(status)).")
        default:
            throw CarriageFailure(.refused, "The gateway refused the message (HTTP \(status)).")
        }
    }
}

extension CarriageFailure {
    /// Messages go to gateways, objects to places that keep them; errands are checked for it before.
    static let wrongTarget = CarriageFailure(
        .errandUnreadable, "The target takes no errands of this kind.")
}
