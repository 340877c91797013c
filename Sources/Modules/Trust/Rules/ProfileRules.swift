// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Secrets

/// The profile by which an iPhone or iPad takes up an authority. Source: Apple, "Configuration
/// Profile Reference", payload `com.apple.security.root`.
enum ProfileRule {
    /// The profile as an XML property list.
    ///
    /// The identifiers follow from the certificate, so a profile that is taken up twice replaces
    /// itself.
    static func profile(of authority: Certificate) -> String {
        let digest = authority.fingerprint
        let content = PEM.text(authority.der, label: "CERTIFICATE")
            .split(separator: "\n").dropFirst().dropLast().joined(separator: "\n")
        let name = escaped(authority.subject)
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "\(doctype)">
            <plist version="1.0">
            <dict>
            <key>PayloadContent</key>
            <array>
            <dict>
            <key>PayloadCertificateFileName</key><string>sluice-ca.crt</string>
            <key>PayloadContent</key>
            <data>
            \(content)
            </data>
            <key>PayloadDisplayName</key><string>\(name)</string>
            <key>PayloadIdentifier</key><string>sluice.ca.\(Digest.hex(digest.prefix(8)))</string>
            <key>PayloadType</key><string>com.apple.security.root</string>
            <key>PayloadUUID</key><string>\(uuid(digest[..<16]))</string>
            <key>PayloadVersion</key><integer>1</integer>
            </dict>
            </array>
            <key>PayloadDisplayName</key><string>\(name)</string>
            <key>PayloadIdentifier</key><string>sluice.profile.\(Digest.hex(digest.prefix(8)))</string>
            <key>PayloadType</key><string>Configuration</string>
            <key>PayloadUUID</key><string>\(uuid(digest[16...]))</string>
            <key>PayloadVersion</key><integer>1</integer>
            </dict>
            </plist>

            """
    }

    private static let doctype = "http://www.apple.com/DTDs/PropertyList-1.0.dtd"

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// A UUID of version 8 (RFC 9562) from 16 bytes.
    private static func uuid(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = Array(bytes)
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        let hex = Array(Digest.hex(bytes).uppercased())
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(hex[$0]) }
            .joined(separator: "-")
    }
}
