// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// Something that the courier is to do at a target: the daemon itself connects to nobody.
package struct Errand: Sendable, Equatable {
    package var target: ErrandTarget
    package var work: Work

    package init(target: ErrandTarget, work: Work) {
        self.target = target
        self.work = work
    }

    /// What is to be done.
    package enum Work: Sendable, Equatable {
        /// Store the file as an object; one that is there is replaced. `size` in bytes, `sha256`
        /// as 64 hexadecimal digits: a file that is another by then is not stored.
        case put(object: ObjectName, file: String, size: Int64, sha256: String)
        /// Write the object to the file, which appears only when it is whole. A size or hash that
        /// is given must fit.
        case get(object: ObjectName, file: String, size: Int64?, sha256: String?)
        /// Name the objects that start with `prefix` (may be empty) and come after `after`, at
        /// most `limit` (1…1000), in the order of their bytes.
        case list(prefix: String, after: String?, limit: Int)
        /// Remove the object; one that is not there counts as removed.
        case delete(object: ObjectName)
        /// Store, read and remove a few bytes, to see whether everything would work.
        case probe
        /// Have a gateway send one short message to a telephone number (E.164). `until`, in seconds
        /// since 1970, is when what it says is good no longer: then it is not sent any more.
        case message(to: SecretText, text: SecretText, until: Int64)
    }
}

extension Errand.Work {
    /// The name of the kind: `object.put`.
    package var kind: String {
        switch self {
        case .put: "object.put"
        case .get: "object.get"
        case .list: "object.list"
        case .delete: "object.delete"
        case .probe: "object.probe"
        case .message: "message.send"
        }
    }

    /// All kinds, for tables and documents.
    package static let kinds = [
        "message.send", "object.delete", "object.get", "object.list", "object.probe", "object.put",
    ]

    /// The object that it is about; empty when it is about none. Never anything of a message.
    package var object: String {
        switch self {
        case .put(let object, _, _, _), .get(let object, _, _, _), .delete(let object):
            object.text
        case .list(let prefix, _, _): prefix
        case .probe, .message: ""
        }
    }

    /// Whether somebody waits for the answer. A question is given up after a few tries; a change
    /// stays due until it is done.
    package var isQuestion: Bool {
        switch self {
        case .get, .list, .probe, .message: true
        case .put, .delete: false
        }
    }

    /// Whether it is good for a moment only, so that it is handed to the courier while somebody
    /// waits and is never kept for later.
    package var isFleeting: Bool { if case .message = self { true } else { false } }
}

/// A place out there, and how to get in.
package struct ErrandTarget: Sendable, Equatable {
    /// How people and errands name it: `off-site`.
    package var name: String
    package var place: Place
    /// Bytes a second in each direction, so that the line is left for others; nil for no limit.
    package var bytesPerSecond: Int64?

    package init(name: String, place: Place, bytesPerSecond: Int64? = nil) {
        self.name = name
        self.place = place
        self.bytesPerSecond = bytesPerSecond
    }

    package enum Place: Sendable, Equatable {
        case s3(Bucket)
        case sftp(RemoteFolder)
        /// Takes messages, and nothing else.
        case gateway(Gateway)
    }

    /// A bucket behind an interface like Amazon's S3.
    package struct Bucket: Sendable, Equatable {
        /// `https://host` or `https://host:port`. `http` is taken too, for a store in the same
        /// house: requests are signed and never carry the secret.
        package var endpoint: String
        package var bucket: String
        /// Stands before the name of every object; empty or ending in a slash.
        package var prefix: String
        package var region: String
        package var accessKey: String
        package var secretKey: SecretText
        /// Whether the bucket stands in the path and not in the host's name.
        package var pathStyle: Bool

        package init(
            endpoint: String, bucket: String, prefix: String, region: String, accessKey: String,
            secretKey: SecretText, pathStyle: Bool
        ) {
            self.endpoint = endpoint
            self.bucket = bucket
            self.prefix = prefix
            self.region = region
            self.accessKey = accessKey
            self.secretKey = secretKey
            self.pathStyle = pathStyle
        }
    }

    /// A folder on a server that speaks SFTP.
    package struct RemoteFolder: Sendable, Equatable {
        package var host: String
        package var port: Int
        /// Absolute, without a slash at the end; made when it is not there.
        package var path: String
        package var user: String
        package var credential: Credential
        /// Fingerprints as `ssh-keygen -l` prints them, `SHA256:…`. A host that shows any other
        /// key is refused; without a fingerprint every host is.
        package var hostKeys: [String]

        package init(
            host: String, port: Int, path: String, user: String, credential: Credential,
            hostKeys: [String]
        ) {
            self.host = host
            self.port = port
            self.path = path
            self.user = user
            self.credential = credential
            self.hostKeys = hostKeys
        }
    }

    package enum Credential: Sendable, Equatable {
        case password(SecretText)
        /// PEM or OpenSSH form, without a passphrase.
        case privateKey(SecretText)
    }
}

/// A text that no log, message or debugger shows by accident.
package struct SecretText: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The secret itself. For the request that needs it, and for the sealed store.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    package var description: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
