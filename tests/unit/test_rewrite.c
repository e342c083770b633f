/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The destination's domain XML: what was asked changes, and not a byte more. */
#include "unit.h"

#include "base/quiet.h"
#include "domain/devices.h"
#include "domain/rewrite.h"

#define UUID_1 "4b20d080-1b54-4048-85b3-a6a62d165c01"
#define UUID_2 "c2177883-f1bb-47f0-914d-32a22e3a8804"
#define PCI(was, now)                                                                              \
	{                                                                                          \
		VFM_DOMAIN_CHANGE_PCI, was, now                                                    \
	}
#define MDEV(was, now)                                                                             \
	{                                                                                          \
		VFM_DOMAIN_CHANGE_MDEV, was, now                                                   \
	}
#define DISK(was, now)                                                                             \
	{                                                                                          \
		VFM_DOMAIN_CHANGE_DISK, was, now                                                   \
	}

enum { MAX_CHANGES = 4 };

/* Devices before and after; domain_of() puts around them what a rewrite must not touch. */
static const struct row {
	const char *what, *before, *after;
	struct vfm_domain_change changes[MAX_CHANGES];
	size_t count;
	int result;
} rows[] = {
	{"interface",
	 "<interface type='hostdev' managed='yes'><mac address='52:54:00:00:00:01'/>"
	 "<source>\n <address type='pci' domain='0x0000' bus='0xe1' slot='0x00' function='0x1'/>"
	 "</source><address type='pci' domain='0x0000' bus='0xe1' slot='0x00' function='0x1'/>"
	 "</interface>",
	 "<interface type='hostdev' managed='yes'><mac address='52:54:00:00:00:01'/>"
	 "<source>\n <address type='pci' domain='0x0000' bus='0x3b' slot='0x1f' function='0x7'/>"
	 "</source><address type='pci' domain='0x0000' bus='0xe1' slot='0x00' function='0x1'/>"
	 "</interface>",
	 {PCI("0000:e1:00.1", "0000:3b:1f.7")},
	 1,
	 0},
	{"actual of a pool",
	 "<interface type='network'><source network='vfpool'/><actual type='hostdev'><source>"
	 "<address type='pci' domain='0x0000' bus='0xe1' slot='0x00' function='0x1'/></source>"
	 "</actual></interface>",
	 "<interface type='network'><source network='vfpool'/><actual type='hostdev'><source>"
	 "<address type='pci' domain='0x0000' bus='0xe2' slot='0x00' function='0x1'/></source>"
	 "</actual></interface>",
	 {PCI("0000:e1:00.1", "0000:e2:00.1")},
	 1,
	 0},
	{"two trade places, odd quoting and numbers, no domain",
	 "<hostdev type='pci'><source><address bus = \"225\" slot='0' function=\n'0x1' /></source>"
	 "</hostdev><hostdev type=\"pci\"><source><address bus='0xe1' slot='0x0' function='0x2'/>"
	 "</source></hostdev>",
	 "<hostdev type='pci'><source><address bus = \"225\" slot='0' function=\n'0x2' /></source>"
	 "</hostdev><hostdev type=\"pci\"><source><address bus='0xe1' slot='0x0' function='0x1'/>"
	 "</source></hostdev>",
	 {PCI("e1:00.2", "e1:00.1"), PCI("0000:e1:00.1", "0000:e1:00.2")},
	 2,
	 0},
	{"another segment where none was named",
	 "<hostdev type='pci'><source><address bus='0xe1' slot='0x00' function='0x1'/></source>"
	 "</hostdev>",
	 "<hostdev type='pci'><source><address domain='0x0001' bus='0xe1' slot='0x00' "
	 "function='0x1'/></source></hostdev>",
	 {PCI("0000:e1:00.1", "0001:e1:00.1")},
	 1,
	 0},
	{"mdev",
	 "<hostdev type='mdev'><source><address uuid='" UUID_1 "'/></source></hostdev>",
	 "<hostdev type='mdev'><source><address uuid='" UUID_2 "'/></source></hostdev>",
	 {MDEV(UUID_1, UUID_2)},
	 1,
	 0},
	{"nothing asked", "<interface type='bridge'/>", "<interface type='bridge'/>", {{0}}, 0, 0},
	{"not there", "<interface type='bridge'/>", NULL, {PCI("e1:00.1", "e1:00.2")}, 1, -ENOENT},
	{"twice there",
	 "<hostdev type='pci'><source><address bus='1' slot='0' function='1'/></source></hostdev>"
	 "<interface type='hostdev'><source><address bus='1' slot='0' function='1'/></source>"
	 "</interface>",
	 NULL,
	 {PCI("01:00.1", "01:00.2")},
	 1,
	 -EEXIST},
	{"asked twice, in two spellings",
	 "<hostdev type='pci'><source><address bus='1' slot='0' function='1'/></source></hostdev>",
	 NULL,
	 {PCI("01:00.1", "01:00.2"), PCI("0000:01:00.1", "01:00.3")},
	 2,
	 -EINVAL},
	{"unreadable address",
	 "<hostdev type='pci'><source><address bus='1' slot='0x20' function='1'/></source>"
	 "</hostdev>",
	 NULL,
	 {PCI("01:00.1", "01:00.2")},
	 1,
	 -EINVAL},
	{"no address",
	 "<interface type='hostdev'/>",
	 NULL,
	 {PCI("01:00.1", "01:00.2")},
	 1,
	 -EINVAL},
	{"disks: a file, a block device in other quotes, and not what is behind them",
	 "<disk type='file' device='disk'><source file='/a/1.qcow2' index='2'/><backingStore "
	 "type='file'><source file='/a/1.qcow2'/></backingStore><target dev='vda'/></disk>"
	 "<disk type='block'><source\n dev = \"/dev/sdb\"><seclabel model='dac'/></source>"
	 "<target dev='vdb'/></disk><disk type='network'><target dev='vdc'/></disk>",
	 "<disk type='file' device='disk'><source file='/b/it&apos;s &lt;1&gt; &amp; "
	 "&quot;2&quot;' "
	 "index='2'/><backingStore "
	 "type='file'><source file='/a/1.qcow2'/></backingStore><target dev='vda'/></disk>"
	 "<disk type='block'><source\n dev = \"/dev/disk/by-id/wwn-0x5000\"><seclabel "
	 "model='dac'/></source>"
	 "<target dev='vdb'/></disk><disk type='network'><target dev='vdc'/></disk>",
	 {DISK("vda", "/b/it's <1> & \"2\""), DISK("vdb", "/dev/disk/by-id/wwn-0x5000")},
	 2,
	 0},
	{"a disk and a function at once",
	 "<hostdev type='pci'><source><address bus='1' slot='0' function='1'/></source></hostdev>"
	 "<disk type='file'><target dev='vda'/><source file='/a'/></disk>",
	 "<hostdev type='pci'><source><address bus='1' slot='0' function='0x2'/></source></hostdev>"
	 "<disk type='file'><target dev='vda'/><source file='/b'/></disk>",
	 {DISK("vda", "/b"), PCI("01:00.1", "01:00.2")},
	 2,
	 0},
	{"an NVMe disk is a function of the host",
	 "<disk type='nvme'><source type='pci' namespace='1'><address domain='0x0000' bus='0x01' "
	 "slot='0x00' function='0x0'/></source><target dev='vda'/></disk>",
	 "<disk type='nvme'><source type='pci' namespace='1'><address domain='0x0000' bus='0x02' "
	 "slot='0x00' function='0x0'/></source><target dev='vda'/></disk>",
	 {PCI("01:00.0", "02:00.0")},
	 1,
	 0},
	{"no such disk",
	 "<disk type='file'><source file='/a'/><target dev='vda'/></disk>",
	 NULL,
	 {DISK("vdb", "/b")},
	 1,
	 -ENOENT},
	{"two of one name",
	 "<disk type='file'><source file='/a'/><target dev='vda'/></disk>"
	 "<disk type='file'><source file='/b'/><target dev='vda'/></disk>",
	 NULL,
	 {DISK("vda", "/c")},
	 1,
	 -EEXIST},
	{"a drive without a medium",
	 "<disk type='file' device='cdrom'><target dev='sda'/></disk>",
	 NULL,
	 {DISK("sda", "/b")},
	 1,
	 -EINVAL},
	{"a disk without a path",
	 "<disk type='network'><source protocol='rbd' name='p/i'/><target dev='vda'/></disk>",
	 NULL,
	 {DISK("vda", "/b")},
	 1,
	 -EINVAL},
	{"a path that is none",
	 "<disk type='file'><source file='/a'/><target dev='vda'/></disk>",
	 NULL,
	 {DISK("vda", "b")},
	 1,
	 -EINVAL},
	{"a path that XML cannot hold",
	 "<disk type='file'><source file='/a'/><target dev='vda'/></disk>",
	 NULL,
	 {DISK("vda", "/b\n")},
	 1,
	 -EINVAL},
	{"no uuid asked",
	 "<hostdev type='mdev'><source><address uuid='" UUID_1 "'/></source></hostdev>",
	 NULL,
	 {MDEV(UUID_1, "x' y='" UUID_2)},
	 1,
	 -EINVAL},
};

