// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import ArgumentParser
import Errands
import Foundation

struct TargetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target", abstract: "Places that keep backups: add, change, test, remove.",
        subcommands: [Add.self, Change.self, Test.self, BackupCommand.Remove.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a folder, a bucket (S3) or a folder on another machine (SFTP).",
            discussion: """
                sluicectl backup target add folder NAME /mnt/backup
                sluicectl backup target add s3 NAME \\
                    's3://bucket/box?endpoint=https://s3.example.org&region=eu-central-1' \\
                    --access-key KEY --secret-file FILE
                sluicectl backup target add sftp NAME sftp://user@host:22/box --ssh-key-file FILE

                A secret without a file is asked for, or read from standard input.
                """)

        @Argument(help: "folder, s3 or sftp.") var kind: Kind
        @Argument(help: "A name for people.") var name: String
        @Argument(help: "Full path of a folder, or an address.") var place: String
        @OptionGroup var access: TargetAccess
        @Option(help: "Kilobytes a second at most, so that the line is left for others.")
        var limit: Int?
        @OptionGroup var socket: Socket

        func run() throws {
            var form = TargetForm(kind: kind, name: name)
            try form.fill(place, access, limit: limit)
            try form.agreeToHost(socket)
            let answer = try socket.ask("POST", "/api/v1/backups/targets", body: form.json)
            print(socket.json ? answer.text : "added as \(answer["id"] ?? "")")
            try socket.remark(onAdded: answer)
        }
    }

    struct Change: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change where a place is or how it is got into, such as a new password.")

        @Argument(help: "Its id, as `sluicectl backup status` lists it.") var id: String
        @Argument(help: "Full path of a folder, or an address.") var place: String
        @OptionGroup var access: TargetAccess
        @Option(help: "Kilobytes a second at most.") var limit: Int?
        @OptionGroup var socket: Socket

        func validate() throws { try requireTargetID(id) }

        func run() throws {
            let kind: Kind =
                TargetAddress.isOne(place) ? (place.hasPrefix("s3:") ? .s3 : .sftp) : .folder
            var form = TargetForm(kind: kind, name: nil)
            try form.fill(place, access, limit: limit)
            try form.agreeToHost(socket)
            let answer = try socket.ask(
                "POST", "/api/v1/backups/targets/\(id)/access", body: form.json)
            print(socket.json ? answer.text : "\(answer["name"] ?? id): \(answer["place"] ?? "")")
        }
    }

    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store, read and remove a few bytes at a place.")

        @Argument(help: "Its id, as `sluicectl backup status` lists it.") var id: String
        @OptionGroup var socket: Socket

        func validate() throws { try requireTargetID(id) }

        func run() throws {
            let answer = try socket.ask("POST", "/api/v1/backups/targets/\(id)/probe", body: "{}")
            if socket.json { return print(answer.text) }
            let keeps = answer.isTrue("mayDelete") ? "" : "; it keeps everything"
            print("It works: a few bytes were stored and read back\(keeps).")
        }
    }

    enum Kind: String, ExpressibleByArgument, CaseIterable { case folder, s3, sftp }
}

/// Refuses what is no id of a target, before it stands in a path.
func requireTargetID(_ id: String) throws {
    guard id.hasPrefix("tgt-"), id.count > 4,
        id.dropFirst(4).allSatisfy({ $0.isASCII && $0.isNumber })
    else { throw ValidationError("An id looks like tgt-1.") }
}

/// The body of a request about a target.
private struct TargetForm {
    private var fields: [String: Any]
    private var host: String?
    /// Kilobytes a second that the daemon takes.
    private static let limits = 1...9_765_625

    init(kind: TargetCommand.Kind, name: String?) {
        fields = ["kind": kind.rawValue]
        fields["name"] = name
    }

    var json: String {
        let data = try? JSONSerialization.data(withJSONObject: fields)
        return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    mutating func fill(_ place: String, _ access: TargetAccess, limit: Int?) throws {
        if let limit {
            guard Self.limits.contains(limit) else {
                throw ValidationError(
                    "--limit wants \(Self.limits.lowerBound) to \(Self.limits.upperBound).")
            }
            fields["bytesPerSecond"] = limit * 1024
        }
        guard fields["kind"] as? String != "folder" else { return fields["place"] = place }
        let address = try address(place)
        let isBucket = fields["kind"] as? String == "s3"
        switch (address, isBucket) {
        case (.s3, true), (.sftp, false): break
        default:
            throw ValidationError("The address does not begin with s3:// or sftp://, as the kind.")
        }
        let target = try access.target(at: address)
        switch target.place {
        case .s3(let bucket):
            fields["endpoint"] = bucket.endpoint
            fields["bucket"] = bucket.bucket
            fields["prefix"] = bucket.prefix.isEmpty ? nil : bucket.prefix
            fields["region"] = bucket.region
            fields["accessKey"] = bucket.accessKey
            fields["secretKey"] = bucket.secretKey.revealed
            fields["bucketInHost"] = !bucket.pathStyle
        case .sftp(let folder):
            (fields["host"], fields["port"]) = (folder.host, folder.port)
            (fields["user"], fields["path"]) = (folder.user, folder.path)
            switch folder.credential {
            case .password(let secret): fields["password"] = secret.revealed
            case .privateKey(let secret): fields["privateKey"] = secret.revealed
            }
            if access.hostKey != nil { fields["hostKey"] = folder.hostKeys.first }
            host = folder.host
        case .gateway:
            throw ValidationError("A gateway for messages keeps no backups.")
        }
    }

    /// Finds out which key the host shows when none was given, and asks whether it is right.
    mutating func agreeToHost(_ socket: Socket) throws {
        guard let host, fields["hostKey"] == nil else { return }
        var probe = self
        if probe.fields["name"] == nil { probe.fields["name"] = host }
        let answer = try socket.ask("POST", "/api/v1/backups/probes", body: probe.json)
        guard let key = answer["hostKey"] else { return }
        try agree(to: key, of: host)
        fields["hostKey"] = key
    }
}
