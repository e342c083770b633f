/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of a host's connections matter to whoever takes an uplink away, and how the facts say it.
 * Pure; see traffic.h.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/text.h"
#include "facts/traffic.h"

/* Where Linux begins to choose ports for connections that go out (ip_local_port_range). */
enum { EPHEMERAL_FIRST = 32768 };

/* What the ports of either end say; the foremost service first. */
static const struct service {
	const char *kind;
	uint16_t first, last;
	/*
	 * The ports are among those that are chosen for any connection that goes out: the other
	 * end must be such a port too, and not that of a service.
	 */
	bool between;
} services[] = {
	{"ssh", 22, 22, false},           {"libvirt", 16509, 16509, false},
	{"libvirt", 16514, 16514, false}, {"migration", 49152, 49215, true},
	{"nfs", 2049, 2049, false},       {"iscsi", 3260, 3260, false},
	{"nvme", 4420, 4420, false},
};

/* A session that is told of. */
struct use {
	const struct vfm_tcp_session *session;
	size_t rank;      /* among the services */
	const char *kind; /* "ssh" */
	const char *word; /* between the ends */
};

static bool is_link_local(const struct vfm_address *address)
{
	return address->family == AF_INET6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

bool vfm_session_is_of(const struct vfm_tcp_session *session, const struct vfm_addresses *addresses)
{
	for (size_t i = 0; i < addresses->count; i++) {
		const struct vfm_address *address = &addresses->items[i];

		if (address->family != session->family ||
		    memcmp(address->bytes, session->local.bytes, sizeof(address->bytes)) != 0)
			continue;
		/* Several links may have the same one, and the socket is bound to its own. */
		if (!is_link_local(address) || session->interface == 0 ||
		    session->interface == address->index)
			return true;
	}
	return false;
}

static bool serves(const struct service *service, const struct vfm_tcp_end *server,
		   const struct vfm_tcp_end *client)
{
	return server->port >= service->first && server->port <= service->last &&
	       (!service->between || client->port >= EPHEMERAL_FIRST);
}

/* By its ports alone. */
static bool find_service(const struct vfm_tcp_session *session, struct use *ret_use)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(services); i++) {
		bool in = serves(&services[i], &session->local, &session->remote);

		if (!in && !serves(&services[i], &session->remote, &session->local))
			continue;
		*ret_use = (struct use){
			.session = session,
			.rank = i,
			.kind = services[i].kind,
			.word = in ? "from" : "to",
		};
		return true;
	}
	return false;
}

bool vfm_session_is_service(const struct vfm_tcp_session *session)
{
	struct use use;

	return find_service(session, &use);
}

/* Whether one of our own connections has this one's other end. */
static bool is_of_caller(const struct vfm_tcp_session *session,
			 const struct vfm_tcp_sessions *sessions,
			 const struct vfm_ssh_sockets *ours)
{
	for (size_t i = 0; i < sessions->count; i++) {
		const struct vfm_tcp_session *other = &sessions->items[i];

		if (other->family == session->family &&
		    memcmp(other->remote.bytes, session->remote.bytes,
			   sizeof(other->remote.bytes)) == 0 &&
		    vfm_ssh_sockets_have(ours, other->inode))
			return true;
	}
	return false;
}

static bool classify(const struct vfm_tcp_session *session, const struct vfm_tcp_sessions *sessions,
		     const struct vfm_ssh_sockets *ours, struct use *ret_use)
{
	if (vfm_ssh_sockets_have(ours, session->inode))
		*ret_use = (struct use){.session = session, .kind = "ssh", .word = "from"};
	else if (is_of_caller(session, sessions, ours) && !vfm_session_is_service(session))
		*ret_use = (struct use){
			.session = session,
			.rank = VFM_ARRAY_SIZE(services),
			.kind = "tcp",
			.word = "with",
		};
	else
		return find_service(session, ret_use);
	return true;
}

