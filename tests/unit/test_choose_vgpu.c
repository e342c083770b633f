/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which vGPU of the destination takes over which of the VM, by rows. */
#include "unit.h"

#include "plan/choose_vgpu.h"

#define GPU   "0000:41:00.0"
#define VF4   "0000:41:00.4"
#define VF5   "0000:41:00.5"
#define A     "5f0e6c1a-0000-4000-8000-00000000000a"
#define B     "5f0e6c1a-0000-4000-8000-00000000000b"
#define SPARE "5f0e6c1a-0000-4000-8000-0000000000ff"
#define LAST  "5f0e6c1a-0000-4000-8000-0000000000fe"

#define VGPU(device, parent, id, type, owner)                                                      \
	"{\"device\":\"" device "\",\"parent\":\"" parent "\",\"type_id\":" id ",\"type\":" type   \
	",\"owner\":" owner "}"
#define MDEV(uuid, owner) VGPU(uuid, GPU, "232", "\"GRID T4-4Q\"", owner)
#define VF(bdf, owner)    VGPU(bdf, bdf, "1153", "\"NVIDIA L40S-4Q\"", owner)
#define CARD(name, framework, id, type, creatable, room, vgpus)                                    \
	"{\"bdf\":\"" GPU "\",\"name\":\"" name "\",\"framework\":\"" framework                    \
	"\",\"types\":[{\"id\":" id ",\"name\":\"" type "\",\"creatable\":" creatable              \
	"}],\"room\":" room ",\"vgpus\":[" vgpus "]}"
#define T4(creatable, vgpus)                                                                       \
	CARD("Tesla T4", "mdev", "232", "GRID T4-4Q", creatable, "[\"" GPU "\"]", vgpus)
#define L40S(creatable, room, vgpus)                                                               \
	CARD("NVIDIA L40S", "vendor-vfio", "1153", "NVIDIA L40S-4Q", creatable, room, vgpus)
#define HOST(gpus)   "{\"schema\":1,\"kind\":\"facts\",\"nvidia\":{\"gpus\":[" gpus "]}}"
#define UNREAD_OWNER "{\"unknown\":\"nobody said\"}"

/* A device of the VM. */
struct device {
	enum vfm_hostdev_type type;
	const char *name; /* NULL: no more */
};
#define HAS_A                                                                                      \
	{                                                                                          \
		VFM_HOSTDEV_MDEV, A                                                                \
	}
#define HAS_B                                                                                      \
	{                                                                                          \
		VFM_HOSTDEV_MDEV, B                                                                \
	}
#define HAS_VF4                                                                                    \
	{                                                                                          \
		VFM_HOSTDEV_PCI, VF4                                                               \
	}
#define HAS_VF5                                                                                    \
	{                                                                                          \
		VFM_HOSTDEV_PCI, VF5                                                               \
	}

static const char t4[] = HOST(T4("2", MDEV(A, "\"vm1\"") "," MDEV(B, "\"vm1\"")));
static const char l40s[] = HOST(L40S("0", "[]", VF(VF4, "\"vm1\"") "," VF(VF5, "\"vm1\"")));
static const char other_vf[] = HOST(L40S("1", "[\"" VF5 "\"]", VF(VF5, "null")));

