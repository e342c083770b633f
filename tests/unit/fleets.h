/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the tests of fleets: random ones out of a seed, and ones by edits, of the ready host. */
#ifndef VFM_TESTS_FLEETS_H
#define VFM_TESTS_FLEETS_H

#include <json-c/json_pointer.h>

#include "base/json.h"
#include "facts/facts.h"
#include "unit.h"

#define FLEET_EDITS    4
#define FLEET_HOST_MAX 24

struct fleet_edit {
	const char *path;  /* JSON pointer; NULL: none */
	const char *value; /* JSON */
};

struct fleet_sample {
	unsigned int seed;
	struct vfm_facts facts[FLEET_HOST_MAX];
	size_t count;
};

static inline json_object *fleet_template(void)
{
	json_object *json = NULL;
	size_t size;
	VFM_AUTO_FREE char *text = unit_data("facts/ready.json", &size);

	assert_int_equal(vfm_json_parse(text, size, "ready.json", &json, NULL), 0);
	return json;
}

static inline void fleet_set(json_object **json, const char *path, const char *value)
{
	if (json_pointer_set(json, path, json_tokener_parse(value)) < 0)
		fail_msg("no such place: %s", path);
}

static inline void fleet_load(struct fleet_sample *sample, json_object *json)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_facts *facts = &sample->facts[sample->count];

	assert_true(sample->count < FLEET_HOST_MAX);
	memset(facts, 0, sizeof(*facts));
	if (vfm_facts_from_json(json, facts, &err) < 0)
		fail_msg("%s: %s", err.object, err.what);
	sample->count++;
}

static inline void fleet_sample_edited(struct fleet_sample *sample,
				       const struct fleet_edit (*edits)[FLEET_EDITS], size_t count)
{
	sample->seed = 0;
	sample->count = 0;
	for (size_t i = 0; i < count; i++) {
		json_object *json = fleet_template();

		for (size_t k = 0; k < FLEET_EDITS && edits[i][k].path; k++)
			fleet_set(&json, edits[i][k].path, edits[i][k].value);
		fleet_load(sample, json);
		json_object_put(json);
	}
}

/* What a random host, or a PF of it, may have at a place; the first is the most common. */
struct fleet_choice {
	const char *path;
	const char *values[4];
};

static const struct fleet_choice fleet_host_choices[] = {
	{"/host/arch", {"\"x86_64\"", "\"x86_64\"", "\"x86_64\"", "\"aarch64\""}},
	{"/cpu/vendor",
	 {"\"GenuineIntel\"", "\"GenuineIntel\"", "\"AuthenticAMD\"",
	  "{\"unknown\":\"not read\"}"}},
};

static const struct fleet_choice fleet_pf_choices[] = {
	{"/psid", {"\"MT_0000000838\"", "\"MT_0000000838\"", "\"DEL0000000034\"", "null"}},
	{"/firmware_running",
	 {"\"28.41.1000\"", "\"28.41.1000\"", "\"28.42.1000\"", "\"255.255.65535\""}},
	{"/vfs/0/roce", {"\"enabled\"", "\"enabled\"", "\"enabled\"", "\"disabled\""}},
	{"/vfs/1/msix_count", {"12", "12", "12", "{\"unknown\":\"needs root\"}"}},
};

static inline unsigned int fleet_random(unsigned int *state, unsigned int below)
{
	*state = *state * 1103515245u + 12345u;
	return (*state >> 16) % below;
}

static inline void fleet_choose(json_object **json, const char *prefix,
				const struct fleet_choice *choices, size_t count,
				unsigned int *state)
{
	for (size_t i = 0; i < count; i++) {
		VFM_AUTO_FREE char *path = vfm_text_printf("%s%s", prefix, choices[i].path);
		unsigned int value = fleet_random(state, 3) ? 0 : fleet_random(state, 4);

		fleet_set(json, path, choices[i].values[value]);
	}
}

/* Another PF, at an address of its own. */
static inline void fleet_add_pf(json_object **json)
{
	json_object *copy = NULL, *pfs = NULL;

	assert_int_equal(json_pointer_get(*json, "/pfs", &pfs), 0);
	assert_int_equal(json_object_deep_copy(json_object_array_get_idx(pfs, 0), &copy, NULL), 0);
	assert_int_equal(json_object_array_add(pfs, copy), 0);
	fleet_set(json, "/pfs/1/bdf", "\"0000:f1:00.0\"");
}

static inline void fleet_sample_init(struct fleet_sample *sample, unsigned int seed)
{
	unsigned int state = seed;

	sample->seed = seed;
	sample->count = 0;
	while (sample->count < FLEET_HOST_MAX) {
		VFM_AUTO_FREE char *name = vfm_text_printf("\"h%zu\"", sample->count);
		json_object *json = fleet_template();

		fleet_set(&json, "/host/hostname", name);
		fleet_set(&json, "/host/uuid", name);
		fleet_set(&json, "/host/boot_id", name);
		if (fleet_random(&state, 3) == 0)
			fleet_add_pf(&json);
		fleet_choose(&json, "", fleet_host_choices, VFM_ARRAY_SIZE(fleet_host_choices),
			     &state);
		for (size_t i = 0; i < (json_pointer_get(json, "/pfs/1", NULL) == 0 ? 2 : 1); i++)
			fleet_choose(&json, i ? "/pfs/1" : "/pfs/0", fleet_pf_choices,
				     VFM_ARRAY_SIZE(fleet_pf_choices), &state);
		if (fleet_random(&state, 6) == 0)
			fleet_set(&json, "/pfs/0/vfs", "[]");
		fleet_load(sample, json);
		json_object_put(json);
	}
}

static inline void fleet_sample_done(struct fleet_sample *sample)
{
	for (size_t i = 0; i < sample->count; i++)
		vfm_facts_done(&sample->facts[i]);
}

#endif
