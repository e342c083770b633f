/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The NVIDIA reader: its pure parts, both layouts on a made sysfs, and NVML by the stand-in of
 * tests/nvml, which the loader finds beside this program's libraries. The made trees are mounts in
 * a namespace of this process; that needs root.
 */
#include "gputrees.h"

#include "base/deadline.h"
#include "facts/nvidia.h"
#include "facts/nvml.h"
#include "facts/readers.h"

/* ---- texts ------------------------------------------------------------------------- */

static void test_version(void **state)
{
	static const struct {
		const char *text, *version;
	} rows[] = {
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 "
		 "UTC 2024\nGCC version:  gcc version 12.2.0\n",
		 "550.54.14"},
		{"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  575.57.08  Release "
		 "Build  (dvs-builder@U16)  Sat May 24 07:03:13 UTC 2025\n",
		 "575.57.08"},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  384.81  Sat Sep  2 02:43:11 PDT "
		 "2017\n",
		 "384.81"},
		{"NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  540.4.0  Release "
		 "Build\n",
		 "540.4.0"},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65", "580.65"},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  515.65.01  Wed Jul 20 14:00:58 "
		 "UTC 2022\nGCC version:\n",
		 "515.65.01"},
		{"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  595.91.07  Release "
		 "Build  (dvs-builder@U22-A23-20-3)\n",
		 "595.91.07"},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  N/A\n", NULL},
		{"NVRM version: 1.2.3 NVIDIA UNIX\nKernel Module 550.54.14\n", NULL},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  550\n", NULL},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14.1\n", NULL},
		{"NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.x.14\n", NULL},
		{"N/A\n", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *version = NULL;
		int r = vfm_nvidia_version_parse(rows[i].text, strlen(rows[i].text), &version);

		assert_int_equal(r, rows[i].version ? 0 : -EINVAL);
		if (rows[i].version)
			assert_string_equal(version, rows[i].version);
	}
}

