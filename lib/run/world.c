/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connections of a run, and from objects to what they mean on this host now; see world.h. */
#include "run/world.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/run.h"
#include "base/text.h"

enum {
	/* For the kernel and udev to bring up what a change of many VFs brings with it. */
	SETTLE_MS = 120000,
	RETRY_MS = 20,
	/* What is left of a call's time for a database that did not answer the call before. */
	SILENT_PART = 10,
};

/* Where a port was seen last. */
struct place {
	struct vfm_object_port object;
	uint32_t index;
};

struct vfm_world {
	char *libvirt_uri;
	char *ovs_remote;
	int timeout_ms;
	int64_t deadline_ms; /* 0: none */
	struct vfm_devlink *devlink;
	struct vfm_netlink rtnl;
	struct vfm_ovs *ovs;
	bool ovs_silent; /* the last call got no answer in its time */
	struct place *places;
	size_t place_count;
};

int vfm_world_new(const struct vfm_world_options *options, struct vfm_world **ret_world,
		  struct vfm_error *err)
{
	struct vfm_world *world = calloc(1, sizeof(*world));

	if (!world)
		return vfm_error_no_memory(err, NULL);
	world->timeout_ms = options->timeout_ms;
	world->deadline_ms = options->deadline_ms;
	if (options->libvirt_uri)
		world->libvirt_uri = strdup(options->libvirt_uri);
	if (options->ovs_remote)
		world->ovs_remote = strdup(options->ovs_remote);
	if ((options->libvirt_uri && !world->libvirt_uri) ||
	    (options->ovs_remote && !world->ovs_remote)) {
		vfm_world_free(world);
		return vfm_error_no_memory(err, NULL);
	}
	*ret_world = world;
	return 0;
}

void vfm_world_free(struct vfm_world *world)
{
	if (!world)
		return;
	vfm_devlink_free(world->devlink);
	vfm_netlink_done(&world->rtnl);
	vfm_world_drop_ovs(world);
	free(world->libvirt_uri);
	free(world->ovs_remote);
	free(world->places);
	free(world);
}

/* A call's time, cut where all must be over. */
static int time_for(const struct vfm_world *world, int timeout_ms)
{
	int left = world->deadline_ms ? vfm_deadline_left(world->deadline_ms) : timeout_ms;

	return left < timeout_ms ? left : timeout_ms;
}

int vfm_world_timeout_ms(const struct vfm_world *world)
{
	return time_for(world, world->timeout_ms);
}

int64_t vfm_world_deadline(const struct vfm_world *world)
{
	return vfm_deadline_in(vfm_world_timeout_ms(world));
}

const char *vfm_world_libvirt_uri(const struct vfm_world *world)
{
	return world->libvirt_uri;
}

/* connections */

int vfm_world_devlink(struct vfm_world *world, struct vfm_devlink **ret_devlink,
		      struct vfm_error *err)
{
	int r = 0;

	if (world->devlink)
		vfm_devlink_set_deadline(world->devlink, vfm_world_deadline(world));
	else
		r = vfm_devlink_open(vfm_world_deadline(world), &world->devlink, err);
	if (r == 0)
		*ret_devlink = world->devlink;
	return r;
}

int vfm_world_rtnl(struct vfm_world *world, struct vfm_netlink **ret_rtnl, struct vfm_error *err)
{
	int r = 0;

	if (world->rtnl.socket)
		world->rtnl.deadline_ms = vfm_world_deadline(world);
	else
		r = vfm_netlink_open(&world->rtnl, NETLINK_ROUTE, vfm_world_deadline(world), err);
	if (r == 0)
		*ret_rtnl = &world->rtnl;
	return r;
}

int vfm_world_ovs(struct vfm_world *world, struct vfm_ovs **ret_ovs, struct vfm_error *err)
{
	/* There may be a hundred ports to look at, and each alone would wait for nothing. */
	int timeout_ms = world->ovs_silent ? world->timeout_ms / SILENT_PART : world->timeout_ms;
	int64_t deadline_ms = vfm_deadline_in(time_for(world, timeout_ms));
	int r;

	if (!world->ovs_remote)
		return vfm_error_set(err, -ENOENT, "Open vSwitch", NULL, "it is not to be asked");
	r = world->ovs ? vfm_ovs_refresh(world->ovs, deadline_ms, err)
		       : vfm_ovs_open(world->ovs_remote, deadline_ms, &world->ovs, err);
	world->ovs_silent = r == -ETIMEDOUT;
	if (r < 0)
		vfm_world_drop_ovs(world);
	else
		*ret_ovs = world->ovs;
	return r;
}

