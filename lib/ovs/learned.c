/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One learned address of a bridge, by ovs-vswitchd's control socket; see learned.h. */
#include "ovs/learned.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "ovs/ovs.h"

enum { COLUMNS = 4 }; /* port, VLAN, MAC, age or "static" */

/* The words of one line, which is cut up; true when there are as many as columns. */
static bool split(char *line, char *words[COLUMNS])
{
	char *rest = line;
	size_t n = 0;

	for (char *word; (word = strsep(&rest, " \t"));) {
		if (!*word)
			continue;
		if (n == COLUMNS)
			return false;
		words[n++] = word;
	}
	return n == COLUMNS;
}

static bool is_entry(char *const words[COLUMNS], int32_t vlan, const char *mac)
{
	uint64_t number;

	return vfm_parse_uint(words[1], 10, INT32_MAX, &number) == 0 && (int32_t)number == vlan &&
	       strcasecmp(words[2], mac) == 0;
}

enum vfm_ovs_learned vfm_ovs_parse_learned(const char *text, int32_t vlan, const char *mac)
{
	while (*text) {
		size_t size = strcspn(text, "\n");
		char line[128], *words[COLUMNS];

		/* Longer than an entry is: none. */
		if (size < sizeof(line)) {
			memcpy(line, text, size);
			line[size] = '\0';
			if (split(line, words) && is_entry(words, vlan, mac))
				return vfm_streq(words[3], "static") ? VFM_OVS_LEARNED_KEPT
								     : VFM_OVS_LEARNED_DROPPED;
		}
		text += size + (text[size] != '\0');
	}
	return VFM_OVS_LEARNED_NONE;
}

/* Does the daemon have the command? */
static int look_for_command(const char *path, int64_t deadline_ms, bool *ret_has,
			    struct vfm_error *err)
{
	static const char *const command[] = {"list-commands", NULL};
	VFM_AUTO_FREE char *text = NULL;
	int r = vfm_ovs_control(path, command, deadline_ms, &text, err);

	if (r == 0)
		*ret_has = strstr(text, "fdb/add ") && strstr(text, "fdb/del ");
	return r;
}

static int look_up(const char *path, const struct vfm_ovs_learned_entry *entry, int64_t deadline_ms,
		   enum vfm_ovs_learned *ret_result, struct vfm_error *err)
{
	const char *const command[] = {"fdb/show", entry->bridge, NULL};
	VFM_AUTO_FREE char *text = NULL;
	int r = vfm_ovs_control(path, command, deadline_ms, &text, err);

	if (r == 0)
		*ret_result = vfm_ovs_parse_learned(text, entry->vlan, entry->mac);
	return r;
}

static int take_away(const char *path, const struct vfm_ovs_learned_entry *entry,
		     int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_FREE char *vlan = vfm_text_printf("%" PRId32, entry->vlan);
	const char *const set[] = {"fdb/add", entry->bridge, entry->port, vlan, entry->mac, NULL};
	const char *const take[] = {"fdb/del", entry->bridge, vlan, entry->mac, NULL};
	VFM_AUTO_FREE char *said = NULL;
	VFM_AUTO_FREE char *said_then = NULL;
	int r;

	if (!vlan)
		return vfm_error_no_memory(err, entry->bridge);
	r = vfm_ovs_control(path, set, deadline_ms, &said, err);
	return r < 0 ? r : vfm_ovs_control(path, take, deadline_ms, &said_then, err);
}

int vfm_ovs_forget(const char *path, const struct vfm_ovs_learned_entry *entry, int64_t deadline_ms,
		   enum vfm_ovs_learned *ret_result, struct vfm_error *err)
{
	enum vfm_ovs_learned result = VFM_OVS_LEARNED_NONE;
	bool has = false;
	int r = look_up(path, entry, deadline_ms, &result, err);

	if (r == 0 && result == VFM_OVS_LEARNED_DROPPED) {
		r = look_for_command(path, deadline_ms, &has, err);
		if (r == 0 && !has)
			result = VFM_OVS_LEARNED_UNSUPPORTED;
		else if (r == 0)
			r = take_away(path, entry, deadline_ms, err);
	}
	if (r == 0)
		*ret_result = result;
	return r;
}
