// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import ModuleKit
import Secrets
import Symbology
import Web

/// A text in PEM, at most 64 KiB.
struct PEMText: WireText, CustomStringConvertible, CustomReflectable {
    static let rule = Schema.TextRule(least: 1, most: 65_536)
    static let allowsLines = true
    static let sample = PEMText(checked: "-----BEGIN CERTIFICATE-----")
    let text: String
    init(checked text: String) { self.text = text }
    /// It may be a key, so it is never shown.
    var description: String { "(PEM)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// A certificate that somebody brings.
struct InstallRequest: WireRecord {
    /// Certificates in PEM, the box's own first.
    let chain: PEMText
    /// Its private key in PEM, without a passphrase. It is never given back.
    let key: PEMText
}

struct StrictRequest: WireRecord {
    let on: Flag
}

struct AuthorityView: Codable, Sendable {
    let name: String
    /// SHA-256, hexadecimal.
    let fingerprint: String
    /// The first 16 digits of it, for comparing by eye.
    let shortFingerprint: String
    let notAfter: Instant

    init(_ authority: KeptAuthority) {
        name = authority.certificate.subject
        fingerprint = Digest.hex(authority.certificate.fingerprint)
        shortFingerprint = String(fingerprint.prefix(16))
        notAfter = DateRule.instant(authority.certificate.notAfter)
    }
}

/// What anybody may know, signed in or not: it is in every handshake.
struct TrustView: WireRecord {
    /// Whether this process serves TLS.
    let served: Bool
    /// Whether an installed certificate is shown, so that devices need not trust the box's authority.
    let installed: Bool
    let authority: AuthorityView?
    let tlsPort: Int?
    let plainPort: Int?
    /// Names and addresses that the certificate stands for.
    let names: [String]

    init(_ shown: KeptCertificate?, _ authority: KeptAuthority?, _ desk: TrustDesk) {
        served = desk.isServing
        installed = shown?.origin == .installed
        self.authority = authority.map(AuthorityView.init)
        tlsPort = desk.doors.map { Int($0.tls) }
        plainPort = desk.doors.map { Int($0.plain) }
        names = shown?.own.names.map(\.text) ?? []
    }
}

struct CertificateView: WireRecord {
    /// False when this process serves plain HTTP; the rest is then null or empty.
    let served: Bool
    let origin: Choice<CertificateOrigin>?
    let age: Choice<CertificateAge>?
    let subject: String?
    let issuer: String?
    let fingerprint: String?
    let names: [String]
    /// Names and addresses of the box that the certificate does not stand for.
    let uncovered: [String]
    let notBefore: Instant?
    let notAfter: Instant?
    /// When the box makes it anew, or when somebody should replace an installed one.
    let renewsAt: Instant?
    let authority: AuthorityView?
    /// Host names below which the authority may vouch, beside addresses of local networks.
    let permits: [String]
    let strict: Choice<StrictSetting>
    /// Where devices learn to trust the box.
    let page: String?
    /// The same as a QR code, an SVG document.
    let picture: String?

    init(
        _ shown: KeptCertificate?, _ authority: KeptAuthority?, _ desk: TrustDesk,
        strict: StrictSetting, now: Instant
    ) {
        let own = shown?.own
        served = desk.isServing
        origin = shown.map { Choice($0.origin) }
        age = own.map {
            Choice(
                DateRule.age(
                    notBefore: $0.notBefore, notAfter: $0.notAfter, now: DateRule.seconds(now)))
        }
        subject = own?.subject
        issuer = own?.issuer
        fingerprint = own.map { Digest.hex($0.fingerprint) }
        let has = own?.names ?? []
        names = has.map(\.text)
        uncovered = desk.names.all.filter { !NameRule.stands(has, for: $0) }.map(\.text)
        notBefore = own.map { DateRule.instant($0.notBefore) }
        notAfter = own.map { DateRule.instant($0.notAfter) }
        renewsAt = own.map {
            DateRule.instant(
                DateRule.renewal(notBefore: $0.notBefore, notAfter: $0.notAfter))
        }
        self.authority = authority.map(AuthorityView.init)
        permits = authority?.permits ?? []
        self.strict = Choice(strict)
        page = desk.doors.flatMap { NameRule.page(of: desk.names, port: $0.plain) }
        picture = page.flatMap { QRCode($0)?.svg }
    }
}

/// The certificate of the authority, in one of the forms in which devices take it.
struct AuthorityFile<Form: AuthorityForm>: AnswerBody {
    let bytes: [UInt8]

    static func answerForm(status: Int) throws -> Endpoint.AnswerForm {
        Endpoint.AnswerForm(status: status, mediaType: Form.mediaType, schema: nil)
    }

    func response(status: Int) throws -> Response {
        .download(bytes, type: Form.mediaType, fileName: Form.fileName)
    }
}

protocol AuthorityForm: Sendable {
    static var mediaType: String { get }
    static var fileName: String { get }
    static func bytes(_ authority: Certificate) -> [UInt8]
}

/// Android, Windows, macOS.
enum DERForm: AuthorityForm {
    static let mediaType = "application/x-x509-ca-cert"
    static let fileName = "sluice-ca.crt"
    static func bytes(_ authority: Certificate) -> [UInt8] { authority.der }
}

/// Linux.
enum PEMForm: AuthorityForm {
    static let mediaType = "application/x-pem-file"
    static let fileName = "sluice-ca.pem"
    static func bytes(_ authority: Certificate) -> [UInt8] {
        Array(PEM.text(authority.der, label: "CERTIFICATE").utf8)
    }
}

/// iPhone and iPad.
enum ProfileForm: AuthorityForm {
    static let mediaType = "application/x-apple-aspen-config"
    static let fileName = "sluice-ca.mobileconfig"
    static func bytes(_ authority: Certificate) -> [UInt8] {
        Array(ProfileRule.profile(of: authority).utf8)
    }
}
