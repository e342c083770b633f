/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For lib/job, and who asks the same daemons: libvirt's typed parameters, from and to our values.
 */
#ifndef VFM_JOB_PARAMETERS_H
#define VFM_JOB_PARAMETERS_H

#include <libvirt/libvirt.h>

#include "job/migration.h"
#include "job/stats.h"

/* stats.c: 'type' is virDomainJobType. */
void vfm_job_stats_read(int type, virTypedParameterPtr parameters, int count,
			struct vfm_job_stats *ret_stats);
/* libvirt's word for the job: "migration", "incoming migration", "backup", …; "other". */
const char *vfm_job_operation(virTypedParameterPtr parameters, int count);

struct vfm_parameters {
	virTypedParameterPtr items;
	int count, capacity;
};

/* parameters.c: what the migration's call takes; -ENOMEM. libvirt is initialized by then. */
int vfm_parameters_fill(const struct vfm_migration *migration, struct vfm_parameters *ret_list,
			struct vfm_error *err);
void vfm_parameters_done(struct vfm_parameters *list);
#define VFM_AUTO_PARAMETERS VFM_CLEANUP(vfm_parameters_done)

#endif
