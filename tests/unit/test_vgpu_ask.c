/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NVML asked about one VM's vGPUs: their metadata where they are, and whether another host's GPUs
 * take them; by the stand-in of tests/nvml, on made trees of both layouts.
 */
#include "gputrees.h"

#include "base/deadline.h"
#include "facts/vgpu_ask.h"
#include "judge/judge.h"
#include "peer/peer.h"

#define VM     "aaaaaaaa-0000-4000-8000-000000000011"
#define OTHER  "0000:02:00.0"
#define VF2    "0000:01:00.6"
#define NO_DEV "0000:09:00.1"

/* Every error code that is documented, and what is said of it. */
static const struct {
	int code;
	const char *words;
} codes[] = {
	{1, "not initialized"},
	{2, "an argument is not valid"},
	{3, "not supported"},
	{4, "needs root"},
	{6, "not found"},
	{7, "more than it said"},
	{9, "the driver is not loaded"},
	{12, "a part of the library is missing"},
	{13, "lacks the function"},
	{18, "of different versions"},
	{999, "an error it does not name"},
};

static void read_metadata(const char *const *devices, size_t count,
			  struct vfm_vgpu_records *records)
{
	VFM_AUTO_STRINGS struct vfm_strings list = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	*records = (struct vfm_vgpu_records){.vgpus = {.items = NULL}};
	for (size_t i = 0; i < count; i++)
		vfm_strings_add(&list, devices[i]);
	if (vfm_vgpu_metadata_read(&list, VM, vfm_deadline_in(20000), records, &err) < 0)
		fail_msg("%s", err.what);
}

static const struct vfm_vgpu_record *record_at(const struct vfm_vgpu_records *records, size_t index)
{
	assert_true(index < records->vgpus.count);
	return vfm_list_at(const struct vfm_vgpu_record, &records->vgpus, index);
}

/* ---- metadata ---------------------------------------------------------------------------- */

static void assert_whole(const struct vfm_vgpu_record *record, const char *device)
{
	VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *metadata = NULL;

	assert_text(&record->device, device);
	assert_text(&record->gpu, GPU);
	assert_text(&record->host_driver, "550.144.02");
	assert_text(&record->guest_driver, "550.144.03");
	assert_uint(&record->guest_version, 0xb0001);
	assert_uint(&record->version, 3);
	assert_true(vfm_fact_is_true(&record->migratable));
	assert_true(vfm_known(&record->metadata.fact));
	assert_int_equal(vfm_vgpu_metadata_decode(record->metadata.value, &metadata, NULL), 0);
	assert_int_equal(metadata->opaque_size, strlen("NVIDIA L40S"));
	assert_memory_equal(metadata->opaque, "NVIDIA L40S", strlen("NVIDIA L40S"));
}

static void test_vf(void **state)
{
	static const char *const devices[] = {NO_DEV, VF0};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", ANSWERS);
	read_metadata(devices, 2, &records);
	assert_int_equal(records.vgpus.count, 1);
	assert_whole(record_at(&records, 0), VF0);
	assert_text(&record_at(&records, 0)->type, "NVIDIA L40S-4Q");
	assert_uint(&record_at(&records, 0)->type_id, 1153);
}

static void test_mdev(void **state)
{
	static const char *const devices[] = {"3F6C21E4-0D1F-4A9B-B6D1-52C1F4A7E006"};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_mdev_layout();
	make("/sys/nvml", ANSWERS);
	read_metadata(devices, 1, &records);
	assert_whole(record_at(&records, 0), UUID_A);
	assert_text(&record_at(&records, 0)->type, "GRID T4-4Q");
}

static void test_none(void **state)
{
	static const char *const devices[] = {NO_DEV};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	read_metadata(devices, 1, &records); /* and NVML is not asked */
	assert_true(vfm_known(&records.vgpus.fact));
	assert_int_equal(records.vgpus.count, 0);
}

/*
 * Three vGPUs of one type on the GPU, of which the VM has two: they are told by whose they are.
 * What each answers as its guest's version says which one it was.
 */
#define THREE                                                                                      \
	"nvmlDeviceGetActiveVgpus " GPU " 5 6 7\n"                                                 \
	"nvmlVgpuInstanceGetType 5 1153\nnvmlVgpuInstanceGetType 6 1153\n"                         \
	"nvmlVgpuInstanceGetVmID 5 " VM "\n"                                                       \
	"nvmlVgpuInstanceGetVmID 6 bbbbbbbb-0000-4000-8000-000000000022\n"                         \
	"nvmlVgpuInstanceGetMetadata 5 2 1 5 550.144.02 x NVIDIA L40S\n"                           \
	"nvmlVgpuInstanceGetMetadata 6 2 1 6 550.144.02 x NVIDIA L40S\n" ANSWERS

