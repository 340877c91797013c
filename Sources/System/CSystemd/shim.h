/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Sluice authors
 *
 * libsystemd, as far as a daemon needs it: readiness and watchdog. Declared here instead of by
 * <systemd/sd-daemon.h>, because that header pulls in system headers, whose types would then belong
 * to this module and no longer to Glibc. Source: sd_notify(3), sd_watchdog_enabled(3). */
#pragma once
#include <stdint.h>

int sd_notify(int unset_environment, const char *state);
int sd_watchdog_enabled(int unset_environment, uint64_t *usec);

/* prctl(2) is variadic, which Swift does not call. Once forbidden, neither a core dump nor a
 * debugger of the same user gets at the memory of this process. */
int prctl(int option, ...);

static inline int sluice_forbid_dumps(void) {
    return prctl(4 /* PR_SET_DUMPABLE */, 0UL, 0UL, 0UL, 0UL);
}

/* mallopt(3), which Swift's Glibc does not know: how many heaps threads may have between them. */
int mallopt(int parameter, int value);

static inline void sluice_bound_heaps(int most) {
    (void)mallopt(-8 /* M_ARENA_MAX */, most);
}
