/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a path is on a host: mounts and names as texts; block devices in a /sys of the test's own;
 * paths in a mount namespace of its own, with a server among them that never answers.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/deadline.h"
#include "facts/block.h"
#include "facts/storage.h"
#include "facts/storage_identity.h"

#define HOME  "/run/vms"
#define BLOCK "/sys/dev/block/"
#define UUIDS "0123456789abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
#define OTHER "1123456789abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

enum { LONG_MS = 60000, SHORT_MS = 100 };

/* --- mounts --- */

static void test_mount(void **state)
{
	static const char line[] = "36 35 98:12 /mnt1\\011x /mnt\\0402\\134 rw,noatime master:1 "
				   "shared:7 - ext4 /dev/root\\043 rw,errors=continue";
	VFM_AUTO_MOUNT struct vfm_mount mount = {.id = 0};

	(void)state;
	assert_int_equal(vfm_mount_parse(vfm_span_of(line), &mount), 0);
	assert_int_equal(mount.id, 36);
	assert_int_equal(mount.major, 98);
	assert_int_equal(mount.minor, 12);
	assert_string_equal(mount.root, "/mnt1\tx");
	assert_string_equal(mount.point, "/mnt 2\\");
	assert_string_equal(mount.options, "rw,noatime");
	assert_string_equal(mount.type, "ext4");
	assert_string_equal(mount.source, "/dev/root#");
	assert_string_equal(mount.super_options, "rw,errors=continue");
}

/* A mount without a source has an empty field. */
static void test_mount_without_source(void **state)
{
	VFM_AUTO_MOUNT struct vfm_mount mount = {.id = 0};

	(void)state;
	assert_int_equal(
		vfm_mount_parse(vfm_span_of("1 2 0:3 / /a rw - tmpfs  rw,size=4k"), &mount), 0);
	assert_string_equal(mount.source, "");
	assert_string_equal(mount.super_options, "rw,size=4k");
}

static const char *const bad_mounts[] = {
	"",
	"36",
	"36 35 98:12 / /mnt rw shared:7",
	"36 35 98:12 / /mnt rw shared:7 - ext4 /dev/sda",
	"x 35 98:12 / /mnt rw - ext4 /dev/sda rw",
	"36 35 98 / /mnt rw - ext4 /dev/sda rw",
	"36 35 98:4294967296 / /mnt rw - ext4 /dev/sda rw",
	"36  98:12 / /mnt rw - ext4 /dev/sda rw",
};

static void test_bad_mounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(bad_mounts); i++) {
		struct vfm_mount mount = {.id = 7};

		if (vfm_mount_parse(vfm_span_of(bad_mounts[i]), &mount) != -EINVAL || mount.id != 7)
			fail_msg("'%s'", bad_mounts[i]);
	}
}

/* --- what a file is, by what it is on --- */

#define M(root, point, type, source, super)                                                        \
	"1 2 8:3 " root " " point " rw,relatime - " type " " source " " super

