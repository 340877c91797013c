// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Secrets

/// A token as it leaves the box, once, with its owner.
package struct Opened<Owner: Sendable>: Sendable {
    package let owner: Owner
    /// 256 bits of entropy as text.
    package let token: String
    /// Names the browser for later sign-ins; nil when it has a name already, or is none.
    package var lane: String?
}

/// Tokens are 52 characters of base 32: 260 bits.
private let tokenLength = 52

/// The digest under which a token is kept and found.
func tokenDigest(_ token: String) -> [UInt8] {
    Digest.blake2b(Array(token.utf8))
}

/// A token for a session, a ticket or a browser.
func newToken() -> String { Random.text(tokenLength) }

/// A token for a device, shown once. Its prefix lets leaked ones be found by scanners of text.
func newDeviceToken() -> String { "sld_" + Random.text(tokenLength) }

/// The text of an API token, shown once.
func newAPIToken() -> String { TokenText.make(Random.text(TokenText.randomLength)) }

/// What names an enrolment, and what only its picture says.
func newEnrolment() -> (code: String, secret: String) {
    (Random.text(EnrolmentRule.codeLength), Random.text(EnrolmentRule.secretLength))
}

/// The code for the first administrator: short, because it is typed once and slows down guesses.
func newSetupCode() -> String { Random.text(8) }

/// A password that is typed once, in groups.
func newOneTimePassword() -> String { RecoveryRule.grouped(Random.text(RecoveryRule.length)) }

/// One recovery code as it is shown.
func newRecoveryCode() -> String { Random.text(RecoveryRule.length) }

/// A code for a message, each as likely as any other, with what it is compared by.
func newSentCode() -> (code: String, salt: [UInt8], digest: [UInt8]) {
    let code = String(
        decoding: (0..<MessageRule.digits).map { _ in UInt8(ascii: "0") + Random.digit() },
        as: UTF8.self)
    let salt = Random.bytes(32)
    return (code, salt, sentDigest(code, salt))
}

private func sentDigest(_ code: String, _ salt: [UInt8]) -> [UInt8] {
    Digest.blake2b(Array(code.utf8), key: salt)
}

/// Whether what was typed is the code; takes as long whatever differs.
func isSame(_ typed: String, as sent: SentCode) -> Bool {
    let plain = typed.filter { !$0.isWhitespace && $0 != "-" }
    return equalInConstantTime(sentDigest(plain, sent.salt), sent.digest)
}

/// A seed for one-time codes.
func newSeed() -> [UInt8] { Random.bytes(OneTimeCode.seedLength) }

/// What an authenticator knows a person by: no name, and the same for all keys of the person.
func userHandle(_ user: User) -> [UInt8] {
    Array(Digest.blake2b(Array("sluice \(user.id)".utf8)).prefix(16))
}
