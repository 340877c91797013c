// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The limits of what the courier carries.
package enum ErrandLimit {
    /// Bytes of an object: what S3 takes in one request (Amazon S3 user guide, "Uploading
    /// objects"); larger things are cut by whoever makes them.
    package static let objectBytes: Int64 = 5 << 30
    /// Bytes of an object's name with its prefix: S3 allows 1,024.
    package static let nameBytes = 512
    /// Pieces of a name between slashes: deeper folders are walked by nobody.
    package static let nameDepth = 12
    /// Objects of one answer to a list; S3 gives 1,000 at once.
    package static let listed = 1000
    /// Files that a list over SFTP looks at before it gives up.
    package static let walked = 200_000
    /// Bytes of one errand as JSON: a private key and a dozen short fields.
    package static let errandBytes = 64 << 10
    /// Bytes of an answer of a target that is read into memory: a page of a list in XML.
    package static let answerBytes = 4 << 20
    /// Bytes of a report: a full page of a list.
    package static let reportBytes = 1 << 20
    /// Characters of a sentence about what went wrong.
    package static let textLength = 500
    /// Errands that one claim may take.
    package static let claimed = 16
    /// Errands about objects that a courier has in hand at once. It has one carrier more, for what
    /// cannot wait until a large object is through.
    package static let transfersAtOnce = 3
    /// Bytes of an access key, a password, a user or a region.
    package static let wordBytes = 256
    /// Bytes of a private key in PEM form.
    package static let keyBytes = 16 << 10
    /// Fingerprints of one host: one for each kind of key, old and new.
    package static let fingerprints = 8
    /// Characters of a message: what two or three parts of a short message hold.
    package static let messageLength = 300
    /// Seconds that one message may take: somebody waits, and a request is answered within 30.
    package static let messageSeconds = 1...15
    /// Bytes of what a gateway answers; only its status counts.
    package static let messageAnswerBytes = 64 << 10
    /// Characters of the address of a gateway.
    package static let messageAddressBytes = 500
    /// Bytes of the template of what a gateway gets, and how deep its JSON may be.
    package static let templateBytes = 4 << 10
    package static let templateDepth = 8
    /// Characters of the path of a local file.
    package static let pathBytes = 1024
}

/// The version of the courier, which is the version of the whole package.
package let errandsVersion = "0.1.0"
