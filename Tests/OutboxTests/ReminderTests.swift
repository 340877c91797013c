// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Testing

@testable import Outbox

struct ReminderTests {
    @Test func `a value that is aged is not recalled, is the last one, and the next is new`() {
        let reminder = Reminder<String, Int>(seconds: 600)
        #expect(reminder.recall("a") == nil && reminder.last("a") == nil)
        reminder.keep(1, for: "a")
        #expect(reminder.recall("a") == 1 && reminder.last("a") == 1)
        reminder.age("a")
        reminder.age("b")
        #expect(reminder.recall("a") == nil && reminder.last("a") == 1)
        #expect(reminder.last("b") == nil)
        reminder.keep(2, for: "a")
        #expect(reminder.recall("a") == 2 && reminder.last("a") == 2)
    }

    @Test func `a value that only follows the last one is no younger than that was`() {
        let reminder = Reminder<String, Int>(seconds: 0)
        reminder.keep(1, for: "a")
        reminder.keep(2, for: "a")
        #expect(reminder.recall("a") == nil && reminder.last("a") == 2)
    }
}
