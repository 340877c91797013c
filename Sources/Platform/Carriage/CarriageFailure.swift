// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import CCurl
package import Errands

/// Why an errand was not done: a reason for programs and a sentence for people.
package struct CarriageFailure: Error, Sendable, Equatable {
    package let reason: Outcome.Reason
    package let text: String

    package init(_ reason: Outcome.Reason, _ text: String) {
        self.reason = reason
        // What a target says goes into logs and screens: bounded, and on one line.
        let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: line.prefix(ErrandLimit.textLength))
        self.text = String(scalars)
    }

    package var outcome: Outcome { .undone(reason, text: text) }
}

extension CarriageFailure {
    /// What a code of libcurl means for an errand.
    ///
    /// - Parameter detail: libcurl's own words, which name hosts and causes but no secrets.
    init(_ code: CURLcode, detail: String, isSFTP: Bool) {
        let words = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        switch code {
        case CURLE_COULDNT_CONNECT:
            self.init(.unreachable, "The target does not answer: \(words).")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self.init(.hostUnknown, "The name of the target is not known: \(words).")
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.timedOut, "The target took too long: \(words).")
        case CURLE_PEER_FAILED_VERIFICATION where isSFTP:
            self.init(.hostKeyRefused, "The host's key is not the one agreed on.")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            self.init(
                .certificateRefused,
                """
                The target's certificate is not trusted: \(words). A certificate authority of \
                your own is added with update-ca-certificates(8).
                """)
        case CURLE_LOGIN_DENIED:
            self.init(.credentialsRefused, "The target refused user, key or password: \(words).")
        case CURLE_REMOTE_ACCESS_DENIED:
            self.init(.accessDenied, "The target does not allow it: \(words).")
        case CURLE_REMOTE_FILE_NOT_FOUND:
            self.init(.objectMissing, "The target has no such object.")
        case CURLE_REMOTE_DISK_FULL:
            self.init(.targetFull, "The target is full.")
        case CURLE_ABORTED_BY_CALLBACK:
            self.init(.stopped, "The courier was stopped.")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            self.init(.errandUnreadable, "The address of the target is not one: \(words).")
        case CURLE_QUOTE_ERROR, CURLE_UPLOAD_FAILED, CURLE_FTP_COULDNT_RETR_FILE:
            self.init(.refused, "The target refused: \(words).")
        default:
            self.init(.broken, "The transfer broke off: \(words) (\(code.rawValue)).")
        }
    }
}