static void test_description(void **state)
{
	static const struct {
		const char *text;
		uint64_t framebuffer_mib, max_instance;
	} rows[] = {
		{"num_heads=4, frl_config=60, framebuffer=2048M, max_resolution=4096x2160, "
		 "max_instance=4",
		 2048, 4},
		{"framebuffer=49152M", 49152, 0},
		{"max_instance=1,framebuffer=2G", 0, 1},
		{"framebuffer=M, max_instance=", 0, 0},
		{"framebuffer=N/A, max_instance=many, ,=,", 0, 0},
		{"", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		struct vfm_vgpu_description description;

		vfm_vgpu_description_parse(rows[i].text, &description);
		assert_int_equal(description.framebuffer_mib, rows[i].framebuffer_mib);
		assert_int_equal(description.max_instance, rows[i].max_instance);
	}
}

static void test_blocking(void **state)
{
	static const struct {
		const char *text, *first;
		size_t count;
	} rows[] = {
		{"", NULL, 0},
		{"frame_rate_limiter=0, disable_vnc=1", NULL, 0},
		{"enable_uvm=0,enable_debugging=0, enable_profiling=0", NULL, 0},
		{"disable_vnc=1,enable_uvm=1", "enable_uvm=1", 1},
		{"enable_debugging=0x1, enable_profiling = 1, enable_uvm=1", "enable_debugging=0x1",
		 3},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_STRINGS struct vfm_strings blocking = {.count = 0};

		vfm_vgpu_blocking_parse(rows[i].text, &blocking);
		assert_int_equal(blocking.count, rows[i].count);
		if (rows[i].first)
			assert_string_equal(blocking.values[0], rows[i].first);
	}
}

static void test_creatable(void **state)
{
	static const struct {
		const char *text;
		int result;
		size_t count;
	} rows[] = {
		{"ID    : vGPU Name\n1414  : NVIDIA H200X-1-18C\n1415 : NVIDIA H200X-2-35C\n", 0,
		 2},
		{"1153 : NVIDIA L40S-4Q", 0, 1},
		{"ID    : vGPU Name\n", 0, 0},
		{"", 0, 0},
		{"1153 : \n", -EINVAL, 0},
		{"NVIDIA L40S-4Q\n", -EINVAL, 0},
		{"-1 : NVIDIA L40S-4Q\n", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts;
		struct vfm_gpu_facts *gpu;

		memset(&facts, 0, sizeof(facts));
		gpu = vfm_fact_list_add(&facts.nvidia.gpus, sizeof(*gpu));
		assert_non_null(gpu);
		assert_int_equal(vfm_vgpu_creatable_parse(rows[i].text, strlen(rows[i].text),
							  &gpu->types, NULL),
				 rows[i].result);
		assert_int_equal(gpu->types.count, rows[i].count);
	}
}

/* ---- NVML's numbers and structs, as they are documented ------------------------------- */

static void test_numbers(void **state)
{
	static const struct {
		unsigned int ours, documented;
	} rows[] = {
		{VFM_NVML_SUCCESS, 0},
		{VFM_NVML_UNINITIALIZED, 1},
		{VFM_NVML_INVALID_ARGUMENT, 2},
		{VFM_NVML_NOT_SUPPORTED, 3},
		{VFM_NVML_NO_PERMISSION, 4},
		{VFM_NVML_NOT_FOUND, 6},
		{VFM_NVML_INSUFFICIENT_SIZE, 7},
		{VFM_NVML_DRIVER_NOT_LOADED, 9},
		{VFM_NVML_LIBRARY_NOT_FOUND, 12},
		{VFM_NVML_FUNCTION_NOT_FOUND, 13},
		{VFM_NVML_LIB_RM_VERSION_MISMATCH, 18},
		{VFM_NVML_UNKNOWN, 999},
		{VFM_NVML_COLD, 1},
		{VFM_NVML_HIBERNATE, 2},
		{VFM_NVML_SLEEP, 4},
		{VFM_NVML_LIVE, 8},
		{VFM_NVML_LIMIT_HOST_DRIVER, 1},
		{VFM_NVML_LIMIT_GUEST_DRIVER, 2},
		{VFM_NVML_LIMIT_GPU, 4},
		{VFM_NVML_LIMIT_OTHER, 0x80000000},
		{VFM_NVML_HOST_NON_SRIOV, 0},
		{VFM_NVML_HOST_SRIOV, 1},
		{VFM_NVML_CAP_MIGRATION, 1},
		/* three words, two versions of 80 bytes, six words reserved, three words */
		{offsetof(struct vfm_nvml_vgpu_metadata, guest_driver), 12},
		{offsetof(struct vfm_nvml_vgpu_metadata, host_driver), 92},
		{offsetof(struct vfm_nvml_vgpu_metadata, caps), 196},
		{offsetof(struct vfm_nvml_vgpu_metadata, guest_version), 200},
		{offsetof(struct vfm_nvml_vgpu_metadata, opaque), 208},
		{sizeof(struct vfm_nvml_vgpu_metadata), 212},
		{offsetof(struct vfm_nvml_gpu_metadata, caps), 88},
		{offsetof(struct vfm_nvml_gpu_metadata, guest_version_min), 112},
		{offsetof(struct vfm_nvml_gpu_metadata, guest_version_max), 116},
		{offsetof(struct vfm_nvml_gpu_metadata, opaque), 124},
		{sizeof(struct vfm_nvml_gpu_metadata), 128},
		{sizeof(struct vfm_nvml_compatibility), 8},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++)
		if (rows[i].ours != rows[i].documented)
			fail_msg("row %zu: %u, documented is %u", i, rows[i].ours,
				 rows[i].documented);
}

/* ---- reading ------------------------------------------------------------------------------ */

static const struct vfm_gpu_facts *read_gpu(struct vfm_facts *facts)
{
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(20000)};

	memset(facts, 0, sizeof(*facts));
	vfm_read_nvidia(&options, facts);
	assert_true(vfm_known(&facts->nvidia.gpus.fact));
	assert_int_equal(facts->nvidia.gpus.count, 1);
	return vfm_list_at(struct vfm_gpu_facts, &facts->nvidia.gpus, 0);
}

static const struct vfm_vgpu_facts *only_vgpu(const struct vfm_gpu_facts *gpu)
{
	assert_true(vfm_known(&gpu->vgpus.fact));
	assert_int_equal(gpu->vgpus.count, 1);
	return vfm_list_at(struct vfm_vgpu_facts, &gpu->vgpus, 0);
}

/* ---- what sysfs says --------------------------------------------------------------------- */

static void test_no_gpu(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(20000)};

	(void)state;
	NEEDS_NAMESPACE();
	make(PCI "0000:00:02.0/vendor", "0x8086\n");
	make(PCI "0000:00:02.0/class", "0x030000\n");
	make(PCI "0000:00:03.0/vendor", "0x10de\n");
	make(PCI "0000:00:03.0/class", "0x040300\n"); /* its sound */
	memset(&facts, 0, sizeof(facts));
	vfm_read_nvidia(&options, &facts);
	assert_int_equal(facts.nvidia.gpus.fact.state, VFM_ABSENT);
	assert_int_equal(facts.nvidia.nvml.fact.state, VFM_ABSENT);
	assert_int_equal(facts.nvidia.driver_version.fact.state, VFM_ABSENT);
	assert_int_equal(facts.nvidia.driver_source.fact.state, VFM_ABSENT);
}

