/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File systems, and what tells a file of theirs from all others; see storage_identity.h. */
#include "facts/storage_identity.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

/* Where the file is in its file system: "/sub/disk.img"; NULL: not below the mount, or no memory.
 */
static char *path_within(const struct vfm_storage_seen *seen)
{
	const char *root = seen->mount->root, *point = seen->mount->point;
	const char *rest = vfm_streq(point, "/") ? seen->path : vfm_text_after(seen->path, point);

	if (!rest || (*rest && *rest != '/'))
		return NULL;
	if (vfm_streq(root, "/"))
		root = "";
	if (vfm_streq(rest, "/"))
		rest = "";
	return *root || *rest ? vfm_text_printf("%s%s", root, rest) : strdup("/");
}

/* --- ways to say what a file is; prefix: the first word --- */

typedef void (*identify)(const char *prefix, const struct vfm_storage_seen *seen,
			 const char *within, struct vfm_fact_text *fact);

static void set(struct vfm_fact_text *fact, const char *prefix, const char *where, const char *path,
		uint64_t inode)
{
	vfm_fact_set_textf(fact, "%s %s%s inode %" PRIu64, prefix, where, path, inode);
}

/* A server's name and what it exports: the path goes on there. */
static void by_server(const char *prefix, const struct vfm_storage_seen *seen, const char *within,
		      struct vfm_fact_text *fact)
{
	VFM_AUTO_FREE char *source = strdup(seen->mount->source);
	size_t size = source ? strlen(source) : 0;

	if (!source) {
		vfm_fact_set_unknown(&fact->fact, "out of memory");
		return;
	}
	while (size && source[size - 1] == '/')
		source[--size] = '\0';
	set(fact, prefix, source, within, seen->inode);
}

static void by_uuid(const char *prefix, const struct vfm_storage_seen *seen, const char *within,
		    struct vfm_fact_text *fact)
{
	if (!seen->uuid) {
		vfm_fact_set_unknown(&fact->fact,
				     "its file system (%s) has no UUID in udev's "
				     "database, and tells none itself",
				     seen->mount->type);
		return;
	}
	vfm_fact_set_textf(fact, "%s %s %s inode %" PRIu64, prefix, seen->uuid, within,
			   seen->inode);
}

/* A member of a list of options: what follows its name, up to the next ','. */
static bool option(const char *options, const char *name, struct vfm_span *ret_value)
{
	struct vfm_span rest = vfm_span_of(options), word, next;

	while (rest.size) {
		if (!vfm_span_split(rest, ',', &word, &next)) {
			word = rest;
			next = (struct vfm_span){.data = NULL};
		}
		if (vfm_span_starts(word, name)) {
			size_t size = strlen(name);

			*ret_value = (struct vfm_span){.data = word.data + size,
						       .size = word.size - size};
			return true;
		}
		rest = next;
	}
	return false;
}

/*
 * The directory that was mounted, and the file system's name where one was given:
 * "mon1:6789,mon2:/dir" (with mds_namespace=NAME) and "user@FSID.NAME=/dir".
 */
static const char *ceph_directory(const struct vfm_mount *mount, struct vfm_span *ret_name)
{
	const char *user = strchr(mount->source, '@'), *dot = user ? strchr(user, '.') : NULL;
	const char *now = dot ? strstr(dot, "=/") : NULL, *before = strstr(mount->source, ":/");

	*ret_name = (struct vfm_span){.data = NULL};
	if (now) {
		*ret_name = (struct vfm_span){.data = dot + 1, .size = (size_t)(now - dot - 1)};
		return now + 1;
	}
	option(mount->super_options, "mds_namespace=", ret_name);
	return before ? before + 1 : NULL;
}

/* Monitors have many names; statfs(2) has the cluster's FSID, folded. */
static void by_ceph(const char *prefix, const struct vfm_storage_seen *seen, const char *within,
		    struct vfm_fact_text *fact)
{
	struct vfm_span name;
	const char *directory = ceph_directory(seen->mount, &name);
	bool top = directory && vfm_streq(directory, "/");

	if (!directory || !seen->fsid) {
		vfm_fact_set_unknown(&fact->fact, "the mount names no directory, or statfs no "
						  "FSID");
		return;
	}
	vfm_fact_set_textf(fact, "%s %016" PRIx64 "%s%.*s %s%s inode %" PRIu64, prefix, seen->fsid,
			   name.size ? " " : "", (int)name.size, name.size ? name.data : "",
			   top ? "" : directory, within, seen->inode);
}

/*
 * "server:/volume": any server of the volume, each host its own. The volume's name alone is not
 * much, but inodes there are made of random UUIDs.
 */
static void by_volume(const char *prefix, const struct vfm_storage_seen *seen, const char *within,
		      struct vfm_fact_text *fact)
{
	const char *volume = strrchr(seen->mount->source, ':');

	volume = volume ? volume + 1 : seen->mount->source;
	volume += strspn(volume, "/");
	if (!*volume || seen->inode <= 1) {
		vfm_fact_set_unknown(&fact->fact, "'%.80s' names no file of a volume",
				     seen->mount->source);
		return;
	}
	set(fact, prefix, volume, within, seen->inode);
}