static const struct identity_row {
	const char *mount, *path;
	uint64_t inode, fsid;
	const char *uuid;
	const char *identity; /* or, when it is not known, part of the reason */
	bool known, cluster;
	const char *locks;
} identity_rows[] = {
	{M("/", "/vms", "nfs4", "nas:/export", "rw,vers=4.2,local_lock=none"), "/vms/a/d.img", 5, 0,
	 NULL, "nfs nas:/export/a/d.img inode 5", true, true, "server"},
	/* The same file by another mount of the same export. */
	{M("/", "/b", "nfs", "nas:/export/a/", "rw,vers=3,local_lock=none"), "/b/d.img", 5, 0, NULL,
	 "nfs nas:/export/a/d.img inode 5", true, true, "server"},
	{M("/", "/b", "nfs4", "nas:/", "rw"), "/b/d.img", 5, 0, NULL, "nfs nas:/d.img inode 5",
	 true, true, "server"},
	{M("/", "/b", "nfs", "nas:/e", "rw,nolock,local_lock=none"), "/b/d", 5, 0, NULL,
	 "nfs nas:/e/d inode 5", true, true, "local"},
	{M("/", "/b", "nfs", "nas:/e", "rw,local_lock=all,addr=::1"), "/b/d", 5, 0, NULL,
	 "nfs nas:/e/d inode 5", true, true, "local"},
	{M("/", "/b", "nfs", "nas:/e", "local_lock=flock"), "/b/d", 5, 0, NULL,
	 "nfs nas:/e/d inode 5", true, true, "local flock"},
	{M("/", "/b", "nfs", "nas:/e", "local_lock=posix,x"), "/b/d", 5, 0, NULL,
	 "nfs nas:/e/d inode 5", true, true, "local posix"},
	/* An option that only begins so. */
	{M("/", "/b", "nfs", "nas:/e", "nolockd=1,local_lock=none"), "/b/d", 5, 0, NULL,
	 "nfs nas:/e/d inode 5", true, true, "server"},
	{M("/", "/b", "cifs", "//nas/share", "rw"), "/b/x y", 9, 0, NULL,
	 "cifs //nas/share/x y inode 9", true, true, NULL},
	{M("/", "/b", "gfs2", "/dev/dm-1", "rw"), "/b/d", 9, 0, "u-1", "gfs2 u-1 /d inode 9", true,
	 true, NULL},
	{M("/sub", "/b", "ocfs2", "/dev/dm-1", "rw"), "/b/d", 9, 0, "u-1",
	 "ocfs2 u-1 /sub/d inode 9", true, true, NULL},
	{M("/", "/b", "gfs2", "/dev/dm-1", "rw"), "/b/d", 9, 0, NULL, "has no UUID in udev's",
	 false, true, NULL},
	{M("/", "/b", "xfs", "/dev/sda1", "rw"), "/b/d", 9, 0, "u-1", "xfs u-1 /d inode 9", true,
	 false, NULL},
	/* A file that is mounted upon a file, and the top of a mount. */
	{M("/x/d", "/b/d", "xfs", "/dev/sda1", "rw"), "/b/d", 9, 0, "u-1", "xfs u-1 /x/d inode 9",
	 true, false, NULL},
	{M("/", "/", "ext4", "/dev/sda1", "rw"), "/", 2, 0, "u-1", "ext4 u-1 / inode 2", true,
	 false, NULL},
	{M("/", "/", "ext4", "/dev/sda1", "rw"), "/srv/d", 2, 0, "u-1", "ext4 u-1 /srv/d inode 2",
	 true, false, NULL},
	{M("/", "/b", "overlay", "overlay", "rw"), "/b/d", 2, 0, NULL,
	 "its file system (overlay) has no UUID", false, false, NULL},
	{M("/", "/b", "ceph", "10.0.0.1:6789,10.0.0.2:6789:/vms", "rw"), "/b/d", 7, 0xab, NULL,
	 "ceph 00000000000000ab /vms/d inode 7", true, true, NULL},
	{M("/", "/b", "ceph", "10.0.0.9:6789:/", "rw,mds_namespace=two"), "/b/d", 7, 0xab, NULL,
	 "ceph 00000000000000ab two /d inode 7", true, true, NULL},
	{M("/", "/b", "ceph", "admin@a1b2-c3.two=/", "rw,mon_addr=1.2.3.4:6789"), "/b/d", 7, 0xab,
	 NULL, "ceph 00000000000000ab two /d inode 7", true, true, NULL},
	{M("/", "/b", "ceph", "10.0.0.1:6789:/", "rw"), "/b/d", 7, 0, NULL, "statfs no FSID", false,
	 true, NULL},
	/* Each host by a server of its own. */
	{M("/", "/b", "fuse.glusterfs", "localhost:/vol1", "rw"), "/b/d", 77, 0, NULL,
	 "glusterfs vol1/d inode 77", true, true, NULL},
	{M("/", "/b", "fuse.glusterfs", "g2:vol1", "rw"), "/b/d", 77, 0, NULL,
	 "glusterfs vol1/d inode 77", true, true, NULL},
	{M("/", "/b", "fuse.glusterfs", "g2:vol1", "rw"), "/b", 1, 0, NULL, "names no file", false,
	 true, NULL},
	{M("/", "/b", "gpfs", "fs1", "rw"), "/b/d", 77, 0, NULL, "nothing is known by which", false,
	 true, NULL},
	/* Beside the mount, though it begins alike. */
	{M("/", "/b", "nfs4", "nas:/e", "rw"), "/bc/d", 77, 0, NULL, "cannot be told", false, true,
	 "server"},
};