/* A domain with much that looks like a device's source and is none. */
static char *domain_of(const char *devices)
{
	return vfm_text_printf(
		"<?xml version='1.0' encoding='UTF-8'?>\n<!-- <address bus='0xe1'/> -->\n"
		"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\r\n"
		"\t<name>a&amp;b &#x263a;</name>\n<metadata><x:a xmlns:x=\"urn:x\" y='>'>"
		"<![CDATA[<hostdev type='pci'><source>]]></x:a></metadata>\n"
		"<devices><emulator>/usr/bin/qemu</emulator>%s\n\n</devices>"
		"<qemu:commandline><qemu:arg value='-x \"y>\"'/></qemu:commandline>"
		"</domain>\n<!-- end -->\n",
		devices);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *before = domain_of(row->before);
		VFM_AUTO_FREE char *rewritten = NULL;
		int r = vfm_domain_rewrite(before, strlen(before), "vm1", row->changes, row->count,
					   &rewritten, &err);

		if (r != row->result)
			fail_msg("%s: %d (%s)", row->what, r, err.what ? err.what : "no words");
		if (row->after) {
			VFM_AUTO_FREE char *after = domain_of(row->after);

			assert_string_equal(rewritten, after);
		} else {
			assert_null(rewritten);
			assert_non_null(err.what);
		}
	}
}

