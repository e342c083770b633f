/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a VM is and what was done about it, and what is proved of a move: the documents of
 * 'vfmigrate recover' and 'verify', and their text; shapes are in shape_recover.c. */
#include "move/value.h"
#include "report/document.h"
#include "report/layout.h"
#include "report/tree.h"

#define NOTES                                                                                      \
	{                                                                                          \
		.each = "notes", .group = "none", .heading = "Notes", .line = "  {|}{.}",          \
		.flags = BLANK_BEFORE,                                                             \
	}

const struct layout vfm_layout_recover[] = {
	{.line = "recover {vm}: {|}{verdict!}{message?: {message}}"},
	{.line = "  source:      {source.state:24} {|}{source.uri}"},
	{.line = "  destination: {destination.state:24} {|}{destination.uri}"},
	{.line = "  {|}{words}"},
	{.when = "act", .line = "  {|}to be done: {act}"},
	{.when = "remedy", .line = "  # {|}{remedy}"},
	{.each = "did",
	 .group = "none",
	 .heading = "Done",
	 .line = "  {|}{.}",
	 .flags = BLANK_BEFORE},
	{.each = "left",
	 .group = "none",
	 .heading = "Left to do",
	 .line = "  {|}{.}",
	 .flags = BLANK_BEFORE},
	{.when = "checks", .line = "", .rows = vfm_layout_checks},
	NOTES,
	END,
};

const struct layout vfm_layout_verify[] = {
	{.line = "verify {vm}: {|}{verdict!}"},
	{.line = "  {|}{source_uri} -> {destination_uri}{journalled?, held against its journal}"},
	{.when = "checks", .line = "", .rows = vfm_layout_checks},
	NOTES,
	END,
};

static const char *const recover_verdicts[VFM_RECOVERED_MAX] = {
	[VFM_RECOVERED_DONE] = "recovered", [VFM_RECOVERED_NOTHING] = "nothing-to-do",
	[VFM_RECOVERED_LOOKED] = "looked",  [VFM_RECOVERED_UNVERIFIED] = "recovered-unverified",
	[VFM_RECOVERED_WAITS] = "waits",    [VFM_RECOVERED_HANDS_NEEDED] = "hands-needed",
	[VFM_RECOVERED_FAILED] = "failed",
};

static json_object *side_of(const struct vfm_recover_outcome *outcome, enum vfm_side side,
			    bool *failed)
{
	json_object *json = tree_object(failed);

	tree_put_text(json, "uri", outcome->uris[side], failed);
	tree_put_text(json, "state", vfm_where_state_name(outcome->recovery->sides[side].state),
		      failed);
	return json;
}

json_object *vfm_report_recover(const struct vfm_recover_outcome *outcome)
{
	const struct vfm_recovery *recovery = outcome->recovery;
	enum vfm_where_act act = recovery->now.act;
	bool failed = false;
	json_object *document = tree_object(&failed);

	vfm_report_put_head(document, "recover", &failed);
	tree_put_text(document, "verdict", recover_verdicts[outcome->verdict], &failed);
	tree_put_text(document, "message", outcome->message, &failed);
	tree_put_text(document, "remedy", outcome->remedy, &failed);
	tree_put_text(document, "vm", outcome->vm, &failed);
	tree_put_text(document, "uuid", recovery->uuid, &failed);
	tree_put(document, "source", side_of(outcome, VFM_SOURCE, &failed), &failed);
	tree_put(document, "destination", side_of(outcome, VFM_DESTINATION, &failed), &failed);
	tree_put_text(document, "found", vfm_where_name(recovery->found.where), &failed);
	tree_put_text(document, "now", vfm_where_name(recovery->now.where), &failed);
	tree_put_text(document, "words", vfm_where_words(recovery->now.where), &failed);
	tree_put_text(document, "act", act == VFM_ACT_NONE ? NULL : vfm_where_act_name(act),
		      &failed);
	tree_put_bool(document, "moved", recovery->moved, &failed);
	tree_put_bool(document, "journalled", recovery->journalled, &failed);
	tree_put(document, "did", vfm_report_texts(&recovery->did, &failed), &failed);
	tree_put(document, "left", vfm_report_texts(&recovery->left, &failed), &failed);
	tree_put(document, "checks", vfm_report_checks(outcome->checks, &failed), &failed);
	tree_put(document, "notes", vfm_report_texts(outcome->notes, &failed), &failed);
	return tree_finish(document, failed);
}

json_object *vfm_report_verify(const struct vfm_verify_outcome *outcome)
{
	bool failed = false;
	json_object *document = tree_object(&failed);

	vfm_report_put_head(document, "verify", &failed);
	tree_put_text(document, "verdict",
		      vfm_checks_proved(outcome->checks) ? "verified" : "not-verified", &failed);
	tree_put_text(document, "vm", outcome->seen->vm, &failed);
	tree_put_text(document, "uuid", outcome->seen->uuid, &failed);
	tree_put_text(document, "source_uri", outcome->uris[VFM_SOURCE], &failed);
	tree_put_text(document, "destination_uri", outcome->uris[VFM_DESTINATION], &failed);
	tree_put_bool(document, "journalled", outcome->seen->note != NULL, &failed);
	tree_put(document, "checks", vfm_report_checks(outcome->checks, &failed), &failed);
	tree_put(document, "notes", vfm_report_texts(outcome->notes, &failed), &failed);
	return tree_finish(document, failed);
}
