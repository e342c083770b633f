/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Metadata of vGPUs as values: base64, what is no such document, and several answers as one.
 */
#include "unit.h"

#include <errno.h>

#include "base/base64.h"
#include "base/json.h"
#include "facts/vgpu_metadata.h"
#include "judge/judge.h"
#include "report.h"

/* ---- base64 --------------------------------------------------------------------------------- */

static void test_base64(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		/* those of RFC 4648 */
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xff\xfe\xfd\xfb\xf0", "//79+/A="},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = vfm_base64_encode(rows[i].bytes, strlen(rows[i].bytes));
		VFM_AUTO_FREE void *bytes = NULL;
		size_t size = 99;

		assert_string_equal(text, rows[i].text);
		assert_int_equal(vfm_base64_decode(text, 6, &bytes, &size), 0);
		assert_int_equal(size, strlen(rows[i].bytes));
		assert_string_equal(bytes, rows[i].bytes);
	}
}

static void test_base64_refused(void **state)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{"Zg=", -EINVAL},      {"Zg", -EINVAL},
		{"Z===", -EINVAL},     {"====", -EINVAL},
		{"Zg==Zg==", -EINVAL}, {"Zm9v\n", -EINVAL},
		{"Zm9\n", -EINVAL},    {"Zm-_", -EINVAL},
		{"Zh==", -EINVAL},     {"Zm9=", -EINVAL},
		{"Z=9v", -EINVAL},     {"Zm=v", -EINVAL},
		{"Zm9vYmFy", -EFBIG},  {"Zm9vYmFyZm9vYmFy", -EFBIG},
		{"Zm9vYmE=", -EFBIG},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		void *bytes = NULL;
		size_t size = 99;
		int r = vfm_base64_decode(rows[i].text, 4, &bytes, &size);

		if (r != rows[i].error)
			fail_msg("'%s': %d", rows[i].text, r);
		assert_null(bytes);
		assert_int_equal(size, 99);
	}
}

/* ---- documents ------------------------------------------------------------------------------- */

/* Base64 of metadata that say so of themselves. */
static char *metadata_text(size_t size, uint32_t opaque_size)
{
	struct vfm_nvml_vgpu_metadata head = {.version = 3, .opaque_size = opaque_size};
	VFM_AUTO_FREE char *bytes = calloc(1, size + sizeof(head));

	assert_non_null(bytes);
	memcpy(bytes, &head, sizeof(head));
	return vfm_base64_encode(bytes, size);
}

enum { HEAD = offsetof(struct vfm_nvml_vgpu_metadata, opaque) };

static void test_decode(void **state)
{
	static const struct {
		size_t size;
		uint32_t opaque_size;
		int error;
	} rows[] = {
		{HEAD, 0, 0},
		{HEAD + 11, 11, 0},
		{HEAD + 11, 3, 0},
		{VFM_NVML_METADATA_MAX_BYTES, VFM_NVML_METADATA_MAX_BYTES - HEAD, 0},
		{HEAD + 11, 12, -EINVAL},
		{HEAD, UINT32_MAX, -EINVAL},
		{HEAD - 1, 0, -EINVAL},
		{0, 0, -EINVAL},
		{VFM_NVML_METADATA_MAX_BYTES + 1, 0, -EFBIG},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = metadata_text(rows[i].size, rows[i].opaque_size);
		VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;
		int r = vfm_vgpu_metadata_decode(text, &metadata, NULL);

		if (r != rows[i].error)
			fail_msg("row %zu: %d", i, r);
		if (r == 0)
			assert_int_equal(metadata->version, 3);
	}
}

static int parse(const char *text, struct vfm_vgpu_document *document, struct vfm_error *err)
{
	*document = (struct vfm_vgpu_document){.vgpus = {.items = NULL}};
	return vfm_vgpu_document_parse(text, strlen(text), "m.json", document, err);
}

#define START "{\"schema\":1,\"kind\":\"vgpu-metadata\",\"vm\":\"vm1\",\"vgpus\":"