static void test_mdev(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;
	const struct vfm_vgpu_facts *vgpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_mdev_layout();
	gpu = read_gpu(&facts);
	assert_text(&facts.nvidia.driver_version, "550.144.02");
	assert_text(&facts.nvidia.driver_source, "/sys/module/nvidia/version");
	assert_text(&gpu->framework, VFM_VGPU_MDEV);
	assert_int_equal(gpu->no_framework.fact.state, VFM_ABSENT);
	assert_text(&gpu->name, "NVIDIA L40S");
	assert_unknown(&gpu->uuid.fact, "the driver is not loaded"); /* "?" is no value */
	assert_unknown(&gpu->vbios.fact, "the driver is not loaded");
	assert_int_equal(gpu->types.count, 2);
	assert_text(&vfm_gpu_type(gpu, 41)->name, "GRID T4-4Q");
	assert_uint(&vfm_gpu_type(gpu, 41)->framebuffer_mib, 4096);
	assert_uint(&vfm_gpu_type(gpu, 41)->creatable, 3);
	assert_unknown(&vfm_gpu_type(gpu, 42)->creatable.fact, "N/A");
	vgpu = only_vgpu(gpu);
	assert_text(&vgpu->device, UUID_A);
	assert_text(&vgpu->parent, GPU);
	assert_uint(&vgpu->type_id, 41);
	assert_text(&vgpu->type, "GRID T4-4Q");
	assert_int_equal(vgpu->blocking.count, 1);
	assert_string_equal(vgpu->blocking.values[0], "enable_uvm=1");
	assert_int_equal(gpu->room.count, 1);
	assert_string_equal(gpu->room.values[0], GPU);
}

/* Each VF offers one more; together they take no more than the GPU does. */
static void test_mdev_on_vfs(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vf(VF0, "virtfn0");
	make_vf(VF1, "virtfn1");
	make_vf("0000:01:00.6", "virtfn2");
	make(TYPE(VF0, "41") "/available_instances", "0\n");
	make(TYPE(VF0, "41") "/devices/" UUID_A "/remove", "");
	make(TYPE(VF0, "41") "/description", "framebuffer=4096M, max_instance=2\n");
	make(TYPE(VF1, "41") "/available_instances", "1\n");
	make(TYPE(VF1, "41") "/description", "framebuffer=4096M, max_instance=2\n");
	make(TYPE("0000:01:00.6", "41") "/available_instances", "1\n");
	make(TYPE("0000:01:00.6", "41") "/description", "framebuffer=4096M, max_instance=2\n");
	gpu = read_gpu(&facts);
	assert_uint(&vfm_gpu_type(gpu, 41)->creatable, 1);
	assert_text(&only_vgpu(gpu)->parent, VF0);
}

static void test_vendor(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	gpu = read_gpu(&facts);
	assert_text(&gpu->framework, VFM_VGPU_VENDOR);
	assert_int_equal(gpu->types.count, 2);
	assert_uint(&vfm_gpu_type(gpu, 1153)->creatable, 1);
	assert_unknown(&vfm_gpu_type(gpu, 1155)->framebuffer_mib.fact, "the driver is not loaded");
	assert_text(&only_vgpu(gpu)->device, VF0);
	assert_text(&only_vgpu(gpu)->type, "NVIDIA L40S-4Q");
	assert_true(vfm_known(&only_vgpu(gpu)->blocking.fact));
	assert_int_equal(only_vgpu(gpu)->blocking.count, 0);
	assert_int_equal(gpu->room.count, 1);
	assert_string_equal(gpu->room.values[0], VF1);
}

