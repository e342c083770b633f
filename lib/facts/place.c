/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What this host offers to a VM that comes; see place.h. */
#include "facts/place.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/span.h"
#include "base/text.h"
#include "facts/process.h"
#include "facts/rows.h"
#include "facts/rtnl.h"
#include "facts/source.h"
#include "netlink/session.h"

#define QEMU_CONF  "/etc/libvirt/qemu.conf"
#define BOOLEANS   "/sys/fs/selinux/booleans"
#define NET        "/proc/net"
#define NEIGHBOURS "/run/systemd/netif/lldp"

enum { FILE_MAX_BYTES = 1 << 20, PORT_MAX = 65535, LINKS_MS = 10000 };

const struct vfm_field vfm_place_fields[] = {
	BOOL(vfm_place_facts, nfs_sebool, 0, BOOLEANS "/virt_use_nfs",
	     "SELinux lets VMs use NFS; absent: no SELinux"),
	UINT(vfm_place_facts, memlock_kib, 0, "/proc/PID/limits of libvirt's QEMU daemon",
	     "memory it may lock; absent: no limit"),
	UINT(vfm_place_facts, migration_port_min, 0, QEMU_CONF,
	     "first port that migrations come to"),
	UINT(vfm_place_facts, migration_port_max, 0, QEMU_CONF,
	     "last port that migrations come to"),
	TEXT(vfm_place_facts, gateway_mac, 0, "/proc/net/route, /proc/net/arp",
	     "MAC address of the IPv4 default gateway; absent: there is none"),
	TEXT(vfm_place_facts, lldp, 0, NEIGHBOURS, "switches that systemd-networkd has heard of"),
	TEXTS(vfm_place_facts, netdevs, 0, "rtnetlink", "names of all links"),
	END,
};

void vfm_place_done(struct vfm_place_facts *place)
{
	vfm_fields_done(vfm_place_fields, place);
}

/* --- SELinux --- */

/* "1 1": what holds, and what will when it is committed. */
static void read_sebool(struct vfm_fact_bool *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	int r = vfm_attribute_read(BOOLEANS, "virt_use_nfs", &text, &err);

	if (r < 0)
		vfm_source_failed(&fact->fact, r, &err);
	else if (*text != '0' && *text != '1')
		vfm_fact_set_unknown(&fact->fact, "virt_use_nfs holds no truth value: '%.40s'",
				     text);
	else
		vfm_fact_set_bool(fact, *text == '1');
}

/* --- limits of the daemon --- */

/* "Max locked memory         67108864             67108864             bytes     " */
int vfm_memlock_parse(const char *data, size_t size, uint64_t *ret_bytes)
{
	static const char name[] = "Max locked memory";
	struct vfm_span rest = {.data = data, .size = size}, line, soft;

	while (vfm_span_line(&rest, &line)) {
		if (!vfm_span_starts(line, name))
			continue;
		line.data += sizeof(name) - 1;
		line.size -= sizeof(name) - 1;
		if (!vfm_span_word(&line, &soft))
			return -EINVAL;
		if (vfm_span_is(soft, "unlimited")) {
			*ret_bytes = UINT64_MAX;
			return 0;
		}
		return vfm_span_uint(soft, 10, UINT64_MAX - 1, ret_bytes);
	}
	return -EINVAL;
}

/* The daemon that starts QEMU, and the file with its PID: the modular one first. */
static const struct {
	const char *directory, *file, *name;
} daemons[] = {
	{"/run", "virtqemud.pid", "virtqemud"},
	{"/run", "libvirtd.pid", "libvirtd"},
};

/* Its PID; a file that it has left behind may name another process. 0: none runs. */
static uint64_t daemon_pid(void)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(daemons); i++) {
		struct vfm_process process;
		uint64_t pid;

		if (vfm_attribute_read_uint(daemons[i].directory, daemons[i].file, 10, &pid,
					    NULL) == 0 &&
		    vfm_process_read(pid, &process, NULL) == 0 &&
		    vfm_streq(process.name, daemons[i].name))
			return pid;
	}
	return 0;
}

static void read_memlock(struct vfm_fact_uint *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *path = NULL, *data = NULL;
	uint64_t pid = daemon_pid(), bytes;
	size_t size;
	int r;

	if (!pid) {
		vfm_fact_set_unknown(&fact->fact, "no libvirt daemon for QEMU runs");
		return;
	}
	path = vfm_text_printf("/proc/%" PRIu64 "/limits", pid);
	r = path ? vfm_file_read(path, FILE_MAX_BYTES, &data, &size, &err) : -ENOMEM;
	if (r == -EACCES || r == -EPERM)
		vfm_fact_set_unknown(&fact->fact, "needs root");
	else if (r < 0)
		vfm_fact_set_error(&fact->fact, &err);
	else if (vfm_memlock_parse(data, size, &bytes) < 0)
		vfm_fact_set_unknown(&fact->fact, "%s is not of the known form", path);
	else if (bytes == UINT64_MAX)
		vfm_fact_set_absent(&fact->fact);
	else
		vfm_fact_set_uint(fact, bytes / 1024);
}

