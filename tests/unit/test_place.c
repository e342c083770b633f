/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a host offers to a VM that comes: the files' texts, and this process as libvirt's daemon
 * with an /etc, a /run and a /sys of its own.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "facts/place.h"

/* --- texts --- */

static const struct {
	const char *text;
	int result;
	uint16_t min, max;
} port_rows[] = {
	{"", 0, 49152, 49215},
	{"#migration_port_min = 50000\n", 0, 49152, 49215},
	{"migration_port_min = 49200\n", 0, 49200, 49215},
	{" migration_port_max=50000 # more\nmigration_port_min=1\n", 0, 1, 50000},
	{"migration_port_min_x = 5\nx_migration_port_max = 6\n", 0, 49152, 49215},
	{"cgroup_device_acl = [\n  \"/dev/null\",\n]\nmigration_port_max = 49152", 0, 49152, 49152},
	/* libvirt finds the first. */
	{"migration_port_min = 49160\nmigration_port_min = 49170\n", 0, 49160, 49215},
	{"migration_port_min = 0\n", -EINVAL, 0, 0},
	{"migration_port_min = 65536\n", -EINVAL, 0, 0},
	{"migration_port_min = \"49152\"\n", -EINVAL, 0, 0},
	{"migration_port_min = -1\n", -EINVAL, 0, 0},
	{"migration_port_min =\n", -EINVAL, 0, 0},
	{"migration_port_min = 49152 49153\n", -EINVAL, 0, 0},
	{"migration_port_min = 49216\n", -EINVAL, 0, 0},
	{"migration_port_max = 49151\n", -EINVAL, 0, 0},
};

static void test_ports(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(port_rows); i++) {
		struct vfm_migration_ports ports = {0, 0};
		int r = vfm_migration_ports_parse(port_rows[i].text, strlen(port_rows[i].text),
						  &ports);

		if (r != port_rows[i].result || ports.min != port_rows[i].min ||
		    ports.max != port_rows[i].max)
			fail_msg("'%s': %d %u-%u", port_rows[i].text, r, ports.min, ports.max);
	}
}

static const struct {
	const char *text;
	int result;
	uint64_t bytes;
} memlock_rows[] = {
	{"Limit  Soft Limit  Hard Limit  Units\nMax locked memory  67108864  unlimited  bytes \n",
	 0, 67108864},
	{"Max locked memory         unlimited            unlimited            bytes\n", 0,
	 UINT64_MAX},
	{"Max cpu time  unlimited  unlimited  seconds\n", -EINVAL, 0},
	{"Max locked memory   \n", -EINVAL, 0},
	{"Max locked memory  lots  lots  bytes\n", -EINVAL, 0},
	{"Max locked memory  18446744073709551616  1  bytes\n", -EINVAL, 0},
	{"", -EINVAL, 0},
};

static void test_memlock(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(memlock_rows); i++) {
		uint64_t bytes = 0;
		int r = vfm_memlock_parse(memlock_rows[i].text, strlen(memlock_rows[i].text),
					  &bytes);

		if ((r < 0) != (memlock_rows[i].result < 0) || bytes != memlock_rows[i].bytes)
			fail_msg("'%s': %d", memlock_rows[i].text, r);
	}
}

#define ROUTES "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"
#define ARP    "IP address  HW type  Flags  HW address  Mask  Device\n"
#define LINK   "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n"

static const struct {
	const char *routes, *neighbours;
	int result;
	const char *mac;
} gateway_rows[] = {
	{ROUTES "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n" LINK,
	 ARP "192.0.2.1  0x1  0x2  02:fc:00:00:00:05  *  eth0\n", 0, "02:fc:00:00:00:05"},
	/* The better of two, and of one address on two links. */
	{ROUTES "eth0\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\n"
		"br0\t00000000\t020200C0\t0003\t0\t0\t100\t00000000\t0\n",
	 ARP "192.0.2.1  0x1  0x2  02:fc:00:00:00:05  *  eth0\n"
	     "192.0.2.2  0x1  0x2  02:fc:00:00:00:06  *  eth0\n"
	     "192.0.2.2  0x1  0x2  02:fc:00:00:00:07  *  br0\n",
	 0, "02:fc:00:00:00:07"},
	{ROUTES LINK, ARP, 0, ""},
	{ROUTES "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\n", ARP, 0, ""},
	{ROUTES, ARP, 0, ""},
	{"", "", 0, ""},
	{ROUTES "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n", ARP, -ENOENT, ""},
	{ROUTES "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n",
	 ARP "192.0.2.1  0x1  0x0  00:00:00:00:00:00  *  eth0\n", -ENOENT, ""},
	{ROUTES "eth0\t00000000\t010200C0\n", ARP, -EINVAL, ""},
	{ROUTES "eth0\tx\t010200C0\t0003\t0\t0\t0\t00000000\t0\n", ARP, -EINVAL, ""},
	{ROUTES "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n",
	 ARP "192.0.2.1  0x1  0x2  02:fc\n", -EINVAL, ""},
};