/* A header alone lists no type. */
static void test_vendor_full(void **state)
{
	const struct vfm_gpu_facts *gpu;
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make(PCI VF1 "/nvidia/creatable_vgpu_types", "ID    : vGPU Name\n");
	gpu = read_gpu(&facts);
	assert_int_equal(gpu->types.count, 0);
	assert_true(vfm_known(&gpu->room.fact));
	assert_int_equal(gpu->room.count, 0);
}

/* Files that are missing or hold words: what they say is unknown, and nothing is left out. */
static void test_odd_vendor(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;
	const struct vfm_vgpu_facts *vgpus;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make(PCI VF0 "/nvidia/current_vgpu_type", "N/A\n");
	make(PCI VF0 "/nvidia/vgpu_params", "enable_uvm=N/A, =,enable_debugging\n");
	make(PCI VF1 "/nvidia/current_vgpu_type", "");
	make_vf("0000:01:00.6", "virtfn2"); /* not with the driver: it has no such files */
	assert_int_equal(symlink("../0000:01:00.9", PCI GPU "/virtfn3"), 0);
	gpu = read_gpu(&facts);
	assert_text(&gpu->framework, VFM_VGPU_VENDOR);
	assert_int_equal(gpu->vgpus.count, 2);
	vgpus = vfm_list_at(const struct vfm_vgpu_facts, &gpu->vgpus, 0);
	assert_unknown(&vgpus[0].type_id.fact, "N/A");
	assert_int_equal(vgpus[1].type_id.fact.state, VFM_UNKNOWN);
	assert_int_equal(vgpus[0].type.fact.state, VFM_UNKNOWN);
	assert_int_equal(vgpus[0].blocking.count, 1);
	assert_string_equal(vgpus[0].blocking.values[0], "enable_uvm=N/A");
	assert_int_equal(vgpus[1].blocking.fact.state, VFM_ABSENT); /* no such file */
}

static void test_odd_types(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make(PCI VF1 "/nvidia/creatable_vgpu_types", "N/A\n");
	gpu = read_gpu(&facts);
	assert_text(&gpu->framework, VFM_VGPU_VENDOR);
	assert_unknown(&gpu->types.fact, "'N/A' is no type");
}

static void test_odd_mdev(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make(TYPE(GPU, "41") "/description", "N/A\n");
	make(TYPE(GPU, "41") "/available_instances", "-1\n");
	make(TYPE(GPU, "x") "/name", "no number\n");
	make(TYPE(GPU, "4294967296") "/name", "too large\n");
	gpu = read_gpu(&facts);
	assert_text(&gpu->framework, VFM_VGPU_MDEV);
	assert_int_equal(gpu->types.count, 1);
	assert_int_equal(vfm_gpu_type(gpu, 41)->name.fact.state, VFM_ABSENT);
	assert_unknown(&vfm_gpu_type(gpu, 41)->creatable.fact, "-1");
	assert_int_equal(vfm_gpu_type(gpu, 41)->framebuffer_mib.fact.state, VFM_UNKNOWN);
	assert_int_equal(gpu->vgpus.count, 0);
}

static void test_no_framework(void **state)
{
	static const struct {
		const char *total, *driver, *why;
	} rows[] = {
		{NULL, NULL, "no driver is bound"},
		{NULL, "vfio-pci", "bound to vfio-pci"},
		{"32\n", "nvidia", "sriov-manage"},
		{NULL, "nvidia", "vGPU manager"},
	};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts;
		const struct vfm_gpu_facts *gpu;

		unlink(PCI GPU "/driver");
		unlink(PCI GPU "/sriov_totalvfs");
		if (rows[i].driver)
			assert_int_equal(symlink(rows[i].driver, PCI GPU "/driver"), 0);
		if (rows[i].total) {
			make(PCI GPU "/sriov_totalvfs", rows[i].total);
			make(PCI GPU "/sriov_numvfs", "0\n");
		}
		gpu = read_gpu(&facts);
		assert_int_equal(gpu->framework.fact.state, VFM_ABSENT);
		if (!strstr(gpu->no_framework.value, rows[i].why))
			fail_msg("'%s' is not of '%s'", rows[i].why, gpu->no_framework.value);
	}
}

/* ---- what NVML says ------------------------------------------------------------------------ */

static void assert_vgpu_told(const struct vfm_vgpu_facts *vgpu)
{
	assert_text(&vgpu->owner, "aaaaaaaa-0000-4000-8000-000000000011");
	assert_true(vfm_fact_is_true(&vgpu->migratable));
	assert_text(&vgpu->guest_driver, "550.144.03");
	assert_uint(&vgpu->guest_version, 0xb0001);
}

