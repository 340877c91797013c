// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

struct PageTests {
    @Test func `a cursor reads back as the same keys`() throws {
        var dice = Dice()
        for _ in 0..<2_000 {
            let keys: [Cursor.Key] = (0..<dice.number(1...5)).map { _ in
                dice.number(0...1) == 0 ? .integer(dice.anyNumber()) : .text(dice.text())
            }
            let cursor = Cursor(keys)
            if try Cursor(text: cursor.text) != cursor { Issue.record("\(keys), \(dice.note)") }
        }
    }

    @Test func `the text of a cursor can stand in an address as it is`() {
        var dice = Dice()
        let safe = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for _ in 0..<500 {
            let text = Cursor([.text(dice.text()), .integer(dice.anyNumber())]).text
            if !text.allSatisfy(safe.contains) { Issue.record("\(text), \(dice.note)") }
        }
    }

    @Test(arguments: [
        "", "!", "====", "A", "aQ", "aQAB", "eAAA", "+/+/", "aQABMQ==", "aQABMQ ", "货",
    ])
    func `a text that is no cursor is refused`(text: String) {
        #expect(throws: PageRefusal.cursorMalformed) { try Cursor(text: text) }
    }

    @Test func `a cursor has one spelling`() throws {
        // "1" as an integer key is i, 0, 1, "1"; the last letter of its text carries unused bits.
        #expect(Cursor([.integer(1)]).text == "aQABMQ")
        #expect(throws: PageRefusal.cursorMalformed) { try Cursor(text: "aQABMR") }
        // "+1" and "01" are other spellings of the same number.
        #expect(throws: PageRefusal.cursorMalformed) { try Cursor(text: "aQACKzE") }
        #expect(throws: PageRefusal.cursorMalformed) { try Cursor(text: "aQACMDE") }
    }

    @Test func `random letters are read or refused, never trapped`() {
        var dice = Dice()
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ ")
        for _ in 0..<5_000 {
            let text = String(
                (0..<dice.number(0...40)).map { _ in letters.randomElement(using: &dice)! })
            if let cursor = try? Cursor(text: text), cursor.text != text {
                Issue.record("\(text) was read as \(cursor), \(dice.note)")
            }
        }
    }

    @Test func `a cursor over the longest name and an id reads back`() throws {
        let name = String(repeating: "\u{20BB7}", count: Limit.nameLength)
        let code = String(repeating: "\u{20BB7}", count: Limit.codeLength)
        let cursor = Cursor([.text(name), .text(code), .integer(.min)])
        #expect(try Cursor(text: cursor.text) == cursor)
    }

    @Test func `a text that is too long is refused`() {
        let text = String(repeating: "A", count: 1_000_000)
        #expect(throws: PageRefusal.cursorMalformed) { try Cursor(text: text) }
    }

    @Test func `keys of another shape are refused`() throws {
        let cursor = Cursor([.integer(1), .text("a")])
        #expect(throws: PageRefusal.cursorMalformed) { try cursor.integers(2) }
        #expect(throws: PageRefusal.cursorMalformed) { try cursor.singleText() }
        #expect(throws: PageRefusal.cursorMalformed) { try Cursor([.integer(1)]).integers(2) }
        #expect(try Cursor([.integer(1), .integer(2)]).integers(2) == [1, 2])
        #expect(try Cursor([.text("a")]).singleText() == "a")
    }

    @Test(
        arguments: [
            (nil, 50), (0, 1), (-5, 1), (1, 1), (200, 200), (201, 200), (Int.max, 200),
            (Int.min, 1),
        ] as [(Int?, Int)])
    func `a page has 1 to 200 rows and 50 by default`(asked: Int?, given: Int) {
        #expect(PageRequest(limit: asked).limit == given)
    }

    @Test func `pages cut one after the other give every row once`() throws {
        let rows = (1...23).map(Int64.init)
        var seen: [Int64] = []
        var after: Int64 = 0
        var pages = 0
        while pages < 100 {
            let asked = Array(rows.filter { $0 > after }.prefix(5 + 1))
            let page = Page(asked, limit: 5) { [.integer($0)] }
            seen += page.items
            pages += 1
            guard let next = page.next else { break }
            after = try Cursor(text: next.text).integers(1)[0]
        }
        #expect(seen == rows)
        #expect(pages == 5)
    }

    @Test func `the last page has no cursor, also when it is full`() {
        #expect(Page([1, 2], limit: 2) { [.integer(Int64($0))] }.next == nil)
        #expect(Page([Int64](), limit: 2) { [.integer($0)] }.next == nil)
        #expect(Page([1, 2, 3], limit: 2) { [.integer(Int64($0))] }.next == Cursor([.integer(2)]))
    }
}
