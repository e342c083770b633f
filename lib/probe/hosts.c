/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the agents of both hosts see: storage, the way between them, limits; see hosts.h. */
#include "probe/hosts.h"

#include <string.h>

#include "facts/place.h"

static const char not_asked[] = "that host's vfprep was not asked";

/* ---- storage ---- */

/* Paths to look at, and whose they are. */
struct paths {
	const char **paths;
	struct vfm_storage_probe **items;
	size_t count;
};

static bool has_path(const struct vfm_storage_probe *storage)
{
	return vfm_known(&storage->source.fact) && storage->source.value[0] == '/';
}

static bool collect(struct vfm_probe *probe, struct paths *ret)
{
	size_t most = probe->storage.count;

	*ret = (struct paths){
		.paths = calloc(most + 1, sizeof(*ret->paths)),
		.items = calloc(most + 1, sizeof(*ret->items)),
	};
	if (!ret->paths || !ret->items)
		return false;
	vfm_list_each (struct vfm_storage_probe, storage, &probe->storage) {
		if (!has_path(storage) || ret->count == VFM_PEER_PATHS_MAX)
			continue;
		ret->items[ret->count] = storage;
		ret->paths[ret->count++] = storage->source.value;
	}
	return true;
}

static void paths_done(struct paths *paths)
{
	free(paths->paths);
	free(paths->items);
}

static void look_at_storage(struct vfm_peer *peer, const struct paths *paths, bool source)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	memset(&sides, 0, sizeof(sides));
	if (paths->count == 0 ||
	    vfm_peer_storage(peer, paths->paths, paths->count, &sides, &err) < 0)
		return;
	for (size_t i = 0; i < paths->count && i < sides.sides.count; i++) {
		struct vfm_storage_side_probe *from =
			vfm_list_at(struct vfm_storage_side_probe, &sides.sides, i);
		struct vfm_storage_side_probe *to =
			source ? &paths->items[i]->at_source : &paths->items[i]->at_destination;

		vfm_storage_side_done(to);
		*to = *from;
		memset(from, 0, sizeof(*from));
	}
}

/* The NVRAM is storage of the VM like a disk, though no disk. */
static void add_nvram(const struct vfm_domain *domain, struct vfm_probe *probe)
{
	struct vfm_storage_probe *item;

	if (!domain->nvram || !vfm_known(&probe->storage.fact))
		return;
	item = vfm_fact_list_add(&probe->storage, sizeof(*item));
	if (!item)
		return;
	vfm_fact_set_text(&item->target, "nvram");
	vfm_fact_set_text(&item->source, domain->nvram);
}

/* ---- files of the VM that are no disks ---- */

/* "rng: /dev/hwrng" → the path. */
static const char *path_of(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash ? slash : text;
}

static void find_missing(struct vfm_peer *peer, const struct vfm_domain *domain,
			 struct vfm_fact_texts *ret_missing)
{
	VFM_AUTO_STORAGE_SIDES struct vfm_storage_sides sides;
	VFM_AUTO_STRINGS struct vfm_strings missing = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const char *paths[VFM_PEER_PATHS_MAX];
	size_t count = 0;

	memset(&sides, 0, sizeof(sides));
	if (domain->loader && *domain->loader == '/')
		paths[count++] = domain->loader;
	if (domain->nvram_template && *domain->nvram_template == '/')
		paths[count++] = domain->nvram_template;
	for (size_t i = 0; i < domain->host_paths.count && count < VFM_ARRAY_SIZE(paths); i++)
		paths[count++] = path_of(domain->host_paths.values[i]);
	if (count > 0 && vfm_peer_storage(peer, paths, count, &sides, &err) < 0) {
		vfm_fact_set_error(&ret_missing->fact, &err);
		return;
	}
	for (size_t i = 0; i < sides.sides.count && i < count; i++) {
		const struct vfm_storage_side_probe *side =
			vfm_list_at(struct vfm_storage_side_probe, &sides.sides, i);

		if (vfm_fact_is_false(&side->reachable))
			vfm_strings_add(&missing, paths[i]);
	}
	vfm_fact_set_texts(ret_missing, &missing);
}

/* ---- the way from the source to the destination ---- */

