// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// How an errand ended.
package enum Outcome: Sendable, Equatable {
    case done(Answer)
    /// It did not work. `text` is one English sentence for the person who looks after the box,
    /// without any secret.
    case undone(Reason, text: String)

    /// What a target had to say.
    package enum Answer: Sendable, Equatable {
        /// Stored, looked at again and found to be what was sent.
        case stored
        /// Written to the file, with its size in bytes and its SHA-256 in hexadecimal digits.
        case fetched(size: Int64, sha256: String)
        /// One page of a list; `next` is what to ask for `after` when there is more.
        case listed([Listed], next: String?)
        case deleted
        /// All steps of the probe worked; `mayDelete` is false where the target keeps everything,
        /// which is a good thing for backups.
        case probed(mayDelete: Bool)
        /// The gateway took the message; whether it arrives, nobody knows.
        case sent
    }

    /// An object in a list, with its size in bytes.
    package struct Listed: Sendable, Equatable {
        package let object: ObjectName
        package let size: Int64

        package init(object: ObjectName, size: Int64) {
            self.object = object
            self.size = size
        }
    }

    /// Why an errand was not done.
    package enum Reason: String, Sendable, Equatable, CaseIterable {
        // The way to the target.
        case unreachable, hostUnknown = "host_unknown", timedOut = "timed_out", broken
        case certificateRefused = "certificate_refused", hostKeyRefused = "host_key_refused"
        // The target says no.
        case credentialsRefused = "credentials_refused", accessDenied = "access_denied"
        case clockDiffers = "clock_differs", regionWrong = "region_wrong"
        case placeMissing = "place_missing", busy, targetFull = "target_full"
        case refused, answerUnreadable = "answer_unreadable"
        // The object.
        case objectMissing = "object_missing", notVerified = "not_verified"
        // Our side.
        case fileMissing = "file_missing", fileChanged = "file_changed"
        case fileOutside = "file_outside", fileUnwritable = "file_unwritable", stopped
        case errandUnreadable = "errand_unreadable"
        /// What was to be sent is good no longer.
        case expired
    }
}

extension Outcome.Reason {
    /// What a reason says of other errands to the same target.
    package enum Reach: Sendable {
        /// None would fare better now.
        case target
        /// They may fare as badly, or this one is at fault: too large for the line, not allowed.
        case unclear
        /// Nothing.
        case errand
    }

    /// What it says of other errands to the same target.
    package var reach: Reach {
        switch self {
        case .unreachable, .hostUnknown, .certificateRefused, .hostKeyRefused,
            .credentialsRefused, .clockDiffers, .regionWrong, .placeMissing:
            .target
        case .timedOut, .broken, .accessDenied, .busy, .targetFull, .refused:
            .unclear
        case .answerUnreadable, .objectMissing, .notVerified, .fileMissing, .fileChanged,
            .fileOutside, .fileUnwritable, .stopped, .errandUnreadable, .expired:
            .errand
        }
    }

    /// Whether time alone can mend it, without a person who changes something.
    package var passesByItself: Bool {
        switch self {
        case .unreachable, .hostUnknown, .timedOut, .broken, .busy, .targetFull, .notVerified,
            .answerUnreadable, .stopped, .clockDiffers:
            true
        case .certificateRefused, .hostKeyRefused, .credentialsRefused, .accessDenied,
            .regionWrong, .placeMissing, .refused, .objectMissing, .fileMissing, .fileChanged,
            .fileOutside, .fileUnwritable, .errandUnreadable, .expired:
            false
        }
    }

    /// Whether trying again can never help, whatever anybody does at the target: what was to be
    /// carried is no longer there.
    package var isForGood: Bool {
        switch self {
        case .fileMissing, .fileChanged, .fileOutside, .errandUnreadable, .expired: true
        default: false
        }
    }
}

/// What the courier says of an errand.
package struct ErrandReport: Sendable, Equatable {
    /// The errand's number.
    package let id: Int64
    package let outcome: Outcome

    package init(id: Int64, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}

/// An errand with the number under which it is reported.
package struct NumberedErrand: Sendable, Equatable {
    package let id: Int64
    package let errand: Errand

    package init(id: Int64, errand: Errand) {
        self.id = id
        self.errand = errand
    }
}