static void test_gateway(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(gateway_rows); i++) {
		char mac[18] = "";
		int r = vfm_gateway_parse(gateway_rows[i].routes, strlen(gateway_rows[i].routes),
					  gateway_rows[i].neighbours,
					  strlen(gateway_rows[i].neighbours), mac);

		if (r != gateway_rows[i].result || (r == 0 && !vfm_streq(mac, gateway_rows[i].mac)))
			fail_msg("row %zu: %d '%s'", i, r, mac);
	}
}

#define ETHERNET "\x01\x80\xc2\x00\x00\x0e\x02\x00\x00\x00\x00\x01\x88\xcc"
/* chassis by MAC, port by name, time to live, end */
#define BODY               "\x02\x07\x04\x02\x00\x00\x00\x00\xaa\x04\x06\x05swp12\x06\x02\x00\x78\x00\x00"
#define TEXTUAL            "\x02\x06\x07leaf1\x04\x07\x03\x02\x00\x00\x00\x00\xbb\x06\x02\x00\x78\x00\x00"
#define SIZED(size, frame) size "\0\0\0\0\0\0\0" frame

static const char lldp[] = SIZED("\x25", ETHERNET BODY) SIZED("\x25", ETHERNET TEXTUAL);

static void test_lldp(void **state)
{
	VFM_AUTO_STRINGS struct vfm_strings heard = {.values = NULL};

	(void)state;
	assert_int_equal(vfm_lldp_parse(lldp, sizeof(lldp) - 1, &heard), 0);
	assert_int_equal(heard.count, 2);
	assert_string_equal(heard.values[0], "02:00:00:00:00:aa swp12");
	assert_string_equal(heard.values[1], "leaf1 02:00:00:00:00:bb");
}

/* Cut anywhere it is refused or is whole frames; changed anywhere it is read to its end at most. */
static void test_damaged_lldp(void **state)
{
	const size_t size = sizeof(lldp) - 1;

	(void)state;
	for (size_t i = 0; i < size; i++) {
		VFM_AUTO_STRINGS struct vfm_strings heard = {.values = NULL};
		VFM_AUTO_FREE char *cut = malloc(i + 1);
		int r;

		memcpy(cut, lldp, i);
		r = vfm_lldp_parse(cut, i, &heard);
		assert_int_equal(r, i == 0 || i == size / 2 ? 0 : -EINVAL);
	}
	for (size_t i = 0; i < size; i++)
		for (int byte = 0; byte < 256; byte++) {
			VFM_AUTO_STRINGS struct vfm_strings heard = {.values = NULL};
			VFM_AUTO_FREE char *copy = malloc(size);

			memcpy(copy, lldp, size);
			copy[i] = (char)byte;
			(void)vfm_lldp_parse(copy, size, &heard);
		}
}

/* --- a host of our own --- */

static bool private_host;

static int host_up(void **state)
{
	static const char *const mounts[] = {"/run", "/sys", "/etc"};
	int r = unshare(CLONE_NEWNS);

	(void)state;
	if (r == 0)
		r = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(mounts); i++)
		r = mount("none", mounts[i], "tmpfs", 0, "mode=0755");
	if (r < 0)
		print_message("no host of our own (needs root): %s\n", strerror(errno));
	private_host = r == 0;
	return 0;
}

#define NEEDS_HOST()                                                                               \
	do {                                                                                       \
		if (!private_host)                                                                 \
			skip();                                                                    \
	} while (0)