static void make_three(void)
{
	make_gpu();
	make_vendor_layout();
	make_vf(VF2, "virtfn2");
	make(PCI VF1 "/nvidia/current_vgpu_type", "1153\n");
	make(PCI VF2 "/nvidia/current_vgpu_type", "1153\n");
	make(PCI VF2 "/nvidia/creatable_vgpu_types", "");
}

static void test_several(void **state)
{
	static const char *const devices[] = {VF0, VF2};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

	(void)state;
	NEEDS_NAMESPACE();
	make_three();
	make("/sys/nvml", THREE);
	read_metadata(devices, 2, &records);
	assert_int_equal(records.vgpus.count, 2);
	assert_uint(&record_at(&records, 0)->guest_version, 5);
	assert_uint(&record_at(&records, 1)->guest_version, 0xb0001);
	assert_text(&record_at(&records, 0)->type, "NVIDIA L40S-4Q"); /* by NVML: no list has it */
}

static void test_not_told(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		/* one of the library's says nothing of its VM: it may be ours */
		{"nvmlVgpuInstanceGetVmID 6 !3\nnvmlVgpuInstanceGetVmID 5 " OTHER "\n",
		 "which of several"},
		{"nvmlVgpuInstanceGetVmID 5 x\n", "it is not in use"},
		{"nvmlDeviceGetActiveVgpus " GPU " \n", "it is not in use"},
		{"nvmlDeviceGetActiveVgpus " GPU " !4\n", "needs root"},
		{"nvmlDeviceGetName " GPU " !3\n", "not found"},
	};
	static const char *const devices[] = {VF0, VF2};

	(void)state;
	NEEDS_NAMESPACE();
	make_three();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = vfm_text_printf("%s" THREE, rows[i].line);
		VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;
		const struct vfm_vgpu_record *last;

		make("/sys/nvml", text);
		read_metadata(devices, 2, &records);
		assert_int_equal(records.vgpus.count, 2);
		last = record_at(&records, 1);
		assert_unknown(&last->metadata.fact, rows[i].why);
		assert_unknown(&last->host_driver.fact, rows[i].why);
		assert_unknown(&last->migratable.fact, rows[i].why);
	}
}

/* Where the library does not tell whose a vGPU is, the only one of its type is the one. */
static void test_only_one(void **state)
{
	static const char *const devices[] = {VF0};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", "nvmlVgpuInstanceGetVmID 7 !3\n" ANSWERS);
	read_metadata(devices, 1, &records);
	assert_whole(record_at(&records, 0), VF0);
}

/* A guest whose driver has not begun: its metadata are whole, and what it is to tell is unknown. */
static void test_guest_not_ready(void **state)
{
	static const char *const devices[] = {VF0};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;
	const struct vfm_vgpu_record *record;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", "nvmlVgpuInstanceGetMetadata 7 0 1 0 550.144.02 - x\n" ANSWERS);
	read_metadata(devices, 1, &records);
	record = record_at(&records, 0);
	assert_unknown(&record->guest_driver.fact, "not initialized");
	assert_unknown(&record->guest_version.fact, "not initialized");
	assert_text(&record->host_driver, "550.144.02");
	assert_true(vfm_known(&record->metadata.fact));
}

static void test_metadata_codes(void **state)
{
	static const char *const devices[] = {VF0};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(codes); i++) {
		VFM_AUTO_FREE char *text = vfm_text_printf(
			"nvmlVgpuInstanceGetMetadata 7 !%d\n" ANSWERS, codes[i].code);
		VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

		make("/sys/nvml", text);
		read_metadata(devices, 1, &records);
		assert_unknown(&record_at(&records, 0)->metadata.fact, codes[i].words);
	}
}

static void test_no_library(void **state)
{
	static const char *const devices[] = {VF0};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	assert_int_equal(mount("tmpfs", NVML_CURRENT, "tmpfs", 0, NULL), 0);
	read_metadata(devices, 1, &records);
	assert_unknown(&record_at(&records, 0)->metadata.fact, VFM_NVML_LIBRARY);
	assert_int_equal(umount(NVML_CURRENT), 0);
}

