/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "fleet-diff"; see shape.h. */
#include "report/shape_rows.h"

static const char *const profile_words[] = {"rhel10", "nvidia", NULL};
static const char *const verdict_words[] = {"same", "changed", "split", NULL};

static const struct vfm_shape part_shape[] = {
	UINT0("island", "its number in the new fleet; null: in none"),
	UINT("pfs", "that are in it now"),
	END,
};

static const struct vfm_shape split_shape[] = {
	UINT("number", "of the island in the old fleet"),
	TEXT0("psid", "of its cards"),
	TEXT0("firmware", "that its cards ran"),
	LIST("parts", part_shape, "where its PFs are now"),
	END,
};

static const struct vfm_shape change_shape[] = {
	TEXT("host", "its name"),        TEXT0("pf", "its address; null: it is about the host"),
	TEXT("what", "changed"),         TEXT0("was", "null: not known"),
	TEXT0("now", "null: not known"), END,
};

const struct vfm_shape vfm_shape_fleet_diff[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "fleet-diff"),
	WORD("profile", profile_words, "whose documents are followed"),
	WORD("verdict", verdict_words, "what it comes to"),
	TEXT("message", "the same in words"),
	UINT("hosts_before", "of the old fleet"),
	UINT("hosts_after", "of the new fleet"),
	UINT("islands_before", "of the old fleet"),
	UINT("islands_after", "of the new fleet"),
	LIST("splits", split_shape, "islands that are one no more"),
	LIST("changes", change_shape, "by the host's name"),
	TEXTS("removed", "hosts that are not there any more"),
	TEXTS("added", "hosts that are new"),
	LIST("faults", vfm_shape_fault, "documents that are not counted"),
	END,
};
