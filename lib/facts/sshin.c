/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ssh server above us and its sockets; see sshin.h. */
#include "facts/sshin.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "facts/process.h"

/* More than any shell in a shell; ends a walk through a process list that changes under it. */
enum { ANCESTORS_MAX = 64 };

void vfm_ssh_sockets_done(struct vfm_ssh_sockets *sockets)
{
	free(sockets->inodes);
	*sockets = (struct vfm_ssh_sockets){.inodes = NULL};
}

bool vfm_ssh_sockets_have(const struct vfm_ssh_sockets *sockets, uint64_t inode)
{
	for (size_t i = 0; i < sockets->count; i++)
		if (sockets->inodes[i] == inode)
			return true;
	return false;
}

bool vfm_is_ssh_server(const char *name)
{
	/* OpenSSH has a program a session since 9.8. */
	static const char *const names[] = {"sshd", "sshd-session", "dropbear"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(names); i++)
		if (vfm_streq(name, names[i]))
			return true;
	return false;
}

int vfm_parse_socket_link(const char *target, uint64_t *ret_inode)
{
	const char *rest = vfm_text_after(target, "socket:[");
	size_t size = rest ? strlen(rest) : 0;
	char digits[24];

	if (size < 2 || size > sizeof(digits) || rest[size - 1] != ']')
		return -EINVAL;
	memcpy(digits, rest, size - 1);
	digits[size - 1] = '\0';
	return vfm_parse_uint(digits, 10, UINT64_MAX, ret_inode);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

/* Listing takes fewer rights than looking at what is listed. */
static void take_descriptor(struct vfm_ssh_sockets *sockets, int directory, const char *name)
{
	char target[64];
	ssize_t size = readlinkat(directory, name, target, sizeof(target) - 1);
	uint64_t inode;

	if (size < 0) {
		if (errno == EACCES || errno == EPERM)
			sockets->unseen = true;
		return;
	}
	target[size] = '\0';
	if (vfm_parse_socket_link(target, &inode) < 0)
		return;
	if (VFM_APPEND(sockets->inodes, sockets->count, inode) < 0)
		sockets->unseen = true;
}

static void take_sockets(struct vfm_ssh_sockets *sockets, uint64_t pid)
{
	VFM_CLEANUP(close_directory) DIR *directory = NULL;
	const struct dirent *entry;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%llu/fd", (unsigned long long)pid);
	directory = opendir(path);
	if (!directory) {
		sockets->unseen = true;
		return;
	}
	while ((entry = readdir(directory)))
		take_descriptor(sockets, dirfd(directory), entry->d_name);
}

void vfm_ssh_sockets_read(uint64_t pid, struct vfm_ssh_sockets *ret_sockets)
{
	for (int i = 0; pid > 1 && i < ANCESTORS_MAX; i++) {
		struct vfm_process process;

		if (vfm_process_read(pid, &process, NULL) < 0) {
			ret_sockets->unseen = true;
			return;
		}
		if (vfm_is_ssh_server(process.name))
			take_sockets(ret_sockets, pid);
		pid = process.parent;
	}
}