static void test_hang(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings devices = {.values = NULL};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records = {.vgpus = {.items = NULL}};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", "nvmlVgpuInstanceGetMetadata 7 @hang\n" ANSWERS);
	vfm_strings_add(&devices, VF0);
	assert_int_equal(vfm_vgpu_metadata_read(&devices, VM, vfm_deadline_in(300), &records, NULL),
			 0);
	assert_unknown(&record_at(&records, 0)->metadata.fact, "no answer within");
}

/* ---- compatibility ------------------------------------------------------------------------ */

/* Base64 of the metadata of the vGPU of VF0, as these answers have it. */
static char *metadata_of(const char *line)
{
	static const char *const devices[] = {VF0};
	VFM_AUTO_FREE char *text = vfm_text_printf("%s" ANSWERS, line);
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records;
	const struct vfm_fact_text *metadata;

	make("/sys/nvml", text);
	read_metadata(devices, 1, &records);
	metadata = &record_at(&records, 0)->metadata;
	if (!vfm_known(&metadata->fact))
		fail_msg("%s", vfm_fact_reason(&metadata->fact));
	return strdup(metadata->value);
}

static void read_fits(const char *answers, const char *const *metadata, size_t count,
		      struct vfm_vgpu_fits *fits)
{
	VFM_AUTO_STRINGS struct vfm_strings list = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	*fits = (struct vfm_vgpu_fits){.fits = {.items = NULL}};
	make("/sys/nvml", answers);
	for (size_t i = 0; i < count; i++)
		vfm_strings_add(&list, metadata[i]);
	if (vfm_vgpu_fits_read(&list, vfm_deadline_in(20000), fits, &err) < 0)
		fail_msg("%s", err.what);
	assert_int_equal(fits->fits.count, count);
}

static const struct vfm_vgpu_fit *fit_at(const struct vfm_vgpu_fits *fits, size_t index)
{
	return vfm_list_at(const struct vfm_vgpu_fit, &fits->fits, index);
}

/* By the bytes of a vGPU alone, and every bit and limit that is documented. */
static void test_fits(void **state)
{
	static const struct {
		const char *vgpu, *there;
		uint64_t compatibility, limit;
	} rows[] = {
		{"", "", 0xf, 0},
		{"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.127.06 x NVIDIA L40S\n", "", 0, 1},
		{"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0002 550.144.02 x NVIDIA L40S\n", "", 0, 2},
		{"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.144.02 x NVIDIA L40\n", "", 0, 4},
		{"", "nvmlGetVgpuCompatibility - 0 0\n", 0, 0},
		{"", "nvmlGetVgpuCompatibility - 1 1\n", 1, 1},
		{"", "nvmlGetVgpuCompatibility - 2 2\n", 2, 2},
		{"", "nvmlGetVgpuCompatibility - 4 4\n", 4, 4},
		{"", "nvmlGetVgpuCompatibility - 8 0\n", 8, 0},
		{"", "nvmlGetVgpuCompatibility - 1 0x80000000\n", 1, 0x80000000},
	};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *metadata = metadata_of(rows[i].vgpu);
		VFM_AUTO_FREE char *answers = vfm_text_printf("%s" ANSWERS, rows[i].there);
		VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits;
		const char *list[] = {metadata};

		read_fits(answers, list, 1, &fits);
		assert_text(&fit_at(&fits, 0)->gpu, GPU);
		assert_uint(&fit_at(&fits, 0)->compatibility, rows[i].compatibility);
		assert_uint(&fit_at(&fits, 0)->limit, rows[i].limit);
	}
}

static void test_fit_codes(void **state)
{
	static const char *const functions[] = {
		"nvmlGetVgpuCompatibility -",
		("nvmlDeviceGetVgpuMetadata " GPU),
		"nvmlInit_v2 -",
	};
	VFM_AUTO_FREE char *metadata = NULL;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	metadata = metadata_of("");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(codes) * VFM_ARRAY_SIZE(functions); i++) {
		const char *function = functions[i % VFM_ARRAY_SIZE(functions)];
		size_t k = i / VFM_ARRAY_SIZE(functions);
		VFM_AUTO_FREE char *answers =
			vfm_text_printf("%s !%d\n" ANSWERS, function, codes[k].code);
		VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits;
		const char *list[] = {metadata};

		/* to the stand-in this code means that it has no such line */
		if (codes[k].code == VFM_NVML_NOT_SUPPORTED && function != functions[1])
			continue;
		read_fits(answers, list, 1, &fits);
		assert_unknown(&fit_at(&fits, 0)->compatibility.fact, codes[k].words);
		assert_unknown(&fit_at(&fits, 0)->limit.fact, codes[k].words);
	}
}