static void test_identity(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(identity_rows); i++) {
		const struct identity_row *row = &identity_rows[i];
		VFM_AUTO_STORAGE_SIDE struct vfm_storage_side_probe side = {
			.reachable = {.value = false}};
		VFM_AUTO_MOUNT struct vfm_mount mount = {.id = 0};
		const struct vfm_storage_seen seen = {.mount = &mount,
						      .path = row->path,
						      .inode = row->inode,
						      .fsid = row->fsid,
						      .uuid = row->uuid};
		const char *said;

		assert_int_equal(vfm_mount_parse(vfm_span_of(row->mount), &mount), 0);
		vfm_storage_fill_mount(&side, &mount);
		vfm_storage_fill_identity(&side, &seen);
		said = row->known ? side.identity.value : vfm_fact_reason(&side.identity.fact);
		if (vfm_known(&side.identity.fact) != row->known ||
		    (row->known ? !vfm_streq(said, row->identity) : !strstr(said, row->identity)))
			fail_msg("%s %s: '%s'", row->mount, row->path, said);
		assert_true(vfm_known(&side.cluster.fact));
		assert_int_equal(side.cluster.value, row->cluster);
		assert_true(row->locks ? vfm_fact_is_text(&side.locks, row->locks)
				       : side.locks.fact.state == VFM_ABSENT);
	}
}

static void test_udev_uuid(void **state)
{
	static const char data[] = "S:disk/by-id/x\nE:ID_FS_UUID_ENC=no\nE:ID_FS_UUID=12-ab\n";
	VFM_AUTO_FREE char *uuid = NULL;
	char *none = NULL;

	(void)state;
	assert_int_equal(vfm_udev_uuid(data, strlen(data), &uuid), 0);
	assert_string_equal(uuid, "12-ab");
	assert_int_equal(vfm_udev_uuid(data, 40, &none), -ENOENT);
	assert_int_equal(vfm_udev_uuid("E:ID_FS_UUID=\n", 14, &none), -ENOENT);
	assert_null(none);
}

static void test_uuid_text(void **state)
{
	static const uint8_t bytes[VFM_UUID_BYTES] = {0x0d, 0xdb, 0xa1, 0x1a, 0x00, 0x01,
						      0x40, 0x02, 0x80, 0x03, 0x00, 0x00,
						      0x00, 0x00, 0xbe, 0xef};
	static const uint8_t none[VFM_UUID_BYTES] = {0};
	VFM_AUTO_FREE char *text = vfm_uuid_text(bytes);

	(void)state;
	assert_string_equal(text, "0ddba11a-0001-4002-8003-00000000beef");
	assert_null(vfm_uuid_text(none));
}

/* --- names of LUNs --- */

static const struct {
	const char *name, *text;
} wwn_rows[] = {
	{"naa.600140512ab", "naa.600140512ab"},
	{"3600140512ab", "naa.600140512ab"},
	{"eui.0025385b", "eui.0025385b"},
	{"20025385b", "eui.0025385b"},
	{"t10.ATA     Some SSD 870   S5Y1   ", "t10.ATA_Some_SSD_870_S5Y1"},
	{"1ATA_Some_SSD_870_S5Y1", "t10.ATA_Some_SSD_870_S5Y1"},
	{"t10.ATA     QEMU HARDDISK   MINE   ", "t10.ATA_QEMU_HARDDISK_MINE"},
	/* Each VM has one of that name. */
	{"t10.ATA     QEMU HARDDISK   QM00001   ", NULL},
	{"1ATA_QEMU_HARDDISK_QM00001", NULL},
	{"uuid.00000000-0000-0000-0000-000000000001", "uuid.00000000-0000-0000-0000-000000000001"},
	{"uuid.00000000-0000-0000-0000-000000000000", NULL},
	{"eui.0000000000000000", NULL},
	{"naa.", NULL},
	{"t10.   ", NULL},
	{"", NULL},
};

