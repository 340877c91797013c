// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with backups.
package enum BackupPermission {
    package static let see = Permission("backup.see", .whole, isReading: true)
    package static let manage = Permission("backup.manage")
    package static let all = [see, manage]
}