static void put(const char *path, const char *text, size_t size)
{
	VFM_AUTO_FREE char *copy = strdup(path);
	VFM_AUTO_CLOSE int fd = -1;

	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text));
}

/* Nothing of it is there. */
static void test_bare(void **state)
{
	VFM_AUTO_PLACE struct vfm_place_facts place = {.lldp = {.value = NULL}};

	(void)state;
	NEEDS_HOST();
	vfm_place_read(&place);
	assert_int_equal(place.nfs_sebool.fact.state, VFM_ABSENT);
	assert_int_equal(place.memlock_kib.fact.state, VFM_UNKNOWN);
	assert_string_equal(vfm_fact_reason(&place.memlock_kib.fact),
			    "no libvirt daemon for QEMU runs");
	assert_true(vfm_known(&place.migration_port_min.fact));
	assert_int_equal(place.migration_port_min.value, 49152);
	assert_int_equal(place.migration_port_max.value, 49215);
	assert_int_equal(place.lldp.fact.state, VFM_UNKNOWN);
	/* The kernel tells its links, and no file. */
	assert_true(vfm_known(&place.netdevs.fact));
	assert_true(place.netdevs.count >= 1);
}

static void test_place(void **state)
{
	VFM_AUTO_PLACE struct vfm_place_facts place = {.lldp = {.value = NULL}};
	VFM_AUTO_PLACE struct vfm_place_facts stale = {.lldp = {.value = NULL}};
	VFM_AUTO_FREE char *pid = vfm_text_printf("%d\n", getpid());
	struct rlimit limit;

	(void)state;
	NEEDS_HOST();
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit), 0);
	limit.rlim_cur = 40960;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	put_text("/sys/fs/selinux/booleans/virt_use_nfs", "1 0\n");
	put_text("/etc/libvirt/qemu.conf", "migration_port_min = 49200\n");
	put_text("/run/libvirtd.pid", pid);
	put("/run/systemd/netif/lldp/2", lldp, (sizeof(lldp) - 1) / 2);
	put("/run/systemd/netif/lldp/3", lldp, sizeof(lldp) - 1);
	/* A file that is left behind, and names a process of another name. */
	vfm_place_read(&stale);
	assert_int_equal(stale.memlock_kib.fact.state, VFM_UNKNOWN);
	assert_int_equal(prctl(PR_SET_NAME, "libvirtd"), 0);
	vfm_place_read(&place);
	assert_true(vfm_fact_is_true(&place.nfs_sebool));
	assert_true(vfm_known(&place.memlock_kib.fact));
	assert_int_equal(place.memlock_kib.value, 40);
	assert_int_equal(place.migration_port_min.value, 49200);
	assert_int_equal(place.migration_port_max.value, 49215);
	assert_true(
		vfm_fact_is_text(&place.lldp, "02:00:00:00:00:aa swp12, leaf1 02:00:00:00:00:bb"));
}

/* What is there and is not understood is no default. */
static void test_not_understood(void **state)
{
	VFM_AUTO_PLACE struct vfm_place_facts place = {.lldp = {.value = NULL}};

	(void)state;
	NEEDS_HOST();
	put_text("/sys/fs/selinux/booleans/virt_use_nfs", "on\n");
	put_text("/etc/libvirt/qemu.conf", "migration_port_min = x\n");
	put("/run/systemd/netif/lldp/2", lldp, 20);
	vfm_place_read(&place);
	assert_int_equal(place.nfs_sebool.fact.state, VFM_UNKNOWN);
	assert_int_equal(place.migration_port_min.fact.state, VFM_UNKNOWN);
	assert_int_equal(place.migration_port_max.fact.state, VFM_UNKNOWN);
	assert_int_equal(place.lldp.fact.state, VFM_UNKNOWN);
	put_text("/sys/fs/selinux/booleans/virt_use_nfs", "0 1\n");
	vfm_place_read(&place);
	assert_true(vfm_fact_is_false(&place.nfs_sebool));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),        cmocka_unit_test(test_memlock),
		cmocka_unit_test(test_gateway),      cmocka_unit_test(test_lldp),
		cmocka_unit_test(test_damaged_lldp), cmocka_unit_test(test_bare),
		cmocka_unit_test(test_place),        cmocka_unit_test(test_not_understood),
	};

	return cmocka_run_group_tests(tests, host_up, NULL);
}
