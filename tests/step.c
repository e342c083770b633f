/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For scenarios: one op of lib/run by itself, without plan, rules and journal, so that a scenario
 * can meet what those would keep from it.
 *
 *   vfm-step [--libvirt URI] KIND OBJECT                prints the value, "-" for none
 *   vfm-step [--libvirt URI] KIND OBJECT VALUE [OBJECT VALUE]…   sets it ("-": to none)
 *
 * A failure is a line "ENAME object: what" and exit 1.
 */
#include <stdio.h>
#include <string.h>

#include "base/quiet.h"
#include "base/text.h"
#include "run/ops.h"

enum { TIMEOUT_MS = 60000, CHANGES_MAX = 8 };

static int fail(int error, const struct vfm_error *err)
{
	VFM_AUTO_FREE char *text = vfm_error_text(err);
	const char *name = strerrorname_np(-error);

	fprintf(stderr, "%s %s\n", name ? name : "?", text ? text : "");
	if (err->hint)
		fprintf(stderr, "hint: %s\n", err->hint);
	return 1;
}

static int read_one(struct vfm_world *world, enum vfm_step_id id, char *object)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_step step = {.id = id, .object = object};
	VFM_AUTO_FREE char *value = NULL;
	int r = vfm_step_ops[id].read(world, &step, &value, &err);

	if (r < 0)
		return fail(r, &err);
	printf("%s\n", value ? value : "-");
	return 0;
}

static int set_all(struct vfm_world *world, enum vfm_step_id id, char **words, size_t n)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_step steps[CHANGES_MAX];
	struct vfm_change changes[CHANGES_MAX];
	int r;

	for (size_t i = 0; i < n; i++) {
		char *value = words[2 * i + 1];

		steps[i] = (struct vfm_step){.id = id, .object = words[2 * i]};
		changes[i] = (struct vfm_change){&steps[i], vfm_streq(value, "-") ? NULL : value};
	}
	r = vfm_step_ops[id].set(world, changes, n, &err);
	return r < 0 ? fail(r, &err) : 0;
}

int main(int argc, char **argv)
{
	struct vfm_world_options options = {.ovs_remote = "unix:/run/openvswitch/db.sock",
					    .timeout_ms = TIMEOUT_MS};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_world *world = NULL;
	enum vfm_step_id id;
	int words, r;

	vfm_quiet();
	if (argc > 2 && vfm_streq(argv[1], "--libvirt")) {
		options.libvirt_uri = argv[2];
		argv += 2;
		argc -= 2;
	}
	words = argc - 2;
	id = argc > 1 ? vfm_step_find(argv[1]) : VFM_STEP_MAX;
	if (id == VFM_STEP_MAX || words < 1 || (words > 1 && words % 2) ||
	    words > 2 * CHANGES_MAX) {
		fprintf(stderr, "vfm-step: wrong words; see tests/step.c\n");
		return 2;
	}
	r = vfm_world_new(&options, &world, &err);
	if (r < 0)
		return fail(r, &err);
	r = words == 1 ? read_one(world, id, argv[2])
		       : set_all(world, id, argv + 2, (size_t)words / 2);
	vfm_world_free(world);
	return r;
}