static void test_wwn(void **state)
{
	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(wwn_rows); i++) {
		VFM_AUTO_FREE char *text = vfm_wwn_text(wwn_rows[i].name);

		if (!text != !wwn_rows[i].text || (text && !vfm_streq(text, wwn_rows[i].text)))
			fail_msg("'%s': '%s'", wwn_rows[i].name, text ? text : "none");
	}
}

/* --- a host of our own --- */

static bool private_host;

static void make_directory(const char *path)
{
	VFM_AUTO_FREE char *copy = strdup(path);

	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void make(const char *directory, const char *name, const char *text)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, name);
	VFM_AUTO_CLOSE int fd = -1;

	make_directory(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_true(dprintf(fd, "%s\n", text) > 0);
}

static void make_link(const char *directory, const char *name, const char *target)
{
	VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", directory, name);

	make_directory(path);
	assert_int_equal(symlink(target, path), 0);
}

/* A device with one attribute; "8:1" has its number before. */
static const struct {
	const char *number, *name, *attribute, *text;
} devices[] = {
	{"8:0", "sda", "device/wwid", "naa.6001405aa"},
	{"8:1", "sda/sda1", "partition", "1"},
	{"8:16", "sdb", "device/wwid", "naa.6001405bb"},
	{"8:32", "sdc", "removable", "0"},
	{"8:33", "sdc/sdc1", "partition", "1"},
	{"259:0", "nvme0n1", "wwid", "eui.0025385b71"},
	{"253:0", "dm-0", "dm/uuid", "mpath-36001405aa"},
	{"253:1", "dm-1", "dm/uuid", "part1-mpath-36001405aa"},
	{"253:2", "dm-2", "dm/uuid", "LVM-" UUIDS},
	{"253:3", "dm-3", "dm/uuid", "LVM-" UUIDS},
	{"253:4", "dm-4", "dm/uuid", "LVM-" OTHER},
	{"253:5", "dm-5", "dm/uuid", "LVM-" UUIDS "-tpool"},
	{"253:6", "dm-6", "dm/uuid", "CRYPT-LUKS2-77-root"},
	{"253:7", "dm-7", "dm/name", "bare"},
	{"253:8", "dm-8", "dm/uuid", "LVM-" UUIDS},
	{"253:9", "dm-9", "dm/uuid", "LVM-" UUIDS},
	{"252:0", "rbd0", "device/cluster_fsid", "f-1"},
	{"252:16", "rbd1", "device/cluster_fsid", "f-1"},
	{"8:48", "sdd", "device/wwid", "naa.000000"},
};

#define DEVICES "/sys/devices/"

static void make_devices(void)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(devices); i++) {
		VFM_AUTO_FREE char *directory = vfm_text_printf(DEVICES "%s", devices[i].name);
		VFM_AUTO_FREE char *target = vfm_text_printf("../../devices/%s", devices[i].name);

		make(directory, devices[i].attribute, devices[i].text);
		make(directory, "size", "2048");
		make_link(BLOCK, devices[i].number, target);
	}
	make_link(DEVICES "dm-2", "slaves/dm-1", "../../dm-1");
	make_link(DEVICES "dm-3", "slaves/sdc1", "../../sdc/sdc1");
	make_link(DEVICES "dm-4", "slaves/sdb", "../../sdb");
	make_link(DEVICES "dm-4", "slaves/sda1", "../../sda/sda1");
	make_directory(DEVICES "dm-8/slaves/");
	make_link(DEVICES "dm-9", "slaves/dm-9", "../../dm-9");
	make(DEVICES "rbd0", "device/pool", "vms");
	make(DEVICES "rbd0", "device/name", "disk");
	make(DEVICES "rbd0", "device/current_snap", "-");
	make(DEVICES "rbd1", "device/pool", "vms");
	make(DEVICES "rbd1", "device/pool_ns", "one");
	make(DEVICES "rbd1", "device/name", "disk");
	make(DEVICES "rbd1", "device/current_snap", "s1");
}

static int host_up(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/run", "tmpfs", 0, "mode=0755") < 0 ||
	    mount("none", "/sys", "tmpfs", 0, "mode=0755") < 0) {
		print_message("no host of our own (needs root): %s\n", strerror(errno));
		return 0;
	}
	private_host = true;
	make_devices();
	make_directory(HOME "/");
	return 0;
}

