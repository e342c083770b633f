/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verbs of this host; see verbs.h. */
#include "peer/verbs.h"

#include "base/deadline.h"
#include "base/text.h"
#include "facts/readers.h"
#include "peer/acting.h"
#include "peer/peer.h"
#include "peer/protocol.h"

/* "full": the bulky facts too. */
static int run_facts(struct vfm_session *session, json_object *request, json_object **ret_value,
		     struct vfm_error *err)
{
	struct vfm_read_options options = {.full = false};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	int timeout_ms;
	int r;

	(void)session;
	r = vfm_request_bool(request, "full", &options.full, err);
	if (r < 0)
		return r;
	r = vfm_request_timeout(request, &timeout_ms, err);
	if (r < 0)
		return r;
	options.deadline_ms = vfm_deadline_in(timeout_ms);
	vfm_facts_read(&options, &facts);
	*ret_value = vfm_facts_to_json(&facts, options.full);
	return *ret_value ? 0 : vfm_error_no_memory(err, "facts");
}

const struct vfm_verb vfm_verbs[] = {
	{VFM_VERB_FACTS, "facts", run_facts},
	{VFM_VERB_CLAIM, "vf", vfm_verb_claim},
	{VFM_VERB_SLOTS, "slots", vfm_verb_slots},
	{VFM_VERB_RELEASE, "released", vfm_verb_release},
	{VFM_VERB_PORT, "port", vfm_verb_port},
	{VFM_VERB_HW_ADDR, "hw_addr", vfm_verb_hw_addr},
	{VFM_VERB_ANNOUNCE, "announced", vfm_verb_announce},
	{VFM_VERB_FORGET, "forgotten", vfm_verb_forget},
	{VFM_VERB_STORAGE, "storage", vfm_verb_storage},
	{VFM_VERB_REACH, "reach", vfm_verb_reach},
	{VFM_VERB_PLACE, "place", vfm_verb_place},
	{VFM_VERB_VGPU_METADATA, "metadata", vfm_verb_vgpu_metadata},
	{VFM_VERB_VGPU_FITS, "fits", vfm_verb_vgpu_fits},
	{VFM_VERB_VGPU, "vgpu", vfm_verb_vgpu},
	{VFM_VERB_LOG, "lines", vfm_verb_log},
	{.name = NULL},
};

const struct vfm_verb *vfm_verb_find(const struct vfm_verb *verbs, const char *name)
{
	for (const struct vfm_verb *verb = verbs; verb->name; verb++)
		if (vfm_streq(verb->name, name))
			return verb;
	return NULL;
}
