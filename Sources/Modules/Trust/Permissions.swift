// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with the certificate of the box.
package enum TrustPermission {
    package static let manage = Permission("certificate.manage")
    package static let all = [manage]
}
