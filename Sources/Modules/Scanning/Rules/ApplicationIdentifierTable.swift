// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

extension ApplicationIdentifier {
    /// Every identifier that this house reads.
    static let all: [ApplicationIdentifier] =
        keys + dates + texts + measures + prices + logistics + nature + rare

    /// An item, the content of a box, or a piece of one.
    private static let trade = ["01", "02", "8006", "8026"]
    private static let item = ["01", "02"]
    /// A price needs a count or a measure that it is the price of.
    private static let amounts = ["30", "31nn", "32nn", "35nn", "36nn"]

    private static func make(
        _ code: String, _ format: Format, decimals: Int = 0, needs: [[String]] = [],
        not excludes: [String] = []
    ) -> ApplicationIdentifier {
        ApplicationIdentifier(
            code: code, format: format, decimals: decimals, requires: needs, excludes: excludes)
    }

    private static let keys: [ApplicationIdentifier] =
        [
            make("00", .key(18)),
            make("01", .key(14), not: ["02", "255", "37"]),
            // The pallet number may stand in another symbol of the same label, so the count
            // beside the content is enough here; the strict rule asks for both.
            make("02", .key(14), needs: [["00", "37"]]),
            make("253", .longKey(filler: false, key: 13, tail: 0...17, .set82)),
            make(
                "255", .longKey(filler: false, key: 13, tail: 0...12, .digits),
                not: ["01", "02", "415", "8006", "8020", "8026"]),
            make("402", .key(17)),
            make("8003", .longKey(filler: true, key: 13, tail: 0...16, .set82)),
            make(
                "8006", .longKey(filler: false, key: 14, tail: 4...4, .digits),
                not: ["01", "37"]),
            make("8017", .key(18), not: ["8018"]),
            make("8018", .key(18), not: ["8017"]),
            make(
                "8026", .longKey(filler: false, key: 14, tail: 4...4, .digits),
                needs: [["37"]], not: ["02", "8006"]),
        ]
        + ["410", "411", "412", "413", "414", "416", "417"].map { make($0, .key(13)) }
        + [make("415", .key(13), needs: [["8020"]])]

    private static let dates: [ApplicationIdentifier] =
        ["11", "13", "15", "16"].map { make($0, .date, needs: [trade]) }
        + [
            make("12", .date, needs: [["8020"]]),
            make("17", .date, needs: [["01", "02", "255", "8006", "8026"]]),
            make("7003", .minute, needs: [item]),
            make("7006", .digits(6...6), needs: [item]),
            make("8008", .second, needs: [item]),
        ]

    private static let texts: [ApplicationIdentifier] =
        [
            make("10", .text(1...20, .set82), needs: [trade]),
            make("20", .digits(2...2), needs: [trade]),
            make("21", .text(1...20, .set82), needs: [["01", "8006"]], not: ["235"]),
            make("22", .text(1...20, .set82), needs: [["01"]]),
            make("235", .text(1...28, .set82), needs: [["01"]]),
            make("240", .text(1...30, .set82), needs: [trade]),
            make("241", .text(1...30, .set82), needs: [trade]),
            make("242", .digits(1...6), needs: [trade]),
            make("243", .text(1...20, .set82), needs: [["01"]]),
            make("250", .text(1...30, .set82), needs: [["01", "8006"], ["21"]]),
            make("251", .text(1...30, .set82), needs: [["01", "8006"]]),
            make("254", .text(1...20, .set82), needs: [["414"]]),
            make("30", .count, needs: [item]),
            // The strict rule also asks for 00, which may stand in another symbol of the label.
            make("37", .count, needs: [["02", "8026"]]),
            make("8001", .digits(14...14), needs: [["01"]]),
            make("8002", .text(1...20, .set82)),
            make("8004", .text(1...30, .set82)),
            make("8005", .digits(6...6), needs: [item]),
            make("8009", .text(1...50, .set82), needs: [["00", "01"]]),
            make("8010", .text(1...30, .set39)),
            make("8011", .digits(1...12), needs: [["8010"]]),
            make("8012", .text(1...20, .set82), needs: [["01", "8006"]]),
            make("8013", .text(1...25, .set82)),
            make("8019", .digits(1...10), needs: [["8017", "8018"]]),
            make("8020", .text(1...25, .set82), needs: [["415"]]),
            make("8200", .text(1...70, .set82), needs: [["01"]]),
            make("90", .text(1...30, .set82)),
        ]
        + (91...99).map { make(String($0), .text(1...90, .set82)) }
        + (710...715).map { make(String($0), .text(1...20, .set82), needs: [["01"]]) }

