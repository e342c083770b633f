/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of block devices; see block.h. */
#include "facts/block.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"

#define BLOCK_DIRECTORY "/sys/dev/block"

enum {
	SECTOR_BYTES = 512, /* the unit of "size", whatever the device's is */
	LVM_UUIDS = 64,     /* of the group and of the volume, 32 signs each */
	DEPTH_MAX = 4,      /* a volume on a part of a path … */
};

static int name_of(const char *directory, int depth, char **ret_identity, struct vfm_error *err);

/* what: why; which: the name that was met, or NULL. */
static int no_name(struct vfm_error *err, const char *what, const char *which)
{
	return vfm_error_set(err, -ENODATA, NULL, NULL, which ? "%s: '%.100s'" : "%s", what, which);
}

/* Gives a text to the caller; NULL: there was no memory for it. */
static int take(char *text, char **ret_identity, struct vfm_error *err)
{
	if (!text)
		return vfm_error_no_memory(err, "block device");
	*ret_identity = text;
	return 0;
}

/* An attribute that has something in it; else NULL. */
static char *attribute(const char *directory, const char *name)
{
	char *text = NULL;

	if (vfm_attribute_read(directory, name, &text, NULL) == 0 && *text)
		return text;
	free(text);
	return NULL;
}

/* --- names of LUNs --- */

/* SCSI's kinds of names: sysfs has the word, multipath (as scsi_id) the number. */
static const struct {
	char number;
	const char *word;
} designators[] = {{'3', "naa."}, {'2', "eui."}, {'1', "t10."}};

static bool is_blank(char c)
{
	return isspace((unsigned char)c) || c == '_';
}

/* Runs of blanks become one '_', and there are none at the end: as udev has it. */
static void fold_blanks(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++) {
		if (!is_blank(*in))
			*out++ = *in;
		else if (out > text && out[-1] != '_')
			*out++ = '_';
	}
	while (out > text && out[-1] == '_')
		out--;
	*out = '\0';
}

/*
 * Nothing but zeros is what a device has that was given no name. QEMU numbers the disks of each VM
 * alike where they were given no serial number: "QM00001" is another disk in each (hw/ide/core.c).
 */
static bool names_something(const char *text)
{
	const char *name = strchr(text, '.');

	if (strstr(text, "QEMU_HARDDISK_QM000") || strstr(text, "QEMU_DVD-ROM_QM000"))
		return false;
	name = name ? name + 1 : text;
	return name[strspn(name, "0-_.")];
}

char *vfm_wwn_text(const char *name)
{
	const char *word = "";
	char *text;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(designators); i++)
		if (*name == designators[i].number) {
			word = designators[i].word;
			name++;
			break;
		}
	text = vfm_text_printf("%s%s", word, name);
	if (!text)
		return NULL;
	fold_blanks(text);
	if (names_something(text))
		return text;
	free(text);
	return NULL;
}

static int take_wwn(const char *name, const char *partition, char **ret_identity,
		    struct vfm_error *err)
{
	VFM_AUTO_FREE char *wwn = vfm_wwn_text(name);

	if (!wwn)
		return no_name(err, "its name is empty", name);
	return take(vfm_text_printf("wwn %s%s%s", wwn, partition ? " partition " : "",
				    partition ? partition : ""),
		    ret_identity, err);
}

/* --- kinds of devices: 0, -ENOENT for one of another kind, or why it has no name --- */

static int name_of_rbd(const char *directory, int depth, char **ret_identity, struct vfm_error *err)
{
	VFM_AUTO_FREE char *device = vfm_text_printf("%s/device", directory);
	VFM_AUTO_FREE char *fsid = device ? attribute(device, "cluster_fsid") : NULL;
	VFM_AUTO_FREE char *pool = fsid ? attribute(device, "pool") : NULL;
	VFM_AUTO_FREE char *image = pool ? attribute(device, "name") : NULL;
	VFM_AUTO_FREE char *space = image ? attribute(device, "pool_ns") : NULL;
	VFM_AUTO_FREE char *snapshot = image ? attribute(device, "current_snap") : NULL;
	bool at_snapshot = snapshot && !vfm_streq(snapshot, "-");

	(void)depth;
	if (!image)
		return -ENOENT;
	return take(vfm_text_printf("rbd %s/%s%s%s%s%s fsid %s", pool, space ? space : "",
				    space ? "/" : "", image, at_snapshot ? "@" : "",
				    at_snapshot ? snapshot : "", fsid),
		    ret_identity, err);
}

/* The names of what a volume lies on, joined. */
static int name_of_lower(const char *directory, int depth, char **ret_names, struct vfm_error *err)
{
	VFM_AUTO_FREE char *slaves = vfm_text_printf("%s/slaves", directory);
	VFM_AUTO_STRINGS struct vfm_strings devices = {.values = NULL};
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	int r = slaves ? vfm_directory_list(slaves, &devices, err)
		       : vfm_error_no_memory(err, directory);

	for (size_t i = 0; r == 0 && i < devices.count; i++) {
		VFM_AUTO_FREE char *lower = vfm_text_printf("%s/%s", slaves, devices.values[i]);
		VFM_AUTO_FREE char *name = NULL;

		r = lower ? name_of(lower, depth + 1, &name, err)
			  : vfm_error_no_memory(err, directory);
		if (r == 0)
			vfm_strings_add(&names, name);
	}
	if (r < 0)
		return r;
	if (!names.count && !names.failed)
		return no_name(err, "what it lies on is not shown", NULL);
	vfm_strings_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		vfm_buffer_printf(&text, "%s%s", i ? ", " : "", names.values[i]);
	return take(names.failed ? NULL : vfm_buffer_steal(&text), ret_names, err);
}

