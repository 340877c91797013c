// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Foundation
import Testing

/// A closure that is itself the content of a `Mutex` is wrapped anew by each `withLock`: every call
/// makes the chain longer that the next one has to walk, until the stack ends. In a struct, or in an
/// array, it is stored as it is.
struct ClosureTests {
    /// A function type as the content, or one in a tuple; none in an array, a dictionary or a generic.
    private static let naked = [
        "Mutex<(?:[^\\[\\]<>\\n]|->)*->", "Mutex\\(\\s*\\{",
    ]

    private func places(in code: String) -> [String] {
        ClosureTests.naked.flatMap { finds($0, in: code).map(\.text) }
    }

    @Test(arguments: [
        "Mutex<(@Sendable (Int) -> Int32)?>(nil)", "Mutex<((String) -> Void)?>(nil)",
        "Mutex<@Sendable () -> Int>({ 1 })", "Mutex<() -> Void>(f)", "Mutex({ 1 })",
        "Mutex<(count: Int, then: () -> Void)>((0, f))",
    ])
    func `a closure in a mutex is found`(_ code: String) {
        #expect(!places(in: code).isEmpty)
    }

    @Test(arguments: [
        "Mutex<[@Sendable () -> Void]>([])", "Mutex<Bell>(Bell())", "Mutex(State())",
        "Mutex<[Int: Result<Void, any Error>]>([:])", "let a = Mutex<Int>(0); let f: () -> Void",
    ])
    func `what may be in a mutex is left alone`(_ code: String) {
        #expect(places(in: code).isEmpty)
    }

    @Test func `no mutex holds a closure as its content`() {
        let files =
            SourceTree.swift
            + SourceTree.files(below: "Tests", ending: ".swift")
            .filter { $0.text.contains("Mutex") || $0.text.contains("typealias") }
            .map { SwiftFile(file: $0, swift: SwiftText($0.text)) }
        #expect(files.count > 300)
        let found = files.flatMap { file in
            ClosureTests.naked.flatMap { file.places(of: $0) }
        }
        #expect(found.isEmpty)
        // An alias would hide one.
        let aliases = files.flatMap { file in
            finds("typealias (\\w+) = [^\\n]*->", in: file.swift.code).map(\.text)
        }
        for alias in aliases {
            let name = NSRegularExpression.escapedPattern(for: alias)
            #expect(files.flatMap { $0.places(of: "Mutex<\(name)\\??>") }.isEmpty)
        }
    }
}