    private static let measures: [ApplicationIdentifier] = {
        /// Of the goods themselves, or of the box around them.
        let goods: [(String, String)] = [
            ("310", "kg"), ("311", "m"), ("312", "m"), ("313", "m"), ("314", "m2"),
            ("315", "l"), ("316", "m3"), ("320", "lb"), ("321", "in"), ("322", "ft"),
            ("323", "yd"), ("324", "in"), ("325", "ft"), ("326", "yd"), ("327", "in"),
            ("328", "ft"), ("329", "yd"), ("350", "in2"), ("351", "ft2"), ("352", "yd2"),
            ("356", "ozt"), ("357", "oz"), ("360", "qt"), ("361", "gal"), ("364", "in3"),
            ("365", "ft3"), ("366", "yd3"),
        ]
        let boxes: [(String, String)] = [
            ("330", "kg"), ("331", "m"), ("332", "m"), ("333", "m"), ("334", "m2"),
            ("335", "l"), ("336", "m3"), ("340", "lb"), ("341", "in"), ("342", "ft"),
            ("343", "yd"), ("344", "in"), ("345", "ft"), ("346", "yd"), ("347", "in"),
            ("348", "ft"), ("349", "yd"), ("353", "in2"), ("354", "ft2"), ("355", "yd2"),
            ("362", "qt"), ("363", "gal"), ("367", "in3"), ("368", "ft3"), ("369", "yd3"),
        ]
        let kinds =
            goods.map { ($0.0, $0.1, item) } + boxes.map { ($0.0, $0.1, ["00", "01"]) }
            + [("337", "kg/m2", ["01"])]
        return kinds.flatMap { base, unit, needs in
            (0...5).map {
                make(
                    "\(base)\($0)", .measure(unit), decimals: $0, needs: [needs],
                    not: ["\(base)n"])
            }
        }
    }()

    private static let prices: [ApplicationIdentifier] =
        (0...9).flatMap { decimals in
            [
                make(
                    "390\(decimals)", .price(currency: false, 1...15), decimals: decimals,
                    needs: [["255", "8020"]], not: ["390n", "391n", "394n", "8111"]),
                make(
                    "391\(decimals)", .price(currency: true, 1...15), decimals: decimals,
                    needs: [["8020"]], not: ["391n"]),
                make(
                    "392\(decimals)", .price(currency: false, 1...15), decimals: decimals,
                    needs: [["01"], amounts], not: ["392n", "393n"]),
                make(
                    "393\(decimals)", .price(currency: true, 1...15), decimals: decimals,
                    needs: [amounts], not: ["393n"]),
            ]
        }
        + (0...5).map {
            make(
                "395\($0)", .price(currency: false, 6...6), decimals: $0, needs: [amounts],
                not: ["392n", "393n", "395n", "8005"])
        }

