/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What else is on one side: its domains, the networks and netdevs that the VM names, its pools. */
#include <ctype.h>
#include <libvirt/virterror.h>
#include <string.h>

#include "domain/network.h"
#include "job/connection.h"
#include "probe/side.h"

/* ---- domains ---- */

static void set_devices(struct vfm_other_domain_probe *other, const struct vfm_domain *domain)
{
	VFM_AUTO_STRINGS struct vfm_strings macs = {.values = NULL};
	VFM_AUTO_STRINGS struct vfm_strings disks = {.values = NULL};
	VFM_AUTO_STRINGS struct vfm_strings vfs = {.values = NULL};

	for (size_t i = 0; i < domain->interface_count; i++) {
		const struct vfm_domain_interface *interface = &domain->interfaces[i];

		if (interface->mac)
			vfm_strings_add(&macs, interface->mac);
		if (*interface->host_address)
			vfm_strings_add(&vfs, interface->host_address);
	}
	for (size_t i = 0; i < domain->hostdev_count; i++) {
		if (*domain->hostdevs[i].host_address)
			vfm_strings_add(&vfs, domain->hostdevs[i].host_address);
	}
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct vfm_domain_disk *disk = &domain->disks[i];

		if (disk->source && !disk->readonly)
			vfm_strings_add(&disks, disk->source);
	}
	vfm_fact_set_texts(&other->macs, &macs);
	vfm_fact_set_texts(&other->disks, &disks);
	vfm_fact_set_texts(&other->vfs, &vfs);
}

static void no_devices(struct vfm_other_domain_probe *other, struct vfm_error *err)
{
	vfm_fact_set_error(&other->macs.fact, err);
	vfm_fact_set_error(&other->disks.fact, err);
	vfm_fact_set_error(&other->vfs.fact, err);
}

