/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is seen after a move: by both daemons, the destination's agent and the guest's. */
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/worker.h"
#include "domain/mac.h"
#include "move/ask.h"
#include "move/guest_ping.h"
#include "move/journal.h"
#include "move/verify.h"

enum { CALL_MS = 15000, GUEST_MS = 10000, PING_MS = 15000 };

/* What one thread finds out of one daemon. */
struct inquiry {
	virConnectPtr connection;
	char uuid[VIR_UUID_STRING_BUFLEN];
	bool details; /* the XML, and the guest where that is wanted */
	bool ask_guest;
	enum vfm_tri defined;
	char *name, *xml;
	bool has_guest;
	struct vfm_guest_interface *guest;
	size_t guest_count;
	char *no_guest;
	char *ping; /* the address; NULL: none */
	enum vfm_tri pinged;
	char *no_ping;
	bool failed;
};

static void guest_done(struct vfm_guest_interface *guest, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(guest[i].name);
		free(guest[i].mac);
		vfm_strings_done(&guest[i].addresses);
	}
	free(guest);
}

static void release(void *data)
{
	struct inquiry *inquiry = data;

	vfm_cleanup_connection(&inquiry->connection);
	guest_done(inquiry->guest, inquiry->guest_count);
	free(inquiry->name);
	free(inquiry->xml);
	free(inquiry->no_guest);
	free(inquiry->ping);
	free(inquiry->no_ping);
	free(inquiry);
}

/* ---- in the thread ------------------------------------------------------------- */

static void take_interface(struct inquiry *inquiry, const virDomainInterface *from)
{
	struct vfm_guest_interface made = {.name = strdup(from->name)};
	char mac[VFM_MAC_TEXT_SIZE];

	/* The loopback has none that anybody could know it by. */
	if (from->hwaddr && vfm_mac_check(from->hwaddr, mac, NULL) == 0) {
		made.mac = strdup(mac);
		inquiry->failed |= !made.mac;
	}
	for (unsigned int i = 0; i < from->naddrs; i++)
		vfm_strings_addf(&made.addresses, "%s/%u", from->addrs[i].addr,
				 from->addrs[i].prefix);
	if (!made.name || made.addresses.failed ||
	    VFM_APPEND(inquiry->guest, inquiry->guest_count, made) < 0) {
		free(made.name);
		free(made.mac);
		vfm_strings_done(&made.addresses);
		inquiry->failed = true;
	}
}

static void ask_guest(struct inquiry *inquiry, virDomainPtr domain)
{
	virDomainInterfacePtr *interfaces = NULL;
	int count;

	if (virDomainAgentSetResponseTimeout(domain, GUEST_MS / 1000, 0) < 0)
		virResetLastError();
	count = virDomainInterfaceAddresses(domain, &interfaces,
					    VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT, 0);
	if (count < 0) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

		(void)vfm_libvirt_failed(&err, inquiry->uuid);
		inquiry->no_guest = vfm_text_printf("the guest's agent does not answer: %s",
						    err.what ? err.what : "failed");
		inquiry->failed |= !inquiry->no_guest;
		return;
	}
	inquiry->has_guest = true;
	for (int i = 0; i < count; i++) {
		take_interface(inquiry, interfaces[i]);
		virDomainInterfaceFree(interfaces[i]);
	}
	free(interfaces);
	if (!inquiry->ping)
		return;
	inquiry->pinged =
		vfm_guest_ping(domain, inquiry->ping, vfm_deadline_in(PING_MS), &inquiry->no_ping);
	inquiry->failed |= inquiry->pinged == VFM_TRI_UNKNOWN && !inquiry->no_ping;
}

/* A VM with a channel for an agent; without one there is nobody to be asked. */
static bool has_channel(const char *xml)
{
	struct vfm_domain domain;
	bool has;

	if (vfm_domain_parse(xml, strlen(xml), "domain", &domain, NULL) < 0)
		return false;
	has = domain.guest_agent;
	vfm_domain_done(&domain);
	return has;
}

static void inquire(void *data)
{
	struct inquiry *inquiry = data;
	VFM_AUTO_VIR_DOMAIN virDomainPtr domain =
		virDomainLookupByUUIDString(inquiry->connection, inquiry->uuid);
	const char *name = domain ? virDomainGetName(domain) : NULL;
	int persistent;

	if (!domain) {
		if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN)
			inquiry->defined = VFM_TRI_NO;
		virResetLastError();
		return;
	}
	inquiry->name = name ? strdup(name) : NULL;
	persistent = virDomainIsPersistent(domain);
	if (persistent >= 0)
		inquiry->defined = persistent ? VFM_TRI_YES : VFM_TRI_NO;
	if (inquiry->details)
		inquiry->xml = virDomainGetXMLDesc(domain, 0);
	if (inquiry->xml && inquiry->ask_guest && has_channel(inquiry->xml))
		ask_guest(inquiry, domain);
	virResetLastError();
}

