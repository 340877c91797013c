// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Journal

/// What this room tells.
package enum CatalogEvent {
    package static let itemAdded = EventKind("catalog.item_added", needs: CatalogPermission.see)
    package static let itemChanged = EventKind("catalog.item_changed", needs: CatalogPermission.see)
    package static let itemRetired = EventKind("catalog.item_retired", needs: CatalogPermission.see)
    package static let itemReinstated = EventKind(
        "catalog.item_reinstated", needs: CatalogPermission.see)
    static let variantAdded = EventKind("catalog.variant_added", needs: CatalogPermission.see)
    package static let packagingAdded = EventKind(
        "catalog.packaging_added", needs: CatalogPermission.see)
    static let packagingRetired = EventKind(
        "catalog.packaging_retired", needs: CatalogPermission.see)
    package static let codeAdded = EventKind("catalog.code_added", needs: CatalogPermission.see)
    static let codeEnded = EventKind("catalog.code_ended", needs: CatalogPermission.see)
    static let importPreviewed = EventKind("catalog.import_previewed", needs: CatalogPermission.see)
    package static let importApplied = EventKind(
        "catalog.import_applied", needs: CatalogPermission.see)
    static let importUndone = EventKind("catalog.import_undone", needs: CatalogPermission.see)
    static let importDiscarded = EventKind("catalog.import_discarded", needs: CatalogPermission.see)

    static let all = [
        itemAdded, itemChanged, itemRetired, itemReinstated, variantAdded, packagingAdded,
        packagingRetired, codeAdded, codeEnded, importPreviewed, importApplied, importUndone,
        importDiscarded,
    ]
}
