/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads who uses each VF: its network interface, processes that have its VFIO nodes open, its RDMA
 * device's users, vDPA devices on it, claims. libvirt's domains are added by libvirt.c.
 *
 * A use that was found is a use, whatever else could not be seen; "nobody" is only said when all
 * was seen. Everything that is not one VF's own is read once for all of them.
 */
#include "facts/users.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"
#include "facts/claims.h"
#include "facts/openfiles.h"
#include "facts/readers.h"
#include "netlink/session.h"

#define PCI_DEVICES  "/sys/bus/pci/devices"
#define VDPA_DEVICES "/sys/bus/vdpa/devices"

/* What is being found out about one VF. */
struct subject {
	struct vfm_vf_facts *vf;
	struct vfm_strings users;
	char *unseen; /* why it may have users that are not in the list; NULL: all was seen */
};

/* A device node, and the VF it belongs to. */
struct node {
	char *path;
	size_t subject;
};

struct census {
	struct subject *subjects;
	size_t count;
	int64_t deadline_ms;
	struct node *nodes;
	size_t node_count;
};

static void census_done(struct census *census)
{
	for (size_t i = 0; i < census->count; i++) {
		vfm_strings_done(&census->subjects[i].users);
		free(census->subjects[i].unseen);
	}
	for (size_t i = 0; i < census->node_count; i++)
		free(census->nodes[i].path);
	free(census->subjects);
	free(census->nodes);
}

/* The first thing that was not seen is the reason. */
static void note_unseen(struct subject *subject, const char *what, const char *why)
{
	if (!subject->unseen)
		subject->unseen = vfm_text_printf("%s: %s", what, why);
	if (!subject->unseen)
		subject->users.failed = true;
}

static void note_unseen_by_all(struct census *census, const char *what, const char *why)
{
	for (size_t i = 0; i < census->count; i++)
		note_unseen(&census->subjects[i], what, why);
}

/* Names in a directory of the VF; an empty list also when there is no such directory. */
static bool list_of(const struct subject *subject, const char *name, struct vfm_strings *ret_names)
{
	VFM_AUTO_FREE char *path =
		vfm_text_printf("%s/%s/%s", PCI_DEVICES, subject->vf->bdf.value, name);

	return path && vfm_directory_list(path, ret_names, NULL) == 0;
}

/* --- network interfaces --- */

static bool is_addressed(const struct vfm_link *link, const struct vfm_addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++)
		if (addresses->items[i].index == link->index &&
		    vfm_address_counts(&addresses->items[i], link))
			return true;
	return false;
}

/* Adds ", word" or, as the first, " word". */
static void add_word(struct vfm_buffer *buffer, size_t start, const char *word, const char *name)
{
	vfm_buffer_printf(buffer, "%s %s%s", buffer->size > start ? "," : "", word, name);
}

int vfm_user_netdev(const struct vfm_link *link, const struct vfm_links *links,
		    const struct vfm_addresses *addresses, char **ret_text)
{
	VFM_AUTO_BUFFER struct vfm_buffer buffer = {.data = NULL};
	const struct vfm_link *master = vfm_links_by_index(links, link->master);
	size_t start;
	char *text;

	vfm_buffer_printf(&buffer, "netdev %s", link->name);
	start = buffer.size;
	if (link->flags & IFF_UP)
		add_word(&buffer, start, "up", "");
	if (is_addressed(link, addresses))
		add_word(&buffer, start, "addressed", "");
	if (link->master)
		add_word(&buffer, start, "enslaved to ", master ? master->name : "another");
	for (size_t i = 0; i < links->count; i++)
		if (links->items[i].lower == link->index)
			add_word(&buffer, start, "under ", links->items[i].name);
	if (buffer.size == start && !buffer.failed) {
		*ret_text = NULL;
		return 0;
	}
	text = vfm_buffer_steal(&buffer);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

struct network {
	struct vfm_links links;
	struct vfm_addresses addresses;
};

static void network_done(struct network *network)
{
	vfm_links_done(&network->links);
	vfm_addresses_done(&network->addresses);
}

static int read_network(struct network *network, int64_t deadline_ms, struct vfm_error *err)
{
	VFM_AUTO_NETLINK struct vfm_netlink netlink = VFM_NETLINK_INIT;
	int r = vfm_netlink_open(&netlink, NETLINK_ROUTE, deadline_ms, err);

	if (r == 0)
		r = vfm_links_read(&netlink, &network->links, err);
	if (r == 0)
		r = vfm_addresses_read(&netlink, &network->addresses, err);
	return r;
}

static void judge_netdevs(struct subject *subject, const struct network *network,
			  const struct vfm_strings *names)
{
	/*
	 * The kernel keeps a function's "net" directory for as long as it has an interface, and
	 * shows in it those of this network namespace.
	 */
	if (names->count == 0)
		vfm_strings_add(&subject->users, "netdev in another network namespace");
	for (size_t i = 0; i < names->count; i++) {
		VFM_AUTO_FREE char *text = NULL;
		const struct vfm_link *link = vfm_links_by_name(&network->links, names->values[i]);

		if (!link)
			note_unseen(subject, names->values[i], "no such interface any more");
		else if (vfm_user_netdev(link, &network->links, &network->addresses, &text) < 0)
			subject->users.failed = true;
		else if (text)
			vfm_strings_add(&subject->users, text);
	}
}

/* Links are asked for when the first VF turns out to have an interface: mostly none has. */
static void find_netdevs(struct census *census)
{
	VFM_CLEANUP(network_done) struct network network = {.links = {.items = NULL}};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	bool asked = false;
	int r = 0;

	for (size_t i = 0; i < census->count; i++) {
		VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};

		if (!list_of(&census->subjects[i], "net", &names))
			continue;
		if (!asked)
			r = read_network(&network, census->deadline_ms, &err);
		asked = true;
		if (r < 0)
			note_unseen(&census->subjects[i], "netdev", err.what ? err.what : "");
		else
			judge_netdevs(&census->subjects[i], &network, &names);
	}
}