static void test_nvml(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", ANSWERS);
	gpu = read_gpu(&facts);
	assert_true(vfm_fact_is_true(&facts.nvidia.nvml));
	assert_text(&gpu->uuid, "GPU-1ab00000-0000-4000-8000-000000000100");
	assert_text(&gpu->vbios, "95.02.66.00.02");
	assert_true(vfm_fact_is_true(&gpu->ecc_current));
	assert_true(vfm_fact_is_false(&gpu->ecc_pending));
	assert_true(vfm_fact_is_false(&gpu->mig_current));
	assert_true(vfm_fact_is_true(&gpu->mig_pending));
	assert_text(&gpu->host_vgpu_mode, "sriov");
	assert_text(&gpu->metadata, "NVIDIA L40S 26B9 1851");
	assert_true(vfm_fact_is_true(&gpu->migration));
	assert_uint(&gpu->guest_version_min, 0x70001);
	assert_uint(&gpu->guest_version_max, 0xb0001);
	assert_uint(&vfm_gpu_type(gpu, 1153)->framebuffer_mib, 4096);
	assert_vgpu_told(only_vgpu(gpu));
}

static void test_nvml_mdev(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_mdev_layout();
	make("/sys/nvml", ANSWERS);
	assert_vgpu_told(only_vgpu(read_gpu(&facts)));
}

/* Two of one type: the library does not say which VF is whose. */
static void test_nvml_ambiguous(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make(PCI VF1 "/nvidia/current_vgpu_type", "1153\n");
	make("/sys/nvml", ANSWERS);
	gpu = read_gpu(&facts);
	assert_int_equal(gpu->vgpus.count, 2);
	vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus) {
		assert_text(&vgpu->type, "NVIDIA L40S-4Q"); /* by NVML: no list has it */
		assert_unknown(&vgpu->owner.fact, "which of several");
	}
}

/* What one function's code does to its fact, and to no other. */
static void test_nvml_codes(void **state)
{
	static const struct {
		const char *line;
		size_t offset;
		enum vfm_fact_state is;
		const char *why;
	} rows[] = {
#define GPU_FACT(member) offsetof(struct vfm_gpu_facts, member)
		{"nvmlDeviceGetEccMode " GPU " !3\n", GPU_FACT(ecc_current), VFM_ABSENT, NULL},
		{"nvmlDeviceGetEccMode " GPU " !4\n", GPU_FACT(ecc_pending), VFM_UNKNOWN, "root"},
		{"nvmlDeviceGetUUID " GPU " !2\n", GPU_FACT(uuid), VFM_UNKNOWN, "argument"},
		{"nvmlDeviceGetVbiosVersion " GPU " !999\n", GPU_FACT(vbios), VFM_UNKNOWN, "error"},
		{"nvmlDeviceGetVbiosVersion " GPU " N/A\n", GPU_FACT(vbios), VFM_UNKNOWN,
		 "NVML says N/A"},
		{"nvmlDeviceGetName " GPU " N/A\n", GPU_FACT(name), VFM_KNOWN, NULL}, /* /proc's */
		{"nvmlDeviceGetVbiosVersion " GPU " !77\n", GPU_FACT(vbios), VFM_UNKNOWN,
		 "stand-in error 77"},
		{"nvmlDeviceGetHostVgpuMode " GPU " 5\n", GPU_FACT(host_vgpu_mode), VFM_UNKNOWN,
		 "number 5"},
		{"nvmlDeviceGetHostVgpuMode " GPU " 0\n", GPU_FACT(host_vgpu_mode), VFM_KNOWN,
		 NULL},
		{"nvmlDeviceGetPgpuMetadataString " GPU " !6\n", GPU_FACT(metadata), VFM_UNKNOWN,
		 "not found"},
		{"nvmlDeviceGetPgpuMetadataString " GPU " !7\n", GPU_FACT(metadata), VFM_UNKNOWN,
		 "believable"},
		{"nvmlDeviceGetVgpuMetadata " GPU " !3\n", GPU_FACT(migration), VFM_ABSENT, NULL},
		{"nvmlDeviceGetVgpuMetadata " GPU " !7\n", GPU_FACT(migration), VFM_UNKNOWN,
		 "more than it said"},
		{"nvmlDeviceGetName " GPU " !1\n", GPU_FACT(name), VFM_KNOWN, NULL}, /* /proc's */
	};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = vfm_text_printf("%s" ANSWERS, rows[i].line);
		VFM_AUTO_FACTS struct vfm_facts facts;
		const struct vfm_fact *fact;

		make("/sys/nvml", text);
		fact = (const void *)((const char *)read_gpu(&facts) + rows[i].offset);
		if (fact->state != rows[i].is)
			fail_msg("%s is %d: %s", rows[i].line, fact->state, vfm_fact_reason(fact));
		if (rows[i].why)
			assert_unknown(fact, rows[i].why);
	}
}

