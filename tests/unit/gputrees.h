/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the tests that read GPUs: a /sys and a /proc/driver of the test's own with a GPU in either
 * layout, mounted in a namespace of this process, which needs root; and answers of the stand-in of
 * NVML (tests/nvml).
 */
#ifndef VFM_TESTS_GPUTREES_H
#define VFM_TESTS_GPUTREES_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts/nvidia.h"
#include "unit.h"

/* ---- made trees ------------------------------------------------------------------------ */

static bool private_mounts;

static inline int own_mounts(void **state)
{
	(void)state;
	private_mounts = unshare(CLONE_NEWNS) == 0 &&
			 mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (!private_mounts)
		printf("skipping the tests on made trees: no mount namespace: %s\n",
		       strerror(errno));
	return 0;
}

static inline int trees_up(void **state)
{
	(void)state;
	if (!private_mounts)
		return 0;
	setenv("NVML_ANSWERS", "/sys/nvml", 1);
	return mount("tmpfs", "/sys", "tmpfs", 0, "mode=755") +
	       mount("tmpfs", "/proc/driver", "tmpfs", 0, "mode=755");
}

static inline int trees_down(void **state)
{
	(void)state;
	return private_mounts ? umount("/sys") + umount("/proc/driver") : 0;
}

static inline void make(const char *path, const char *text)
{
	VFM_AUTO_FREE char *copy = strdup(path);
	VFM_AUTO_CLOSE int fd = -1;

	assert_non_null(copy);
	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
}

#define PCI    "/sys/bus/pci/devices/"
#define GPU    "0000:01:00.0"
#define VF0    "0000:01:00.4"
#define VF1    "0000:01:00.5"
#define UUID_A "3f6c21e4-0d1f-4a9b-b6d1-52c1f4a7e006"

static inline void make_gpu(void)
{
	make(PCI GPU "/vendor", "0x10de\n");
	make(PCI GPU "/class", "0x030200\n");
	make("/sys/bus/pci/drivers/nvidia/bind", "");
	assert_int_equal(symlink("../../drivers/nvidia", PCI GPU "/driver"), 0);
	make("/sys/module/nvidia/version", "550.144.02\n");
	make("/proc/driver/nvidia/gpus/" GPU "/information",
	     "Model: \t\t NVIDIA L40S\nIRQ:   \t\t 55\nGPU UUID: \t "
	     "GPU-?\nVideo BIOS: \t N/A\n");
}

static inline void make_vf(const char *bdf, const char *link)
{
	VFM_AUTO_FREE char *vendor = vfm_text_printf(PCI "%s/vendor", bdf);
	VFM_AUTO_FREE char *class = vfm_text_printf(PCI "%s/class", bdf);
	VFM_AUTO_FREE char *physical = vfm_text_printf(PCI "%s/physfn", bdf);
	VFM_AUTO_FREE char *target = vfm_text_printf("../%s", bdf);
	VFM_AUTO_FREE char *virtual = vfm_text_printf(PCI GPU "/%s", link);

	make(vendor, "0x10de\n");
	make(class, "0x030200\n");
	assert_int_equal(symlink("../" GPU, physical), 0);
	assert_int_equal(symlink(target, virtual), 0);
}

#define TYPE(bdf, id) PCI bdf "/mdev_supported_types/nvidia-" id

static inline void make_mdev_layout(void)
{
	make(TYPE(GPU, "41") "/name", "GRID T4-4Q\n");
	make(TYPE(GPU, "41") "/available_instances", "3\n");
	make(TYPE(GPU, "41") "/description",
	     "num_heads=4, frl_config=60, framebuffer=4096M, max_instance=4\n");
	make(TYPE(GPU, "41") "/devices/" UUID_A "/remove", "");
	make(TYPE(GPU, "42") "/name", "GRID T4-8Q\n");
	make(TYPE(GPU, "42") "/available_instances", "N/A\n");
	make(PCI GPU "/mdev_supported_types/mtty-1/name", "Another's\n");
	make("/sys/bus/mdev/devices/" UUID_A "/nvidia/vgpu_params",
	     "disable_vnc=1, enable_uvm=1\n");
}

static inline void make_vendor_layout(void)
{
	make_vf(VF0, "virtfn0");
	make_vf(VF1, "virtfn1");
	make(PCI VF0 "/nvidia/current_vgpu_type", "1153\n");
	make(PCI VF0 "/nvidia/creatable_vgpu_types", "");
	make(PCI VF0 "/nvidia/vgpu_params", "\n");
	make(PCI VF1 "/nvidia/current_vgpu_type", "0\n");
	make(PCI VF1 "/nvidia/creatable_vgpu_types",
	     "ID    : vGPU Name\n1153  : NVIDIA L40S-4Q\n1155  : NVIDIA L40S-8Q\n");
}

#define ANSWERS                                                                                    \
	"nvmlSystemGetDriverVersion - 550.144.02\n"                                                \
	"nvmlDeviceGetName " GPU " NVIDIA L40S\n"                                                  \
	"nvmlDeviceGetUUID " GPU " GPU-1ab00000-0000-4000-8000-000000000100\n"                     \
	"nvmlDeviceGetVbiosVersion " GPU " 95.02.66.00.02\n"                                       \
	"nvmlDeviceGetEccMode " GPU " 1 0\n"                                                       \
	"nvmlDeviceGetMigMode " GPU " 0 1\n"                                                       \
	"nvmlDeviceGetHostVgpuMode " GPU " 1\n"                                                    \
	"nvmlDeviceGetPgpuMetadataString " GPU " NVIDIA L40S 26B9 1851\n"                          \
	"nvmlDeviceGetVgpuMetadata " GPU " 1 0x70001 0xb0001\n"                                    \
	"nvmlDeviceGetActiveVgpus " GPU " 6 7\n"                                                   \
	"nvmlVgpuTypeGetName 1153 NVIDIA L40S-4Q\n"                                                \
	"nvmlVgpuTypeGetFramebufferSize 1153 4294967296\n"                                         \
	"nvmlVgpuInstanceGetType 6 1155\n"                                                         \
	"nvmlVgpuInstanceGetType 7 1153\n"                                                         \
	"nvmlVgpuInstanceGetMdevUUID 7 " UUID_A "\n"                                               \
	"nvmlVgpuInstanceGetVmID 7 aaaaaaaa-0000-4000-8000-000000000011\n"                         \
	"nvmlVgpuInstanceGetMetadata 7 2 1 0xb0001 550.144.02 550.144.03 NVIDIA L40S\n"

#define NEEDS_NAMESPACE()                                                                          \
	do {                                                                                       \
		if (!private_mounts)                                                               \
			skip();                                                                    \
	} while (0)

static inline void assert_text(const struct vfm_fact_text *fact, const char *value)
{
	if (fact->fact.state != VFM_KNOWN)
		fail_msg("not known, but should be '%s': %s", value, vfm_fact_reason(&fact->fact));
	assert_string_equal(fact->value, value);
}

static inline void assert_uint(const struct vfm_fact_uint *fact, uint64_t value)
{
	if (fact->fact.state != VFM_KNOWN)
		fail_msg("not known: %s", vfm_fact_reason(&fact->fact));
	assert_int_equal(fact->value, value);
}

static inline void assert_unknown(const struct vfm_fact *fact, const char *part)
{
	assert_int_equal(fact->state, VFM_UNKNOWN);
	if (!strstr(vfm_fact_reason(fact), part))
		fail_msg("'%s' is not of '%s'", part, vfm_fact_reason(fact));
}

#define ON_TREES(test) cmocka_unit_test_setup_teardown(test, trees_up, trees_down)

#endif