/* In an order that does not depend on the kernel's. */
static int compare_uses(const void *a, const void *b)
{
	const struct use *left = a, *right = b;
	const struct vfm_tcp_session *x = left->session, *y = right->session;
	int r;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	r = memcmp(x->remote.bytes, y->remote.bytes, sizeof(x->remote.bytes));
	if (r == 0)
		r = memcmp(x->local.bytes, y->local.bytes, sizeof(x->local.bytes));
	if (r == 0)
		r = x->remote.port - y->remote.port;
	return r ? r : x->local.port - y->local.port;
}

static void tell(struct vfm_fact_texts *fact, struct use *uses, size_t count)
{
	VFM_AUTO_STRINGS struct vfm_strings texts = {.values = NULL};

	if (count)
		qsort(uses, count, sizeof(*uses), compare_uses);
	for (size_t i = 0; i < count && i < VFM_SESSIONS_MAX; i++) {
		const struct vfm_tcp_session *session = uses[i].session;
		char local[VFM_TCP_END_SIZE], remote[VFM_TCP_END_SIZE];

		vfm_tcp_end_text(session->family, &session->local, local);
		vfm_tcp_end_text(session->family, &session->remote, remote);
		vfm_strings_addf(&texts, "%s: %s %s %s", uses[i].kind, local, uses[i].word, remote);
	}
	/* A word that sorts behind all kinds. */
	if (count > VFM_SESSIONS_MAX)
		vfm_strings_addf(&texts, "with %zu more", count - VFM_SESSIONS_MAX);
	vfm_fact_set_texts(fact, &texts);
}

void vfm_uplink_fill_sessions(struct vfm_uplink_facts *uplink,
			      const struct vfm_addresses *addresses,
			      const struct vfm_tcp_sessions *sessions,
			      const struct vfm_ssh_sockets *ours)
{
	VFM_AUTO_FREE struct use *uses = NULL;
	size_t count = 0;
	bool strangers = false;

	for (size_t i = 0; i < sessions->count; i++) {
		const struct vfm_tcp_session *session = &sessions->items[i];
		struct use use;

		if (!vfm_session_is_of(session, addresses))
			continue;
		if (!classify(session, sessions, ours, &use)) {
			strangers = true;
		} else if (VFM_APPEND(uses, count, use) < 0) {
			vfm_fact_set_unknown(&uplink->sessions.fact, "out of memory");
			return;
		}
	}
	if (count == 0 && strangers && ours->unseen)
		vfm_fact_set_unknown(&uplink->sessions.fact,
				     "needs root: which connection is that of ssh");
	else
		tell(&uplink->sessions, uses, count);
}

void vfm_uplink_fill_host_addresses(struct vfm_uplink_facts *uplink, const struct vfm_reach *reach,
				    const struct vfm_addresses *addresses)
{
	VFM_AUTO_STRINGS struct vfm_strings texts = {.values = NULL};

	for (size_t i = 0; i < reach->count; i++) {
		const struct vfm_link *link = reach->links[i];

		for (size_t k = 0; k < addresses->count; k++) {
			const struct vfm_address *address = &addresses->items[k];
			VFM_AUTO_FREE char *text = NULL;

			if (address->index != link->index || !vfm_address_counts(address, link))
				continue;
			text = vfm_address_text(address);
			if (text)
				vfm_strings_addf(&texts, "%s of %s", text, link->name);
			else
				texts.failed = true;
		}
	}
	vfm_fact_set_texts(&uplink->host_addresses, &texts);
}

void vfm_uplink_fill_ipsec(struct vfm_uplink_facts *uplink, const struct vfm_reach *reach,
			   const struct vfm_offloads *offloads)
{
	uint64_t count = 0;

	for (size_t i = 0; i < offloads->count; i++)
		if (vfm_reach_has(reach, offloads->links[i]))
			count++;
	vfm_fact_set_uint(&uplink->ipsec_count, count);
}
