/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests of plans: a ready host with a small change (judging.h), what is asked, and the
 * steps that come of it, one a line: "KIND OBJECT: WAS -> WANT", where '-' is none, '(new)' an
 * object that comes into being and '(?)' one that the facts say nothing of.
 */
#ifndef VFM_TESTS_PLANNING_H
#define VFM_TESTS_PLANNING_H

#include "judging.h"
#include "plan/emit.h"

#define PF    "0000:01:00.0"
#define ASKED "[0000:01:00.0]\nvfs=2\nbridge=br0\n"

#define FIRMWARE (1u << 0) /* --set-firmware */
#define RESTART  (1u << 1) /* --restart-ovs */

#define PLAN_EDITS 10

struct plan_row {
	const char *name;
	const char *asked; /* a configuration */
	unsigned int flags;
	struct edit edits[PLAN_EDITS];
	const char *steps;
};

/* Of which facts say nothing: part of every plan until they are looked at. */
#define FILES                                                                                      \
	"file /run/udev/rules.d/75-vfmig-0000:01:00.0.rules: (?) -> (text)\n"                      \
	"file /run/systemd/network/10-vfmig-0000:01:00.0.network: (?) -> (text)\n"

#define BARE                                                                                       \
	{"a/pfs/0/eswitch_mode", "\"legacy\""}, {"a/pfs/0/num_vfs", "0"}, {"a/pfs/0/vfs", "[]"},   \
		{"a/pfs/0/vf_autoprobe", "true"}, {"a/ovs/bridges", "[]"},                         \
		{"a/ovs/hw_offload", "false"}, {"a/ovs/max_idle_ms", "null"},                      \
		{"a/pfs/0/uplink/netdev/up", "false"},                                             \
	{                                                                                          \
		"a/pfs/0/uplink/hw_tc_offload", "false"                                            \
	}

#define VF0         "a/pfs/0/vfs/0/"
#define VF1         "a/pfs/0/vfs/1/"
#define BRIDGE      "a/ovs/bridges/0/"
#define UPLINK_PORT BRIDGE "ports/0/"
#define VF0_PORT    BRIDGE "ports/1/"
#define VF1_PORT    BRIDGE "ports/2/"

/* Ours as 'apply' leaves them: the marks of all three ports. */
#define OURS                                                                                       \
	{UPLINK_PORT "owner", "\"0000:01:00.0/uplink\""},                                          \
		{VF0_PORT "owner", "\"0000:01:00.0/0\""},                                          \
	{                                                                                          \
		VF1_PORT "owner", "\"0000:01:00.0/1\""                                             \
	}

static inline void put_value(struct vfm_buffer *out, const char *value)
{
	vfm_buffer_puts(out, !value ? "-" : strchr(value, '\n') ? "(text)" : value);
}

static inline char *text_of(const struct vfm_steps *steps)
{
	struct vfm_buffer out = {.data = NULL};

	for (size_t i = 0; i < steps->count; i++) {
		const struct vfm_step *step = &steps->items[i];

		vfm_buffer_printf(&out, "%s %s: ", vfm_step_kinds[step->id].name, step->object);
		put_value(&out, step->fresh ? "(new)" : step->unread ? "(?)" : step->was);
		vfm_buffer_puts(&out, " -> ");
		put_value(&out, step->want);
		vfm_buffer_puts(&out, "\n");
	}
	return vfm_buffer_steal(&out);
}

struct planned {
	struct vfm_facts facts;
	struct vfm_prep_request request;
	struct vfm_steps steps;
};

static inline void plan(struct planned *planned, const char *asked, unsigned int flags)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	vfm_prep_request_init(&planned->request);
	if (vfm_prep_request_parse(asked, strlen(asked), "asked", &planned->request, &err) < 0)
		fail_msg("%s", err.what);
	assert_int_equal(vfm_prep_request_check(&planned->request, &err), 0);
	planned->request.set_firmware = flags & FIRMWARE;
	planned->request.restart_ovs = flags & RESTART;
	assert_int_equal(vfm_prep_plan(&planned->facts, &planned->request, &planned->steps), 0);
}

static inline void planned_done(struct planned *planned)
{
	vfm_steps_done(&planned->steps);
	vfm_prep_request_done(&planned->request);
	vfm_facts_done(&planned->facts);
}

/* What holds of every plan. */
static inline void check_plan(const struct plan_row *row, const struct planned *planned)
{
	size_t batches[] = {[VFM_BATCH_FIRMWARE] = 0, [VFM_BATCH_OVS] = 0};

	for (size_t i = 0; i < planned->steps.count; i++) {
		const struct vfm_step *step = &planned->steps.items[i];
		const struct vfm_step *before = i ? step - 1 : NULL;
		enum vfm_batch batch = vfm_step_kinds[step->id].batch;

		assert_true(step->rank > 0 && (!before || before->rank <= step->rank));
		assert_false(step->fresh && step->unread);
		assert_true(vfm_step_kinds[step->id].phase & planned->request.phases);
		if (step->fresh || step->unread)
			assert_null(step->was);
		else if (vfm_value_is(step->was, step->want))
			fail_msg("%s: %s is so already", row->name, step->object);
		/* What outlives the boot is put back for itself; a leftover is not. */
		if (vfm_step_kinds[step->id].persistent && step->want)
			assert_false(step->fresh);
		if (!before || vfm_step_kinds[before->id].batch != batch)
			batches[batch]++;
		for (size_t k = 0; k < i; k++)
			if (planned->steps.items[k].id == step->id &&
			    vfm_streq(planned->steps.items[k].object, step->object))
				fail_msg("%s: %s is set twice", row->name, step->object);
	}
	assert_true(batches[VFM_BATCH_FIRMWARE] <= 1 && batches[VFM_BATCH_OVS] <= 1);
}

/* Plans each row and holds it against its steps. */
static inline void check_rows(const struct plan_row *rows, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++) {
		struct planned planned = {.steps = {.items = NULL}};
		VFM_AUTO_FREE char *text = NULL;

		load(&planned.facts, rows[i].edits, PLAN_EDITS, 'a');
		plan(&planned, rows[i].asked, rows[i].flags);
		text = text_of(&planned.steps);
		if (!vfm_streq(text, rows[i].steps)) {
			print_error("%s: planned\n%snot\n%s", rows[i].name, text, rows[i].steps);
			failed++;
		}
		check_plan(&rows[i], &planned);
		planned_done(&planned);
	}
	assert_int_equal(failed, 0);
}

#endif
