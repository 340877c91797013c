// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Carriage
import Errands
import Glibc
import Web

/// Carries out the errands that come in as lines, and answers each with a line. Returns whether
/// all were done.
func carryOutLines(_ settings: CarriageSettings) -> Bool {
    let carrier = Carrier(settings, stopSign: StopSign())
    var input = LineReader(descriptor: 0, bytesMax: ErrandLimit.errandBytes)
    var allDone = true
    while let line = input.next() {
        if line.isEmpty { continue }
        let report: ErrandReport
        do throws(ErrandRefusal) {
            let numbered = try NumberedErrand(reading: line)
            report = ErrandReport(id: numbered.id, outcome: carrier.carryOut(numbered.errand))
        } catch {
            let text = sentence(of: error)
            report = ErrandReport(id: 0, outcome: .undone(.errandUnreadable, text: text))
        }
        if case .undone = report.outcome { allDone = false }
        write(report.json.bytes() + [UInt8(ascii: "\n")], to: 1)
    }
    return allDone
}

/// What is wrong with an errand, without its values: one of them may be a secret.
func sentence(of refusal: ErrandRefusal) -> String {
    switch refusal {
    case .fieldInvalid(let field, let wants): "The errand is not one: \(field) wants \(wants)."
    case .courierReplaced: "Another courier took over."
    }
}

/// Lines of bytes from a descriptor. One that is too long is cut, so that reading it as an errand
/// fails and the next is read in its place.
struct LineReader {
    private let descriptor: Int32
    private let bytesMax: Int
    private var buffer: [UInt8] = []
    private var isAtEnd = false

    init(descriptor: Int32, bytesMax: Int) {
        self.descriptor = descriptor
        self.bytesMax = bytesMax
    }

    /// The next line without its end; nil when there is none.
    mutating func next() -> [UInt8]? {
        var line: [UInt8] = []
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                line += buffer[..<end].prefix(bytesMax + 1 - line.count)
                buffer.removeFirst(end + 1)
                return line
            }
            line += buffer.prefix(bytesMax + 1 - line.count)
            buffer = []
            guard !isAtEnd else { return line.isEmpty ? nil : line }
            fill()
        }
    }

    private mutating func fill() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { return }
        if count > 0 { buffer += chunk[..<count] } else { isAtEnd = true }
    }
}

/// Writes all of `bytes`; a reader that is gone ends the program.
func write(_ bytes: [UInt8], to descriptor: Int32) {
    var sent = 0
    while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { exit(1) }
        sent += count
    }
}
