/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rules about a VM's disks, by rows (moving.h). The last test holds rows and tables against
 * what was released.
 */
#include "moving.h"
#include "rulewords.h"

#define NVIDIA NUMBER(profile, VFM_PROFILE_NVIDIA)

static char vda[] = "vda", vdb[] = "vdb";
static char *vda_names[] = {vda}, *vdb_names[] = {vdb};
static const struct vfm_strings vda_list = {.values = vda_names, .count = 1};
static const struct vfm_strings vdb_list = {.values = vdb_names, .count = 1};

/* clang-format off */

#define LIST(m, v)      {CHANGE_WORD, AT_A(const struct vfm_strings *, m), 0, (const char *)(v), NULL, 0}
#define NAMED(list)     COPIED, LIST(move.migration.disks, list)
#define OVERWRITE       LIST(move.overwrite_targets, &vda_list)
#define INCREMENTAL     NUMBER(move.migration.copy, VFM_COPY_INCREMENTAL)

/* What the first disk is on each host. */
#define IDENTITY(a, b)  TEXT(storage[0].at_source.identity, a), TEXT(storage[0].at_destination.identity, b)
#define CLUSTER(v)      BOOL(storage[0].at_source.cluster, v), BOOL(storage[0].at_destination.cluster, v)
#define BLOCK(a, b)     IDENTITY(a, b), NO_FACT(storage[0].at_source.cluster), NO_FACT(storage[0].at_destination.cluster), \
			NO_FACT(storage[0].at_source.filesystem), NO_FACT(storage[0].at_destination.filesystem)
#define FILESYSTEM(a, b) TEXT(storage[0].at_source.filesystem, a), TEXT(storage[0].at_destination.filesystem, b)
#define OPTIONS(a, b)   TEXT(storage[0].at_source.options, a), TEXT(storage[0].at_destination.options, b)
#define LOCKS(a, b)     TEXT(storage[0].at_source.locks, a), TEXT(storage[0].at_destination.locks, b)
#define NOT_THERE       BOOL(storage[0].at_destination.reachable, false), NO_FACT(storage[0].at_destination.identity)
#define READONLY        NUMBER(disks[0].readonly, true)
#define DEVICES(a, b)   TEXT(storage[0].at_source.device, a), TEXT(storage[0].at_destination.device, b)
#define BORN(a, b)      UINT(storage[0].at_source.born_ns, a), UINT(storage[0].at_destination.born_ns, b)
/* Two names of nothing, on file systems of these types; files that say the same of themselves. */
#define NAMELESS(a, b)  NOT_READ(storage[0].at_source.identity), NOT_READ(storage[0].at_destination.identity), \
			CLUSTER(false), FILESYSTEM(a, b)
#define LIKE            IDENTITY(LOCAL("1"), LOCAL("1")), CLUSTER(false), FILESYSTEM("xfs", "xfs")
#define KINDS(a, b)     TEXT(storage[0].at_source.kind, a), TEXT(storage[0].at_destination.kind, b)
#define NFS(server)     "nfs " server ":/export/vms/vm1.qcow2 inode 7"
#define LOCAL(uuid)     "xfs " uuid " /vm1.qcow2 inode 7"

/* A second disk, of which the probes say this. */
#define SECOND(d) \
	NUMBER(domain.disk_count, 2), NUMBER(disks[1].device, d), WORD(disks[1].target, "vdb"), \
	WORD(disks[1].source, "/srv/b"), COUNT(probe.storage, 2), TEXT(storage[1].target, "vdb")
#define SECOND_DISK     SECOND(VFM_DISK_DEVICE_DISK)
#define CDROM           SECOND(VFM_DISK_DEVICE_CDROM)
#define SECOND_THERE(v) BOOL(storage[1].at_source.reachable, true), BOOL(storage[1].at_destination.reachable, v)
#define NO_STORAGE      NOT_READ(probe.storage)

