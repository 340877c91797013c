// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

/// The words that demo goods are named with, and what such goods are like.
struct DemoProduct: Sendable {
    let name: String
    /// Sizes with their base unit: the size becomes part of the name.
    let sizes: [String]
    let baseUnit: String
    /// Units in an inner pack and in a case.
    let inner: Int64
    let perCase: Int64
    let hasExpiry: Bool
}

enum DemoVocabulary {
    /// Invented brands: a demo must not show anybody's real goods.
    static let brands = [
        "青岭", "禾泉", "北岸", "云溪", "金穗田", "小满", "海棠湾", "竹里", "白石", "松风", "远山", "晴川",
    ]

    static let products: [DemoProduct] = [
        DemoProduct(
            name: "饮用天然水", sizes: ["380ml", "550ml", "1.5L", "5L"], baseUnit: "瓶", inner: 6,
            perCase: 24, hasExpiry: true),
        DemoProduct(
            name: "茉莉花茶饮料", sizes: ["500ml", "1L"], baseUnit: "瓶", inner: 5, perCase: 15,
            hasExpiry: true),
        DemoProduct(
            name: "苏打水", sizes: ["330ml", "400ml"], baseUnit: "罐", inner: 6, perCase: 24,
            hasExpiry: true),
        DemoProduct(
            name: "纯牛奶", sizes: ["200ml", "250ml", "1L"], baseUnit: "盒", inner: 4, perCase: 12,
            hasExpiry: true),
        DemoProduct(
            name: "五香瓜子", sizes: ["108g", "260g", "500g"], baseUnit: "袋", inner: 10, perCase: 40,
            hasExpiry: true),
        DemoProduct(
            name: "红烧牛肉面", sizes: ["桶装", "五连包"], baseUnit: "份", inner: 6, perCase: 12,
            hasExpiry: true),
        DemoProduct(
            name: "东北大米", sizes: ["2.5kg", "5kg", "10kg"], baseUnit: "袋", inner: 2, perCase: 4,
            hasExpiry: true),
        DemoProduct(
            name: "特级生抽", sizes: ["500ml", "1.28L"], baseUnit: "瓶", inner: 6, perCase: 12,
            hasExpiry: false),
        DemoProduct(
            name: "抽纸", sizes: ["100抽×3", "130抽×8"], baseUnit: "提", inner: 4, perCase: 16,
            hasExpiry: false),
        DemoProduct(
            name: "洗衣液", sizes: ["1kg", "2kg", "3kg"], baseUnit: "瓶", inner: 2, perCase: 6,
            hasExpiry: false),
        DemoProduct(
            name: "薄荷牙膏", sizes: ["90g", "120g", "180g"], baseUnit: "支", inner: 12, perCase: 72,
            hasExpiry: false),
        DemoProduct(
            name: "5号碱性电池", sizes: ["4粒", "8粒", "24粒"], baseUnit: "卡", inner: 12,
            perCase: 144, hasExpiry: false),
        DemoProduct(
            name: "中性笔", sizes: ["0.5mm黑", "0.5mm蓝", "0.7mm黑"], baseUnit: "支", inner: 12,
            perCase: 144, hasExpiry: false),
        DemoProduct(
            name: "保温杯", sizes: ["350ml", "500ml"], baseUnit: "只", inner: 4, perCase: 24,
            hasExpiry: false),
    ]

    static let flavours = ["原味", "清爽", "家庭装", "礼盒", "经典", "新品"]
}
