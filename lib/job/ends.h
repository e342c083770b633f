/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For lib/job, and who asks the same daemons: what vfm_ends_open has opened. */
#ifndef VFM_JOB_ENDS_H
#define VFM_JOB_ENDS_H

#include "job/connection.h"
#include "job/job.h"

struct vfm_ends {
	virConnectPtr source, destination;
	virDomainPtr domain; /* on the source */
	char *destination_uri;
	char uuid[VIR_UUID_STRING_BUFLEN];
};

#endif