/* clang-format off */
static const struct row {
	const char *source, *destination;
	struct device devices[3];
	const char *answer; /* "OLD=NEW+" with + for one that is made, "OLD: why" where there is none */
} rows[] = {
	/* made: of the same UUID, of another where that is taken; on the lowest VF */
	{t4, HOST(T4("1", "")), {HAS_A}, A "=" A "+"},
	{t4, HOST(T4("2", "")), {HAS_A, HAS_B}, A "=" A "+ " B "=" B "+"},
	{t4, HOST(T4("1", MDEV(A, "\"vm7\""))), {HAS_A}, A "=" SPARE "+"},
	{t4, HOST(T4("1", MDEV(A, UNREAD_OWNER))), {HAS_A}, A "=" SPARE "+"},
	{l40s, HOST(L40S("2", "[\"" VF4 "\",\"" VF5 "\"]", "")), {HAS_VF4, HAS_VF5}, VF4 "=" VF4 "+ " VF5 "=" VF5 "+"},
	{l40s, HOST(L40S("1", "[\"" VF5 "\"]", VF(VF4, "\"vm7\""))), {HAS_VF4}, VF4 "=" VF5 "+"},
	/* one that is there and nobody's; its own UUID first; each once */
	{t4, HOST(T4("0", MDEV(B, "null"))), {HAS_A}, A "=" B},
	{t4, HOST(T4("0", MDEV(B, "null") "," MDEV(A, "null"))), {HAS_A}, A "=" A},
	{t4, HOST(T4("0", MDEV(B, "null") "," MDEV(A, "null"))), {HAS_A, HAS_B}, A "=" A " " B "=" B},
	{t4, HOST(T4("1", MDEV(B, "null"))), {HAS_B, HAS_A}, B "=" B " " A "=" A "+"},
	{l40s, HOST(L40S("0", "[]", VF(VF5, "null"))), {HAS_VF4}, VF4 "=" VF5},
	{l40s, HOST(L40S("1", "[\"" VF4 "\"]", VGPU(VF5, VF5, "1155", "\"NVIDIA L40S-8Q\"", "null"))), {HAS_VF4}, VF4 "=" VF4 "+"},
	/* none */
	{t4, HOST(T4("1", "")), {HAS_A, HAS_B}, A "=" A "+ " B ": no room for one more"},
	{t4, HOST(T4("0", MDEV(B, "\"vm7\""))), {HAS_A}, A ": no room for one more"},
	{t4, HOST(T4("0", MDEV(B, UNREAD_OWNER))), {HAS_A}, A ": no room for one more"},
	{l40s, HOST(L40S("1", "[]", "")), {HAS_VF4}, VF4 ": no room for one more"},
	{t4, HOST(CARD("Tesla T4", "mdev", "232", "GRID T4-4C", "4", "[\"" GPU "\"]", "")), {HAS_A}, A ": called GRID T4-4C there"},
	{t4, HOST(CARD("Tesla T4", "vendor-vfio", "232", "GRID T4-4Q", "4", "[\"" GPU "\"]", "")), {HAS_A}, A ": has no Tesla T4 whose vGPUs show as mdev"},
	{t4, HOST(CARD("NVIDIA A16", "mdev", "232", "GRID T4-4Q", "4", "[\"" GPU "\"]", "")), {HAS_A}, A ": has no Tesla T4"},
	{t4, HOST(""), {HAS_A}, A ": has no Tesla T4"},
	{t4, "{\"schema\":1,\"kind\":\"facts\",\"nvidia\":{\"gpus\":null}}", {HAS_A}, A ": GPUs are not known, or it has none"},
	{HOST(T4("2", "")), HOST(T4("2", "")), {HAS_A}, A ": the source's facts do not have it"},
	{HOST(T4("2", VGPU(A, GPU, "232", UNREAD_OWNER, "null"))), HOST(T4("2", "")), {HAS_A}, A ": its type is not known"},
	/* what is no vGPU is none */
	{other_vf, HOST(L40S("1", "[\"" VF4 "\"]", "")), {HAS_VF4}, ""},
};
/* clang-format on */

static void load(const char *document, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	memset(facts, 0, sizeof(*facts));
	if (vfm_facts_parse(document, strlen(document), "host", facts, &err) < 0)
		fail_msg("%s", err.what);
}

static size_t give(const struct device *devices, struct vfm_domain_hostdev *hostdevs)
{
	size_t count = 0;

	for (; count < 3 && devices[count].name; count++) {
		hostdevs[count] = (struct vfm_domain_hostdev){.type = devices[count].type};
		if (devices[count].type == VFM_HOSTDEV_MDEV)
			hostdevs[count].mdev_uuid = (char *)devices[count].name;
		else
			snprintf(hostdevs[count].host_address, VFM_BDF_TEXT_SIZE, "%s",
				 devices[count].name);
	}
	return count;
}

/* As a row has it; of a reason only the words that it wants. */
static void put(struct vfm_buffer *text, const struct vfm_move_vgpu *vgpu, const char *wanted)
{
	const char *words = strstr(wanted, ": ");

	assert_non_null(vgpu->why);
	vfm_buffer_printf(text, "%s%s", text->size ? " " : "", vgpu->source);
	if (vgpu->destination[0])
		vfm_buffer_printf(text, "=%s%s", vgpu->destination, vgpu->make ? "+" : "");
	else
		vfm_buffer_printf(text, ": %s",
				  words && strstr(vgpu->why, words + 2) ? words + 2 : vgpu->why);
}

static void test_rows(void **state)
{
	static char *spares[] = {(char *)SPARE, (char *)LAST};
	static const struct vfm_strings spare = {spares, 2, false};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_MOVE_DEVICES struct vfm_move_devices devices = {.vfs = NULL};
		VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
		VFM_AUTO_FACTS struct vfm_facts source;
		VFM_AUTO_FACTS struct vfm_facts destination;
		struct vfm_domain_hostdev hostdevs[3];
		struct vfm_domain domain = {.name = (char *)"vm1", .hostdevs = hostdevs};
		struct vfm_choose_vgpus request = {
			.facts = {&source, &destination},
			.domain = &domain,
			.spare_uuids = &spare,
		};
		size_t missing = 0;

		load(rows[i].source, &source);
		load(rows[i].destination, &destination);
		domain.hostdev_count = give(rows[i].devices, hostdevs);
		assert_int_equal(vfm_choose_vgpus(&request, &devices, NULL), 0);
		for (size_t k = 0; k < devices.vgpu_count; k++) {
			put(&text, &devices.vgpus[k], rows[i].answer);
			missing += !devices.vgpus[k].destination[0];
		}
		assert_int_equal(devices.vgpus_missing, missing);
		if (strcmp(text.data ? text.data : "", rows[i].answer) != 0)
			fail_msg("row %zu: %s", i, text.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