void vfm_world_drop_ovs(struct vfm_world *world)
{
	vfm_ovs_free(world->ovs);
	world->ovs = NULL;
}

/* ports */

/* The port among these that the object means, or NULL. */
static const struct vfm_devlink_port *find_port(const struct vfm_devlink_ports *ports,
						const struct vfm_object_port *object)
{
	struct vfm_bdf bdf;

	if (object->number == VFM_OBJECT_UPLINK)
		return vfm_devlink_ports_physical(ports);
	/* The number of a PF in devlink is that of its PCI function. */
	if (object->number > UINT16_MAX || vfm_parse_bdf(object->bdf, &bdf) < 0)
		return NULL;
	return vfm_devlink_ports_vf(ports, bdf.function, (uint16_t)object->number);
}

static struct place *find_place(const struct vfm_world *world, const struct vfm_object_port *object)
{
	for (size_t i = 0; i < world->place_count; i++)
		if (world->places[i].object.number == object->number &&
		    vfm_streq(world->places[i].object.bdf, object->bdf))
			return &world->places[i];
	return NULL;
}

/* Only ever a hint: without memory, or when it is not so any more, all ports are listed. */
static void note_place(struct vfm_world *world, const struct vfm_object_port *object,
		       uint32_t index)
{
	struct place *place = find_place(world, object);
	const struct place new = {.object = *object, .index = index};

	if (place)
		place->index = index;
	else
		(void)VFM_APPEND(world->places, world->place_count, new);
}

static void note_places(struct vfm_world *world, const struct vfm_object_port *object,
			const struct vfm_devlink_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++) {
		const struct vfm_devlink_ports one = {.items = &ports->items[i], .count = 1};
		struct vfm_object_port seen = *object;

		seen.number = ports->items[i].has_vf_number ? ports->items[i].vf_number
							    : VFM_OBJECT_UPLINK;
		if (find_port(&one, &seen))
			note_place(world, &seen, ports->items[i].index);
	}
}

/* 1 when the port is where it was seen before: the one that the driver has there now. */
static int look_at_place(struct vfm_world *world, struct vfm_devlink *devlink, const char *handle,
			 const struct vfm_object_port *object, struct vfm_devlink_port *ret_port)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	const struct vfm_devlink_ports one = {.items = &port, .count = 1};
	const struct place *place = find_place(world, object);

	if (!place || vfm_devlink_port_get(devlink, handle, place->index, &port, NULL) < 0 ||
	    !find_port(&one, object))
		return 0;
	*ret_port = port;
	port = (struct vfm_devlink_port){.handle = NULL};
	return 1;
}

static int list_ports(struct vfm_devlink *devlink, const char *bdf,
		      struct vfm_devlink_ports *ret_ports, struct vfm_error *err)
{
	VFM_AUTO_FREE char *handle = vfm_text_printf("pci/%s", bdf);

	return handle ? vfm_devlink_port_list(devlink, handle, ret_ports, err)
		      : vfm_error_no_memory(err, bdf);
}

static int no_port(const struct vfm_object_port *object, struct vfm_error *err)
{
	if (object->number == VFM_OBJECT_UPLINK)
		return vfm_error_set(err, -ENOENT, object->bdf, NULL,
				     "devlink has no port for its uplink");
	return vfm_error_set(err, -ENOENT, object->bdf, NULL, "devlink has no port for VF %u",
			     object->number);
}

