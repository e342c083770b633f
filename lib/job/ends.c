/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two daemons of a move, and its VM; see job.h. */
#include "job/ends.h"

#include <pthread.h>
#include <string.h>

#include "base/deadline.h"

/* The one place where libvirt's event loop is registered; see connection.h. */
static pthread_once_t registered = PTHREAD_ONCE_INIT;

static void register_loop(void)
{
	/* fails only without memory, and then so does the first connection */
	(void)virEventRegisterDefaultImpl();
}

static int find_domain(struct vfm_ends *ends, const struct vfm_ends_request *request,
		       struct vfm_error *err)
{
	int r = vfm_domain_find(ends->source, request->domain, &ends->domain, err);

	if (r == 0 && virDomainGetUUIDString(ends->domain, ends->uuid) < 0)
		r = vfm_libvirt_failed(err, request->domain);
	return r;
}

int vfm_ends_open(const struct vfm_ends_request *request, int64_t deadline_ms,
		  struct vfm_ends **ret_ends, struct vfm_error *err)
{
	VFM_AUTO_ENDS struct vfm_ends *ends = calloc(1, sizeof(*ends));
	int r;

	if (!ends)
		return vfm_error_no_memory(err, request->domain);
	ends->destination_uri = strdup(request->destination_uri);
	if (!ends->destination_uri)
		return vfm_error_no_memory(err, request->domain);
	(void)pthread_once(&registered, register_loop);
	r = vfm_connection_open(request->source_uri, deadline_ms, &ends->source, err);
	if (r == 0)
		r = find_domain(ends, request, err);
	if (r == 0)
		r = vfm_connection_open(request->destination_uri, deadline_ms, &ends->destination,
					err);
	if (r == 0)
		*ret_ends = VFM_STEAL(ends);
	return r;
}

void vfm_ends_free(struct vfm_ends *ends)
{
	if (!ends)
		return;
	vfm_cleanup_domain(&ends->domain);
	vfm_cleanup_connection(&ends->source);
	vfm_cleanup_connection(&ends->destination);
	free(ends->destination_uri);
	free(ends);
}
