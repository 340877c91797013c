// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// What may be done with the catalogue.
package enum CatalogPermission {
    package static let see = Permission("item.see", .free, isReading: true)
    package static let edit = Permission("item.edit", .free)
    package static let importFiles = Permission("item.import", .free)

    package static let all = [see, edit, importFiles]
}
