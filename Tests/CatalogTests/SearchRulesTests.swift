// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import Catalog

struct SearchRulesTests {
    @Test(
        arguments: [
            ("农夫山泉", "nong fu shan quan"), ("绿茶550ml", "lv cha 550ml"),
            ("Ａ4 纸", "a4 zhi"), ("", ""), ("!!", ""),
        ])
    func `a name is spoken in syllables`(name: String, expected: String) {
        #expect(spoken(name).map(\.full).joined(separator: " ") == expected)
    }

    @Test func `initials are the first letters of the syllables`() {
        #expect(spoken("农夫山泉饮用天然水").map(\.initial).joined() == "nfsqyytrs")
    }

    @Test func `a question is made of words that must all be found`() {
        #expect(
            searchQuestion(for: " 农夫  5 ", state: .active)
                == "(name : \"农夫\" OR words : \"农夫\" *) AND (name : \"5\" * OR words : \"5\" *)"
                + " AND state : active")
        #expect(
            searchQuestion(for: "\"* OR (", state: nil) == "(name : \"or\" OR words : \"or\" *)")
        #expect(searchQuestion(for: " -- ", state: nil) == nil)
    }

    @Test func `names are kept in pairs of letters that do not run from one name to the next`() {
        let text = searchText(
            of: SearchSource(
                names: ["山泉水", "红"], codes: ["A-1"], alias: "", spokenName: spoken("山泉水"),
                spokenAliases: []))
        #expect(text.name == "山泉 泉水 水 红")
        #expect(text.words == "a1 shanquanshui sqs qs quanshui s shui")
    }
}
