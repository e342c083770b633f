/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking libvirt's daemons about a VM, and telling them; see ask.h. */
#include "move/ask.h"

#include <stdio.h>

#include "base/deadline.h"
#include "base/worker.h"

/* Shared with the thread that calls. */
struct call {
	virConnectPtr connection;
	char uuid[VIR_UUID_STRING_BUFLEN];
	enum vfm_deed deed;
	struct vfm_where_side side;
	unsigned long version;
	char *xml;
	int error;
	struct vfm_error err;
};

static void release(void *data)
{
	struct call *call = data;

	vfm_cleanup_connection(&call->connection);
	vfm_error_done(&call->err);
	free(call->xml);
	free(call);
}

static struct call *prepare(const struct vfm_daemons *daemons, enum vfm_side side,
			    enum vfm_deed deed)
{
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->deed = deed;
	snprintf(call->uuid, sizeof(call->uuid), "%s", daemons->uuid);
	if (virConnectRef(daemons->connections[side]) < 0) {
		virResetLastError();
		free(call);
		return NULL;
	}
	call->connection = daemons->connections[side];
	return call;
}

/* ---- asking ---------------------------------------------------------------- */

enum vfm_where_state vfm_where_state_of(int state, int reason)
{
	switch (state) {
	case VIR_DOMAIN_RUNNING:
		if (reason == VIR_DOMAIN_RUNNING_POSTCOPY)
			return VFM_STATE_POSTCOPY;
		return reason == VIR_DOMAIN_RUNNING_POSTCOPY_FAILED ? VFM_STATE_POSTCOPY_BROKEN
								    : VFM_STATE_RUNNING;
	case VIR_DOMAIN_BLOCKED:
		return VFM_STATE_RUNNING;
	case VIR_DOMAIN_SHUTDOWN:
		/* QEMU is about to end: of a guest that has shut down, or of a copy that never ran
		 * and is cleared away. Which it was is known in a moment. */
		return VFM_STATE_UNKNOWN;
	case VIR_DOMAIN_PAUSED:
		if (reason == VIR_DOMAIN_PAUSED_MIGRATION)
			return VFM_STATE_MIGRATING;
		if (reason == VIR_DOMAIN_PAUSED_POSTCOPY)
			return VFM_STATE_POSTCOPY;
		if (reason == VIR_DOMAIN_PAUSED_POSTCOPY_FAILED)
			return VFM_STATE_POSTCOPY_BROKEN;
		/* What it will be is known in a moment. */
		if (reason == VIR_DOMAIN_PAUSED_STARTING_UP || reason == VIR_DOMAIN_PAUSED_UNKNOWN)
			return VFM_STATE_UNKNOWN;
		return VFM_STATE_PAUSED;
	case VIR_DOMAIN_PMSUSPENDED:
	case VIR_DOMAIN_CRASHED: /* its QEMU may be kept for who looks into it */
		return VFM_STATE_PAUSED;
	case VIR_DOMAIN_SHUTOFF:
		return VFM_STATE_SHUT_OFF;
	default:
		return VFM_STATE_UNKNOWN;
	}
}

static bool is_migration(virTypedParameterPtr parameters, int count)
{
	int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;

	/* Without the member it may be anything. */
	return virTypedParamsGetInt(parameters, count, VIR_DOMAIN_JOB_OPERATION, &operation) != 1 ||
	       operation == VIR_DOMAIN_JOB_OPERATION_UNKNOWN ||
	       operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN ||
	       operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT;
}

static enum vfm_where_job ask_job(virDomainPtr domain)
{
	virTypedParameterPtr parameters = NULL;
	int type = VIR_DOMAIN_JOB_NONE, count = 0;
	enum vfm_where_job job;

	if (virDomainGetJobStats(domain, &type, &parameters, &count, 0) < 0) {
		/* of a VM that is coming in: "available only on the source host" */
		job = virGetLastErrorCode() == VIR_ERR_OPERATION_INVALID ? VFM_WHERE_JOB_ACTIVE
									 : VFM_WHERE_JOB_UNKNOWN;
		virResetLastError();
		return job;
	}
	job = type != VIR_DOMAIN_JOB_NONE && is_migration(parameters, count) ? VFM_WHERE_JOB_ACTIVE
									     : VFM_WHERE_JOB_NONE;
	virTypedParamsFree(parameters, count);
	return job;
}

/* The state is younger than the job: one that has just ended counts as one that has not. */
static void ask_side(void *data)
{
	struct call *call = data;
	VFM_AUTO_VIR_DOMAIN virDomainPtr domain =
		virDomainLookupByUUIDString(call->connection, call->uuid);
	int state = 0, reason = 0;

	if (domain)
		call->side.job = ask_job(domain);
	if (domain && virDomainGetState(domain, &state, &reason, 0) == 0) {
		call->side.state = vfm_where_state_of(state, reason);
		return;
	}
	if (virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) {
		virResetLastError();
		call->side.state = VFM_STATE_ABSENT;
		return;
	}
	call->error = vfm_libvirt_failed(&call->err, call->uuid);
}