#define NEEDS_HOST()                                                                               \
	do {                                                                                       \
		if (!private_host)                                                                 \
			skip();                                                                    \
	} while (0)

/* --- block devices --- */

static const struct {
	uint32_t major, minor;
	const char *identity; /* or part of the reason, which has none of these words */
	bool known;
} block_rows[] = {
	{8, 0, "wwn naa.6001405aa", true},
	{8, 1, "wwn naa.6001405aa partition 1", true},
	{259, 0, "wwn eui.0025385b71", true},
	/* A LUN is the same with multipath as without. */
	{253, 0, "wwn naa.6001405aa", true},
	{253, 1, "wwn naa.6001405aa partition 1", true},
	{253, 2, "lvm " UUIDS " on wwn naa.6001405aa partition 1", true},
	{253, 4, "lvm " OTHER " on wwn naa.6001405aa partition 1, wwn naa.6001405bb", true},
	{252, 0, "rbd vms/disk fsid f-1", true},
	{252, 16, "rbd vms/one/disk@s1 fsid f-1", true},
	/* A volume on what has no name: two hosts that were made from one image have it both. */
	{253, 3, "the device has no name", false},
	{253, 5, "a part of a logical volume, or a thin one: '" UUIDS "-tpool'", false},
	{253, 6, "a mapped device of another kind: 'CRYPT-LUKS2-77-root'", false},
	{253, 7, "a mapped device without a UUID: 'bare'", false},
	{253, 8, "what it lies on is not shown", false},
	{253, 9, "it lies on too many others", false},
	{8, 32, "the device has no name that other hosts see", false},
	{8, 33, "the device has no name that other hosts see", false},
	{8, 48, "its name is empty: 'naa.000000'", false},
	{7, 7, "the kernel shows no such device: '" BLOCK "7:7'", false},
};

static void test_block(void **state)
{
	(void)state;
	NEEDS_HOST();
	for (size_t i = 0; i < VFM_ARRAY_SIZE(block_rows); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *identity = NULL;
		int r = vfm_block_identity(block_rows[i].major, block_rows[i].minor, &identity,
					   &err);

		if (r != (block_rows[i].known ? 0 : -ENODATA))
			fail_msg("row %zu: %d %s", i, r, err.what ? err.what : identity);
		if (block_rows[i].known ? !vfm_streq(identity, block_rows[i].identity)
					: !strstr(err.what, block_rows[i].identity))
			fail_msg("row %zu: '%s'", i, identity ? identity : err.what);
	}
}

/* --- paths --- */

static void look(const char *path, int timeout_ms, struct vfm_storage_sides *sides)
{
	assert_int_equal(vfm_storage_read(&path, 1, vfm_deadline_in(timeout_ms), sides, NULL), 0);
	assert_int_equal(sides->sides.count, 1);
}

static struct vfm_storage_side_probe *only(struct vfm_storage_sides *sides)
{
	return vfm_list_at(struct vfm_storage_side_probe, &sides->sides, 0);
}

/* What udev would say of the file system that the path is on. */
static void tell_udev(const char *path, const char *uuid)
{
	VFM_AUTO_FREE char *name = NULL;
	VFM_AUTO_FREE char *text = vfm_text_printf("E:ID_FS_UUID=%s", uuid);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	name = vfm_text_printf("b%u:%u", major(status.st_dev), minor(status.st_dev));
	make("/run/udev/data", name, text);
}

static void mount_at(const char *path, const char *options)
{
	VFM_AUTO_FREE char *directory = vfm_text_printf("%s/", path);

	make_directory(directory);
	assert_int_equal(mount("none", path, "tmpfs", 0, options), 0);
}

