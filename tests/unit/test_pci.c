/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PCI reader: its pure parts, and the whole of it on a made sysfs. The latter is a tmpfs over
 * /sys in a mount namespace of this process, so that the reader and libpciaccess run unchanged;
 * that needs root.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facts/pci.h"
#include "facts/readers.h"

/* configuration space */

#define CONFIG(...)                                                                                \
	{                                                                                          \
		[0x06] = 0x10, __VA_ARGS__                                                         \
	}

static void test_msix_count(void **state)
{
	static const struct {
		int result;
		uint64_t count;
		size_t size;
		uint8_t config[VFM_PCI_CONFIG_SIZE];
	} rows[] = {
		{0, 12, 256,
		 CONFIG([0x34] = 0x60, [0x60] = 0x10, [0x61] = 0x9c, [0x9c] = 0x11, [0x9e] = 11)},
		/* All of its 11 bits, and none of the control bits above. */
		{0, 2048, 256, CONFIG([0x34] = 0x40, [0x40] = 0x11, [0x42] = 0xff, [0x43] = 0xff)},
		/* At the end of what there is; the low bits of a pointer say nothing. */
		{0, 1, 256, CONFIG([0x34] = 0xff, [0xfc] = 0x11)},
		{-ENOENT, 0, 256, {0}},
		{-ENOENT, 0, 256, CONFIG([0x34] = 0)},
		{-ENOENT, 0, 256, CONFIG([0x34] = 0x60, [0x60] = 0x10)},
		/* What a user without rights sees. */
		{-ENODATA, 0, 64, CONFIG([0x34] = 0x60)},
		{-ENODATA, 0, 0x63, CONFIG([0x34] = 0x60, [0x60] = 0x11)},
		{-ENODATA, 0, 63, CONFIG([0x34] = 0x60)},
		{-ENODATA, 0, 0, {0}},
		/* A loop, and a pointer into the header. */
		{-EBADMSG, 0, 256, CONFIG([0x34] = 0x60, [0x60] = 0x10, [0x61] = 0x60)},
		{-EBADMSG, 0, 256, CONFIG([0x34] = 0x20, [0x20] = 0x11)},
		/* A function that does not answer. */
		{-EBADMSG, 0, 256, {[0x06] = 0xff, [0x07] = 0xff, [0x34] = 0xff}},
	};

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		uint8_t *config = malloc(rows[i].size ? rows[i].size : 1);
		uint64_t count = 0;
		int r;

		assert_non_null(config);
		memcpy(config, rows[i].config, rows[i].size);
		r = vfm_pci_msix_count(config, rows[i].size, &count);
		free(config);
		if (r != rows[i].result || count != rows[i].count)
			fail_msg("row %zu: %d, %d vectors", i, r, (int)count);
	}
}

static void test_model_name(void **state)
{
	(void)state;
	assert_string_equal(vfm_pci_model_name(0x1021), "ConnectX-7");
	assert_string_equal(vfm_pci_model_name(0xa2dc), "BlueField-3");
	assert_null(vfm_pci_model_name(0x101e)); /* the VF of all of them */
	assert_null(vfm_pci_model_name(0));
}

/* a made sysfs */

static bool private_mounts;

static int own_mounts(void **state)
{
	(void)state;
	private_mounts = unshare(CLONE_NEWNS) == 0 &&
			 mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (!private_mounts)
		printf("skipping the tests on a made sysfs: no mount namespace: %s\n",
		       strerror(errno));
	return 0;
}

static int sysfs_up(void **state)
{
	(void)state;
	return private_mounts ? mount("tmpfs", "/sys", "tmpfs", 0, "mode=755") : 0;
}

static int sysfs_down(void **state)
{
	(void)state;
	return private_mounts ? umount("/sys") : 0;
}

