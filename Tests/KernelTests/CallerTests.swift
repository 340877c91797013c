// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import Testing

private enum Thing: IDNoun { static let prefix = "thg" }

struct CallerTests {
    private let adjust = Permission("stock.adjust")

    @Test func `an id reads only its own text`() {
        #expect(ID<Thing>(42).description == "thg-42")
        #expect(ID<Thing>(text: "thg-42") == ID(42))
        #expect(ID<Thing>(text: "thg-9223372036854775807") == ID(.max))
        for text in [
            "", "42", "thg-", "thg-0", "thg--1", "thg-+1", "thg-042", "itm-42", "THG-42", "thg-42 ",
            "thg-9223372036854775808", "thg-４２", "thg-4\u{301}2", "thg-1e3",
        ] {
            #expect(ID<Thing>(text: text) == nil, "\(text)")
        }
    }

    @Test func `ids sort by number`() {
        #expect(ID<Thing>(9) < ID<Thing>(10))
        #expect(Set([ID<Thing>(1), ID<Thing>(1)]).count == 1)
    }

    @Test func `an actor has a text of its own`() {
        #expect(Actor.user(1).description == "usr-1")
        #expect(Actor.device(3).description == "dev-3")
        #expect(Actor.system("timer").description == "system:timer")
        #expect(Actor.guest.description == "guest")
    }

    @Test func `a guest is asked to sign in`() {
        #expect(throws: AccessRefusal.unauthenticated) { try Caller.guest.require(adjust) }
        #expect(AccessRefusal.unauthenticated.kind == .unauthenticated)
        #expect(AccessRefusal.unauthenticated.parameters.isEmpty)
    }

    @Test func `somebody without the permission is refused by its name`() {
        let caller = Caller(
            actor: .user(1), name: "Li", permissions: [Permission("stock.see")],
            scope: .everything, language: .en)
        #expect(throws: AccessRefusal.forbidden(adjust)) { try caller.require(adjust) }
        #expect(AccessRefusal.forbidden(adjust).kind == .forbidden)
        #expect(
            AccessRefusal.forbidden(adjust).parameters == ["permission": .text("stock.adjust")])
    }

    @Test func `somebody with the permission passes`() throws {
        let caller = Caller(
            actor: .device(1), name: "Gun 1", permissions: [adjust], scope: .everything,
            language: .zhCN)
        try caller.require(adjust)
        #expect(caller.may(adjust))
        #expect(!caller.may(Permission("stock.see")))
    }

    @Test func `a scope allows its warehouses and no other`() {
        #expect(Scope.everything.allows(warehouse: 7))
        #expect(Scope.warehouses([7, 8]).allows(warehouse: 7))
        #expect(!Scope.warehouses([7, 8]).allows(warehouse: 9))
        #expect(!Scope.warehouses([]).allows(warehouse: 7))
        #expect(!Caller.guest.scope.allows(warehouse: 1))
    }

    @Test func `a language has the tag of the pages`() {
        #expect(Language.allCases.map(\.rawValue) == ["zh-CN", "en"])
    }
}

struct RefusalTests {
    private static let types: [any Refusal.Type] = [
        ArithmeticRefusal.self, TimeRefusal.self, PageRefusal.self, LifecycleRefusal.self,
        AccessRefusal.self,
    ]

    @Test func `every code is a noun, a full stop and an obstacle, and there is one of each`() {
        let codes = Self.types.flatMap { $0.catalogue.map(\.code) }
        #expect(Set(codes).count == codes.count)
        for code in codes {
            #expect(code.wholeMatch(of: /[a-z]+\.[a-z]+(_[a-z]+)*/) != nil, "\(code)")
        }
    }

    @Test func `every refusal of arithmetic is in its catalogue`() {
        let refusals: [ArithmeticRefusal] = [
            .overflow, .currencyMixed, .scaleMixed, .inexact, .divisionByZero, .malformed,
            .outOfRange,
        ]
        #expect(refusals.map(\.code) == ArithmeticRefusal.catalogue.map(\.code))
        #expect(refusals.allSatisfy { $0.kind == .invalid })
        #expect(refusals.allSatisfy { $0.parameters.isEmpty && $0.pointers.isEmpty })
    }

    @Test func `a refusal of a zone or a cursor points to its field`() {
        #expect(TimeRefusal.zoneUnknown("x").kind == .invalid)
        #expect(TimeRefusal.zoneUnknown("x").parameters == ["zone": .text("x")])
        #expect(PageRefusal.cursorMalformed.code == "page.cursor_malformed")
        #expect(PageRefusal.cursorMalformed.pointers.map(\.path) == ["/after"])
    }

    @Test(
        arguments: [
            (.invalid, 422), (.unreadable, 400), (.unauthenticated, 401), (.forbidden, 403),
            (.notFound, 404), (.conflict, 409), (.stale, 412), (.preconditionMissing, 428),
            (.tooLarge, 413), (.tooMany, 429), (.busy, 503), (.warning, 409),
            (.unsupportedMedia, 415), (.misdirected, 421),
            (.notAllowed, 405),
        ] as [(RefusalKind, Int)])
    func `a kind has its status`(kind: RefusalKind, status: Int) {
        #expect(kind.status == status)
    }

    @Test func `there are no kinds without a status in the table`() {
        #expect(RefusalKind.allCases.count == 15)
    }

    @Test func `the limits are the figures that were agreed`() {
        #expect(Limit.nameLength == 200)
        #expect(Limit.pageSize == 200)
        #expect(Limit.pageSizeDefault == 50)
        #expect(Limit.bodyBytesJSON == 1_048_576)
        #expect(Limit.bodyBytesScan == 8_192)
        #expect(Limit.bodyBytesImport == 16_777_216)
        #expect(Limit.headerBytes == 16_384)
        #expect(Limit.connectionsPerWorker == 120)
        #expect(Limit.streamBufferBytes == 262_144)
        #expect(Limit.writeBatch <= Limit.writeQueue)
    }
}
