// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import ModuleKit

/// The catalogue: what the house trades in, and how each thing is recognised.
///
/// An item is what you would write on one line of a price list: "Spring water 550 ml". Stock of it
/// is counted in its base unit, here bottles. If it comes in colours or sizes, each of these is a
/// variant and is counted by itself. Goods travel in packagings: the single bottle, the six-pack,
/// the case of 24, the pallet; each knows how many bottles it holds, so that scanning a case once
/// counts 24. Barcodes belong to packagings, never to the item as a whole. On any day a barcode
/// means one packaging only; when a supplier prints an old code on something new, the old use is
/// ended and the new one begins. What was booked must stay true, so unit, decimals and the content
/// of a packaging never change: retire the packaging and add another. Things that nobody sells any
/// more are retired, not deleted, and can be taken back. A whole list comes in as a file: it is
/// looked at first, its bad rows are named, and what it added can be taken back while unused.
package let catalogModule = Module(
    "catalog",
    permissions: CatalogPermission.all,
    schema: catalogSchema,
    events: CatalogEvent.all,
    lifecycles: [
        LifecycleCard("item", itemLifecycle), LifecycleCard("packaging", packagingLifecycle),
        LifecycleCard("item-import", importLifecycle),
    ],
    refusals: [CatalogRefusal.self, ImportRefusal.self],
    endpoints: itemEndpoints + packagingEndpoints + importEndpoints,
    jobs: [forgetPreviews])
