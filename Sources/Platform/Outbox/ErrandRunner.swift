// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Errands

/// Has one errand carried out and waits for what the target has to say.
package protocol ErrandRunner: Sendable {
    /// - Parameter seconds: the longest wait.
    /// - Throws: `CarryFault`.
    func carry(_ errand: Errand, within seconds: Int) throws(CarryFault) -> Outcome.Answer
}

/// Why an errand that somebody waited for came to nothing.
package enum CarryFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// No courier takes errands.
    case courierAway
    /// No answer came within so many seconds.
    case tookTooLong(seconds: Int)
    /// The program ends.
    case stopping
    /// A file between us and the courier could not be written or read; what the system said.
    case file(String)
    /// The courier tried; why it was not done, and its sentence for people.
    case undone(Outcome.Reason, text: String)

    package var description: String {
        switch self {
        case .courierAway:
            "The courier does not run: systemctl status sluice-courier tells why, "
                + "systemctl start sluice-courier starts it."
        case .tookTooLong(let seconds):
            "The courier had no answer for \(seconds) seconds. Is the line slow, or the target?"
        case .stopping: "The program is ending; it is tried again after the next start."
        case .file(let what):
            "A file for the courier could not be used: \(what). Is there room, and may the daemon "
                + "write to the folder of errands?"
        case .undone(_, let text): text
        }
    }

    /// The fingerprint that a host of SFTP showed, when that is why nobody was let in.
    package var shownHostKey: String? {
        guard case .undone(.hostKeyRefused, let text) = self,
            let start = text.firstRange(of: "SHA256:")?.lowerBound
        else { return nil }
        let key = text[start...].prefix { !$0.isWhitespace && $0 != "," }
        return key.utf8.count == ErrandTarget.noHostKey.utf8.count ? String(key) : nil
    }
}