static const struct moving_row rows[] = {
	{"storage-shared", PASS, NONE, {}, "reachable on both", NULL, "vm1"},
	{"storage-shared", PASS, NONE, {NO_VF}, NULL, NULL, NULL},
	{"storage-shared", SKIP, NONE, {OFFLINE, NOT_THERE}, "does not run", NULL, NULL},
	{"storage-shared", SKIP, NONE, {NUMBER(domain.disk_count, 0)}, "no disk", NULL, NULL},
	{"storage-shared", SKIP, NONE, {COPIED, NOT_THERE}, "no disk that stays", NULL, NULL},
	{"storage-shared", SKIP, NONE, {NAMED(&vda_list), NOT_THERE}, NULL, NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {NAMED(&vdb_list), NOT_THERE}, "vda (/srv/vm1.qcow2) is not there on b", NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {COPIED, NUMBER(disks[0].shareable, true), NOT_THERE}, "is not there", NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {COPIED, READONLY, NOT_THERE}, "is not there", NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {NOT_THERE}, "vda (/srv/vm1.qcow2) is not there on b", "--copy-storage all", NULL},
	{"storage-shared", FAIL, REFUSE, {NOT_THERE, NVIDIA}, NULL, NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {BOOL(storage[0].at_source.reachable, false)}, "is not there on a", NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {NUMBER(disks[0].type, VFM_DISK_NVME)}, "NVMe disk of the host a", NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {NOT_THERE, SECOND_DISK, SECOND_THERE(false)}, "on b; vdb (/srv/b) is not there on b", NULL, NULL},
	{"storage-shared", FAIL, REFUSE, {NOT_READ(storage[0].at_destination.reachable), SECOND_DISK, SECOND_THERE(false)}, "vdb (/srv/b)", NULL, NULL},
	{"storage-shared", PASS, NONE, {NUMBER(disks[0].type, VFM_DISK_NETWORK), NOT_READ(storage[0].at_source.reachable), NOT_READ(storage[0].at_destination.reachable)}, "reachable on both", NULL, NULL},
	{"storage-shared", UNKNOWN, REFUSE, {NOT_READ(storage[0].at_destination.reachable)}, "on the destination is not known: not asked", NULL, NULL},
	{"storage-shared", UNKNOWN, REFUSE, {NOT_READ(storage[0].at_source.reachable)}, "on the source is not known", NULL, NULL},
	{"storage-shared", UNKNOWN, REFUSE, {TEXT(storage[0].target, "vdx")}, "vda (/srv/vm1.qcow2) was not looked at", NULL, NULL},
	{"storage-shared", UNKNOWN, REFUSE, {NO_STORAGE}, "was not looked at: not asked", NULL, NULL},
	{"storage-shared", PASS, NONE, {CDROM, SECOND_THERE(false)}, NULL, NULL, NULL},

	{"storage-identity", PASS, NONE, {}, "proved to be the same", NULL, NULL},
	{"storage-identity", SKIP, NONE, {OFFLINE, IDENTITY(NFS("a"), LOCAL("1"))}, "does not run", NULL, NULL},
	{"storage-identity", SKIP, NONE, {COPIED, IDENTITY(LOCAL("1"), LOCAL("2"))}, "no disk that stays", NULL, NULL},
	{"storage-identity", SKIP, NONE, {READONLY, IDENTITY(LOCAL("1"), LOCAL("2"))}, NULL, NULL, NULL},
	{"storage-identity", PASS, NONE, {BLOCK("wwn naa.6001", "wwn naa.6001")}, NULL, NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {BLOCK("wwn naa.6001", "wwn naa.6002")}, "is wwn naa.6001 on a, and wwn naa.6002 on b", "--copy-storage all", NULL},
	{"storage-identity", FAIL, REFUSE, {BLOCK("rbd p/i fsid 1", "rbd p/i fsid 2"), NVIDIA}, NULL, NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {LIKE, DEVICES("wwn naa.6001", "wwn naa.6002")}, "file system (xfs) that one host has for itself: there is a copy on b", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {LIKE, BORN(1700000000000000001, 1700000000000000002)}, "there is a copy on b", NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {LIKE}, "that one host alone may mount: on b there is a copy, or the same", NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {LIKE, DEVICES("wwn naa.6001", "wwn naa.6001"), BORN(1, 2)}, "there is the same, from the same device", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {NAMELESS("vfat", "vfat"), DEVICES("wwn 1", "wwn 2")}, "is wwn 1 on a, and wwn 2 on b", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {NAMELESS("ext4", "tmpfs")}, "is ext4 on a, and tmpfs on b", NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {NAMELESS("ext4", "ext4")}, "not asked", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {BLOCK("wwn 1", "wwn 1 partition 2"), DEVICES("wwn 1", "wwn 1 partition 2"), KINDS("block", "block")}, "is wwn 1 on a, and wwn 1 partition 2 on b", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {IDENTITY(LOCAL("1"), LOCAL("2")), CLUSTER(false)}, "is xfs 1", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {IDENTITY("gfs2 1 /a inode 7", "gfs2 1 /a inode 8")}, NULL, NULL, NULL},
	{"storage-identity", PASS, NONE, {IDENTITY("gfs2 1 /a inode 7", "gfs2 1 /a inode 7")}, NULL, NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {IDENTITY("nfs s:/a inode 7", "nfs s:/a inode 8")}, NULL, NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {IDENTITY("nfs s:/a inode 7 inode 8", "nfs t:/a inode 7 inode 9")}, NULL, NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {IDENTITY(NFS("192.0.2.9"), NFS("filer"))}, "that may be the same", "--accept storage-identity", NULL},
	{"storage-identity", UNKNOWN, REFUSE, {IDENTITY(LOCAL("1"), NFS("a"))}, "that may be the same", NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {IDENTITY("cifs //s/a inode 7", "cifs //s/a inode 8")}, NULL, NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {NOT_READ(storage[0].at_source.identity)}, "same on both hosts is not known: not asked", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {NOT_THERE}, "vda (/srv/vm1.qcow2) is not there on b", "--copy-storage all", NULL},
	{"storage-identity", UNKNOWN, REFUSE, {NOT_READ(storage[0].at_destination.cluster)}, "not asked", NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {NOT_READ(storage[0].at_source.cluster)}, "not asked", NULL, NULL},
	{"storage-identity", UNKNOWN, REFUSE, {NO_STORAGE}, "not looked at: not asked", NULL, NULL},
	{"storage-identity", FAIL, REFUSE, {NOT_READ(storage[0].at_source.identity), SECOND_DISK, TEXT(storage[1].at_source.identity, "wwn 1"), TEXT(storage[1].at_destination.identity, "wwn 2")}, "vdb (/srv/b) is wwn 1", NULL, NULL},

	{"copy-target", SKIP, NONE, {}, "move of this kind", NULL, NULL},
	{"copy-target", SKIP, NONE, {OFFLINE}, NULL, NULL, NULL},
	{"copy-target", SKIP, NONE, {COPIED, READONLY}, "no disk that can be copied", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, NOT_THERE}, "nothing is lost", NULL, NULL},
	{"copy-target", PASS, NONE, {NAMED(&vda_list), NO_VF, NOT_THERE}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {NAMED(&vdb_list)}, "the VM has no disk vdb", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED}, "copied onto itself", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE}, "copied onto itself", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NVIDIA, BLOCK("wwn 1", "wwn 1"), OVERWRITE}, "copied onto itself", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, IDENTITY(NFS("192.0.2.9"), NFS("filer"))}, "may be the same storage", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, NOT_READ(storage[0].at_destination.identity)}, "may be the same storage", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, IDENTITY(LOCAL("1"), LOCAL("2"))}, "is there on b already", "what is in it on b is lost: --overwrite-target vda", NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, LIST(move.overwrite_targets, &vdb_list), IDENTITY(LOCAL("1"), LOCAL("2"))}, "is there on b already", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2"))}, NULL, NULL, NULL},
	/* Alike in all that is read: proof is another device, or another birth. */
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, LIKE}, "may be the same storage", "mv -n /srv/vm1.qcow2 /srv/vm1.qcow2.aside", NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, LIKE, BORN(7, 7)}, "may be the same storage", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, LIKE, BORN(7, 8)}, NULL, NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, LIKE, DEVICES("wwn naa.6001", "wwn naa.60012")}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE, LIKE, DEVICES("wwn 1", "wwn 1"), BORN(7, 8)}, "copied onto itself", NULL, NULL},
	/* Nothing says what they are: proof is that they cannot be the same. */
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, NAMELESS("ext4", "ext4")}, "copied onto itself: not asked", "move away what is there", NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, NAMELESS("ext4", "ext4"), DEVICES("wwn 1", "wwn 1")}, "may be the same storage", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, NAMELESS("ext4", "ext4"), DEVICES("wwn 1", "lvm U on wwn 2")}, NULL, NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, NAMELESS("ext4", "tmpfs")}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NAMELESS("ext4", "tmpfs")}, "is there on b already", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, NAMELESS("nfs4", "tmpfs"), BOOL(storage[0].at_source.cluster, true)}, "may be the same storage", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, NAMELESS("ext4", "tmpfs"), NOT_READ(storage[0].at_source.cluster)}, "may be the same storage", NULL, NULL},
	/* Devices that lie on one another. */
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE, BLOCK("wwn 1", "lvm U on wwn 1"), DEVICES("wwn 1", "lvm U on wwn 1"), KINDS("block", "block")}, "what holds it would be overwritten", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE, BLOCK("lvm U on wwn 1, wwn 2", "wwn 1"), DEVICES("lvm U on wwn 1, wwn 2", "wwn 1"), KINDS("block", "block")}, "what holds it", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, BLOCK("lvm U on wwn 1", "lvm V on wwn 1"), DEVICES("lvm U on wwn 1", "lvm V on wwn 1"), KINDS("block", "block")}, NULL, NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, BLOCK("lvm U on wwn 12", "wwn 1"), DEVICES("lvm U on wwn 12", "wwn 1"), KINDS("block", "block")}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), "wwn 1"), DEVICES("wwn 1", "wwn 1"), KINDS("file", "block")}, "what holds it", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, OVERWRITE, NOT_READ(storage[0].at_destination.identity), KINDS("block", "block")}, "may be the same storage", "told apart by a WWN", NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NOT_THERE, BOOL(storage[0].at_source.reachable, false)}, "is not there on a either", "put it back", NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2")), UINT(storage[0].at_destination.size_bytes, 1)}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2")), WORD(disks[0].format, "raw"), UINT(storage[0].at_destination.size_bytes, (1 << 30) - 1)}, "has 1073741824 bytes, and on b only 1073741823", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2")), WORD(disks[0].format, "raw")}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NOT_THERE, TEXT(storage[0].used_by, "other")}, "is used on b by the domain other", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2")), TEXT(storage[0].used_by, "other")}, "domain other", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, NOT_THERE, NOT_READ(storage[0].used_by)}, "who uses it there", NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, NOT_READ(storage[0].at_destination.reachable)}, "whether it is there", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NOT_THERE, BOOL(storage[0].at_destination.directory, false)}, "no directory to be in on b", "make the directory of /srv/vm1.qcow2", NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, NOT_THERE, NOT_READ(storage[0].at_destination.directory)}, "the directory it is to be in", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NOT_THERE, NO_FACT(storage[0].pool)}, "only where an active storage pool has its folder", "virsh pool-create-as copies dir --target /srv", NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, NOT_THERE, NOT_READ(storage[0].pool)}, "the storage pool it is to be in", NULL, NULL},
	{"copy-target", PASS, NONE, {COPIED, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2")), NO_FACT(storage[0].pool)}, NULL, NULL, NULL},
	{"copy-target", FAIL, REFUSE, {COPIED, NOT_THERE, NUMBER(disks[0].type, VFM_DISK_BLOCK)}, "libvirt makes no device", NULL, NULL},
	{"copy-target", FAIL, REFUSE, {INCREMENTAL, NOT_THERE}, "a copy of what differs", "base image", NULL},
	{"copy-target", PASS, NONE, {INCREMENTAL, OVERWRITE, IDENTITY(LOCAL("1"), LOCAL("2"))}, NULL, NULL, NULL},
	{"copy-target", UNKNOWN, REFUSE, {COPIED, NO_STORAGE}, "not looked at", NULL, NULL},

	{"nfs-options", PASS, NONE, {}, "as they should be", NULL, NULL},
	{"nfs-options", PASS, NONE, {OFFLINE, NO_VF}, NULL, NULL, NULL},
	{"nfs-options", SKIP, NONE, {FILESYSTEM("gfs2", "gfs2"), OPTIONS("soft", "ro")}, "no disk of the VM is on NFS", NULL, NULL},
	{"nfs-options", SKIP, NONE, {BLOCK("wwn 1", "wwn 1")}, "no disk of the VM is on NFS", NULL, NULL},
	{"nfs-options", FAIL, WARN, {FILESYSTEM("nfs", "nfs")}, "is on an NFS 3 mount of a with file locking; vda (/srv/vm1.qcow2) is on an NFS 3 mount of b", "nolock", NULL},
	{"nfs-options", FAIL, WARN, {NVIDIA, FILESYSTEM("nfs4", "nfs"), LOCKS("server", "local flock")}, "NFS 3 mount of b", NULL, NULL},
	{"nfs-options", PASS, NONE, {FILESYSTEM("nfs", "nfs"), LOCKS("local", "local")}, NULL, NULL, NULL},
	{"nfs-options", FAIL, WARN, {FILESYSTEM("nfs", "nfs4"), LOCKS("local", "server")}, "locks seen by others as 'local' on a, and 'server' on b", NULL, NULL},
	{"nfs-options", FAIL, WARN, {OPTIONS("rw,vers=4.2", "rw,soft,vers=4.2")}, "soft mount of b", NULL, NULL},
	{"nfs-options", PASS, NONE, {OPTIONS("rw,vers=4.2", "rw,softreval")}, NULL, NULL, NULL},
	{"nfs-options", FAIL, WARN, {OPTIONS("rw", "vers=4.2,ro")}, "read-only mount of b", NULL, NULL},
	{"nfs-options", PASS, NONE, {OPTIONS("ro", "ro"), READONLY}, NULL, NULL, NULL},
	{"nfs-options", SKIP, NONE, {COPIED, OPTIONS("soft", "soft")}, "no disk that stays", NULL, NULL},
	{"nfs-options", UNKNOWN, INFO, {NOT_READ(storage[0].at_source.locks)}, "who sees its locks is not known: not asked", NULL, NULL},
	{"nfs-options", UNKNOWN, INFO, {NOT_READ(storage[0].at_destination.options)}, "how it is mounted", NULL, NULL},
	{"nfs-options", UNKNOWN, INFO, {NOT_READ(storage[0].at_destination.filesystem)}, "what it is on is not known", NULL, NULL},
	{"nfs-options", UNKNOWN, INFO, {NO_STORAGE}, "not looked at", NULL, NULL},
	{"nfs-options", SKIP, NONE, {NO_STORAGE, NUMBER(domain.disk_count, 0)}, NULL, NULL, NULL},

	{"selinux-nfs", PASS, NONE, {}, "virt_use_nfs is on", NULL, NULL},
	{"selinux-nfs", PASS, NONE, {OFFLINE, NO_VF}, NULL, NULL, NULL},
	{"selinux-nfs", FAIL, WARN, {BOOL(probe.nfs_sebool, false)}, "virt_use_nfs is off on b", "setsebool -P virt_use_nfs 1", NULL},
	{"selinux-nfs", FAIL, WARN, {NVIDIA, COPIED, BOOL(probe.nfs_sebool, false)}, NULL, NULL, NULL},
	{"selinux-nfs", SKIP, NONE, {BOOL(probe.nfs_sebool, false), FILESYSTEM("nfs4", "xfs")}, "no disk", NULL, NULL},
	{"selinux-nfs", PASS, NONE, {BOOL(probe.nfs_sebool, false), TEXT(probe.destination.secure_model, "apparmor")}, "does not confine", NULL, NULL},
	{"selinux-nfs", FAIL, WARN, {BOOL(probe.nfs_sebool, false), NOT_READ(probe.destination.secure_model)}, NULL, NULL, NULL},
	{"selinux-nfs", PASS, NONE, {NO_FACT(probe.nfs_sebool)}, "has no SELinux", NULL, NULL},
	{"selinux-nfs", UNKNOWN, INFO, {NOT_READ(probe.nfs_sebool)}, "not asked", NULL, NULL},
	{"selinux-nfs", UNKNOWN, INFO, {BOOL(probe.nfs_sebool, false), NOT_READ(storage[0].at_destination.filesystem)}, "whether a disk of the VM is on NFS", NULL, NULL},
	{"selinux-nfs", UNKNOWN, INFO, {BOOL(probe.nfs_sebool, false), NO_STORAGE}, NULL, NULL, NULL},

	{"removable-media", SKIP, NONE, {}, "no medium", NULL, NULL},
	{"removable-media", SKIP, NONE, {CDROM, WORD(disks[1].source, NULL)}, "no medium", NULL, NULL},
	{"removable-media", PASS, NONE, {CDROM, SECOND_THERE(true)}, "are there", NULL, NULL},
	{"removable-media", FAIL, REFUSE, {CDROM, SECOND_THERE(false)}, "vdb (/srv/b) is not there on b", "virsh change-media vm1 vdb --eject", NULL},
	{"removable-media", FAIL, REFUSE, {SECOND(VFM_DISK_DEVICE_FLOPPY), SECOND_THERE(false), NVIDIA}, NULL, NULL, NULL},
	{"removable-media", FAIL, REFUSE, {CDROM, SECOND_THERE(false), OFFLINE}, NULL, NULL, NULL},
	{"removable-media", FAIL, REFUSE, {CDROM, SECOND_THERE(false), WORD(disks[1].startup_policy, "mandatory")}, NULL, NULL, NULL},
	{"removable-media", PASS, NONE, {CDROM, SECOND_THERE(false), WORD(disks[1].startup_policy, "optional")}, "may be missing", NULL, NULL},
	{"removable-media", PASS, NONE, {CDROM, SECOND_THERE(false), WORD(disks[1].startup_policy, "requisite")}, NULL, NULL, NULL},
	{"removable-media", UNKNOWN, WARN, {CDROM}, "whether it is there", NULL, NULL},
	{"removable-media", UNKNOWN, WARN, {CDROM, NO_STORAGE}, "not looked at", NULL, NULL},
};

static const struct moving_released released[] = {
	{"storage-shared", "R/R", "R/R", 'n', VFM_APPLIES_LIVE},
	{"storage-identity", "R/R", "R/R", 'u', VFM_APPLIES_LIVE},
	{"copy-target", "R/R", "R/R", 'n', VFM_APPLIES_COPY},
	{"nfs-options", "W/I", "W/I", 'y', 0},
	{"selinux-nfs", "W/I", "W/I", 'y', 0},
	{"removable-media", "R/W", "R/W", 'y', 0},
};
/* clang-format on */

static void test_rows(void **state)
{
	(void)state;
	moving_check_rows(rows, VFM_ARRAY_SIZE(rows));
}

static void test_both_sides(void **state)
{
	static const struct change changes[] = {
		BLOCK("wwn 1", "wwn 2"),
		SECOND_DISK,
		SECOND_THERE(false),
		TEXT(storage[1].at_source.identity, "wwn 3"),
	};
	static struct moving moving;
	struct vfm_findings findings = {.items = NULL};

	(void)state;
	moving_init(&moving, changes, VFM_ARRAY_SIZE(changes));
	moving_judge(&moving, &findings);
	assert_string_equal(find(&findings, "storage-shared", NULL)->source,
			    "vda: reachable, vdb: reachable");
	assert_string_equal(find(&findings, "storage-shared", NULL)->destination,
			    "vda: reachable, vdb: not there");
	assert_string_equal(find(&findings, "storage-identity", NULL)->source,
			    "vda: wwn 1, vdb: wwn 3");
	assert_string_equal(find(&findings, "storage-identity", NULL)->destination,
			    "vda: wwn 2, vdb: not known");
	assert_false(vfm_may_move(&findings));
	vfm_findings_done(&findings);
	moving_done(&moving);
}

static void test_released(void **state)
{
	(void)state;
	moving_check_released(released, VFM_ARRAY_SIZE(released), rows, VFM_ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_both_sides),
		cmocka_unit_test(test_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
