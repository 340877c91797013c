// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Appliance
import ArgumentParser
import Foundation
import Secrets

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "The certificate by which browsers know the box.",
        subcommands: [Show.self, Renew.self, Install.self, Reset.self],
        defaultSubcommand: Show.self)

    private static let path = "/api/v1/certificate"

    /// Prints a certificate as the daemon tells it; the exit code says whether it is good.
    private static func show(_ answer: Answer, _ socket: Socket) throws {
        if socket.json { return print(answer.text) }
        guard answer.isTrue("served") else {
            return print("No TLS: the daemon was started without --listen-tls.")
        }
        let whose = answer["origin"] == "installed" ? "installed" : "by the box's own authority"
        print("certificate   \(answer["subject"] ?? "-"), \(whose)")
        print("issuer        \(answer["issuer"] ?? "-")")
        print("names         \(answer.texts("names").joined(separator: " "))")
        print("valid         \(answer["notBefore"] ?? "-") to \(answer["notAfter"] ?? "-")")
        print("SHA-256       \(answer["fingerprint"] ?? "-")")
        if let authority = answer.record("authority") {
            print("authority     \(authority["name"] ?? "-")")
            print("SHA-256       \(authority["fingerprint"] ?? "-")")
            print("compare       \(grouped(authority["shortFingerprint"] ?? ""))")
        }
        print("TLS only      \(answer["strict"] == "on" ? "browsers are told so" : "no")")
        let uncovered = answer.texts("uncovered")
        if !uncovered.isEmpty { print("not covered   \(uncovered.joined(separator: " "))") }
    }

    /// Groups of four, as they are easy to compare.
    private static func grouped(_ digits: String) -> String {
        stride(from: 0, to: digits.count, by: 4).map {
            String(digits.dropFirst($0).prefix(4)).uppercased()
        }.joined(separator: " ")
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Tell which certificate is shown, and how to compare it.",
            discussion: "Exit code 1: it has ended, ends soon, or is not valid yet.")

        @OptionGroup var socket: Socket

        func run() throws {
            let answer = try socket.ask("GET", path)
            try show(answer, socket)
            if let age = answer["age"], age != "good" {
                complain("Its time: \(age).")
                throw ExitCode(1)
            }
        }
    }

    struct Renew: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Make the box's own certificate anew now. Devices that trust it notice nothing.")

        @OptionGroup var socket: Socket

        func run() throws { try show(socket.ask("POST", "\(path)/renewal", body: "{}"), socket) }
    }

    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a certificate of your own from now on.",
            discussion: """
                Nothing is done when it is the one that is shown already, so that this may run each \
                night.
                """)

        @Option(help: "File with certificates in PEM, the box's own first.")
        var chain: String

        @Option(help: "File with its private key in PEM, without a passphrase.")
        var key: String

        @OptionGroup var socket: Socket

        func run() throws {
            let chain = try read(self.chain)
            let before = try socket.ask("GET", path)
            if before["origin"] == "installed", let shown = before["fingerprint"],
                shown == firstFingerprint(in: chain)
            {
                return print("It is shown already.")
            }
            let body = try JSONSerialization.data(
                withJSONObject: ["chain": chain, "key": try read(key)])
            let answer = try socket.ask("PUT", path, body: String(decoding: body, as: UTF8.self))
            try show(answer, socket)
        }

        private func firstFingerprint(in chain: String) -> String? {
            let block = PEM.blocks(in: chain)?.first { $0.label == "CERTIFICATE" }
            return block.map { Digest.hex(SHA256Stream.digest(of: $0.bytes)) }
        }

        /// Text of a file, at most as long as the daemon takes it.
        private func read(_ file: String) throws -> String {
            guard let data = FileManager.default.contents(atPath: file), data.count <= 65_536 else {
                complain("\(file) cannot be read, or is no file of this kind.")
                throw ExitCode(1)
            }
            return String(decoding: data, as: UTF8.self)
        }
    }

    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the certificate by the box's own authority.")

        @Flag(
            help: ArgumentHelp(
                "Make a new authority, too.",
                discussion: "Every device has to trust the box anew then."))
        var newAuthority = false

        @OptionGroup var socket: Socket

        func run() throws {
            var answer = try socket.ask("GET", path)
            if answer["origin"] == "installed" { answer = try socket.ask("DELETE", path) }
            if newAuthority { answer = try socket.ask("POST", "\(path)/authority", body: "{}") }
            try show(answer, socket)
        }
    }
}