static void rewrite_damaged(const char *xml, size_t size, const struct row *row)
{
	VFM_AUTO_STRINGS struct vfm_strings bdfs = {.values = NULL};
	VFM_AUTO_FREE char *copy = malloc(size ? size : 1);
	VFM_AUTO_FREE char *rewritten = NULL;

	/* Exactly as large, so that a sanitizer sees a read behind the end. */
	memcpy(copy, xml, size);
	if (vfm_domain_rewrite(copy, size, "vm1", row->changes, row->count, &rewritten, NULL) == 0)
		assert_int_equal(
			vfm_domain_host_devices(rewritten, strlen(rewritten), "vm1", &bdfs, NULL),
			0);
}

static void test_damage(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_FREE char *xml = domain_of(rows[i].before);
		size_t size = strlen(xml);

		for (size_t cut = 0; cut < size; cut += 7)
			rewrite_damaged(xml, cut, &rows[i]);
		for (int flips = 0; flips < 300; flips++) {
			size_t at;
			char kept;

			seed = seed * 1664525 + 1013904223;
			at = (seed >> 8) % size;
			kept = xml[at];
			xml[at] = (char)(kept ^ (1 << (seed & 7)));
			rewrite_damaged(xml, size, &rows[i]);
			xml[at] = kept;
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_damage),
	};

	vfm_quiet();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
