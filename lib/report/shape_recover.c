/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The shapes of the documents "recover" and "verify", and of a check; see shape.h. */
#include "report/shape_rows.h"

static const char *const check_words[] = {"ok", "failed", "unknown", "skipped", NULL};
static const char *const recover_words[] = {
	"recovered", "nothing-to-do", "looked", "recovered-unverified",
	"waits",     "hands-needed",  "failed", NULL,
};
static const char *const verify_words[] = {"verified", "not-verified", NULL};
static const char *const where_words[] = {
	"undecidable",     "nowhere",     "moving",      "source",
	"source-left",     "interrupted", "destination", "destination-left",
	"postcopy-broken", "lost",        "twice",       NULL,
};
static const char *const act_words[] = {
	"resume-source", "remove-destination", "remove-source", "resume-postcopy", NULL,
};
static const char *const state_words[] = {
	"unknown",      "absent",
	"shut off",     "running",
	"paused",       "paused by migration",
	"in post-copy", "in a post-copy that broke",
	NULL,
};

const struct vfm_shape vfm_shape_check[] = {
	TEXT("name", "what is checked; never changes"),
	TEXT("object", "the VM, or the VF"),
	WORD("status", check_words, "unknown: what would tell could not be read"),
	TEXT0("message", "what was seen"),
	TEXT0("remedy", "what to do; null: nothing, or it is not known"),
	END,
};

static const struct vfm_shape side_shape[] = {
	TEXT("uri", "of libvirt's daemon"),
	WORD("state", state_words, "of the VM there, as the daemon said last"),
	END,
};

const struct vfm_shape vfm_shape_recover[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "recover"),
	WORD("verdict", recover_words,
	     "waits: nothing was touched, and a daemon or a migration has to be waited for"),
	TEXT0("message", "why it did not come to an end"),
	TEXT0("remedy", "what to do then"),
	TEXT("vm", "as it was named"),
	TEXT("uuid", "of the VM"),
	OBJECT("source", side_shape, "the host it moved from"),
	OBJECT("destination", side_shape, "the host it moved to"),
	WORD("found", where_words, "where it was"),
	WORD("now", where_words, "where it is"),
	TEXT("words", "the same in words"),
	WORD0("act", act_words, "what would bring it further; null: nothing"),
	BOOL("moved", "it is on the destination"),
	BOOL("journalled", "a move of it was open, and was closed"),
	TEXTS("did", "what was done"),
	TEXTS("left", "what is left to people"),
	LIST("checks", vfm_shape_check, "what was proved on the destination"),
	TEXTS("notes", "what else is to be known"),
	END,
};

const struct vfm_shape vfm_shape_verify[] = {
	UINT("schema", "version of the shape"),
	TEXT("kind", "verify"),
	WORD("verdict", verify_words, "verified: nothing failed, and it is there and nowhere else"),
	TEXT("vm", "its name"),
	TEXT("uuid", "of the VM"),
	TEXT("source_uri", "of the daemon of the host it moved from"),
	TEXT("destination_uri", "of that it moved to"),
	BOOL("journalled", "what was asked of the move is known from its journal"),
	LIST("checks", vfm_shape_check, "of the VM, then VF by VF"),
	TEXTS("notes", "what else is to be known"),
	END,
};
