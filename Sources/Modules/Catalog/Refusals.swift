// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

package import Kernel

/// Every "no" about items, variants, packagings and codes.
package enum CatalogRefusal: Refusal, Equatable {
    case itemUnknown(item: String)
    case itemCodeTaken(code: String)
    case itemRetired(item: String)
    case scaleInvalid(scale: Int)
    case serialNeedsWhole(scale: Int)
    case trackingFixed(item: String)
    case variantUnknown(variant: String)
    case variantCodeTaken(code: String, item: String)
    case variantTooMany(most: Int)
    case packagingUnknown(packaging: String)
    case packagingForeign(packaging: String, item: String)
    case packagingRetired(name: String)
    case packagingNameTaken(name: String)
    case packagingTooMany(most: Int)
    case baseFixed
    case contentInvalid(content: Ratio)
    case contentNotWhole(content: Ratio)
    case countNotWhole(count: Quantity, content: Ratio, scale: Int)
    case countTooLarge(count: Quantity)
    case codeUnknown(code: String)
    case codeUnreadable(code: String)
    case codeCheckDigit(code: String, expected: String)
    case codeTaken(code: String, item: String)
    case codeTooMany(most: Int)
    case codeEnded(code: String, validTo: BusinessDay)
    case validityInvalid(from: BusinessDay, to: BusinessDay)

    package static let catalogue: [RefusalCode] = [
        RefusalCode("item.unknown", .notFound),
        RefusalCode("item.code_taken", .conflict),
        RefusalCode("item.retired", .conflict),
        RefusalCode("item.scale_invalid", .invalid),
        RefusalCode("item.serial_needs_whole", .invalid),
        RefusalCode("item.tracking_fixed", .conflict),
        RefusalCode("variant.unknown", .notFound),
        RefusalCode("variant.code_taken", .conflict),
        RefusalCode("variant.too_many", .conflict),
        RefusalCode("packaging.unknown", .notFound),
        RefusalCode("packaging.foreign", .invalid),
        RefusalCode("packaging.retired", .conflict),
        RefusalCode("packaging.name_taken", .conflict),
        RefusalCode("packaging.too_many", .conflict),
        RefusalCode("packaging.base_fixed", .invalid),
        RefusalCode("packaging.content_invalid", .invalid),
        RefusalCode("packaging.content_not_whole", .invalid),
        RefusalCode("packaging.count_not_whole", .invalid),
        RefusalCode("packaging.count_too_large", .invalid),
        RefusalCode("code.unknown", .notFound),
        RefusalCode("code.unreadable", .invalid),
        RefusalCode("code.check_digit", .invalid),
        RefusalCode("code.taken", .conflict),
        RefusalCode("code.too_many", .conflict),
        RefusalCode("code.ended", .conflict),
        RefusalCode("code.validity_invalid", .invalid),
    ]

    package var code: String {
        switch self {
        case .itemUnknown: "item.unknown"
        case .itemCodeTaken: "item.code_taken"
        case .itemRetired: "item.retired"
        case .scaleInvalid: "item.scale_invalid"
        case .serialNeedsWhole: "item.serial_needs_whole"
        case .trackingFixed: "item.tracking_fixed"
        case .variantUnknown: "variant.unknown"
        case .variantCodeTaken: "variant.code_taken"
        case .variantTooMany: "variant.too_many"
        case .packagingUnknown: "packaging.unknown"
        case .packagingForeign: "packaging.foreign"
        case .packagingRetired: "packaging.retired"
        case .packagingNameTaken: "packaging.name_taken"
        case .packagingTooMany: "packaging.too_many"
        case .baseFixed: "packaging.base_fixed"
        case .contentInvalid: "packaging.content_invalid"
        case .contentNotWhole: "packaging.content_not_whole"
        case .countNotWhole: "packaging.count_not_whole"
        case .countTooLarge: "packaging.count_too_large"
        case .codeUnknown: "code.unknown"
        case .codeUnreadable: "code.unreadable"
        case .codeCheckDigit: "code.check_digit"
        case .codeTaken: "code.taken"
        case .codeTooMany: "code.too_many"
        case .codeEnded: "code.ended"
        case .validityInvalid: "code.validity_invalid"
        }
    }

    package var parameters: [String: Fact] {
        switch self {
        case .itemUnknown(let item), .itemRetired(let item), .trackingFixed(let item):
            ["item": .text(item)]
        case .itemCodeTaken(let code), .codeUnknown(let code), .codeUnreadable(let code):
            ["code": .text(code)]
        case .scaleInvalid(let scale), .serialNeedsWhole(let scale):
            ["scale": .integer(Int64(scale))]
        case .variantUnknown(let variant):
            ["variant": .text(variant)]
        case .variantCodeTaken(let code, let item), .codeTaken(let code, let item):
            ["code": .text(code), "item": .text(item)]
        case .variantTooMany(let most), .packagingTooMany(let most), .codeTooMany(let most):
            ["most": .integer(Int64(most))]
        case .packagingUnknown(let packaging):
            ["packaging": .text(packaging)]
        case .packagingForeign(let packaging, let item):
            ["packaging": .text(packaging), "item": .text(item)]
        case .packagingRetired(let name), .packagingNameTaken(let name):
            ["name": .text(name)]
        case .baseFixed:
            [:]
        case .contentInvalid(let content), .contentNotWhole(let content):
            ["content": .text(content.description)]
        case .countNotWhole(let count, let content, let scale):
            [
                "count": .quantity(count), "content": .text(content.description),
                "scale": .integer(Int64(scale)),
            ]
        case .countTooLarge(let count):
            ["count": .quantity(count)]
        case .codeCheckDigit(let code, let expected):
            ["code": .text(code), "expected": .text(expected)]
        case .codeEnded(let code, let validTo):
            ["code": .text(code), "validTo": .day(validTo)]
        case .validityInvalid(let from, let to):
            ["from": .day(from), "to": .day(to)]
        }
    }

    package var pointers: [Pointer] {
        switch self {
        case .itemCodeTaken, .variantCodeTaken, .codeTaken, .codeUnreadable, .codeCheckDigit:
            [Pointer(path: "/code", code: code)]
        case .scaleInvalid: [Pointer(path: "/scale", code: code)]
        case .serialNeedsWhole: [Pointer(path: "/tracking/serial", code: code)]
        case .trackingFixed: [Pointer(path: "/tracking", code: code)]
        case .packagingNameTaken: [Pointer(path: "/name", code: code)]
        case .packagingForeign: [Pointer(path: "/packaging", code: code)]
        case .baseFixed: [Pointer(path: "/level", code: code)]
        case .contentInvalid, .contentNotWhole: [Pointer(path: "/content", code: code)]
        case .countNotWhole, .countTooLarge: [Pointer(path: "/count", code: code)]
        case .codeEnded, .validityInvalid: [Pointer(path: "/validTo", code: code)]
        case .itemUnknown, .itemRetired, .variantUnknown, .variantTooMany, .packagingUnknown,
            .packagingRetired, .packagingTooMany, .codeUnknown, .codeTooMany:
            []
        }
    }
}