/* Makes the directories above a path below /sys. */
static void make_parents(const char *path)
{
	VFM_AUTO_FREE char *copy = strdup(path);

	assert_non_null(copy);
	for (char *p = copy + strlen("/sys/"); (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void make_bytes(const char *path, const void *data, size_t size, unsigned int mode)
{
	VFM_AUTO_CLOSE int fd = -1;

	make_parents(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), (int)size);
}

#define DEVICES "/sys/bus/pci/devices/"

static void make(const char *bdf, const char *name, const char *text)
{
	VFM_AUTO_FREE char *path = vfm_text_printf(DEVICES "%s/%s", bdf, name);
	VFM_AUTO_FREE char *line = vfm_text_printf("%s\n", text);

	make_bytes(path, line, strlen(line), 0644);
}

static void make_link(const char *bdf, const char *name, const char *target)
{
	VFM_AUTO_FREE char *path = vfm_text_printf(DEVICES "%s/%s", bdf, name);

	make_parents(path);
	assert_int_equal(symlink(target, path), 0);
}

static void make_driver(const char *bdf, const char *driver)
{
	VFM_AUTO_FREE char *target = vfm_text_printf("../../../../bus/pci/drivers/%s", driver);

	make_link(bdf, "driver", target);
}

static void make_device(const char *bdf, const char *vendor, const char *device, const char *class)
{
	make(bdf, "vendor", vendor);
	make(bdf, "device", device);
	make(bdf, "class", class);
	make(bdf, "revision", "0x00");
	make(bdf, "subsystem_vendor", vendor);
	make(bdf, "subsystem_device", "0x0000");
}

#define PF     "0000:01:00.0"
#define PF_CX7 "0x15b3", "0x1021", "0x020000"

static void make_pf(void)
{
	make_device(PF, PF_CX7);
	make_driver(PF, "mlx5_core");
	make(PF, "numa_node", "-1");
	make(PF, "sriov_totalvfs", "16");
	make(PF, "sriov_numvfs", "4");
	make(PF, "sriov_drivers_autoprobe", "0");
}

static void make_vf(const char *bdf, const char *link)
{
	VFM_AUTO_FREE char *target = vfm_text_printf("../%s", bdf);

	make_device(bdf, "0x15b3", "0x101e", "0x020000");
	make_link(bdf, "physfn", "../" PF);
	make(bdf, "driver_override", "(null)");
	make_link(PF, link, target);
}

static void make_config(const char *bdf, size_t size)
{
	static const uint8_t config[VFM_PCI_CONFIG_SIZE] =
		CONFIG([0x34] = 0x60, [0x60] = 0x11, [0x62] = 11);
	VFM_AUTO_FREE char *path = vfm_text_printf(DEVICES "%s/config", bdf);

	make_bytes(path, config, size, 0644);
}

static void make_group(const char *bdf, const char *group, const char *const *members)
{
	VFM_AUTO_FREE char *target = vfm_text_printf("/sys/kernel/iommu_groups/%s", group);

	make_link(bdf, "iommu_group", target);
	for (; *members; members++) {
		VFM_AUTO_FREE char *member = vfm_text_printf("%s/devices/%s", target, *members);

		make_parents(member);
		assert_int_equal(symlink(bdf, member), 0);
	}
}

static void make_vfio_state(const char *bdf, const char *text, unsigned int mode)
{
	VFM_AUTO_FREE char *path =
		vfm_text_printf("/sys/kernel/debug/vfio/%s/migration/state", bdf);

	make_bytes(path, text, strlen(text), mode);
}

static void read_pci(struct vfm_facts *facts)
{
	struct vfm_read_options options = {.full = false};

	vfm_read_pci(&options, facts);
}

static struct vfm_pf_facts *pf_at(const struct vfm_facts *facts, size_t index)
{
	assert_true(vfm_known(&facts->pfs.fact) && facts->pfs.count > index);
	return vfm_list_at(struct vfm_pf_facts, &facts->pfs, index);
}

static struct vfm_vf_facts *vf_at(const struct vfm_facts *facts, size_t index)
{
	struct vfm_pf_facts *pf = pf_at(facts, 0);

	assert_true(vfm_known(&pf->vfs.fact) && pf->vfs.count > index);
	return vfm_list_at(struct vfm_vf_facts, &pf->vfs, index);
}

static void assert_text(const struct vfm_fact_text *fact, const char *value)
{
	if (fact->fact.state != VFM_KNOWN)
		fail_msg("not known, but should be '%s': %s", value, vfm_fact_reason(&fact->fact));
	assert_string_equal(fact->value, value);
}

static void assert_uint(const struct vfm_fact_uint *fact, uint64_t value)
{
	if (fact->fact.state != VFM_KNOWN)
		fail_msg("not known: %s", vfm_fact_reason(&fact->fact));
	assert_int_equal(fact->value, value);
}

static void assert_absent(const struct vfm_fact *fact)
{
	assert_int_equal(fact->state, VFM_ABSENT);
}

static void assert_unknown(const struct vfm_fact *fact, const char *reason)
{
	assert_int_equal(fact->state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(fact), reason);
}

#define NEEDS_NAMESPACE()                                                                          \
	do {                                                                                       \
		if (!private_mounts)                                                               \
			skip();                                                                    \
	} while (0)

/* Which devices are PFs of ours, in order. */
static void test_pfs(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_device("0000:00:1f.0", "0x8086", "0x7a04", "0x060100"); /* a bridge */
	make_device("0000:e1:00.1", PF_CX7);
	make_device("0000:e1:00.0", PF_CX7);
	make_device("0000:02:00.0", "0x8086", "0x1592", "0x020000"); /* another maker's PF */
	make("0000:02:00.0", "sriov_totalvfs", "64");
	make_device("0000:03:00.0", "0x15b3", "0x1015",
		    "0x020000"); /* no SR-IOV, not in the table */
	make_device("0000:04:00.0", "0x15b3", "0x1019", "0x020700"); /* SR-IOV, not in the table */
	make("0000:04:00.0", "sriov_totalvfs", "8");
	make_device("0000:05:00.0", "0x15b3", "0xa2dc", "0x080100"); /* a DPU's DMA engine */
	make_pf();
	make_vf("0000:01:00.1", "virtfn0");
	make("0000:01:00.1", "device", "0x1021"); /* a VF that looks like a PF */
	read_pci(&facts);

	assert_int_equal(facts.pfs.count, 4);
	assert_text(&pf_at(&facts, 0)->bdf, PF);
	assert_text(&pf_at(&facts, 1)->bdf, "0000:04:00.0");
	assert_text(&pf_at(&facts, 2)->bdf, "0000:e1:00.0");
	assert_text(&pf_at(&facts, 3)->bdf, "0000:e1:00.1");
	assert_text(&pf_at(&facts, 1)->device_id, "15b3:1019");
	assert_absent(&pf_at(&facts, 1)->model.fact);
	assert_text(&pf_at(&facts, 2)->model, "ConnectX-7");
	/* A PF whose SR-IOV is off in the firmware has none of the files. */
	assert_absent(&pf_at(&facts, 2)->total_vfs.fact);
	assert_absent(&pf_at(&facts, 2)->num_vfs.fact);
	assert_absent(&pf_at(&facts, 2)->vf_autoprobe.fact);
	assert_absent(&pf_at(&facts, 2)->driver.fact);
	assert_true(vfm_known(&pf_at(&facts, 2)->vfs.fact));
	assert_int_equal(pf_at(&facts, 2)->vfs.count, 0);
}

static void test_pf(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_pf();
	make_device("0000:02:00.0", PF_CX7);
	make("0000:02:00.0", "numa_node", "1");
	make("0000:02:00.0", "sriov_numvfs", "many");
	make("0000:02:00.0", "sriov_drivers_autoprobe", "1");
	read_pci(&facts);

	assert_text(&pf_at(&facts, 0)->device_id, "15b3:1021");
	assert_text(&pf_at(&facts, 0)->model, "ConnectX-7");
	assert_text(&pf_at(&facts, 0)->driver, "mlx5_core");
	assert_absent(&pf_at(&facts, 0)->numa_node.fact);
	assert_uint(&pf_at(&facts, 0)->total_vfs, 16);
	assert_uint(&pf_at(&facts, 0)->num_vfs, 4);
	assert_true(vfm_fact_is_false(&pf_at(&facts, 0)->vf_autoprobe));
	assert_uint(&pf_at(&facts, 1)->numa_node, 1);
	assert_true(vfm_fact_is_true(&pf_at(&facts, 1)->vf_autoprobe));
	assert_int_equal(pf_at(&facts, 1)->num_vfs.fact.state, VFM_UNKNOWN);
}

static void test_vfs(void **state)
{
	static const char *const one[] = {"0000:01:00.2", NULL};
	static const char *const two[] = {"0000:01:00.3", "0000:01:00.4", NULL};
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_pf();
	make(PF, "virtfnx", "not a VF");
	make_vf("0000:01:01.3", "virtfn10");
	make_vf("0000:01:00.1", "virtfn0");
	make_vf("0000:01:00.2", "virtfn1");
	make_vf("0000:01:00.3", "virtfn2");
	make_driver("0000:01:00.2", "mlx5_vfio_pci");
	make("0000:01:00.2", "driver_override", "mlx5_vfio_pci");
	make_group("0000:01:00.2", "7", one);
	make_config("0000:01:00.2", 256);
	make_vfio_state("0000:01:00.2", "RUNNING\n", 0600);
	make_driver("0000:01:00.3", "mlx5_core");
	make_group("0000:01:00.3", "8", two);
	make_config("0000:01:00.3", 64);
	make_driver("0000:01:01.3", "vfio-pci");
	read_pci(&facts);

	assert_int_equal(pf_at(&facts, 0)->vfs.count, 4);
	assert_uint(&vf_at(&facts, 0)->number, 0);
	assert_text(&vf_at(&facts, 0)->bdf, "0000:01:00.1");
	assert_absent(&vf_at(&facts, 0)->driver.fact);
	assert_absent(&vf_at(&facts, 0)->driver_override.fact);
	assert_absent(&vf_at(&facts, 0)->iommu_group.fact);
	assert_absent(&vf_at(&facts, 0)->iommu_group_alone.fact);
	assert_absent(&vf_at(&facts, 0)->vfio_state.fact);
	assert_int_equal(vf_at(&facts, 0)->msix_count.fact.state, VFM_UNKNOWN);

	assert_text(&vf_at(&facts, 1)->driver, "mlx5_vfio_pci");
	assert_text(&vf_at(&facts, 1)->driver_override, "mlx5_vfio_pci");
	assert_uint(&vf_at(&facts, 1)->iommu_group, 7);
	assert_true(vfm_fact_is_true(&vf_at(&facts, 1)->iommu_group_alone));
	assert_uint(&vf_at(&facts, 1)->msix_count, 12);
	assert_text(&vf_at(&facts, 1)->vfio_state, "RUNNING");

	assert_uint(&vf_at(&facts, 2)->iommu_group, 8);
	assert_true(vfm_fact_is_false(&vf_at(&facts, 2)->iommu_group_alone));
	assert_unknown(&vf_at(&facts, 2)->msix_count.fact, "needs root");
	/* No VFIO driver, no state. */
	assert_absent(&vf_at(&facts, 2)->vfio_state.fact);

	/* By number, not by name; its driver shows no state though VFIO has its directory. */
	assert_uint(&vf_at(&facts, 3)->number, 10);
	assert_text(&vf_at(&facts, 3)->bdf, "0000:01:01.3");
	assert_absent(&vf_at(&facts, 3)->vfio_state.fact);
}

/* A kernel that shows nothing of VFIO says nothing about the VF. */
static void test_vfio_state_not_shown(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_pf();
	make_vf("0000:01:00.1", "virtfn0");
	make_driver("0000:01:00.1", "mlx5_vfio_pci");
	read_pci(&facts);
	assert_unknown(&vf_at(&facts, 0)->vfio_state.fact,
		       "VFIO shows nothing in debugfs on this host");
}

static void test_without_rights(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_pf();
	make_vf("0000:01:00.1", "virtfn0");
	make_vf("0000:01:00.2", "virtfn1");
	make_driver("0000:01:00.1", "mlx5_vfio_pci");
	make_driver("0000:01:00.2", "mlx5_vfio_pci");
	make_config("0000:01:00.1", 64);
	make_vfio_state("0000:01:00.1", "RUNNING\n", 0600);
	assert_int_equal(chmod("/sys/kernel/debug", 0700), 0);
	assert_int_equal(seteuid(65534), 0);
	read_pci(&facts);
	assert_int_equal(seteuid(0), 0);
	assert_text(&vf_at(&facts, 0)->bdf, "0000:01:00.1");
	assert_text(&vf_at(&facts, 0)->driver, "mlx5_vfio_pci");
	assert_unknown(&vf_at(&facts, 0)->msix_count.fact, "needs root");
	assert_unknown(&vf_at(&facts, 0)->vfio_state.fact, "needs root");
	assert_unknown(&vf_at(&facts, 1)->vfio_state.fact, "needs root");
}

static void test_vf_link_is_none(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_pf();
	make_link(PF, "virtfn0", "../nowhere");
	make(PF, "virtfn1", "a file");
	read_pci(&facts);
	assert_int_equal(pf_at(&facts, 0)->vfs.count, 2);
	assert_unknown(&vf_at(&facts, 0)->bdf.fact, "'nowhere' is no PCI address");
	assert_int_equal(vf_at(&facts, 1)->bdf.fact.state, VFM_UNKNOWN);
	assert_int_equal(vf_at(&facts, 1)->driver.fact.state, VFM_UNKNOWN);
}

/* Its link was read, and then it was no more: "no driver" would say that it is free. */
static void test_vf_gone(void **state)
{
	static const char reason[] = "the VF went away while facts were read";
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_pf();
	make_link(PF, "virtfn0", "../0000:01:00.2");
	read_pci(&facts);
	assert_text(&vf_at(&facts, 0)->bdf, "0000:01:00.2");
	assert_unknown(&vf_at(&facts, 0)->driver.fact, reason);
	assert_unknown(&vf_at(&facts, 0)->driver_override.fact, reason);
	assert_unknown(&vf_at(&facts, 0)->iommu_group.fact, reason);
	assert_unknown(&vf_at(&facts, 0)->vfio_state.fact, reason);
}

static void test_no_bus(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	read_pci(&facts);
	assert_unknown(&facts.pfs.fact, "this host shows no PCI bus");
}

/* One reading after another: libpciaccess's list of the first is gone. */
static void test_again(void **state)
{
	VFM_AUTO_FACTS struct vfm_facts before = {.pfs.count = 0}, after = {.pfs.count = 0};

	(void)state;
	NEEDS_NAMESPACE();
	make_device("0000:00:1f.0", "0x8086", "0x7a04", "0x060100");
	read_pci(&before);
	make_pf();
	read_pci(&after);
	assert_true(vfm_known(&before.pfs.fact));
	assert_int_equal(before.pfs.count, 0);
	assert_int_equal(after.pfs.count, 1);
}

#define ON_SYSFS(test) cmocka_unit_test_setup_teardown(test, sysfs_up, sysfs_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_msix_count),
		cmocka_unit_test(test_model_name),
		ON_SYSFS(test_pfs),
		ON_SYSFS(test_pf),
		ON_SYSFS(test_vfs),
		ON_SYSFS(test_vfio_state_not_shown),
		ON_SYSFS(test_without_rights),
		ON_SYSFS(test_vf_link_is_none),
		ON_SYSFS(test_vf_gone),
		ON_SYSFS(test_no_bus),
		ON_SYSFS(test_again),
	};

	return cmocka_run_group_tests(tests, own_mounts, NULL);
}