static void test_file(void **state)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_FREE char *identity = NULL;
	struct vfm_storage_side_probe *side;
	struct stat status;

	(void)state;
	NEEDS_HOST();
	mount_at(HOME "/one", "size=1m");
	make(HOME "/one/sub", "disk.img", "0123456");
	tell_udev(HOME "/one", "u-1");
	make_link(HOME, "by-link", "one/sub");
	look(HOME "/by-link/disk.img", LONG_MS, &sides);
	side = only(&sides);
	assert_int_equal(stat(HOME "/one/sub/disk.img", &status), 0);
	identity = vfm_text_printf("tmpfs u-1 /sub/disk.img inode %ju", (uintmax_t)status.st_ino);
	assert_true(vfm_fact_is_true(&side->reachable));
	assert_true(vfm_fact_is_text(&side->kind, "file"));
	if (!vfm_fact_is_text(&side->identity, identity))
		fail_msg("'%s' '%s'", side->identity.value, vfm_fact_reason(&side->identity.fact));
	assert_true(vfm_fact_is_text(&side->filesystem, "tmpfs"));
	assert_true(vfm_fact_is_false(&side->cluster));
	assert_true(vfm_known(&side->options.fact));
	assert_non_null(strstr(side->options.value, "size=1024k"));
	assert_true(vfm_known(&side->size_bytes.fact));
	assert_int_equal(side->size_bytes.value, 8);
	assert_true(vfm_known(&side->free_bytes.fact));
	assert_in_range(side->free_bytes.value, 1, 1 << 20);
	assert_true(vfm_fact_is_true(&side->directory));
	assert_int_equal(side->locks.fact.state, VFM_ABSENT);
	assert_int_equal(side->device.fact.state, VFM_ABSENT);
}

/*
 * Where udev knows nothing, the file system itself may: two of them tell other UUIDs, and one the
 * same wherever it is mounted. And a file was made when it was made.
 */
static void test_told_by_kernel(void **state)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides again = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides other = {.sides = {.items = NULL}};
	struct vfm_storage_side_probe *first, *second;

	(void)state;
	NEEDS_HOST();
	mount_at(HOME "/four", "size=1m");
	mount_at(HOME "/five", "size=1m");
	make(HOME "/four", "disk.img", "x");
	make(HOME "/five", "disk.img", "x");
	make_directory(HOME "/bound4/");
	assert_int_equal(mount(HOME "/four", HOME "/bound4", NULL, MS_BIND, NULL), 0);
	look(HOME "/four/disk.img", LONG_MS, &sides);
	look(HOME "/bound4/disk.img", LONG_MS, &again);
	look(HOME "/five/disk.img", LONG_MS, &other);
	first = only(&sides);
	second = only(&other);
	assert_int_equal(first->born_ns.fact.state, only(&again)->born_ns.fact.state);
	assert_int_equal(first->born_ns.value, only(&again)->born_ns.value);
	if (vfm_known(&first->born_ns.fact))
		assert_int_not_equal(first->born_ns.value, second->born_ns.value);
	else
		print_message("this kernel does not tell when a file of tmpfs was made\n");
	if (!vfm_known(&first->identity.fact)) {
		print_message("this kernel tells no UUID of tmpfs: %s\n",
			      vfm_fact_reason(&first->identity.fact));
		skip();
	}
	assert_non_null(vfm_text_after(first->identity.value, "tmpfs "));
	assert_true(vfm_fact_is_text(&only(&again)->identity, first->identity.value));
	assert_true(vfm_known(&second->identity.fact));
	assert_string_not_equal(first->identity.value, second->identity.value);
}

/* One file, mounted at two places. */
static void test_bound_file(void **state)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides again = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides other = {.sides = {.items = NULL}};

	(void)state;
	NEEDS_HOST();
	mount_at(HOME "/two", "size=1m");
	make(HOME "/two/sub", "disk.img", "x");
	make(HOME "/two/sub", "other.img", "x");
	tell_udev(HOME "/two", "u-2");
	make_directory(HOME "/bound/");
	assert_int_equal(mount(HOME "/two/sub", HOME "/bound", NULL, MS_BIND, NULL), 0);
	look(HOME "/two/sub/disk.img", LONG_MS, &sides);
	look(HOME "/bound/disk.img", LONG_MS, &again);
	look(HOME "/bound/other.img", LONG_MS, &other);
	assert_true(vfm_known(&only(&sides)->identity.fact));
	assert_true(vfm_fact_is_text(&only(&again)->identity, only(&sides)->identity.value));
	assert_false(vfm_fact_is_text(&only(&other)->identity, only(&sides)->identity.value));
}

