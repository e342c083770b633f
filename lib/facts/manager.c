/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network managers' state files; see manager.h. */
#include "facts/manager.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/span.h"
#include "base/text.h"
#include "facts/source.h"

enum { STATE_MAX_BYTES = 256 * 1024 };

static int say(char **ret_text, const char *manager, struct vfm_span what)
{
	char *text = vfm_text_printf("%s: %.*s", manager, (int)what.size, what.data);

	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

/*
 * /run/NetworkManager/devices/IFINDEX, a key file: "connection-uuid" is there while a profile is
 * active, "managed" says whether the device is NetworkManager's at all.
 */
int vfm_manager_networkmanager(const char *data, size_t size, const char *name, char **ret_text)
{
	struct vfm_span rest = {.data = data, .size = size}, line, key, value;
	struct vfm_span uuid = {.data = NULL};
	bool within = false, managed = false;

	(void)name;
	while (vfm_span_line(&rest, &line)) {
		line = vfm_span_trim(line);
		if (vfm_span_starts(line, "["))
			within = vfm_span_is(line, "[device]");
		if (!within || !vfm_span_split(line, '=', &key, &value))
			continue;
		if (vfm_span_is(key, "managed"))
			managed = vfm_span_is(value, "true") || vfm_span_is(value, "1");
		else if (vfm_span_is(key, "connection-uuid"))
			uuid = value;
	}
	return managed && uuid.size ? say(ret_text, "NetworkManager", uuid) : -ENOENT;
}

/*
 * /run/systemd/netif/links/IFINDEX, assignments: a link is networkd's when it configures it by a
 * .network file.
 */
int vfm_manager_networkd(const char *data, size_t size, const char *name, char **ret_text)
{
	struct vfm_span rest = {.data = data, .size = size}, line, key, value;
	struct vfm_span file = {.data = NULL};
	bool active = false;

	(void)name;
	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(line, '=', &key, &value))
			continue;
		if (vfm_span_is(key, "ADMIN_STATE"))
			active = vfm_span_is(value, "configured") ||
				 vfm_span_is(value, "configuring");
		else if (vfm_span_is(key, "NETWORK_FILE"))
			file = value;
	}
	return active && file.size ? say(ret_text, "systemd-networkd", file) : -ENOENT;
}

/* /run/network/ifstate, one "interface=logical name" a line for each that is up. */
int vfm_manager_ifupdown(const char *data, size_t size, const char *name, char **ret_text)
{
	struct vfm_span rest = {.data = data, .size = size}, line, key, value, logical;

	while (vfm_span_line(&rest, &line))
		if (vfm_span_split(line, '=', &key, &value) && vfm_span_is(key, name) &&
		    vfm_span_word(&value, &logical))
			return say(ret_text, "ifupdown", logical);
	return -ENOENT;
}

static const struct {
	const char *directory;
	const char *file; /* NULL: named by the interface's index */
	vfm_manager_parse parse;
} managers[] = {
	{"/run/NetworkManager/devices", NULL, vfm_manager_networkmanager},
	{"/run/systemd/netif/links", NULL, vfm_manager_networkd},
	{"/run/network", "ifstate", vfm_manager_ifupdown},
};

/* What the manager's file says, as the parsers; -ENOENT also when there is no file. */
static int read_manager(size_t i, uint64_t ifindex, const char *name, char **ret_text,
			struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_FREE char *data = NULL;
	size_t size;
	int r;

	path = managers[i].file ? vfm_text_printf("%s/%s", managers[i].directory, managers[i].file)
				: vfm_text_printf("%s/%" PRIu64, managers[i].directory, ifindex);
	if (!path)
		return -ENOMEM;
	r = vfm_file_read(path, STATE_MAX_BYTES, &data, &size, err);
	return r < 0 ? r : managers[i].parse(data, size, name, ret_text);
}

void vfm_manager_read(struct vfm_fact_text *fact, uint64_t ifindex, const char *name)
{
	vfm_fact_set_absent(&fact->fact);
	for (size_t i = 0; i < VFM_ARRAY_SIZE(managers); i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *text = NULL;
		int r = read_manager(i, ifindex, name, &text, &err);

		if (r == 0) {
			vfm_fact_set_text(fact, text);
			return;
		}
		if (r != -ENOENT)
			vfm_source_failed(&fact->fact, r, &err);
	}
}
