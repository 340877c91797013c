// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal

/// What this room tells.
package enum TrustEvent {
    /// A new authority: every device has to trust it anew. Facts: `name`, `fingerprint`, `until`.
    static let authorityMade = EventKind("trust.authority_made", needs: TrustPermission.manage)
    /// The authority of the box made a certificate. Facts: `fingerprint`, `until`, `names`.
    static let issued = EventKind("trust.certificate_issued", needs: TrustPermission.manage)
    /// Somebody's own certificate is shown from now on. Facts as above, and `issuer`.
    static let installed = EventKind("trust.certificate_installed", needs: TrustPermission.manage)
    /// The installed certificate was taken away.
    static let removed = EventKind("trust.certificate_removed", needs: TrustPermission.manage)
    /// The installed certificate ends soon and nobody replaced it. Facts: `until`.
    static let ending = EventKind("trust.certificate_ending", needs: TrustPermission.manage)
    /// Browsers are told, or not told any more, to come over TLS only. Facts: `on`.
    static let strictChanged = EventKind("trust.strict_changed", needs: TrustPermission.manage)

    package static let all = [
        authorityMade, issued, installed, removed, ending, strictChanged,
    ]
}