/*
 * A volume has the same UUID in each copy of its group, as hosts have that were made from one
 * image: so what it lies on belongs to its name.
 */
static int name_of_lvm(const char *directory, const char *uuids, int depth, char **ret_identity,
		       struct vfm_error *err)
{
	VFM_AUTO_FREE char *lower = NULL;
	int r;

	if (strlen(uuids) != LVM_UUIDS)
		return no_name(err, "a part of a logical volume, or a thin one", uuids);
	r = name_of_lower(directory, depth, &lower, err);
	if (r < 0)
		return r;
	return take(vfm_text_printf("lvm %s on %s", uuids, lower), ret_identity, err);
}

/* "part1-mpath-36001…", of kpartx: the number, and the rest behind it. */
static const char *after_part(const char *uuid, char number[8])
{
	const char *digits = vfm_text_after(uuid, "part");
	size_t size = digits ? strspn(digits, "0123456789") : 0;

	if (!size || size >= 8 || digits[size] != '-')
		return NULL;
	memcpy(number, digits, size);
	number[size] = '\0';
	return digits + size + 1;
}

static int name_of_mapped(const char *directory, int depth, char **ret_identity,
			  struct vfm_error *err)
{
	VFM_AUTO_FREE char *uuid = attribute(directory, "dm/uuid");
	VFM_AUTO_FREE char *mapped = uuid ? NULL : attribute(directory, "dm/name");
	char number[8] = "";
	const char *rest, *name;

	if (!uuid)
		return mapped ? no_name(err, "a mapped device without a UUID", mapped) : -ENOENT;
	name = vfm_text_after(uuid, "LVM-");
	if (name)
		return name_of_lvm(directory, name, depth, ret_identity, err);
	rest = after_part(uuid, number);
	name = vfm_text_after(rest ? rest : uuid, "mpath-");
	if (name)
		return take_wwn(name, *number ? number : NULL, ret_identity, err);
	return no_name(err, "a mapped device of another kind", uuid);
}

static int name_of_partition(const char *directory, int depth, char **ret_identity,
			     struct vfm_error *err)
{
	VFM_AUTO_FREE char *number = attribute(directory, "partition");
	VFM_AUTO_FREE char *parent = vfm_text_printf("%s/..", directory);
	VFM_AUTO_FREE char *whole = NULL;
	int r;

	if (!number)
		return -ENOENT;
	r = parent ? name_of(parent, depth + 1, &whole, err) : vfm_error_no_memory(err, directory);
	if (r < 0)
		return r;
	return take(vfm_text_printf("%s partition %s", whole, number), ret_identity, err);
}

static int name_of_lun(const char *directory, int depth, char **ret_identity, struct vfm_error *err)
{
	static const char *const names[] = {"wwid", "device/wwid"}; /* NVMe, SCSI */

	(void)depth;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++) {
		VFM_AUTO_FREE char *name = attribute(directory, names[i]);

		if (name)
			return take_wwn(name, NULL, ret_identity, err);
	}
	return -ENOENT;
}

static int (*const kinds[])(const char *directory, int depth, char **ret_identity,
			    struct vfm_error *err) = {
	name_of_rbd,
	name_of_mapped,
	name_of_partition,
	name_of_lun,
};

static int name_of(const char *directory, int depth, char **ret_identity, struct vfm_error *err)
{
	if (depth >= DEPTH_MAX)
		return no_name(err, "it lies on too many others", NULL);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(kinds); i++) {
		int r = kinds[i](directory, depth, ret_identity, err);

		if (r != -ENOENT)
			return r;
	}
	return no_name(err, "the device has no name that other hosts see (WWN, NVMe identifier)",
		       NULL);
}

static char *directory_of(uint32_t major, uint32_t minor)
{
	return vfm_text_printf(BLOCK_DIRECTORY "/%" PRIu32 ":%" PRIu32, major, minor);
}

int vfm_block_identity(uint32_t major, uint32_t minor, char **ret_identity, struct vfm_error *err)
{
	VFM_AUTO_FREE char *directory = directory_of(major, minor);

	if (!directory)
		return vfm_error_no_memory(err, "block device");
	if (access(directory, F_OK) < 0)
		return no_name(err, "the kernel shows no such device", directory);
	return name_of(directory, 0, ret_identity, err);
}

int vfm_block_size(uint32_t major, uint32_t minor, uint64_t *ret_bytes, struct vfm_error *err)
{
	VFM_AUTO_FREE char *directory = directory_of(major, minor);
	uint64_t sectors = 0;
	int r = directory ? vfm_attribute_read_uint(directory, "size", 10, &sectors, err)
			  : vfm_error_no_memory(err, "block device");

	if (r < 0)
		return r;
	if (sectors > UINT64_MAX / SECTOR_BYTES)
		return vfm_error_set(err, -ERANGE, directory, NULL, "its size is no size");
	*ret_bytes = sectors * SECTOR_BYTES;
	return 0;
}
