/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reaching both daemons, and finding a VM by its name; see ask.h. */
#include <stdio.h>
#include <string.h>

#include "base/deadline.h"
#include "base/worker.h"
#include "facts/host.h"
#include "move/ask.h"

_Static_assert(VFM_UUID_TEXT_SIZE == VIR_UUID_STRING_BUFLEN, "a UUID's text");

void vfm_daemons_open(const char *const uris[VFM_SIDE_MAX], int64_t timeout_ms,
		      virConnectPtr ret_connections[VFM_SIDE_MAX],
		      struct vfm_error ret_why[VFM_SIDE_MAX])
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++)
		(void)vfm_connection_open(uris[side], vfm_deadline_in(timeout_ms),
					  &ret_connections[side], &ret_why[side]);
}

/* Shared with the thread that calls. */
struct lookup {
	virConnectPtr connection;
	char *vm;
	bool found;
	char uuid[VIR_UUID_STRING_BUFLEN];
};

static void release(void *data)
{
	struct lookup *lookup = data;

	vfm_cleanup_connection(&lookup->connection);
	free(lookup->vm);
	free(lookup);
}

static void look_up(void *data)
{
	struct lookup *lookup = data;
	VFM_AUTO_VIR_DOMAIN virDomainPtr domain =
		virDomainLookupByName(lookup->connection, lookup->vm);

	lookup->found = domain && virDomainGetUUIDString(domain, lookup->uuid) == 0;
	virResetLastError();
}

static struct lookup *prepare(virConnectPtr connection, const char *vm)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));

	if (!lookup)
		return NULL;
	lookup->vm = strdup(vm);
	if (!lookup->vm || virConnectRef(connection) < 0) {
		virResetLastError();
		free(lookup->vm);
		free(lookup);
		return NULL;
	}
	lookup->connection = connection;
	return lookup;
}

/* 1: it knows the name; 0: it does not, or does not say. */
static int ask_name(virConnectPtr connection, const char *vm, int64_t deadline_ms,
		    char ret_uuid[VIR_UUID_STRING_BUFLEN], struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct lookup *lookup = prepare(connection, vm);
	int r;

	if (!lookup)
		return vfm_error_no_memory(err, vm);
	r = vfm_worker_start(look_up, release, lookup, &worker, err);
	if (r < 0) {
		release(lookup);
		return r;
	}
	if (vfm_worker_wait(worker, deadline_ms) < 0 || !lookup->found)
		return 0;
	snprintf(ret_uuid, VIR_UUID_STRING_BUFLEN, "%s", lookup->uuid);
	return 1;
}

int vfm_daemons_find(const virConnectPtr connections[VFM_SIDE_MAX], const char *vm,
		     char ret_uuid[VIR_UUID_STRING_BUFLEN], struct vfm_error *err)
{
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		int r = connections[side]
				? ask_name(connections[side], vm,
					   vfm_deadline_in(VFM_ASK_TIMEOUT_MS), ret_uuid, err)
				: 0;

		if (r != 0)
			return r < 0 ? r : 0;
	}
	if (vfm_uuid_parse(vm, ret_uuid) == 0)
		return 0;
	return vfm_error_set(err, -ENOENT, vm,
			     connections[VFM_SOURCE] && connections[VFM_DESTINATION]
				     ? "'virsh list --all' on each host has the names of its VMs"
				     : "try its UUID",
			     "neither host that answers knows a VM of this name");
}