/* --- open VFIO nodes --- */

/* Takes path, which may be NULL for want of memory. */
static void add_node(struct census *census, size_t subject, char *path)
{
	const struct node node = {.path = path, .subject = subject};

	if (path && VFM_APPEND(census->nodes, census->node_count, node) == 0)
		return;
	free(path);
	census->subjects[subject].users.failed = true;
}

/* The nodes by which a VF can be opened: its group's, and its own (iommufd). */
static void add_nodes(struct census *census, size_t number)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	const struct subject *subject = &census->subjects[number];
	const struct vfm_fact_uint *group = &subject->vf->iommu_group;
	char class[64];

	if (list_of(subject, "vfio-dev", &names))
		for (size_t i = 0; i < names.count; i++)
			add_node(census, number,
				 vfm_text_printf("/dev/vfio/devices/%s", names.values[i]));
	if (!vfm_known(&group->fact))
		return;
	snprintf(class, sizeof(class), "/sys/class/vfio/%" PRIu64, group->value);
	if (access(class, F_OK) == 0)
		add_node(census, number, vfm_text_printf("/dev/vfio/%" PRIu64, group->value));
}

struct open_files {
	struct census *census;
	const struct vfm_strings *paths;
};

/* Functions of one group share its node. */
static void note_open(size_t number, uint64_t pid, const char *command, void *data)
{
	const struct open_files *files = data;
	const char *path = files->paths->values[number];

	for (size_t i = 0; i < files->census->node_count; i++) {
		const struct node *node = &files->census->nodes[i];

		if (vfm_streq(node->path, path))
			vfm_strings_addf(&files->census->subjects[node->subject].users,
					 "open by pid %" PRIu64 " (%s)", pid, command);
	}
}

static void find_open_files(struct census *census, bool privileged)
{
	static const char what[] = "open files";
	VFM_AUTO_STRINGS struct vfm_strings paths = {.values = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct open_files files = {.census = census, .paths = &paths};
	bool all = false;

	for (size_t i = 0; i < census->count; i++)
		add_nodes(census, i);
	for (size_t i = 0; i < census->node_count; i++)
		vfm_strings_add(&paths, census->nodes[i].path);
	vfm_strings_sort(&paths);
	if (paths.count == 0 && !paths.failed)
		return;
	if (paths.failed)
		note_unseen_by_all(census, what, "out of memory");
	else if (vfm_open_files(&paths, census->deadline_ms, note_open, &files, &all, &err) < 0)
		note_unseen_by_all(census, what, err.what ? err.what : "not read");
	else if (!all || !privileged) /* /proc may hide processes altogether (hidepid) */
		for (size_t i = 0; i < census->node_count; i++)
			note_unseen(&census->subjects[census->nodes[i].subject], what,
				    "those of other users need root");
}

/* --- RDMA --- */

int vfm_user_rdma(const struct vfm_rdma_device *device, char **ret_text)
{
	char *text;

	if (device->contexts == 0 && device->connections == 0) {
		*ret_text = NULL;
		return 0;
	}
	text = vfm_text_printf("rdma device %s (%" PRIu64 " context%s, %" PRIu64 " connection%s)",
			       device->name, device->contexts, device->contexts == 1 ? "" : "s",
			       device->connections, device->connections == 1 ? "" : "s");
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	return 0;
}

static void judge_rdma(struct subject *subject, const struct vfm_rdma_devices *devices,
		       const struct vfm_strings *names)
{
	for (size_t i = 0; i < names->count; i++) {
		VFM_AUTO_FREE char *text = NULL;
		const struct vfm_rdma_device *device = vfm_rdma_device(devices, names->values[i]);

		if (!device)
			note_unseen(subject, names->values[i],
				    "rdma device not of this network namespace");
		else if (vfm_user_rdma(device, &text) < 0)
			subject->users.failed = true;
		else if (text)
			vfm_strings_add(&subject->users, text);
	}
}

static void find_rdma(struct census *census)
{
	struct vfm_rdma_devices devices = {.items = NULL};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	bool asked = false;
	int r = 0;

	for (size_t i = 0; i < census->count; i++) {
		VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};

		if (!list_of(&census->subjects[i], "infiniband", &names))
			continue;
		if (!asked)
			r = vfm_rdma_devices_read(census->deadline_ms, &devices, &err);
		asked = true;
		if (r < 0)
			note_unseen(&census->subjects[i], "rdma", err.what ? err.what : "not read");
		else
			judge_rdma(&census->subjects[i], &devices, &names);
	}
	vfm_rdma_devices_done(&devices);
}