/* ---- outside ---------------------------------------------------------------------- */

static struct inquiry *prepare(const struct vfm_verify *verify, const struct vfm_seen *seen,
			       virConnectPtr connection, enum vfm_side side)
{
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

	if (!inquiry || virConnectRef(connection) < 0) {
		free(inquiry);
		return NULL;
	}
	inquiry->connection = connection;
	inquiry->details = side == VFM_DESTINATION;
	inquiry->ask_guest = verify->ask_guest;
	memcpy(inquiry->uuid, seen->uuid, sizeof(inquiry->uuid));
	if (verify->ping && inquiry->details) {
		inquiry->ping = strdup(verify->ping);
		inquiry->failed = !inquiry->ping;
	}
	return inquiry;
}

static void take_details(struct inquiry *inquiry, struct vfm_seen *seen)
{
	if (inquiry->xml)
		seen->has_domain = vfm_domain_parse(inquiry->xml, strlen(inquiry->xml), "domain",
						    &seen->domain, NULL) == 0;
	seen->has_guest = inquiry->has_guest;
	seen->guest = VFM_STEAL(inquiry->guest);
	seen->guest_count = inquiry->guest_count;
	inquiry->guest_count = 0;
	seen->no_guest = VFM_STEAL(inquiry->no_guest);
	seen->pinged = inquiry->pinged;
	seen->no_ping = VFM_STEAL(inquiry->no_ping);
}

/* One daemon; one that does not answer leaves its side unknown. */
static int ask_daemon(const struct vfm_verify *verify, virConnectPtr connection, enum vfm_side side,
		      struct vfm_seen *seen, struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct inquiry *inquiry = prepare(verify, seen, connection, side);
	int r;

	if (!inquiry)
		return vfm_error_no_memory(err, verify->vm);
	r = vfm_worker_start(inquire, release, inquiry, &worker, err);
	if (r < 0) {
		release(inquiry);
		return r;
	}
	if (vfm_worker_wait(worker, vfm_deadline_in(CALL_MS + GUEST_MS +
						    (verify->ping ? 2 * PING_MS : 0))) < 0)
		return 0;
	if (inquiry->failed)
		return vfm_error_no_memory(err, verify->vm);
	seen->defined[side] = inquiry->defined;
	if (inquiry->name && !seen->vm)
		seen->vm = VFM_STEAL(inquiry->name);
	if (side == VFM_DESTINATION)
		take_details(inquiry, seen);
	return 0;
}

/* Both asked where it is, the destination first for all else. */
static int ask_daemons(const struct vfm_verify *verify, virConnectPtr connections[VFM_SIDE_MAX],
		       struct vfm_seen *seen, struct vfm_error *err)
{
	static const enum vfm_side order[] = {VFM_DESTINATION, VFM_SOURCE};
	struct vfm_daemons daemons = {.uuid = seen->uuid};
	int r = 0;

	memcpy(daemons.connections, connections, sizeof(daemons.connections));
	vfm_ask(&daemons, vfm_deadline_in(VFM_ASK_TIMEOUT_MS), seen->sides, NULL);
	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(order); i++)
		if (connections[order[i]])
			r = ask_daemon(verify, connections[order[i]], order[i], seen, err);
	return r;
}

/* The agent is asked only where there is a VF to be looked at. */
static bool has_devices(const struct vfm_seen *seen)
{
	return (seen->note && seen->note->device_count) ||
	       (seen->has_domain && vfm_domain_pci_count(&seen->domain));
}

static int read_facts(const struct vfm_verify *verify, struct vfm_seen *seen, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;

	if (!verify->destination || !has_devices(seen))
		return 0;
	if (vfm_peer_facts(verify->destination, true, &seen->facts, &own) == 0) {
		seen->has_facts = true;
		return 0;
	}
	seen->no_facts = vfm_error_text(&own);
	return seen->no_facts ? 0 : vfm_error_no_memory(err, verify->vm);
}

/* What QEMU said of the devices that came. */
static int read_log(const struct vfm_verify *verify, struct vfm_seen *seen, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;

	if (!verify->destination || !seen->note || !seen->note->device_count)
		return 0;
	if (vfm_peer_device_errors(verify->destination, seen->note->vm, &seen->device_errors,
				   &own) == 0) {
		seen->has_log = true;
		return 0;
	}
	seen->no_log = vfm_error_text(&own);
	return seen->no_log ? 0 : vfm_error_no_memory(err, verify->vm);
}