/* Every code that is documented, in words; one of them says that there is no such thing. */
static void test_every_code(void **state)
{
	static const struct {
		int code;
		const char *why; /* NULL: there is none */
	} rows[] = {
		{1, "not initialized"},
		{2, "an argument is not valid"},
		{3, NULL},
		{4, "needs root"},
		{6, "not found"},
		{7, "more than it said"},
		{9, "driver is not loaded"},
		{12, "a part of the library is missing"},
		{13, "lacks the function"},
		{18, "of different versions"},
		{999, "does not name"},
	};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text =
			vfm_text_printf("nvmlDeviceGetUUID " GPU " !%d\n" ANSWERS, rows[i].code);
		VFM_AUTO_FACTS struct vfm_facts facts;
		const struct vfm_fact *uuid;

		make("/sys/nvml", text);
		uuid = &read_gpu(&facts)->uuid.fact;
		if (rows[i].why)
			assert_unknown(uuid, rows[i].why);
		else
			assert_int_equal(uuid->state, VFM_ABSENT);
	}
}

/* It is in use, so somebody has it, whether the library says who or not. */
static void test_owner_not_told(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", "nvmlVgpuInstanceGetVmID 7 !3\n" ANSWERS);
	assert_unknown(&only_vgpu(read_gpu(&facts))->owner.fact, "not supported");
}

static void test_nvml_not_there(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"nvmlInit_v2 - !18\n", "different versions (code 18)"},
		{"nvmlInit_v2 - !9\n", "driver is not loaded"},
		{"nvmlInit_v2 - !12\n", "missing"},
	};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FACTS struct vfm_facts facts;
		const struct vfm_gpu_facts *gpu;

		make("/sys/nvml", rows[i].text);
		gpu = read_gpu(&facts);
		assert_unknown(&facts.nvidia.nvml.fact, rows[i].why);
		assert_unknown(&gpu->ecc_current.fact, rows[i].why);
		assert_unknown(&only_vgpu(gpu)->owner.fact, rows[i].why);
		assert_text(&gpu->framework, VFM_VGPU_VENDOR);
	}
}

static void test_no_library(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	assert_int_equal(mount("tmpfs", NVML_CURRENT, "tmpfs", 0, NULL), 0);
	assert_text(&read_gpu(&facts)->name, "NVIDIA L40S");
	assert_unknown(&facts.nvidia.nvml.fact, VFM_NVML_LIBRARY);
	assert_int_equal(umount(NVML_CURRENT), 0);
}

/* A function that the library does not have costs its facts alone. */
static void test_old_library(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_gpu_facts *gpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make("/sys/nvml", ANSWERS);
	assert_int_equal(mount(NVML_OLD, NVML_CURRENT, NULL, MS_BIND, NULL), 0);
	gpu = read_gpu(&facts);
	assert_unknown(&gpu->mig_current.fact, "lacks the function");
	assert_true(vfm_fact_is_true(&gpu->ecc_current));
	assert_int_equal(umount(NVML_CURRENT), 0);
}

/* A driver that hangs costs half of the time there is; what sysfs said stays. */
static void test_hang(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(600)};

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make("/sys/nvml", "nvmlDeviceGetEccMode " GPU " @hang\n" ANSWERS);
	memset(&facts, 0, sizeof(facts));
	vfm_read_nvidia(&options, &facts);
	assert_unknown(&facts.nvidia.nvml.fact, "no answer within");
	assert_int_equal(facts.nvidia.gpus.count, 1);
	assert_false(vfm_deadline_passed(options.deadline_ms));
}

