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