/* --- ports --- */

/* The number of a line's key; libvirt takes the first of several. */
static int take_port(struct vfm_span text, bool *has, uint16_t *ret_port)
{
	uint64_t port;

	if (*has)
		return 0;
	if (vfm_span_uint(text, 10, PORT_MAX, &port) < 0 || !port)
		return -EINVAL;
	*has = true;
	*ret_port = (uint16_t)port;
	return 0;
}

/* "key = number # why": up to the '#'. */
static struct vfm_span without_comment(struct vfm_span line)
{
	const char *sign = line.size ? memchr(line.data, '#', line.size) : NULL;

	if (sign)
		line.size = (size_t)(sign - line.data);
	return vfm_span_trim(line);
}

int vfm_migration_ports_parse(const char *data, size_t size, struct vfm_migration_ports *ret_ports)
{
	struct vfm_migration_ports ports = {VFM_MIGRATION_PORT_MIN, VFM_MIGRATION_PORT_MAX};
	struct vfm_span rest = {.data = data, .size = size}, line, key, text;
	bool has_min = false, has_max = false;
	int r = 0;

	while (r == 0 && vfm_span_line(&rest, &line)) {
		if (!vfm_span_split(without_comment(line), '=', &key, &text))
			continue;
		if (vfm_span_is(key, "migration_port_min"))
			r = take_port(text, &has_min, &ports.min);
		else if (vfm_span_is(key, "migration_port_max"))
			r = take_port(text, &has_max, &ports.max);
	}
	if (r < 0 || ports.min > ports.max)
		return -EINVAL;
	*ret_ports = ports;
	return 0;
}

static void read_ports(struct vfm_place_facts *place)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_migration_ports ports;
	VFM_AUTO_FREE char *data = NULL;
	size_t size = 0;
	int r = vfm_file_read(QEMU_CONF, FILE_MAX_BYTES, &data, &size, &err);

	if (r < 0 && r != -ENOENT) {
		vfm_source_failed(&place->migration_port_min.fact, r, &err);
		vfm_source_failed(&place->migration_port_max.fact, r, &err);
		return;
	}
	if (vfm_migration_ports_parse(data, size, &ports) < 0) {
		static const char why[] = QEMU_CONF ": migration_port_min and _max are no range";

		vfm_fact_set_unknown(&place->migration_port_min.fact, "%s", why);
		vfm_fact_set_unknown(&place->migration_port_max.fact, "%s", why);
		return;
	}
	vfm_fact_set_uint(&place->migration_port_min, ports.min);
	vfm_fact_set_uint(&place->migration_port_max, ports.max);
}

/* --- the gateway --- */

struct gateway {
	bool found;
	uint32_t address; /* as the kernel prints it: the bytes of the wire, read as a number */
	uint64_t metric;
	struct vfm_span link;
};

/* Columns of /proc/net/route. */
enum { LINK, DESTINATION, GATEWAY, FLAGS, REFERENCES, USE, METRIC, MASK, COLUMNS };

static int take_route(struct vfm_span line, struct gateway *gateway)
{
	struct vfm_span columns[COLUMNS];
	uint64_t destination, address, mask, metric;

	for (size_t i = 0; i < COLUMNS; i++)
		if (!vfm_span_word(&line, &columns[i]))
			return -EINVAL;
	if (vfm_span_uint(columns[DESTINATION], 16, UINT32_MAX, &destination) < 0 ||
	    vfm_span_uint(columns[GATEWAY], 16, UINT32_MAX, &address) < 0 ||
	    vfm_span_uint(columns[METRIC], 10, UINT32_MAX, &metric) < 0 ||
	    vfm_span_uint(columns[MASK], 16, UINT32_MAX, &mask) < 0)
		return -EINVAL;
	if (destination || mask || !address || (gateway->found && gateway->metric <= metric))
		return 0;
	*gateway = (struct gateway){.found = true,
				    .address = (uint32_t)address,
				    .metric = metric,
				    .link = columns[LINK]};
	return 0;
}

/* The lines behind the first, which names the columns. */
static bool next_row(struct vfm_span *rest, bool *begun, struct vfm_span *ret_line)
{
	if (!*begun && !vfm_span_line(rest, ret_line))
		return false;
	*begun = true;
	return vfm_span_line(rest, ret_line);
}