static void by_nothing(const char *prefix, const struct vfm_storage_seen *seen, const char *within,
		       struct vfm_fact_text *fact)
{
	(void)prefix;
	(void)within;
	vfm_fact_set_unknown(&fact->fact, "nothing is known by which two hosts tell files of %s",
			     seen->mount->type);
}

/* --- file systems that several hosts may mount; all others are of one --- */

static const struct filesystem {
	const char *type, *prefix;
	identify identify;
} filesystems[] = {
	{"nfs", "nfs", by_server},
	{"nfs4", "nfs", by_server},
	{"cifs", "cifs", by_server},
	{"smb3", "cifs", by_server},
	{"lustre", "lustre", by_server},
	{"gfs2", "gfs2", by_uuid},
	{"ocfs2", "ocfs2", by_uuid},
	{"ceph", "ceph", by_ceph},
	{"fuse.glusterfs", "glusterfs", by_volume},
	{"fuse.ceph-fuse", NULL, by_nothing},
	{"fuse.quobyte", NULL, by_nothing},
	{"gpfs", NULL, by_nothing},
	{"beegfs", NULL, by_nothing},
	{"afs", NULL, by_nothing},
};

static const struct filesystem *find(const char *type)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(filesystems); i++)
		if (vfm_streq(filesystems[i].type, type))
			return &filesystems[i];
	return NULL;
}

bool vfm_storage_needs_uuid(const char *type)
{
	const struct filesystem *filesystem = find(type);

	return !filesystem || filesystem->identify == by_uuid;
}

/* Options of the NFS client by which locks do not leave the host, strongest first. */
static const struct {
	const char *option, *locks;
} lock_options[] = {
	{"nolock", VFM_STORAGE_LOCKS_LOCAL},
	{"local_lock=all", VFM_STORAGE_LOCKS_LOCAL},
	{"local_lock=flock", VFM_STORAGE_LOCKS_FLOCK},
	{"local_lock=posix", VFM_STORAGE_LOCKS_POSIX},
};

static void fill_locks(struct vfm_fact_text *fact, const struct vfm_mount *mount)
{
	const struct filesystem *filesystem = find(mount->type);
	const char *locks = VFM_STORAGE_LOCKS_SERVER;
	struct vfm_span rest;

	if (!filesystem || !vfm_streq(filesystem->prefix ? filesystem->prefix : "", "nfs")) {
		vfm_fact_set_absent(&fact->fact);
		return;
	}
	for (size_t i = VFM_ARRAY_SIZE(lock_options); i-- > 0;)
		if (option(mount->super_options, lock_options[i].option, &rest) && !rest.size)
			locks = lock_options[i].locks;
	vfm_fact_set_text(fact, locks);
}

/* Names of files are bytes, and those of a document are UTF-8. */
static void make_printable(struct vfm_fact_text *fact)
{
	if (vfm_known(&fact->fact))
		vfm_text_make_printable(fact->value);
}

void vfm_storage_fill_mount(struct vfm_storage_side_probe *side, const struct vfm_mount *mount)
{
	vfm_fact_set_text(&side->filesystem, mount->type);
	vfm_fact_set_bool(&side->cluster, find(mount->type));
	vfm_fact_set_textf(&side->options, "%s,%s", mount->options, mount->super_options);
	make_printable(&side->options);
	fill_locks(&side->locks, mount);
}

void vfm_storage_fill_identity(struct vfm_storage_side_probe *side,
			       const struct vfm_storage_seen *seen)
{
	const struct filesystem *filesystem = find(seen->mount->type);
	VFM_AUTO_FREE char *within = path_within(seen);

	if (!within)
		vfm_fact_set_unknown(&side->identity.fact,
				     "where it is in its file system cannot be told");
	else if (filesystem)
		filesystem->identify(filesystem->prefix, seen, within, &side->identity);
	else
		by_uuid(seen->mount->type, seen, within, &side->identity);
	make_printable(&side->identity);
}

char *vfm_uuid_text(const uint8_t bytes[VFM_UUID_BYTES])
{
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};
	bool any = false;

	for (size_t i = 0; i < VFM_UUID_BYTES; i++) {
		bool parts = i == 4 || i == 6 || i == 8 || i == 10;

		any |= bytes[i] != 0;
		vfm_buffer_printf(&text, "%s%02x", parts ? "-" : "", bytes[i]);
	}
	return any ? vfm_buffer_steal(&text) : NULL;
}

int vfm_udev_uuid(const char *data, size_t size, char **ret_uuid)
{
	struct vfm_span rest = {.data = data, .size = size}, line, key, text;

	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(line, '=', &key, &text) || !vfm_span_is(key, "E:ID_FS_UUID") ||
		    !text.size)
			continue;
		*ret_uuid = vfm_span_text(text);
		return *ret_uuid ? 0 : -ENOMEM;
	}
	return -ENOENT;
}