uint16_t vfm_probe_control_port(enum vfm_transport transport)
{
	static const uint16_t ports[VFM_TRANSPORT_MAX] = {
		[VFM_TRANSPORT_SSH] = 22,
		[VFM_TRANSPORT_TCP] = 16509,
		[VFM_TRANSPORT_TLS] = 16514,
	};

	return ports[transport];
}

/* The host that memory goes to: of --migrate-uri "tcp://host:port", else the destination's. */
static char *data_host(const struct vfm_move_request *request)
{
	enum vfm_transport transport;
	char *host = NULL;

	if (request->migration.migrate_uri &&
	    vfm_uri_parse(request->migration.migrate_uri, &transport, &host, NULL) == 0 && host)
		return host;
	return request->destination_host ? strdup(request->destination_host) : NULL;
}

/*
 * The last port of the range is asked: libvirt takes the first free one, so nobody waits there.
 */
static void reach(const struct vfm_gather *gather, struct vfm_probe *probe)
{
	const struct vfm_move_request *request = gather->request;
	const struct vfm_fact_uint *last = &probe->destination.migration_port_max;
	uint16_t control = vfm_probe_control_port(request->transport);
	VFM_AUTO_REACH_ANSWERS struct vfm_reach_answers answers;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *host = data_host(request);
	struct vfm_dial_target targets[2];
	size_t count = 0;

	memset(&answers, 0, sizeof(answers));
	if (!gather->source) {
		vfm_fact_set_unknown(&probe->reach.fact, "the source's vfprep was not asked");
		return;
	}
	if (control && request->destination_host)
		targets[count++] = (struct vfm_dial_target){
			.what = "control", .host = request->destination_host, .port = control};
	if (host && !request->migration.offline)
		targets[count++] = (struct vfm_dial_target){
			.what = "migration",
			.host = host,
			.port = vfm_known(&last->fact) ? (uint16_t)last->value
						       : VFM_MIGRATION_PORT_MAX};
	vfm_fact_set_empty(&probe->reach);
	if (count == 0)
		return;
	if (vfm_peer_reach(gather->source, targets, count, &answers, &err) < 0) {
		vfm_fact_set_error(&probe->reach.fact, &err);
		return;
	}
	probe->reach = answers.answers;
	memset(&answers.answers, 0, sizeof(answers.answers));
}

/*
 * libvirt's source daemon drives the move where it can log in to the destination's by itself: by
 * TCP and TLS that is whether it reaches the port. By ssh nobody but it knows its keys, and by a
 * socket of the destination it has no way at all.
 */
static void find_peer_to_peer(const struct vfm_gather *gather, struct vfm_probe *probe)
{
	enum vfm_transport transport = gather->request->transport;

	vfm_fact_set_absent(&probe->peer_to_peer_why.fact);
	if (transport == VFM_TRANSPORT_LOCAL || transport == VFM_TRANSPORT_OTHER) {
		vfm_fact_set_bool(&probe->peer_to_peer, false);
		vfm_fact_set_text(&probe->peer_to_peer_why,
				  "the URI is good on this machine alone");
		return;
	}
	if (transport == VFM_TRANSPORT_SSH) {
		vfm_fact_set_unknown(&probe->peer_to_peer.fact,
				     "whether the source's daemon may log in there by ssh is not "
				     "known before");
		return;
	}
	vfm_fact_set_unknown(&probe->peer_to_peer.fact, "%s",
			     vfm_known(&probe->reach.fact) ? "not asked"
							   : vfm_fact_reason(&probe->reach.fact));
	if (!vfm_known(&probe->reach.fact))
		return;
	vfm_list_each (const struct vfm_reach_probe, item, &probe->reach) {
		if (!vfm_fact_is_text(&item->what, "control"))
			continue;
		vfm_fact_set_bool(&probe->peer_to_peer,
				  vfm_fact_is_text(&item->answer, VFM_DIAL_OPEN));
		if (!probe->peer_to_peer.value)
			vfm_fact_set_textf(&probe->peer_to_peer_why,
					   "the source does not reach its control port: %s",
					   vfm_known(&item->answer.fact) ? item->answer.value
									 : "no answer");
	}
}

/* ---- what a host offers ---- */

static void take_link(struct vfm_place_facts *place, struct vfm_link_probe *link)
{
	link->gateway_mac = place->gateway_mac;
	link->lldp = place->lldp;
	memset(&place->gateway_mac, 0, sizeof(place->gateway_mac));
	memset(&place->lldp, 0, sizeof(place->lldp));
}