/* --- vDPA --- */

bool vfm_path_through(const char *target, const char *bdf)
{
	size_t size = strlen(bdf);

	for (const char *p = strstr(target, bdf); p; p = strstr(p + 1, bdf))
		if (p > target && p[-1] == '/' && p[size] == '/')
			return true;
	return false;
}

static void find_vdpa(struct census *census)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};

	/* No such bus: no vDPA in this kernel. */
	if (vfm_directory_list(VDPA_DEVICES, &names, NULL) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		VFM_AUTO_FREE char *path = vfm_text_printf("%s/%s", VDPA_DEVICES, names.values[i]);
		char target[4096];
		ssize_t size = path ? readlink(path, target, sizeof(target) - 1) : -1;

		if (size < 0)
			continue;
		target[size] = '\0';
		for (size_t j = 0; j < census->count; j++)
			if (vfm_path_through(target, census->subjects[j].vf->bdf.value))
				vfm_strings_addf(&census->subjects[j].users, "vdpa device %s",
						 names.values[i]);
	}
}

/* --- claims --- */

static void find_claims(struct census *census, const char *own)
{
	for (size_t i = 0; i < census->count; i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *owner = NULL;
		struct subject *subject = &census->subjects[i];
		const char *bdf = subject->vf->bdf.value;
		int r = own && vfm_streq(own, bdf) ? -ENOENT : vfm_claim_owner(bdf, &owner, &err);

		if (r == 0)
			vfm_strings_addf(&subject->users, "claimed by %s", owner);
		else if (r != -ENOENT)
			note_unseen(subject, "claim", err.what ? err.what : "not read");
	}
}

/* Slots of a PF are no use of a VF, and are told apart; one owner may hold several of them. */
static void find_slots(struct vfm_pf_facts *pf)
{
	VFM_AUTO_STRINGS struct vfm_strings owners = {.values = NULL};

	if (!vfm_known(&pf->bdf.fact)) {
		vfm_fact_set_unknown(&pf->slot_owners.fact, "the PF's address is not known");
		return;
	}
	for (unsigned int i = 0; i < VFM_CLAIM_SLOTS; i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *owner = NULL;
		int r = vfm_claim_slot_owner(pf->bdf.value, i, &owner, &err);

		if (r == 0) {
			vfm_strings_addf(&owners, "%u: %s", i, owner);
		} else if (r != -ENOENT) {
			vfm_fact_set_unknown(&pf->slot_owners.fact, "%s",
					     err.what ? err.what : "not read");
			return;
		}
	}
	vfm_fact_set_texts(&pf->slot_owners, &owners);
}

/* --- all together --- */

static bool take_subjects(struct census *census, const struct vfm_facts *facts)
{
	size_t count = 0;

	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs)
		count += pf->vfs.count;
	census->subjects = calloc(count ? count : 1, sizeof(*census->subjects));
	if (!census->subjects)
		return false;
	vfm_list_each (const struct vfm_pf_facts, pf, &facts->pfs) {
		vfm_list_each (struct vfm_vf_facts, vf, &pf->vfs) {
			if (vfm_known(&vf->bdf.fact))
				census->subjects[census->count++].vf = vf;
			else
				vfm_fact_set_unknown(&vf->users.fact,
						     "the VF's address is not known");
		}
	}
	return true;
}

static void settle(struct subject *subject)
{
	if (subject->users.count == 0 && !subject->users.failed && subject->unseen)
		vfm_fact_set_unknown(&subject->vf->users.fact, "%s", subject->unseen);
	else
		vfm_fact_set_texts(&subject->vf->users, &subject->users);
}

void vfm_read_users(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_CLEANUP(census_done) struct census census = {.deadline_ms = options->deadline_ms};

	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
		find_slots(pf);
	if (!take_subjects(&census, facts) || census.count == 0)
		return;
	find_netdevs(&census);
	find_open_files(&census, vfm_fact_is_true(&facts->host.privileged));
	find_rdma(&census);
	find_vdpa(&census);
	find_claims(&census, options->own_claim);
	for (size_t i = 0; i < census.count; i++)
		settle(&census.subjects[i]);
}
