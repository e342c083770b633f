/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One daemon, asked by a worker; see side.h. */
#include "probe/side.h"

#include <libvirt/virterror.h>
#include <string.h>

#include "job/connection.h"
#include "job/parameters.h"

void vfm_probe_unknown(struct vfm_fact *fact)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	(void)vfm_libvirt_failed(&err, NULL);
	vfm_fact_set_error(fact, &err);
}

/* Of what libvirt gives no statistics, by the error that it gives instead. */
static int job_untold(const char **ret_job)
{
	int code = virGetLastErrorCode();

	/* a VM that arrives: they are on the host that it comes from */
	if (code == VIR_ERR_OPERATION_UNSUPPORTED)
		*ret_job = "incoming migration";
	/* one that does not run has no job; libvirt takes the question for a mistake */
	else if (code != VIR_ERR_OPERATION_INVALID)
		return -1;
	return 0;
}

int vfm_probe_job(virDomainPtr domain, const char **ret_job)
{
	virTypedParameterPtr parameters = NULL;
	int type = VIR_DOMAIN_JOB_NONE, count = 0;

	*ret_job = NULL;
	if (virDomainGetJobStats(domain, &type, &parameters, &count, 0) < 0)
		return job_untold(ret_job);
	if (type == VIR_DOMAIN_JOB_BOUNDED || type == VIR_DOMAIN_JOB_UNBOUNDED)
		*ret_job = vfm_job_operation(parameters, count);
	virTypedParamsFree(parameters, count);
	return 0;
}

int vfm_probe_side_new(virConnectPtr connection, virDomainPtr domain, const char *vm_xml,
		       struct vfm_probe_side **ret_side, struct vfm_error *err)
{
	struct vfm_probe_side *side = calloc(1, sizeof(*side));
	int r;

	if (!side)
		return vfm_error_no_memory(err, NULL);
	r = vfm_domain_parse(vm_xml, strlen(vm_xml), "the VM", &side->vm, err);
	if (r < 0) {
		vfm_probe_side_release(side);
		return r;
	}
	if (virConnectRef(connection) == 0)
		side->connection = connection;
	if (domain && virDomainRef(domain) == 0)
		side->domain = domain;
	*ret_side = side;
	return 0;
}

void vfm_probe_side_release(void *data)
{
	struct vfm_probe_side *side = data;

	vfm_cleanup_domain(&side->domain);
	vfm_cleanup_connection(&side->connection);
	vfm_domain_done(&side->vm);
	vfm_probe_done(&side->part);
	free(side);
}

/* The order is that of what a slow daemon should be asked first. */
void vfm_probe_side_work(void *data)
{
	struct vfm_probe_side *side = data;
	bool source = side->domain;

	if (source)
		vfm_probe_vm(side);
	vfm_probe_daemon(side, source ? &side->part.source : &side->part.destination);
	vfm_probe_networks(side, source ? &side->part.source_networks : &side->part.networks);
	vfm_probe_domains(side, source, source ? &side->part.source_jobs : &side->part.domains);
	vfm_probe_pools(side);
	vfm_probe_bridges(side);
	if (!source)
		vfm_probe_resources(side);
}