static void no_link(struct vfm_link_probe *link, const char *why)
{
	vfm_fact_set_unknown(&link->gateway_mac.fact, "%s", why);
	vfm_fact_set_unknown(&link->lldp.fact, "%s", why);
}

static void take_uint(struct vfm_fact_uint *to, struct vfm_fact_uint *from)
{
	vfm_fact_done(&to->fact);
	*to = *from;
	memset(from, 0, sizeof(*from));
}

/* The kernel's own list, of now: what libvirt said of the VM's bridges and netdevs goes. */
static void take_netdevs(const struct vfm_fact_texts *netdevs, bool source,
			 struct vfm_fact_list *bridges)
{
	if (!vfm_known(&netdevs->fact) || !vfm_known(&bridges->fact))
		return;
	vfm_list_each (struct vfm_bridge_probe, bridge, bridges) {
		bool there = false;

		if (!vfm_known(&bridge->name.fact))
			continue;
		for (size_t i = 0; i < netdevs->count; i++)
			there |= vfm_streq(netdevs->values[i], bridge->name.value);
		vfm_fact_set_bool(source ? &bridge->source : &bridge->destination, there);
	}
}

/* What stands in the probe already is the reason why it is not known. */
static void take_place(struct vfm_peer *peer, bool source, struct vfm_probe *probe)
{
	struct vfm_link_probe *link = source ? &probe->source_link : &probe->destination_link;
	struct vfm_daemon_probe *daemon = source ? &probe->source : &probe->destination;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_PLACE struct vfm_place_facts place;

	memset(&place, 0, sizeof(place));
	if (!peer || vfm_peer_place(peer, &place, &err) < 0) {
		no_link(link, peer && err.what ? err.what : not_asked);
		if (!source)
			vfm_fact_set_unknown(&probe->nfs_sebool.fact, "%s", not_asked);
		return;
	}
	take_link(&place, link);
	take_uint(&daemon->migration_port_min, &place.migration_port_min);
	take_uint(&daemon->migration_port_max, &place.migration_port_max);
	take_netdevs(&place.netdevs, source, &probe->bridges);
	if (source)
		return;
	probe->nfs_sebool = place.nfs_sebool;
	memset(&place.nfs_sebool, 0, sizeof(place.nfs_sebool));
	take_uint(&probe->resources.memlock_kib, &place.memlock_kib);
}

/* ---- VFIO devices ---- */

static void add_device(struct vfm_fact_list *devices, const char *source)
{
	struct vfm_device_probe *item = vfm_fact_list_add(devices, sizeof(*item));

	if (!item)
		return;
	vfm_fact_set_text(&item->source, source);
	vfm_fact_set_unknown(&item->state_bytes.fact, "no interface tells it while the VM runs");
	vfm_fact_set_unknown(&item->p2p.fact, "no interface tells it while the VM runs");
	vfm_fact_set_unknown(&item->state.fact, "see the host's facts");
}

static void list_devices(const struct vfm_domain *domain, struct vfm_fact_list *devices)
{
	vfm_fact_set_empty(devices);
	for (size_t i = 0; i < domain->interface_count; i++) {
		if (*domain->interfaces[i].host_address)
			add_device(devices, domain->interfaces[i].host_address);
	}
	for (size_t i = 0; i < domain->hostdev_count; i++) {
		const struct vfm_domain_hostdev *hostdev = &domain->hostdevs[i];

		if (*hostdev->host_address)
			add_device(devices, hostdev->host_address);
		else if (hostdev->mdev_uuid)
			add_device(devices, hostdev->mdev_uuid);
	}
}

void vfm_probe_hosts(const struct vfm_gather *gather, struct vfm_probe *probe)
{
	struct paths paths = {.count = 0};

	add_nvram(gather->domain, probe);
	if (collect(probe, &paths)) {
		if (gather->source)
			look_at_storage(gather->source, &paths, true);
		if (gather->destination)
			look_at_storage(gather->destination, &paths, false);
	}
	paths_done(&paths);
	if (gather->destination)
		find_missing(gather->destination, gather->domain, &probe->resources.paths_missing);
	take_place(gather->source, true, probe);
	take_place(gather->destination, false, probe);
	reach(gather, probe);
	find_peer_to_peer(gather, probe);
	list_devices(gather->domain, &probe->devices);
}