/* What was written is read; keys that are not known are left alone. */
static void test_round_trip(void **state)
{
	VFM_AUTO_FREE char *metadata = metadata_text(HEAD + 4, 4);
	VFM_AUTO_FREE char *text = vfm_text_printf(
		START "[{\"device\":\"0000:41:00.4\",\"guest_version\":{\"unknown\":\"not yet\"},"
		      "\"later\":1,\"metadata\":\"%s\"}]}",
		metadata);
	VFM_AUTO_VGPU_DOCUMENT struct vfm_vgpu_document document, again;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_JSON json_object *json = NULL;
	const struct vfm_vgpu_record *record;

	(void)state;
	if (parse(text, &document, &err) < 0)
		fail_msg("%s", err.what);
	json = vfm_vgpu_document_to_json(&document);
	assert_int_equal(parse(json_object_to_json_string(json), &again, NULL), 0);
	record = vfm_list_at(const struct vfm_vgpu_record, &again.vgpus, 0);
	assert_true(vfm_fact_is_text(&again.vm, "vm1"));
	assert_true(vfm_fact_is_text(&record->device, "0000:41:00.4"));
	assert_true(vfm_fact_is_text(&record->metadata, metadata));
	assert_string_equal(vfm_fact_reason(&record->guest_version.fact), "not yet");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		int error;
		const char *what;
	} rows[] = {
		{"", -EINVAL, ""},
		{"[]", -EINVAL, "no JSON object"},
		{"{\"schema\":1,\"kind\":\"facts\"}", -EINVAL, "its \"kind\" is not"},
		{"{\"schema\":2,\"kind\":\"vgpu-metadata\"}", -ENOTSUP, "has schema 2"},
		{"{\"kind\":\"vgpu-metadata\"}", -EINVAL, "no \"schema\" number"},
		{"{\"schema\":1,\"kind\":\"vgpu-metadata\"}", -EINVAL, "holds no vGPU"},
		{START "null}", -EINVAL, "holds no vGPU"},
		{START "[]}", -EINVAL, "holds no vGPU"},
		{START "[7]}", -EINVAL, "vgpus"},
		{START "[{}]}", -EINVAL, "lacks the metadata of a vGPU: not in the document"},
		{START "[{\"metadata\":{\"unknown\":\"it hangs\"}}]}", -EINVAL, "it hangs"},
		{START "[{\"metadata\":\"*\"}]}", -EINVAL, "no base64"},
		{START "[{\"metadata\":\"Zm9v\"}]}", -EINVAL, "contradict their own size"},
		{START "[{\"metadata\":7}]}", -EINVAL, "metadata"},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_VGPU_DOCUMENT struct vfm_vgpu_document document;
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		int r = parse(rows[i].text, &document, &err);

		if (r != rows[i].error || !strstr(err.what, rows[i].what) ||
		    !strstr(err.object, "m.json"))
			fail_msg("%s: %d, %s: %s", rows[i].text, r, err.object, err.what);
	}
}

/* ---- several answers as one -------------------------------------------------------------------
 */

/* L: live; D: not, for the host driver; U: not known */
static void test_worst(void **state)
{
	static const struct {
		const char *fits, *device;
		char is;
	} rows[] = {
		{"L", "0", 'L'},   {"LL", "0", 'L'}, {"LDU", "1", 'D'}, {"LUD", "2", 'D'},
		{"LUU", "1", 'U'}, {"UL", "0", 'U'}, {"DD", "0", 'D'},  {"", NULL, 'U'},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_VGPU_DOCUMENT struct vfm_vgpu_document document = {.vm = {.value = NULL}};
		VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits = {.fits = {.items = NULL}};
		VFM_AUTO_VGPU_ANSWER struct vfm_vgpu_answer answer = {.device = NULL};
		char is;

		for (size_t k = 0; rows[i].fits[k]; k++) {
			struct vfm_vgpu_record *record =
				vfm_fact_list_add(&document.vgpus, sizeof(*record));
			struct vfm_vgpu_fit *fit = vfm_fact_list_add(&fits.fits, sizeof(*fit));

			vfm_fact_set_textf(&record->device, "%zu", k);
			if (rows[i].fits[k] == 'U') {
				vfm_fact_set_unknown(&fit->compatibility.fact, "it hangs");
				continue;
			}
			vfm_fact_set_uint(&fit->compatibility, rows[i].fits[k] == 'L' ? 9 : 1);
			vfm_fact_set_uint(&fit->limit, rows[i].fits[k] == 'L' ? 0 : 1);
		}
		vfm_vgpu_answer_of(&document, &fits, &answer);
		is = !vfm_known(&answer.compatibility.fact)         ? 'U'
		     : (answer.compatibility.value & VFM_NVML_LIVE) ? 'L'
								    : 'D';
		if (is != rows[i].is)
			fail_msg("%s: %c", rows[i].fits, is);
		if (rows[i].device)
			assert_string_equal(answer.device, rows[i].device);
		if (is == 'D')
			assert_int_equal(answer.limit.value, VFM_NVML_LIMIT_HOST_DRIVER);
	}
}

static void test_schema(void **state)
{
	VFM_AUTO_JSON json_object *schema = vfm_report_schema("vgpu-metadata");

	(void)state;
	assert_non_null(schema);
	hold_json("../../../data/schema/vgpu-metadata.json", schema);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),  cmocka_unit_test(test_base64_refused),
		cmocka_unit_test(test_decode),  cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_worst),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