#define TWO_GPUS "nvmlDeviceGetName " OTHER " NVIDIA A16\n"

/* The GPU that takes it decides; that none does is known only when each was heard. */
static void test_two_gpus(void **state)
{
	static const struct {
		const char *there, *gpu, *unknown;
		uint64_t compatibility, limit;
	} rows[] = {
		{TWO_GPUS "nvmlDeviceGetVgpuMetadata " OTHER " 1 0x70001 0xb0001\n", GPU, NULL, 15,
		 0},
		{TWO_GPUS "nvmlDeviceGetVgpuMetadata " OTHER " !999\n", GPU, NULL, 15, 0},
		{"nvmlDeviceGetVgpuMetadata " GPU " 1 1 2\n" TWO_GPUS
		 "nvmlDeviceGetVgpuMetadata " OTHER " 1 0x70001 0xb0001\n",
		 GPU, NULL, 0, 2}, /* says more than "another GPU" */
		{"nvmlDeviceGetVgpuMetadata " GPU " 1 1 2\n" TWO_GPUS, GPU, NULL, 0, 2},
		{"nvmlDeviceGetVgpuMetadata " GPU " 1 1 2\n" TWO_GPUS
		 "nvmlDeviceGetVgpuMetadata " OTHER " !4\n",
		 NULL, "needs root", 0, 0},
		{"nvmlDeviceGetVgpuMetadata " GPU " !3\n" TWO_GPUS, NULL, "not supported", 0, 0},
	};
	VFM_AUTO_FREE char *metadata = NULL;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	metadata = metadata_of("");
	make(PCI OTHER "/vendor", "0x10de\n");
	make(PCI OTHER "/class", "0x030200\n");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *answers = vfm_text_printf("%s" ANSWERS, rows[i].there);
		VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits;
		const char *list[] = {metadata};
		const struct vfm_vgpu_fit *fit;

		read_fits(answers, list, 1, &fits);
		fit = fit_at(&fits, 0);
		if (rows[i].unknown) {
			assert_unknown(&fit->compatibility.fact, rows[i].unknown);
			continue;
		}
		assert_text(&fit->gpu, rows[i].gpu);
		assert_uint(&fit->compatibility, rows[i].compatibility);
		assert_uint(&fit->limit, rows[i].limit);
	}
}

static void test_no_gpu(void **state)
{
	VFM_AUTO_FREE char *metadata = NULL;
	VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits;
	const char *list[1];

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	metadata = metadata_of("");
	list[0] = metadata;
	assert_int_equal(umount("/sys"), 0);
	assert_int_equal(mount("tmpfs", "/sys", "tmpfs", 0, "mode=755"), 0);
	make(PCI "0000:00:02.0/vendor", "0x8086\n");
	read_fits("", list, 1, &fits);
	assert_unknown(&fit_at(&fits, 0)->compatibility.fact, "there is no NVIDIA GPU");
}

/* Both verbs of this host, as another process of ours would ask them. */
static void test_verbs(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings devices = {.values = NULL};
	VFM_AUTO_STRINGS struct vfm_strings metadata = {.values = NULL};
	VFM_AUTO_VGPU_RECORDS struct vfm_vgpu_records records = {.vgpus = {.items = NULL}};
	VFM_AUTO_VGPU_FITS struct vfm_vgpu_fits fits = {.fits = {.items = NULL}};
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", ANSWERS);
	vfm_strings_add(&devices, VF0);
	assert_int_equal(vfm_peer_open("local", NULL, &peer, NULL), 0);
	assert_int_equal(vfm_peer_vgpu_metadata(peer, &devices, VM, &records, NULL), 0);
	assert_whole(record_at(&records, 0), VF0);
	vfm_strings_add(&metadata, record_at(&records, 0)->metadata.value);
	assert_int_equal(vfm_peer_vgpu_fits(peer, &metadata, &fits, NULL), 0);
	assert_uint(&fit_at(&fits, 0)->compatibility, 15);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_TREES(test_vf),
		ON_TREES(test_mdev),
		ON_TREES(test_none),
		ON_TREES(test_several),
		ON_TREES(test_not_told),
		ON_TREES(test_only_one),
		ON_TREES(test_guest_not_ready),
		ON_TREES(test_metadata_codes),
		ON_TREES(test_no_library),
		ON_TREES(test_hang),
		ON_TREES(test_fits),
		ON_TREES(test_fit_codes),
		ON_TREES(test_two_gpus),
		ON_TREES(test_no_gpu),
		ON_TREES(test_verbs),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
