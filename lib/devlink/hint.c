/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From what the kernel says to what can be done about it. Only causes that the driver's source
 * establishes are named; a driver puts its name before its words, so they are looked for anywhere
 * in the text.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "devlink/devlink.h"

static const struct {
	const char *words;
	const char *hint;
} by_words[] = {
	{"Device doesn't support migration",
	 "the firmware does not offer VF migration: set VF_MIGRATION_MODE=2 with "
	 "mstconfig and reset the firmware; if it still refuses, update the firmware"},
	{"Port doesn't support migratable function attribute",
	 "only the devlink port of a VF has it, with an mlx5_core of Linux 6.2 or later"},
	{"migratable function attribute supported for VFs only",
	 "name the devlink port of a VF (flavour pcivf)"},
	{"Failed setting HCA migratable cap",
	 "the firmware refused: unbind the VF from its driver, then try again"},
	{"Port doesn't support ipsec_", "the PF's driver has no such attribute"},
	{"ipsec_crypto function attribute supported for VFs only",
	 "name the devlink port of a VF (flavour pcivf)"},
	{"ipsec_packet function attribute supported for VFs only",
	 "name the devlink port of a VF (flavour pcivf)"},
	{"Non-unicast hardware address unsupported",
	 "give a unicast address: the lowest bit of its first byte is 0"},
	{"Address must be 6 bytes", "give an address of 6 bytes"},
	{"during firmware reset", "wait until the firmware has been reset, then try again"},
	{"E-Switch is busy",
	 "another change is under way or the offloaded rules are in use: try again"},
	{"when IPsec SA and/or policies are configured",
	 "remove the IPsec states and policies (ip xfrm) of the device first"},
	{"multi-PF netdev (Socket Direct)",
	 "the card spreads one netdev over several PFs; it cannot be in switchdev mode so"},
	{"net namespace has diverged",
	 "move the uplink's netdev back to the network namespace of its devlink device"},
	{"Can't change mode while devlink traps are active",
	 "set the device's devlink traps back to drop first"},
};

static const struct {
	int error;
	const char *hint;
} by_error[] = {
	{-EPERM, "needs CAP_NET_ADMIN: run it as root"},
	{-EACCES, "needs CAP_NET_ADMIN: run it as root"},
	{-ENODEV, "no such devlink device or port: is the PF bound to its driver?"},
	{-ENODATA, "the firmware did not tell its version"},
};

const char *vfm_devlink_hint(const char *words, int error)
{
	for (size_t i = 0; words && i < VFM_ARRAY_SIZE(by_words); i++)
		if (strstr(words, by_words[i].words))
			return by_words[i].hint;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(by_error); i++)
		if (error == by_error[i].error && !words)
			return by_error[i].hint;
	return NULL;
}