/* Not there: in a directory that is, by a link to nowhere, and in none. */
static void test_not_there(void **state)
{
	static const struct {
		const char *path;
		bool directory;
	} rows[] = {
		{HOME "/three/new.img", true},     {HOME "/three/new.img/", true},
		{HOME "/three/nowhere", true},     {HOME "/three/none/new.img", false},
		{HOME "/three/file/x.img", false},
	};

	(void)state;
	NEEDS_HOST();
	mount_at(HOME "/three", "size=1m");
	make(HOME "/three", "file", "x");
	make_link(HOME "/three", "nowhere", "/run/not/there");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
		const struct vfm_storage_side_probe *side;

		look(rows[i].path, LONG_MS, &sides);
		side = only(&sides);
		if (!vfm_fact_is_false(&side->reachable) || !vfm_known(&side->directory.fact) ||
		    side->directory.value != rows[i].directory)
			fail_msg("%s", rows[i].path);
		assert_int_equal(side->identity.fact.state, VFM_ABSENT);
		assert_int_equal(side->born_ns.fact.state, VFM_ABSENT);
		assert_int_equal(side->kind.fact.state, VFM_ABSENT);
		assert_int_equal(side->size_bytes.fact.state, VFM_ABSENT);
		assert_int_equal(vfm_known(&side->free_bytes.fact), rows[i].directory);
		assert_int_equal(vfm_fact_is_text(&side->filesystem, "tmpfs"), rows[i].directory);
	}
}

static void test_other_kinds(void **state)
{
	static const struct {
		const char *path, *kind;
	} rows[] = {{HOME, "directory"}, {HOME "/pipe", "other"}};

	(void)state;
	NEEDS_HOST();
	/* One that nobody reads: it is looked at, and not opened. */
	assert_int_equal(mkfifo(HOME "/pipe", 0600), 0);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(rows); i++) {
		VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};

		look(rows[i].path, LONG_MS, &sides);
		assert_true(vfm_fact_is_text(&only(&sides)->kind, rows[i].kind));
		assert_int_equal(only(&sides)->size_bytes.fact.state, VFM_ABSENT);
	}
}

static void test_block_device(void **state)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides nameless = {.sides = {.items = NULL}};
	struct vfm_storage_side_probe *side;

	(void)state;
	NEEDS_HOST();
	if (mknod(HOME "/sda", S_IFBLK | 0600, makedev(8, 0)) < 0 ||
	    mknod(HOME "/sdc", S_IFBLK | 0600, makedev(8, 32)) < 0) {
		print_message("no device nodes of our own: %s\n", strerror(errno));
		skip();
	}
	look(HOME "/sda", LONG_MS, &sides);
	side = only(&sides);
	assert_true(vfm_fact_is_true(&side->reachable));
	assert_true(vfm_fact_is_text(&side->kind, "block"));
	assert_true(vfm_fact_is_text(&side->identity, "wwn naa.6001405aa"));
	assert_true(vfm_fact_is_text(&side->device, "wwn naa.6001405aa"));
	assert_true(vfm_known(&side->size_bytes.fact));
	assert_int_equal(side->size_bytes.value, 1 << 20);
	/* The file system that the node is on is not the disk's. */
	assert_int_equal(side->filesystem.fact.state, VFM_ABSENT);
	assert_int_equal(side->cluster.fact.state, VFM_ABSENT);
	assert_int_equal(side->free_bytes.fact.state, VFM_ABSENT);
	look(HOME "/sdc", LONG_MS, &nameless);
	assert_true(vfm_fact_is_true(&only(&nameless)->reachable));
	assert_int_equal(only(&nameless)->identity.fact.state, VFM_UNKNOWN);
}

