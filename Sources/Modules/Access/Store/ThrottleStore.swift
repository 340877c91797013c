// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import Kernel
import SealedStore

extension ReadTransaction {
    func throttle(_ key: ThrottleKey) throws -> Throttle? {
        try first("SELECT failures, until_us FROM access_throttle WHERE key = ?", [key.text]) {
            Throttle(failures: $0.int64(0), until: Instant(microseconds: $0.int64(1)))
        }
    }

    /// How many tries are remembered of names and addresses that strangers make up.
    func strangers() throws -> Int64 {
        try integer(
            """
            SELECT count(*) FROM access_throttle
            WHERE key GLOB 'name:*' OR key GLOB 'address:*' OR key GLOB 'setup:*'
            """, []) ?? 0
    }
}

extension WriteTransaction {
    func setThrottle(_ key: ThrottleKey, _ throttle: Throttle) throws {
        try runUntold(
            """
            INSERT INTO access_throttle (key, failures, until_us, failed_us) VALUES (?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
                until_us = excluded.until_us, failed_us = excluded.failed_us
            """, [key.text, throttle.failures, throttle.until, now])
    }

    func clearThrottle(_ key: ThrottleKey) throws {
        try runUntold("DELETE FROM access_throttle WHERE key = ?", [key.text])
    }

    func forgetThrottles(failedBefore instant: Instant) throws -> Int {
        try runUntold("DELETE FROM access_throttle WHERE failed_us < ?", [instant])
    }

    /// Forgets the oldest tries of strangers; those of people here stay.
    func forgetStrangers(_ count: Int) throws {
        try runUntold(
            """
            DELETE FROM access_throttle WHERE key IN (
                SELECT key FROM access_throttle
                WHERE key GLOB 'name:*' OR key GLOB 'address:*' OR key GLOB 'setup:*'
                ORDER BY failed_us LIMIT ?)
            """, [count])
    }
}
