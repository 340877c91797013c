// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Errands
import Kernel
import ModuleKit
import SealedStore
import Web

/// A private key in PEM or OpenSSH form: up to 16 KiB of lines, kept exactly.
struct PrivateKeyText: WireText, CustomStringConvertible, CustomReflectable {
    static let rule = Schema.TextRule(least: 1, most: ErrandLimit.keyBytes, format: "password")
    static let isTrimmed = false
    static let allowsLines = true
    static let sample = PrivateKeyText(
        checked: "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
    let text: String
    init(checked text: String) { self.text = text }
    var description: String { "(secret)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Bytes a second, 1024…10¹⁰.
///
/// A type of its own: an integer in a type's angle brackets is cut to 32 bits where Swift finds the
/// type by its name at run time, as it does for the fields of a record.
struct ByteRate: WireValue, Hashable {
    static let range: ClosedRange<Int64> = 1024...10_000_000_000
    static let schema = Schema(.integer(range))
    static let sample = ByteRate(checked: 1_000_000)
    let value: Int64

    private init(checked value: Int64) { self.value = value }

    init(_ value: Int64) throws(WireFault) {
        guard Self.range.contains(value) else { throw WireFault("out_of_range") }
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A place that keeps backups. Which fields it needs is a matter of its kind; the others are null.
struct TargetRequest: WireRecord {
    var name: Name?
    let kind: Choice<TargetKind>
    /// Full path of a folder.
    var place: Name?
    /// Of a store like S3: `https://host` or `https://host:port`.
    var endpoint: Name?
    var bucket: Name?
    /// A folder in the bucket, for boxes that share one.
    var prefix: Name?
    var region: Name?
    var accessKey: Name?
    /// Null keeps the one that is there, where a place is changed; so it is with the other secrets.
    var secretKey: Secret?
    /// Whether the bucket's name stands in the host's name; null for in the path.
    var bucketInHost: Bool?
    /// Of SFTP.
    var host: Name?
    var port: Whole<1, 65_535>?
    var user: Name?
    var path: Name?
    var password: Secret?
    var privateKey: PrivateKeyText?
    /// Fingerprint of the host as `ssh-keygen -l` prints it; null asks a test for it.
    var hostKey: Name?
    /// Bytes a second in each direction, so that the line is left for others.
    var bytesPerSecond: ByteRate?
}

/// What a test of a connection found.
struct ProbeView: WireRecord {
    let works: Bool
    /// Whether what was kept can be removed again; a place that keeps everything is a good one.
    let mayDelete: Bool
    /// The fingerprint that the host shows and nobody has agreed to yet; null when it is agreed to.
    let hostKey: String?

    init(_ outcome: ProbeOutcome) {
        switch outcome {
        case .works(let mayDelete): (works, self.mayDelete, hostKey) = (true, mayDelete, nil)
        case .hostKey(let key): (works, mayDelete, hostKey) = (false, false, key)
        }
    }
}

private let manages = Endpoint.Need.permission(BackupPermission.manage)
private let example = TargetRequest(
    name: Name(checked: "Second disk"), kind: Choice(.folder), place: Name(checked: "/mnt/backup"))
private let refusals: [any Refusal.Type] = [BackupRefusal.self, RemoteRefusal.self]

/// Adding, testing, changing and removing places. Secrets come in and never go out again.
func targetEndpoints(_ depot: Depot) -> [Route] {
    [
        .change(
            .post, "/api/v1/backups/targets", needs: manages,
            summary: "Add a place that keeps backups", query: NoQuery.self,
            body: TargetRequest.self, answers: TargetView.self, status: 201, refusals: refusals,
            example: example,
            prepare: { _, body, _, _, store in
                let draft = try body.draft(besides: nil)
                let usable = try requireUsable(draft, depot, for: store)
                return Prepared(
                    draft: draft, epoch: store.keyEpoch, sharesDisk: usable.sharesDisk)
            }
        ) { _, _, ready, caller, tx in
            TargetView(
                try addTarget(
                    ready.draft, epoch: ready.epoch, sharesDisk: ready.sharesDisk, by: caller,
                    in: tx),
                snapshotAt: nil)
        },
        .change(
            .post, "/api/v1/backups/probes", needs: manages,
            summary: "Test whether a place could keep backups, and find out its host key",
            query: NoQuery.self, body: TargetRequest.self, answers: ProbeView.self,
            refusals: refusals, example: example, repeats: .allowed,
            prepare: { _, body, _, _, store in
                ProbeView(try probe(try body.draft(besides: nil), depot, for: store))
            }
        ) { _, _, view, _, _ in view },
        .change(
            .post, "/api/v1/backups/targets/{id}/probe", needs: manages,
            summary: "Test the connection to a place", query: ByID<Target>.self,
            body: Empty.self, answers: ProbeView.self, refusals: refusals, example: Empty(),
            repeats: .allowed,
            prepare: { path, _, _, _, store in
                let target = try known(path.id, in: store)
                return ProbeView(
                    try probe(TargetDraft(target), depot, for: store, besides: path.id))
            }
        ) { _, _, view, _, _ in view },
        .change(
            .post, "/api/v1/backups/targets/{id}/access", needs: manages,
            summary: "Change where a place is or how it is got into",
            query: ByID<Target>.self, body: TargetRequest.self, answers: TargetView.self,
            refusals: refusals, example: example,
            prepare: { path, body, _, _, store in
                let draft = try body.draft(besides: try known(path.id, in: store))
                try requireUsable(draft, depot, for: store, besides: path.id)
                return draft
            }
        ) { path, _, draft, caller, tx in
            TargetView(try changeTarget(path.id, draft, by: caller, in: tx), snapshotAt: nil)
        },
        .change(
            .post, "/api/v1/backups/targets/{id}/removal", needs: manages,
            summary: "Take a place off the list; what it keeps stays there",
            query: ByID<Target>.self, body: Empty.self, answers: TargetView.self,
            refusals: refusals, example: Empty()
        ) { path, _, caller, tx in
            TargetView(try removeTarget(path.id, by: caller, in: tx), snapshotAt: nil)
        },
    ]
}

private struct Prepared: Sendable {
    let draft: TargetDraft
    let epoch: Int64
    let sharesDisk: Bool
}

private func known(_ id: ID<Target>, in store: SealedStore) throws -> Target {
    guard let target = try store.read({ try $0.backupTarget(id) }) else {
        throw BackupRefusal.targetUnknown
    }
    return target
}

extension TargetRequest {
    /// What is asked for. Fields that are missing where a place is changed stay as they are.
    ///
    /// - Throws: `BackupRefusal.fieldWrong`, which names the field.
    func draft(besides old: Target?) throws -> TargetDraft {
        guard let name = name?.text ?? old?.name else { throw missing("name") }
        if kind.value == .folder {
            guard let folder = place?.text ?? old?.place else { throw missing("place") }
            return TargetDraft(name: name, folder: folder)
        }
        let access = try access(old?.access)
        do throws(ErrandRefusal) {
            try access.check()
        } catch {
            guard case .fieldInvalid(let field, let wants) = error else { throw error }
            let last = String(field.split(separator: ".").last ?? "kind")
            throw BackupRefusal.fieldWrong(
                field: last == "hostKeys" ? "hostKey" : last, wants: wants)
        }
        return TargetDraft(name: name, access: access)
    }

    private func missing(_ field: String) -> BackupRefusal {
        .fieldWrong(field: field, wants: "something; it is missing")
    }

    private func access(_ old: ErrandTarget?) throws -> ErrandTarget {
        ErrandTarget(
            name: "backup", place: try kind.value == .s3 ? bucket(old?.place) : remote(old?.place),
            bytesPerSecond: bytesPerSecond?.value ?? old?.bytesPerSecond)
    }

    private func bucket(_ old: ErrandTarget.Place?) throws -> ErrandTarget.Place {
        let before: ErrandTarget.Bucket? = if case .s3(let one)? = old { one } else { nil }
        guard let endpoint = endpoint?.text ?? before?.endpoint else { throw missing("endpoint") }
        guard let bucket = bucket?.text ?? before?.bucket else { throw missing("bucket") }
        guard let accessKey = accessKey?.text ?? before?.accessKey else {
            throw missing("accessKey")
        }
        // A secret that was meant for one machine is not kept for another.
        let kept = before?.endpoint == endpoint ? before?.secretKey : nil
        guard let secret = secretKey.map({ SecretText($0.text) }) ?? kept else {
            throw missing("secretKey")
        }
        var folder = prefix?.text ?? before?.prefix ?? ""
        if !folder.isEmpty, !folder.hasSuffix("/") { folder += "/" }
        return .s3(
            ErrandTarget.Bucket(
                endpoint: endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint,
                bucket: bucket, prefix: folder,
                region: region?.text ?? before?.region ?? TargetAddress.usualRegion,
                accessKey: accessKey, secretKey: secret,
                pathStyle: bucketInHost.map { !$0 } ?? before?.pathStyle ?? true))
    }

    private func remote(_ old: ErrandTarget.Place?) throws -> ErrandTarget.Place {
        let before: ErrandTarget.RemoteFolder? = if case .sftp(let one)? = old { one } else { nil }
        guard let host = host?.text ?? before?.host else { throw missing("host") }
        guard let user = user?.text ?? before?.user else { throw missing("user") }
        guard let path = path?.text ?? before?.path else { throw missing("path") }
        let credential: ErrandTarget.Credential
        let port = port?.value ?? before?.port ?? TargetAddress.sshPort
        let isSameHost = before?.host == host && before?.port == port
        switch (password, privateKey, isSameHost ? before?.credential : nil) {
        case (nil, let key?, _): credential = .privateKey(SecretText(key.text))
        case (let word?, nil, _): credential = .password(SecretText(word.text))
        case (nil, nil, let kept?): credential = kept
        case (nil, nil, nil): throw missing("privateKey")
        case (_?, _?, _):
            throw BackupRefusal.fieldWrong(
                field: "password", wants: "a password or a private key, not both")
        }
        return .sftp(
            ErrandTarget.RemoteFolder(
                host: host, port: port,
                path: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path,
                user: user, credential: credential,
                hostKeys: hostKey.map { [$0.text] } ?? (isSameHost ? before?.hostKeys : nil)
                    ?? [ErrandTarget.noHostKey]))
    }
}