/* A copy, by way of its document. */
static int copy_note(const struct vfm_move_note *note, struct vfm_move_note **ret_copy,
		     struct vfm_error *err)
{
	struct vfm_journal journal = {.move = (struct vfm_move_note *)note};
	VFM_AUTO_JOURNAL struct vfm_journal read = {.records = NULL};
	VFM_AUTO_FREE char *text = vfm_journal_text(&journal);
	int r;

	if (!text)
		return vfm_error_no_memory(err, note->vm);
	r = vfm_journal_parse(text, strlen(text), note->vm, &read, err);
	if (r == 0)
		*ret_copy = VFM_STEAL(read.move);
	return r;
}

/* That of the last move of the VM, if it was between these two. */
static int read_note(const struct vfm_verify *verify, struct vfm_seen *seen, struct vfm_error *err)
{
	VFM_AUTO_FREE char *path = vfm_text_printf(
		"%s/%s.json", verify->directory ? verify->directory : VFM_MOVES_DIRECTORY,
		seen->uuid);
	VFM_AUTO_JOURNAL struct vfm_journal journal = {.records = NULL};
	int r;

	if (!path)
		return vfm_error_no_memory(err, verify->vm);
	r = vfm_journal_read(path, &journal, err);
	if (r < 0)
		return r;
	if (journal.move && vfm_streq(journal.move->source_uri, verify->source_uri) &&
	    vfm_streq(journal.move->destination_uri, verify->destination_uri))
		seen->note = VFM_STEAL(journal.move);
	return 0;
}

/* What kept a daemon from being asked. */
static int take_silence(struct vfm_seen *seen, const struct vfm_error why[VFM_SIDE_MAX],
			struct vfm_error *err)
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		if (!why[side].what)
			continue;
		seen->silent[side] = vfm_error_text(&why[side]);
		if (!seen->silent[side])
			return vfm_error_no_memory(err, seen->uuid);
	}
	return 0;
}

static int gather(const struct vfm_verify *verify, virConnectPtr connections[VFM_SIDE_MAX],
		  const struct vfm_error why[VFM_SIDE_MAX], struct vfm_seen *seen,
		  struct vfm_error *err)
{
	int r = take_silence(seen, why, err);

	if (r == 0 && verify->ping) {
		seen->ping = strdup(verify->ping);
		r = seen->ping ? 0 : vfm_error_no_memory(err, verify->vm);
	}
	if (r == 0)
		r = vfm_daemons_find(connections, verify->vm, seen->uuid, err);
	if (r == 0)
		r = verify->note ? copy_note(verify->note, &seen->note, err)
				 : read_note(verify, seen, err);
	if (r == 0)
		r = ask_daemons(verify, connections, seen, err);
	if (r == 0)
		r = read_facts(verify, seen, err);
	if (r == 0)
		r = read_log(verify, seen, err);
	if (r == 0 && !seen->vm) {
		seen->vm = strdup(seen->note ? seen->note->vm : verify->vm);
		r = seen->vm ? 0 : vfm_error_no_memory(err, verify->vm);
	}
	return r;
}

int vfm_verify_gather(const struct vfm_verify *verify, struct vfm_seen *ret_seen,
		      struct vfm_error *err)
{
	const char *const uris[VFM_SIDE_MAX] = {verify->source_uri, verify->destination_uri};
	struct vfm_error why[VFM_SIDE_MAX] = {VFM_ERROR_INIT, VFM_ERROR_INIT};
	virConnectPtr connections[VFM_SIDE_MAX] = {NULL, NULL};
	VFM_AUTO_SEEN struct vfm_seen seen = {.vm = NULL};
	int r;

	vfm_daemons_open(uris, verify->open_timeout_ms, connections, why);
	r = gather(verify, connections, why, &seen, err);
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		vfm_cleanup_connection(&connections[side]);
		vfm_error_done(&why[side]);
	}
	if (r < 0)
		return r;
	*ret_seen = seen;
	seen = (struct vfm_seen){.vm = NULL};
	return 0;
}

int vfm_verify(const struct vfm_verify *verify, struct vfm_seen *ret_seen,
	       struct vfm_checks *ret_checks, struct vfm_error *err)
{
	int r = vfm_verify_gather(verify, ret_seen, err);

	return r < 0 ? r : vfm_verify_judge(ret_seen, ret_checks, err);
}
