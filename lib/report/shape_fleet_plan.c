/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "fleet-plan"; see shape.h. */
#include "report/shape_rows.h"

static const char *const profile_words[] = {"rhel10", "nvidia", NULL};
static const char *const verdict_words[] = {
	"planned", "nothing-to-do", "no-room", "refused", NULL,
};

static const struct vfm_shape set_shape[] = {
	TEXT("psid", "of its cards"),
	TEXT("target", "the firmware that all are to run"),
	UINT("islands", "that become one"),
	UINT("cards", "that change"),
	END,
};

static const struct vfm_shape change_shape[] = {
	TEXT("host", "its name"),    TEXT0("pf", "address of the card's first function"),
	TEXT("psid", "of the card"), TEXT("from", "the firmware that runs"),
	TEXT("to", "the target"),    END,
};

static const struct vfm_shape wave_shape[] = {
	UINT("number", "from 1"),
	UINT("hosts", "changed in it"),
	UINT("vfs", "in use on them, whose VMs are elsewhere meanwhile; offline: those that are "
		    "shut off"),
	BOOL("offline", "no host of their firmware has room: VMs are shut off to move"),
	BOOL("placeable", "there is room for them"),
	TEXT("message", "the same in words"),
	LIST("changes", change_shape, "a card each"),
	END,
};

const struct vfm_shape vfm_shape_fleet_plan[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "fleet-plan"),
	WORD("profile", profile_words, "whose floor is kept"),
	WORD("verdict", verdict_words, "what came of it"),
	TEXT("message", "the same in words"),
	UINT("islands_before", "as it is"),
	UINT("islands_after", "with all changes done"),
	UINT("pairs_before", "of hosts that can exchange VMs"),
	UINT("pairs_after", "likewise, with all changes done"),
	UINT("cards", "that change"),
	LIST("sets", set_shape, "islands that become one"),
	LIST("waves", wave_shape, "in their order"),
	LIST("faults", vfm_shape_fault, "documents that are not counted"),
	END,
};