int vfm_world_port(struct vfm_world *world, const struct vfm_object_port *object,
		   struct vfm_devlink_port *ret_port, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORTS struct vfm_devlink_ports ports = {.count = 0};
	VFM_AUTO_FREE char *handle = vfm_text_printf("pci/%s", object->bdf);
	const struct vfm_devlink_port *found;
	struct vfm_devlink *devlink;
	int r;

	if (!handle)
		return vfm_error_no_memory(err, object->bdf);
	r = vfm_world_devlink(world, &devlink, err);
	if (r < 0)
		return r;
	if (look_at_place(world, devlink, handle, object, ret_port))
		return 0;
	r = list_ports(devlink, object->bdf, &ports, err);
	if (r == -ENODEV)
		return no_port(object, err);
	if (r < 0)
		return r;
	note_places(world, object, &ports);
	found = find_port(&ports, object);
	if (!found)
		return no_port(object, err);
	*ret_port = *found;
	ports.items[found - ports.items] = (struct vfm_devlink_port){.handle = NULL};
	return 0;
}

static int named_netdev(const char *name, char **ret_name, struct vfm_error *err)
{
	if (if_nametoindex(name) == 0)
		return errno == ENODEV
			       ? vfm_error_set(err, -ENOENT, name, NULL, "no such netdev")
			       : vfm_error_set(err, -errno, name, NULL, "%s", strerror(errno));
	*ret_name = strdup(name);
	return *ret_name ? 0 : vfm_error_no_memory(err, name);
}

int vfm_world_netdev(struct vfm_world *world, const char *object, char **ret_name,
		     struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORT struct vfm_devlink_port port = {.handle = NULL};
	const char *name = vfm_object_netdev(object);
	struct vfm_object_port wanted;
	int r;

	if (name)
		return named_netdev(name, ret_name, err);
	if (!vfm_object_port(object, &wanted))
		return vfm_error_set(err, -EINVAL, object, NULL, "not the name of a port");
	r = vfm_world_port(world, &wanted, &port, err);
	if (r < 0)
		return r;
	if (!port.netdev)
		return vfm_error_set(err, -ENOENT, object, NULL,
				     "its devlink port has no netdev here");
	*ret_name = VFM_STEAL(port.netdev);
	return 0;
}

/* waiting */

/* The first VF below 'vfs' whose port or netdev is not there yet; 'vfs': all are. */
static int find_missing(struct vfm_devlink *devlink, const char *bdf, uint32_t vfs,
			uint32_t *ret_missing, struct vfm_error *err)
{
	VFM_AUTO_DEVLINK_PORTS struct vfm_devlink_ports ports = {.count = 0};
	struct vfm_object_port object = {.number = 0};
	int r = list_ports(devlink, bdf, &ports, err);

	if (r < 0)
		return r;
	snprintf(object.bdf, sizeof(object.bdf), "%s", bdf);
	for (; object.number < vfs; object.number++) {
		const struct vfm_devlink_port *port = find_port(&ports, &object);

		if (!port || !port->netdev)
			break;
	}
	*ret_missing = object.number;
	return 0;
}

int vfm_world_wait_ports(struct vfm_world *world, const char *bdf, uint32_t vfs,
			 struct vfm_error *err)
{
	int64_t deadline_ms = vfm_deadline_in(SETTLE_MS);
	struct vfm_devlink *devlink;
	uint32_t missing = 0;
	int r;

	for (;;) {
		r = vfm_world_devlink(world, &devlink, err);
		if (r == 0)
			r = find_missing(devlink, bdf, vfs, &missing, err);
		if (r < 0 || missing == vfs)
			return r;
		if (vfm_deadline_passed(deadline_ms))
			return vfm_error_set(err, -ETIMEDOUT, bdf, NULL,
					     "the representor of VF %u did not come up", missing);
		vfm_world_pause();
	}
}

void vfm_world_pause(void)
{
	const struct timespec time = {.tv_nsec = RETRY_MS * 1000000L};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

int vfm_world_settle(const char *object, struct vfm_error *err)
{
	static const char *const argv[] = {"udevadm", "settle", "--timeout=120", NULL};
	VFM_CLEANUP(vfm_job_done)
	struct vfm_job job = {.argv = argv, .timeout_ms = SETTLE_MS + 10000};
	int r = vfm_run(&job, 1, 1, err);

	_Static_assert(SETTLE_MS == 120000, "as in argv");
	if (r < 0 || job.error == -ENOENT)
		return r;
	if (job.error || job.status)
		return vfm_error_set(err, -ETIMEDOUT, object, "see 'udevadm monitor'",
				     "udev did not come to rest: netdevs may still change names");
	return 0;
}