/* The kernel's list of mounts with a tmpfs in it that is called NFS: no server is needed. */
static void test_nfs(void **state)
{
	static const char before[] = " - tmpfs nas:/vms ", after[] = " - nfs4 nas:/vms nolock,";
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_FREE char *list = NULL, *changed = NULL, *identity = NULL;
	struct vfm_storage_side_probe *side;
	struct stat status;
	char *found;

	(void)state;
	NEEDS_HOST();
	make_directory(HOME "/nfs/");
	assert_int_equal(mount("nas:/vms", HOME "/nfs", "tmpfs", 0, "size=1m"), 0);
	make(HOME "/nfs", "disk.img", "x");
	assert_int_equal(stat(HOME "/nfs/disk.img", &status), 0);
	assert_int_equal(vfm_file_read("/proc/self/mountinfo", 1 << 20, &list, NULL, NULL), 0);
	found = strstr(list, before);
	assert_non_null(found);
	*found = '\0';
	changed = vfm_text_printf("%s%s%s", list, after, found + strlen(before));
	assert_int_equal(vfm_file_write_atomic("/run/mounts", changed, strlen(changed), 0644, NULL),
			 0);
	if (mount("/run/mounts", "/proc/self/mountinfo", NULL, MS_BIND, NULL) < 0) {
		print_message("no mountinfo of our own: %s\n", strerror(errno));
		skip();
	}
	look(HOME "/nfs/disk.img", LONG_MS, &sides);
	assert_int_equal(umount("/proc/self/mountinfo"), 0);
	side = only(&sides);
	identity = vfm_text_printf("nfs nas:/vms/disk.img inode %ju", (uintmax_t)status.st_ino);
	assert_true(vfm_fact_is_text(&side->identity, identity));
	assert_true(vfm_fact_is_true(&side->cluster));
	assert_true(vfm_fact_is_text(&side->filesystem, "nfs4"));
	assert_true(vfm_fact_is_text(&side->locks, "local"));
}

/* A file system whose server says nothing holds nobody up but those who ask for it. */
static void test_no_answer(void **state)
{
	static const char *const paths[] = {HOME "/hung/disk.img", HOME};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_CLOSE int server = -1;
	VFM_AUTO_FREE char *options = NULL;
	const struct vfm_storage_side_probe *side;

	(void)state;
	NEEDS_HOST();
	server = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	options = vfm_text_printf("fd=%d,rootmode=40000,user_id=0,group_id=0", server);
	make_directory(HOME "/hung/");
	if (server < 0 || mount("none", HOME "/hung", "fuse", 0, options) < 0) {
		print_message("no FUSE of our own: %s\n", strerror(errno));
		skip();
	}
	assert_int_equal(vfm_storage_read(paths, 2, vfm_deadline_in(SHORT_MS), &sides, NULL), 0);
	side = only(&sides);
	for (const struct vfm_field *field = vfm_storage_side_fields; field->name; field++) {
		const struct vfm_fact *fact =
			(const struct vfm_fact *)((const char *)side + field->offset);

		if (fact->state != VFM_UNKNOWN || !strstr(vfm_fact_reason(fact), "not answer"))
			fail_msg("%s: %s", field->name, vfm_fact_reason(fact));
	}
	assert_true(vfm_fact_is_true(&side[1].reachable));
	assert_int_equal(umount2(HOME "/hung", MNT_FORCE | MNT_DETACH), 0);
}

/* Many paths, and no path, in their order. */
static void test_many(void **state)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides = {.sides = {.items = NULL}};
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides none = {.sides = {.items = NULL}};
	const char *paths[64];

	(void)state;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++)
		paths[i] = i % 2 ? "/" : "/not/there";
	assert_int_equal(vfm_storage_read(paths, VFM_ARRAY_SIZE(paths), vfm_deadline_in(LONG_MS),
					  &sides, NULL),
			 0);
	assert_int_equal(sides.sides.count, VFM_ARRAY_SIZE(paths));
	for (size_t i = 0; i < VFM_ARRAY_SIZE(paths); i++) {
		const struct vfm_storage_side_probe *side =
			vfm_list_at(struct vfm_storage_side_probe, &sides.sides, i);

		assert_true(vfm_known(&side->reachable.fact));
		assert_int_equal(side->reachable.value, i % 2);
	}
	assert_int_equal(vfm_storage_read(NULL, 0, vfm_deadline_in(LONG_MS), &none, NULL), 0);
	assert_true(vfm_known(&none.sides.fact));
	assert_int_equal(none.sides.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount),
		cmocka_unit_test(test_mount_without_source),
		cmocka_unit_test(test_bad_mounts),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_udev_uuid),
		cmocka_unit_test(test_wwn),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_bound_file),
		cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_block_device),
		cmocka_unit_test(test_nfs),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_uuid_text),
		cmocka_unit_test(test_told_by_kernel),
	};

	return cmocka_run_group_tests(tests, host_up, NULL);
}