static void read_devices(virDomainPtr domain, struct vfm_other_domain_probe *other)
{
	VFM_AUTO_DOMAIN struct vfm_domain parsed = {.name = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = virDomainGetXMLDesc(domain, 0);

	if (!xml)
		(void)vfm_libvirt_failed(&err, NULL);
	if (!xml || vfm_domain_parse(xml, strlen(xml), "a domain", &parsed, &err) < 0)
		no_devices(other, &err);
	else
		set_devices(other, &parsed);
}

static void add_domain(virDomainPtr domain, bool jobs_only, struct vfm_fact_list *domains)
{
	char uuid[VIR_UUID_STRING_BUFLEN] = "";
	struct vfm_other_domain_probe *other;
	const char *job = NULL;
	int autostart = 0, active;
	bool job_known = vfm_probe_job(domain, &job) == 0;

	if (jobs_only && job_known && !job)
		return;
	other = vfm_fact_list_add(domains, sizeof(*other));
	if (!other)
		return;
	if (job_known)
		vfm_fact_set_text(&other->job, job);
	else
		vfm_probe_unknown(&other->job.fact);
	active = virDomainIsActive(domain);
	if (active < 0)
		vfm_probe_unknown(&other->active.fact);
	else
		vfm_fact_set_bool(&other->active, active);
	if (virDomainGetAutostart(domain, &autostart) < 0)
		vfm_probe_unknown(&other->autostart.fact);
	else
		vfm_fact_set_bool(&other->autostart, autostart);
	read_devices(domain, other);
	vfm_fact_set_text(&other->name, virDomainGetName(domain));
	if (virDomainGetUUIDString(domain, uuid) == 0)
		vfm_fact_set_text(&other->uuid, uuid);
}

void vfm_probe_domains(struct vfm_probe_side *side, bool jobs_only, struct vfm_fact_list *domains)
{
	unsigned int flags = jobs_only ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : 0;
	virDomainPtr *list = NULL;
	int count = virConnectListAllDomains(side->connection, &list, flags);

	if (count < 0) {
		vfm_probe_unknown(&domains->fact);
		return;
	}
	vfm_fact_set_empty(domains);
	for (int i = 0; i < count; i++) {
		add_domain(list[i], jobs_only, domains);
		virDomainFree(list[i]);
	}
	free(list);
}

/* ---- networks ---- */

static void set_network(struct vfm_network_probe *item, struct vfm_network *network)
{
	vfm_fact_set_text(&item->forward, network->forward);
	vfm_fact_set_text(&item->bridge, network->bridge);
	vfm_fact_set_text(&item->virtualport, network->virtualport);
	vfm_fact_set_texts(&item->pfs, &network->pfs);
	vfm_fact_set_texts(&item->addresses, &network->addresses);
}

static void no_network(struct vfm_network_probe *item, struct vfm_error *err)
{
	struct vfm_fact *const facts[] = {
		&item->forward.fact, &item->bridge.fact,    &item->virtualport.fact,
		&item->pfs.fact,     &item->addresses.fact,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		vfm_fact_set_error(facts[i], err);
}

static void add_network(virNetworkPtr network, const char *name, struct vfm_fact_list *networks)
{
	VFM_AUTO_NETWORK struct vfm_network parsed = {.forward = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *xml = NULL;
	struct vfm_network_probe *item = vfm_fact_list_add(networks, sizeof(*item));
	int active;

	if (!item)
		return;
	vfm_fact_set_text(&item->name, name);
	active = virNetworkIsActive(network);
	if (active < 0)
		vfm_probe_unknown(&item->active.fact);
	else
		vfm_fact_set_bool(&item->active, active);
	xml = virNetworkGetXMLDesc(network, 0);
	if (!xml)
		(void)vfm_libvirt_failed(&err, name);
	if (!xml || vfm_network_parse(xml, strlen(xml), name, &parsed, &err) < 0)
		no_network(item, &err);
	else
		set_network(item, &parsed);
}

/* A network that is not in the list is not there; where one cannot be asked for, none is known. */
void vfm_probe_networks(struct vfm_probe_side *side, struct vfm_fact_list *networks)
{
	VFM_AUTO_STRINGS struct vfm_strings asked = {.values = NULL};
	const struct vfm_domain *vm = &side->vm;

	vfm_fact_set_empty(networks);
	for (size_t i = 0; i < vm->interface_count; i++) {
		const char *name = vm->interfaces[i].network;
		virNetworkPtr network;

		if (!name || vfm_strings_has(&asked, name))
			continue;
		vfm_strings_add(&asked, name);
		network = virNetworkLookupByName(side->connection, name);
		if (network) {
			add_network(network, name, networks);
			virNetworkFree(network);
		} else if (!virGetLastError() || virGetLastError()->code != VIR_ERR_NO_NETWORK) {
			vfm_probe_unknown(&networks->fact);
			return;
		}
	}
}

/* ---- netdevs ---- */

enum { MAC_SUFFIX = 18 }; /* "_52_54_00_00_00_01" */

/* "net_br_int_52_54_00_00_00_01" is netdev "br-int": libvirt writes what is no letter or digit
   as '_'. */
static bool is_netdev(const char *device, const char *netdev)
{
	static const char prefix[] = "net_";
	size_t size = strlen(device), head = strlen(prefix), length = strlen(netdev);

	if (strncmp(device, prefix, head) != 0 || size != head + length + MAC_SUFFIX)
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)netdev[i];

		if (device[head + i] != (isalnum(c) ? (char)c : '_'))
			return false;
	}
	return true;
}

static bool has_netdev(virNodeDevicePtr *devices, int count, const char *netdev)
{
	for (int i = 0; i < count; i++) {
		const char *name = virNodeDeviceGetName(devices[i]);

		if (name && is_netdev(name, netdev))
			return true;
	}
	return false;
}

/*
 * The list is made by udev's events: what is in it was there, but a link that came later to a
 * daemon which hears no events is not in it, so this says of none that it is not there.
 */
static void look_for_netdev(virNodeDevicePtr *devices, int count, const char *netdev,
			    struct vfm_fact_bool *fact)
{
	if (count < 0)
		vfm_probe_unknown(&fact->fact);
	else if (has_netdev(devices, count, netdev))
		vfm_fact_set_bool(fact, true);
	else
		vfm_fact_set_unknown(&fact->fact,
				     "libvirt there does not list it, which proves nothing, and "
				     "that host's vfprep was not asked");
}

/* Bridges and netdevs that the VM's own interfaces name; those of networks libvirt keeps. */
void vfm_probe_bridges(struct vfm_probe_side *side)
{
	struct vfm_fact_list *list = &side->part.bridges;
	const struct vfm_domain *vm = &side->vm;
	virNodeDevicePtr *devices = NULL;
	int count = virConnectListAllNodeDevices(side->connection, &devices,
						 VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET);

	vfm_fact_set_empty(list);
	for (size_t i = 0; i < vm->interface_count; i++) {
		const struct vfm_domain_interface *interface = &vm->interfaces[i];
		struct vfm_bridge_probe *item;

		if (!interface->source || interface->network ||
		    (interface->type != VFM_INTERFACE_BRIDGE &&
		     interface->type != VFM_INTERFACE_DIRECT))
			continue;
		item = vfm_fact_list_add(list, sizeof(*item));
		if (!item)
			break;
		vfm_fact_set_text(&item->name, interface->source);
		look_for_netdev(devices, count, interface->source, &item->source);
	}
	for (int i = 0; i < count; i++)
		virNodeDeviceFree(devices[i]);
	free(devices);
}

/* ---- storage ---- */

static virStorageVolPtr volume_of(struct vfm_probe_side *side, const struct vfm_domain_disk *disk)
{
	virStorageVolPtr volume = NULL;
	virStoragePoolPtr pool;

	if (disk->type != VFM_DISK_VOLUME)
		return virStorageVolLookupByPath(side->connection, disk->source);
	pool = disk->pool ? virStoragePoolLookupByName(side->connection, disk->pool) : NULL;
	if (pool) {
		volume = virStorageVolLookupByName(pool, disk->source);
		virStoragePoolFree(pool);
	}
	return volume;
}

/*
 * A disk by the pool that has its file: whether it is there and how large. What it is a name for
 * the host itself knows better, and pools do not say.
 */
static void read_volume(struct vfm_probe_side *side, const struct vfm_domain_disk *disk,
			struct vfm_storage_side_probe *seen)
{
	virStorageVolPtr volume = volume_of(side, disk);
	virStorageVolInfo info;

	if (!volume) {
		vfm_fact_set_unknown(&seen->reachable.fact,
				     "no storage pool of this daemon has it, and the host's vfprep "
				     "was not asked");
		return;
	}
	vfm_fact_set_bool(&seen->reachable, true);
	if (virStorageVolGetInfo(volume, &info) == 0)
		vfm_fact_set_uint(&seen->size_bytes, info.capacity);
	virStorageVolFree(volume);
}

/* The pool that libvirt would make the file in, were it to be copied to this side. */
static void find_pool(struct vfm_probe_side *side, const char *path, struct vfm_fact_text *ret_pool)
{
	const char *slash = strrchr(path, '/');
	VFM_AUTO_FREE char *folder = slash ? strndup(path, (size_t)(slash - path)) : NULL;
	virStoragePoolPtr pool;

	if (!folder)
		return;
	pool = virStoragePoolLookupByTargetPath(side->connection, *folder ? folder : "/");
	if (pool) {
		vfm_fact_set_text(ret_pool, virStoragePoolGetName(pool));
		virStoragePoolFree(pool);
	} else if (virGetLastError() && virGetLastError()->code == VIR_ERR_NO_STORAGE_POOL) {
		vfm_fact_set_absent(&ret_pool->fact);
	} else {
		vfm_probe_unknown(&ret_pool->fact);
	}
}

/* What is reached by the network is the same for who names the same servers and image. */
static void name_network_disk(const struct vfm_domain_disk *disk,
			      struct vfm_storage_side_probe *seen)
{
	vfm_fact_set_textf(&seen->identity, "%s %s at %s", disk->protocol ? disk->protocol : "?",
			   disk->source ? disk->source : "?", disk->hosts ? disk->hosts : "?");
	vfm_fact_set_bool(&seen->cluster, true);
	vfm_fact_set_unknown(&seen->reachable.fact,
			     "QEMU itself connects to it, when the VM arrives");
}

void vfm_probe_pools(struct vfm_probe_side *side)
{
	const struct vfm_domain *vm = &side->vm;

	vfm_fact_set_empty(&side->part.storage);
	for (size_t i = 0; i < vm->disk_count; i++) {
		const struct vfm_domain_disk *disk = &vm->disks[i];
		struct vfm_storage_probe *item =
			vfm_fact_list_add(&side->part.storage, sizeof(*item));

		if (!item)
			return;
		vfm_fact_set_text(&item->target, disk->target);
		vfm_fact_set_text(&item->source, disk->source);
		if (!disk->source)
			vfm_fact_set_absent(&item->at_source.identity.fact);
		else if (disk->type == VFM_DISK_NETWORK)
			name_network_disk(disk, &item->at_source);
		else if (disk->type == VFM_DISK_FILE || disk->type == VFM_DISK_BLOCK ||
			 disk->type == VFM_DISK_VOLUME)
			read_volume(side, disk, &item->at_source);
		if (disk->source && disk->type == VFM_DISK_FILE)
			find_pool(side, disk->source, &item->pool);
	}
}
