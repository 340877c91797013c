// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Access
import Appliance
import Clockwork
import Journal
import Kernel
import ModuleKit
import SealedStore
import Testing

/// What every room brings.
struct FrontDoorTests {
    private let modules = allModules().modules

    @Test func `a front door is complete`() {
        #expect(Set(modules.map(\.name)).count == modules.count)
        for module in modules {
            #expect(module.schema.room == module.name)
            #expect(!module.permissions.isEmpty && !module.events.isEmpty, "\(module.name)")
            #expect(!module.refusals.isEmpty && !module.endpoints.isEmpty, "\(module.name)")
            for permission in module.permissions {
                #expect(!finds("^[a-z]+\\.[a-z_]+$", in: permission.code).isEmpty)
            }
        }
    }

    @Test func `every room of Package.swift is in the house`() throws {
        let rooms = try HouseMap.read().rooms.map { $0.lowercased() }
        #expect(Set(rooms) == Set(modules.map(\.name)))
    }

    @Test func `events are named in the past tense and seen by a permission of their room`() {
        var names: Set<String> = []
        for module in modules {
            for event in module.events {
                #expect(names.insert(event.name).inserted, "\(event.name) twice")
                #expect(!finds("^[a-z]+\\.[a-z_]+$", in: event.name).isEmpty, "\(event.name)")
                #expect(module.permissions.contains(event.needs), "\(event.name)")
            }
        }
    }

    @Test func `every state is reached and every end is meant`() {
        let cards = modules.flatMap(\.lifecycles)
        #expect(cards.count >= 4)
        for card in cards {
            #expect(card.unreachable == [], "\(card.name)")
            #expect(card.deadEnds == [], "\(card.name)")
            #expect(Set(card.states).count == card.states.count, "\(card.name)")
        }
    }

    @Test func `jobs and listeners carry the name of their room`() {
        for module in modules {
            for name in module.jobs.map(\.name) + module.listens.map(\.name) {
                #expect(name.hasPrefix(module.name + "."), "\(name)")
            }
            for job in module.jobs { #expect(job.sentence.hasSuffix("."), "\(job.name)") }
        }
    }

    @Test func `a room hears only what it may ask`() throws {
        let map = try HouseMap.read()
        for (index, module) in modules.enumerated() {
            let room = map.rooms.first { $0.lowercased() == module.name }
            let asked = Set((map.asked[room ?? ""] ?? []).map { $0.lowercased() })
            for kind in module.listens.flatMap(\.kinds) {
                let teller = modules.firstIndex { $0.events.contains { $0.name == kind.name } }
                let position = try #require(teller, "\(kind.name) is told by nobody")
                #expect(position < index)
                #expect(asked.contains(modules[position].name), "\(module.name): \(kind.name)")
            }
        }
    }

    @Test func `a room has its page and says in front what it is`() {
        for module in modules {
            #expect(SourceTree.exists("docs/modules/\(module.name).md"), "\(module.name)")
            let door = SourceTree.rooms.first {
                $0.file.name.lowercased() == module.name + "module.swift"
            }
            let words = finds("(?m)^/// .+$", in: door?.file.text ?? "").count
            #expect(words >= 5, "\(module.name)")
        }
    }

    @Test func `a look at everything is for administrators, and a scanner only scans`() {
        let (modules, roles) = allModules()
        let all = Set(modules.flatMap(\.permissions) + SystemPermission.all)
        #expect(roles.permissions(of: .owner) == all)
        for role in [ShippedRole.support, .accountant, .securityAuditor, .dealerUser] {
            #expect(roles.permissions(of: role).allSatisfy { $0.isReading }, "\(role)")
        }
    }
}