static void take_answer(struct vfm_worker *worker, struct call *call, int64_t deadline_ms,
			enum vfm_side side, struct vfm_where_side *ret_side, struct vfm_error *why)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	const char *name = side == VFM_SOURCE ? "source" : "destination";

	if (!worker) {
		vfm_error_set(&own, -ENOTCONN, name, NULL, "libvirt is not reached");
	} else if (vfm_worker_wait(worker, deadline_ms) < 0) {
		vfm_error_set(&own, -ETIMEDOUT, name, NULL, "libvirt did not answer in time");
	} else {
		*ret_side = call->side;
		if (call->error == 0)
			return;
		vfm_error_move(&own, &call->err);
	}
	if (why && !why->what)
		vfm_error_move(why, &own);
}

void vfm_ask(const struct vfm_daemons *daemons, int64_t deadline_ms,
	     struct vfm_where_side ret_sides[VFM_SIDE_MAX], struct vfm_error *why)
{
	struct vfm_worker *workers[VFM_SIDE_MAX] = {NULL};
	struct call *calls[VFM_SIDE_MAX] = {NULL};

	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		ret_sides[side] = (struct vfm_where_side){.state = VFM_STATE_UNKNOWN};
		if (daemons->connections[side])
			calls[side] = prepare(daemons, (enum vfm_side)side, VFM_DEED_MAX);
		if (calls[side] &&
		    vfm_worker_start(ask_side, release, calls[side], &workers[side], NULL) < 0)
			release(calls[side]);
	}
	for (unsigned int side = 0; side < VFM_SIDE_MAX; side++) {
		take_answer(workers[side], calls[side], deadline_ms, (enum vfm_side)side,
			    &ret_sides[side], why);
		vfm_worker_free(workers[side]);
	}
}

/* ---- telling ---------------------------------------------------------------- */

static int undefine(virDomainPtr domain)
{
	return virDomainUndefineFlags(domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE |
						      VIR_DOMAIN_UNDEFINE_KEEP_NVRAM);
}

static void do_deed(void *data)
{
	static int (*const deeds[VFM_DEED_MAX])(virDomainPtr domain) = {
		[VFM_DEED_RESUME] = virDomainResume,
		[VFM_DEED_DESTROY] = virDomainDestroy,
		[VFM_DEED_UNDEFINE] = undefine,
	};
	struct call *call = data;
	VFM_AUTO_VIR_DOMAIN virDomainPtr domain =
		virDomainLookupByUUIDString(call->connection, call->uuid);

	if (!domain || deeds[call->deed](domain) < 0)
		call->error = vfm_libvirt_failed(&call->err, call->uuid);
}

static void ask_version(void *data)
{
	struct call *call = data;

	if (virConnectGetLibVersion(call->connection, &call->version) < 0)
		call->error = vfm_libvirt_failed(&call->err, call->uuid);
}

static void ask_xml(void *data)
{
	struct call *call = data;
	VFM_AUTO_VIR_DOMAIN virDomainPtr domain =
		virDomainLookupByUUIDString(call->connection, call->uuid);

	call->xml = domain ? virDomainGetXMLDesc(domain, 0) : NULL;
	if (!call->xml)
		call->error = vfm_libvirt_failed(&call->err, call->uuid);
}

/* What a call brought, for who wants it. */
struct brought {
	unsigned long version;
	char *xml;
};

/* work() in a thread, on what prepare() makes. */
static int call_daemon(const struct vfm_daemons *daemons, enum vfm_side side, enum vfm_deed deed,
		       void (*work)(void *data), int64_t deadline_ms, struct brought *ret_brought,
		       struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct call *call;
	int r;

	if (!daemons->connections[side])
		return vfm_error_set(err, -ENOTCONN, daemons->uuid, NULL, "libvirt is not reached");
	call = prepare(daemons, side, deed);
	if (!call)
		return vfm_error_no_memory(err, daemons->uuid);
	r = vfm_worker_start(work, release, call, &worker, err);
	if (r < 0) {
		release(call);
		return r;
	}
	r = vfm_worker_wait(worker, deadline_ms);
	if (r < 0)
		return vfm_error_set(err, r, daemons->uuid, NULL, "libvirt did not answer in time");
	if (call->error < 0)
		vfm_error_move(err, &call->err);
	if (call->error == 0 && ret_brought) {
		ret_brought->version = call->version;
		ret_brought->xml = VFM_STEAL(call->xml);
	}
	return call->error;
}

int vfm_daemon_version(const struct vfm_daemons *daemons, enum vfm_side side, int64_t deadline_ms,
		       unsigned long *ret_version, struct vfm_error *err)
{
	struct brought brought = {.version = 0};
	int r = call_daemon(daemons, side, VFM_DEED_MAX, ask_version, deadline_ms, &brought, err);

	if (r == 0)
		*ret_version = brought.version;
	return r;
}

int vfm_daemon_xml(const struct vfm_daemons *daemons, enum vfm_side side, int64_t deadline_ms,
		   char **ret_xml, struct vfm_error *err)
{
	struct brought brought = {.xml = NULL};
	int r = call_daemon(daemons, side, VFM_DEED_MAX, ask_xml, deadline_ms, &brought, err);

	if (r == 0)
		*ret_xml = brought.xml;
	return r;
}

int vfm_daemon_do(const struct vfm_daemons *daemons, enum vfm_side side, enum vfm_deed deed,
		  int64_t deadline_ms, struct vfm_error *err)
{
	return call_daemon(daemons, side, deed, do_deed, deadline_ms, NULL, err);
}
