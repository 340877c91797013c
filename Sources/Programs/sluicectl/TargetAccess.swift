// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser
import Errands
import Foundation
import Glibc

/// How to get into a target on another machine. Secrets come from a file or standard input, never
/// from the command line, which every user of the machine can read.
struct TargetAccess: ParsableArguments {
    @Option(help: "Name of the access key to a bucket (S3).")
    var accessKey: String?

    @Option(help: "File with the secret key of S3, or the password of SFTP; else it is asked for.")
    var secretFile: String?

    @Option(help: "File with the private key of SFTP, without a passphrase, instead of a password.")
    var sshKeyFile: String?

    @Option(help: "Fingerprint of the host of SFTP, as ssh-keygen -l prints it there: SHA256:…")
    var hostKey: String?

    /// Bytes of a file with a secret at most.
    private static let bytesMost = ErrandLimit.keyBytes

    /// The one secret that an address needs.
    func credential(for address: TargetAddress) throws -> ErrandTarget.Credential {
        if let sshKeyFile {
            guard case .sftp = address else {
                throw ValidationError("A private key is for sftp:// only; S3 has a secret key.")
            }
            return .privateKey(SecretText(try contents(of: sshKeyFile)))
        }
        if let secretFile {
            // Editors end a file with a line end, which no secret has.
            let text = try contents(of: secretFile)
            return .password(SecretText(String(text.prefix { $0 != "\n" && $0 != "\r\n" })))
        }
        let prompt = if case .s3 = address { "Secret key: " } else { "Password: " }
        return .password(SecretText(try Asking.line(prompt, hidden: true)))
    }

    /// The target at an address, with a name for errands.
    func target(at address: TargetAddress) throws -> ErrandTarget {
        if case .s3 = address, accessKey == nil {
            throw ValidationError("--access-key NAME is needed for s3://.")
        }
        let target = address.target(
            name: "backup", accessKey: accessKey ?? "", credential: try credential(for: address),
            hostKeys: [hostKey ?? ErrandTarget.noHostKey])
        do throws(ErrandRefusal) {
            try target.check()
        } catch {
            throw ValidationError(words(error))
        }
        return target
    }

    private func contents(of path: String) throws -> String {
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try file.read(upToCount: Self.bytesMost + 1), data.count <= Self.bytesMost,
            let text = String(data: data, encoding: .utf8)
        else {
            throw ValidationError("\(path) is no text file of at most \(Self.bytesMost) bytes.")
        }
        return text
    }
}

/// An address from the command line.
func address(_ text: String) throws -> TargetAddress {
    do throws(ErrandRefusal) {
        return try TargetAddress(text)
    } catch {
        throw ValidationError(words(error))
    }
}

private func words(_ refusal: ErrandRefusal) -> String {
    switch refusal {
    case .fieldInvalid(let field, let wants):
        "\(field.split(separator: ".").last ?? "address") wants \(wants)."
    case .courierReplaced: "another courier took over"
    }
}

/// Shows the key of a host that nobody has agreed to yet, and asks. Whoever cannot be asked is told
/// how to agree.
func agree(to hostKey: String, of host: String) throws {
    complain("The host \(host) shows the key \(hostKey).")
    complain("Compare it there: ssh-keygen -l -f /etc/ssh/ssh_host_ed25519_key.pub")
    guard isatty(0) == 1 else {
        complain("If it is right, say so: --host-key \(hostKey)")
        throw ExitCode(2)
    }
    let said = try Asking.line("Is it the same? yes or no: ", hidden: false)
    guard said == "yes" else { throw ExitCode(2) }
}
