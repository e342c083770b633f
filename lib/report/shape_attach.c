/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shape of the document "attach"; see shape.h. */
#include "report/shape_rows.h"

static const char *const command_words[] = {"attach", "detach", NULL};
static const char *const verdict_words[] = {
	"attached", "released", "not-proved", "unreleased", "refused", "not-changed", "stuck", NULL,
};
static const char *const part_words[] = {
	"not-asked", "not-reached", "done",      "failed", "undone",
	"kept",      "unreleased",  "uncertain", NULL,
};

static const struct vfm_shape vf_shape[] = {
	TEXT("bdf", "PCI address"),
	TEXT0("pf", "PCI address of its PF; null: not known"),
	UINT0("number", "of the PF's VFs, from 0; null: not known"),
	TEXT0("mac", "MAC address that the VM sees; null: none is set"),
	END,
};

static const struct vfm_shape object_shape[] = {
	TEXT("object", "a PCI address, a MAC address, the VM"),
	TEXT("message", "why"),
	TEXT0("remedy", "what to do; null: nothing, or it is not known"),
	END,
};

static const struct vfm_shape passed_shape[] = {
	TEXT("object", "PCI address of a VF, or of a PF with all of its VFs"),
	TEXT("message", "why not this one"),
	END,
};

const struct vfm_shape vfm_shape_attach[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "attach"),
	WORD("command", command_words, "what was asked"),
	WORD("verdict", verdict_words, "how it ended"),
	TEXT("message", "the same in words"),
	TEXT("vm", "its name"),
	TEXT("uuid", "of the VM"),
	TEXT("host", "URI of the daemon that was asked"),
	BOOL("running", "the VM ran, or was paused"),
	OBJECT0("vf", vf_shape, "the VF; null: there is none to be had, or none of that name"),
	TEXT0("why", "why this VF, where it was not named; null: it was"),
	LIST("passed", passed_shape, "VFs that could not be chosen; none where one was named"),
	WORD("live", part_words, "the VM as it runs"),
	WORD("config", part_words, "its definition"),
	TEXT0("error", "the first error of libvirt's; null: none"),
	TEXT0("remedy", "what to do about it; null: nothing, or it is not known"),
	LIST("refusals", object_shape, "why nothing was touched"),
	LIST("checks", vfm_shape_check, "what was read back"),
	TEXTS("notes", "what else is to be known"),
	END,
};