    private static let logistics: [ApplicationIdentifier] =
        [
            make("400", .text(1...30, .set82)),
            make("401", .text(1...30, .set82)),
            make("403", .text(1...30, .set82), needs: [["00"]]),
            make("420", .text(1...20, .set82), not: ["421"]),
            make("421", .country(tail: 1...9)),
            make("422", .country(tail: 0...0), needs: [trade], not: ["426"]),
            make("423", .countries, needs: [item], not: ["426"]),
            make("424", .country(tail: 0...0), needs: [item], not: ["426"]),
            make("425", .countries, needs: [item], not: ["426"]),
            make("426", .country(tail: 0...0), needs: [item]),
            make("427", .text(1...3, .set82), needs: [item, ["422"]]),
        ]
        + ["4300", "4301", "4310", "4311", "4320"].map {
            make($0, .text(1...35, .set82), needs: [["00"]])
        }
        + [
            "4302", "4303", "4304", "4305", "4306", "4312", "4313", "4314", "4315", "4316",
        ].map { make($0, .text(1...70, .set82), needs: [["00"]]) }
        + ["4307", "4317"].map { make($0, .text(2...2, .set82), needs: [["00"]]) }
        + ["4308", "4319"].map { make($0, .text(1...30, .set82), needs: [["00"]]) }
        + [make("4318", .text(1...20, .set82), needs: [["00"]])]

    /// Delivery, meat, fish and medicine.
    private static let nature: [ApplicationIdentifier] =
        [
            make("4309", .digits(20...20), needs: [["00"]]),
            make("4324", .digits(10...10), needs: [["00"]]),
            make("4325", .digits(10...10), needs: [["00"]]),
            make("4326", .digits(6...6), needs: [["00"]]),
            make("4330", .text(6...7, .set82), needs: [["00"]], not: ["4331"]),
            make("4331", .text(6...7, .set82), needs: [["00"]], not: ["4330"]),
            make("4332", .text(6...7, .set82), needs: [["00"]], not: ["4333"]),
            make("4333", .text(6...7, .set82), needs: [["00"]], not: ["4332"]),
            make("7001", .digits(13...13), needs: [trade]),
            make("7002", .text(1...30, .set82), needs: [item]),
            make("7004", .digits(1...4), needs: [["01"], ["10"]]),
            make("7005", .text(1...12, .set82), needs: [item]),
            make("7007", .digits(6...12), needs: [item]),
            make("7008", .text(1...3, .set82), needs: [item]),
            make("7009", .text(1...10, .set82), needs: [item]),
            make("7010", .text(1...2, .set82), needs: [item]),
            make("7011", .digits(6...10), needs: [item]),
            make("7020", .text(1...20, .set82), needs: [["01", "8006"], ["416"]]),
            make("7021", .text(1...20, .set82), needs: [["01", "8006"]]),
            make("7022", .text(1...20, .set82), needs: [["7021"]]),
            make("7023", .text(1...30, .set82)),
            make("7040", .text(4...4, .set82)),
            make("7240", .text(1...20, .set82), needs: [["01", "8006"]]),
            make("7241", .digits(2...2), needs: [["8017", "8018"]]),
            make("7242", .text(1...25, .set82), needs: [["8017", "8018"]]),
        ]
        + (4321...4323).map { make(String($0), .digits(1...1), needs: [["00"]]) }
        + (7030...7039).map { make(String($0), .country(tail: 1...27), needs: [item]) }
        + (7230...7239).map { make(String($0), .text(3...30, .set82), needs: [["01", "8004"]]) }

    /// Coupons, accounts and signatures: read so that the rest of the code can be used.
    private static let rare: [ApplicationIdentifier] =
        [
            make("8007", .text(1...34, .set82), needs: [["415"]]),
            make(
                "8030", .text(1...90, .set64),
                needs: [
                    [
                        "00", "01", "253", "255", "8003", "8004", "8006", "8010", "8017", "8018",
                    ]
                ]),
            make("8110", .text(1...70, .set82)),
            make("8111", .digits(4...4), needs: [["255"]]),
            make("8112", .text(1...70, .set82)),
        ]
        + (3940...3943).map {
            make(String($0), .digits(4...4), needs: [["255"]], not: ["394n", "8111"])
        }
}