static void test_guest_not_ready(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_vgpu_facts *vgpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", "nvmlVgpuInstanceGetMetadata 7 0 1 0 550.144.02 - x\n" ANSWERS);
	vgpu = only_vgpu(read_gpu(&facts));
	assert_unknown(&vgpu->guest_driver.fact, "not initialized");
	assert_unknown(&vgpu->guest_version.fact, "not initialized");
	assert_true(vfm_fact_is_true(&vgpu->migratable));
}

/* "N/A" in the metadata is no version. */
static void test_guest_not_told(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts;
	const struct vfm_vgpu_facts *vgpu;

	(void)state;
	NEEDS_NAMESPACE();
	make_gpu();
	make_vendor_layout();
	make("/sys/nvml", "nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.144.02 N/A x\n" ANSWERS);
	vgpu = only_vgpu(read_gpu(&facts));
	assert_unknown(&vgpu->guest_driver.fact, "NVML says N/A");
	assert_uint(&vgpu->guest_version, 0xb0001);
}

/* The stand-in has every function that is looked for. */
static void test_stand_in(void **state)
{
	VFM_AUTO_NVML struct vfm_nvml nvml = {.library = NULL};

	(void)state;
	NEEDS_NAMESPACE();
	make("/sys/nvml", "");
	assert_int_equal(vfm_nvml_open(&nvml, NULL), 0);
	assert_int_equal(sizeof(nvml), (vfm_nvml_function_count() + 1) * sizeof(void *));
	for (size_t i = 0; i < vfm_nvml_function_count(); i++)
		if (!((void *const *)&nvml)[i + 1])
			fail_msg("%s", vfm_nvml_function_name(i));
}

static void test_compatibility(void **state)
{
	static const struct {
		const char *line;
		uint32_t compatibility, limit;
	} rows[] = {
		{"", 0xf, 0},
		{"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.127.06 x NVIDIA L40S\n", 0, 1},
		{"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0002 550.144.02 x NVIDIA L40S\n", 0, 2},
		{"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.144.02 x NVIDIA L40\n", 0, 4},
		{"nvmlGetVgpuCompatibility - 1 0x80000000\n", 1, 0x80000000},
	};

	(void)state;
	NEEDS_NAMESPACE();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *text = vfm_text_printf("%s" ANSWERS, rows[i].line);
		VFM_AUTO_FREE struct vfm_nvml_vgpu_metadata *vgpu = NULL;
		VFM_AUTO_FREE struct vfm_nvml_gpu_metadata *gpu = NULL;
		VFM_AUTO_NVML struct vfm_nvml nvml = {.library = NULL};
		struct vfm_nvml_compatibility is = {.limit = 99};
		vfm_nvml_device device;
		unsigned int size;

		make("/sys/nvml", text);
		assert_int_equal(vfm_nvml_open(&nvml, NULL), 0);
		assert_int_equal(nvml.device_by_bdf(GPU, &device), 0);
		assert_int_equal(vfm_nvml_vgpu_metadata(&nvml, 7, &vgpu, &size), 0);
		assert_int_equal(vfm_nvml_gpu_metadata(&nvml, device, &gpu, &size), 0);
		assert_int_equal(nvml.compatibility(vgpu, gpu, &is), 0);
		assert_int_equal(is.compatibility, rows[i].compatibility);
		assert_int_equal(is.limit, rows[i].limit);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_description),
		cmocka_unit_test(test_blocking),
		cmocka_unit_test(test_creatable),
		cmocka_unit_test(test_numbers),
		ON_TREES(test_no_gpu),
		ON_TREES(test_mdev),
		ON_TREES(test_mdev_on_vfs),
		ON_TREES(test_vendor),
		ON_TREES(test_odd_vendor),
		ON_TREES(test_odd_types),
		ON_TREES(test_odd_mdev),
		ON_TREES(test_vendor_full),
		ON_TREES(test_no_framework),
		ON_TREES(test_nvml),
		ON_TREES(test_nvml_mdev),
		ON_TREES(test_nvml_ambiguous),
		ON_TREES(test_nvml_codes),
		ON_TREES(test_every_code),
		ON_TREES(test_owner_not_told),
		ON_TREES(test_nvml_not_there),
		ON_TREES(test_no_library),
		ON_TREES(test_old_library),
		ON_TREES(test_hang),
		ON_TREES(test_guest_not_ready),
		ON_TREES(test_guest_not_told),
		ON_TREES(test_stand_in),
		ON_TREES(test_compatibility),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
