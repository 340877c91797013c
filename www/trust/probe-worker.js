// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Takes up nothing and answers nothing: a browser registers a worker only over a connection that it
// trusts without an exception, and that is what is asked.
self.addEventListener('install', () => self.skipWaiting());