/* "192.0.2.1  0x1  0x2  02:fc:00:00:00:05  *  eth0": complete is what has 0x2. */
static int find_neighbour(struct vfm_span rest, const struct gateway *gateway, char ret_mac[18])
{
	enum { ADDRESS, TYPE, STATE, MAC, NO_MASK, DEVICE, WORDS };
	const unsigned char *bytes = (const unsigned char *)&gateway->address;
	struct vfm_span line, words[WORDS];
	char address[sizeof("255.255.255.255")];
	bool begun = false;

	snprintf(address, sizeof(address), "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
	while (next_row(&rest, &begun, &line)) {
		uint64_t flags;
		uint8_t mac[6];

		for (size_t i = 0; i < WORDS; i++)
			if (!vfm_span_word(&line, &words[i]))
				return -EINVAL;
		if (!vfm_span_is(words[ADDRESS], address) ||
		    !vfm_spans_equal(words[DEVICE], gateway->link))
			continue;
		if (vfm_span_uint(words[STATE], 16, UINT32_MAX, &flags) < 0 ||
		    words[MAC].size != 17)
			return -EINVAL;
		if (!(flags & 2))
			return -ENOENT;
		memcpy(ret_mac, words[MAC].data, 17);
		ret_mac[17] = '\0';
		return vfm_parse_mac(ret_mac, mac);
	}
	return -ENOENT;
}

int vfm_gateway_parse(const char *routes, size_t routes_size, const char *neighbours,
		      size_t neighbours_size, char ret_mac[18])
{
	struct vfm_span rest = {.data = routes, .size = routes_size}, line;
	struct gateway gateway = {.found = false};
	bool begun = false;

	while (next_row(&rest, &begun, &line))
		if (take_route(line, &gateway) < 0)
			return -EINVAL;
	*ret_mac = '\0';
	if (!gateway.found)
		return 0;
	return find_neighbour((struct vfm_span){.data = neighbours, .size = neighbours_size},
			      &gateway, ret_mac);
}

static void read_gateway(struct vfm_fact_text *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *routes = NULL, *neighbours = NULL;
	size_t routes_size, neighbours_size;
	char mac[18];
	int r;

	if (vfm_file_read(NET "/route", FILE_MAX_BYTES, &routes, &routes_size, &err) < 0 ||
	    vfm_file_read(NET "/arp", FILE_MAX_BYTES, &neighbours, &neighbours_size, &err) < 0) {
		vfm_fact_set_error(&fact->fact, &err);
		return;
	}
	r = vfm_gateway_parse(routes, routes_size, neighbours, neighbours_size, mac);
	if (r == 0)
		vfm_fact_set_text(fact, *mac ? mac : NULL);
	else if (r == -ENOENT)
		vfm_fact_set_unknown(&fact->fact,
				     "this host has not spoken with its gateway lately");
	else
		vfm_fact_set_unknown(&fact->fact, NET " is not of the known form");
}

/* --- neighbours --- */

static void read_lldp(struct vfm_fact_text *fact)
{
	VFM_AUTO_STRINGS struct vfm_strings files = {.values = NULL};
	VFM_AUTO_STRINGS struct vfm_strings neighbours = {.values = NULL};
	VFM_AUTO_BUFFER struct vfm_buffer text = {.data = NULL};

	if (vfm_directory_list(NEIGHBOURS, &files, NULL) < 0) {
		vfm_fact_set_unknown(&fact->fact, "nobody here listens to LLDP whom we can read");
		return;
	}
	for (size_t i = 0; i < files.count; i++) {
		VFM_AUTO_FREE char *path = vfm_text_printf(NEIGHBOURS "/%s", files.values[i]);
		VFM_AUTO_FREE char *data = NULL;
		size_t size;

		if (!path || vfm_file_read(path, FILE_MAX_BYTES, &data, &size, NULL) < 0 ||
		    vfm_lldp_parse(data, size, &neighbours) < 0) {
			vfm_fact_set_unknown(&fact->fact, NEIGHBOURS "/%s cannot be read",
					     files.values[i]);
			return;
		}
	}
	vfm_strings_sort(&neighbours);
	for (size_t i = 0; i < neighbours.count; i++)
		vfm_buffer_printf(&text, "%s%s", i ? ", " : "", neighbours.values[i]);
	if (neighbours.failed || text.failed)
		vfm_fact_set_unknown(&fact->fact, "out of memory");
	else if (neighbours.count)
		vfm_fact_set_text(fact, text.data);
	else
		vfm_fact_set_unknown(&fact->fact, "no switch has been heard of by LLDP");
}

/* --- links --- */

/*
 * All of them, as the kernel has them at this moment: libvirt's list of devices is made by udev's
 * events, and has no link that came after a daemon which hears none.
 */
static void read_netdevs(struct vfm_fact_texts *fact)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	VFM_CLEANUP(vfm_links_done) struct vfm_links links = {.items = NULL};
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = vfm_netlink_open(&netlink, NETLINK_ROUTE, vfm_deadline_in(LINKS_MS), &err);

	if (r == 0)
		r = vfm_links_read(&netlink, &links, &err);
	if (r < 0) {
		vfm_fact_set_error(&fact->fact, &err);
		return;
	}
	for (size_t i = 0; i < links.count; i++)
		vfm_strings_add(&names, links.items[i].name);
	vfm_fact_set_texts(fact, &names);
}

void vfm_place_read(struct vfm_place_facts *ret_place)
{
	read_sebool(&ret_place->nfs_sebool);
	read_memlock(&ret_place->memlock_kib);
	read_ports(ret_place);
	read_gateway(&ret_place->gateway_mac);
	read_lldp(&ret_place->lldp);
	read_netdevs(&ret_place->netdevs);
}
