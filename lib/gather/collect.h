/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hosts into documents: each is asked for its facts by a session of its own (lib/peer), so many at
 * a time, and what it says is stored as a file. So a collection that was cut short goes on from
 * where it was, and a host that does not answer delays none that does.
 */
#ifndef VFM_GATHER_COLLECT_H
#define VFM_GATHER_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	VFM_COLLECT_JOBS = 16,      /* sessions at a time, where nothing is asked for */
	VFM_COLLECT_JOBS_MAX = 128, /* some descriptors and a thread each */
	VFM_COLLECT_ATTEMPTS = 3,   /* of a host, for what may pass */
	VFM_COLLECT_LIST_MAX_BYTES = 64 << 20,
};

/* A host to be asked, and what came of it. */
struct vfm_collect_host {
	char *name;            /* as vfm_peer_open() takes it: "ssh:root@b", "local" */
	size_t line;           /* of the list */
	char *file;            /* its document; NULL until vfm_collect() ran */
	unsigned int attempts; /* 0: a stored document was young enough */
	bool stored;
	struct vfm_error problem; /* why it is not stored */
};

struct vfm_collect_hosts {
	struct vfm_collect_host *items;
	size_t count;
};

/*
 * Reads a list: a host a line, "HOST", "USER@HOST", "ssh:…" the same, or "local"; a comment begins
 * with '#'. *hosts is empty before. -EINVAL names the line that is no host, or the second of a
 * host.
 */
int vfm_collect_list(const char *data, size_t size, const char *name,
		     struct vfm_collect_hosts *hosts, struct vfm_error *err);
void vfm_collect_hosts_done(struct vfm_collect_hosts *hosts);
#define VFM_AUTO_COLLECT_HOSTS VFM_CLEANUP(vfm_collect_hosts_done)

struct vfm_collect_manner {
	const char *folder; /* of the documents, HOST.json; made where it is not there */
	unsigned int jobs;  /* 1 to VFM_COLLECT_JOBS_MAX */
	int timeout_ms;     /* for connecting and for the answer each; 0: that of lib/peer */
	bool sudo;
	int64_t max_age_s; /* a document that is not older is taken as it is; < 0: none is */
	/*
	 * Called for each host when it is over, by one thread at a time; may be NULL. done: how
	 * many are.
	 */
	void (*told)(void *data, const struct vfm_collect_host *host, size_t done);
	void *data;
};

/*
 * Asks all of them and returns when each is stored or has its problem. A connection that does not
 * come about, or a host that keeps silent, is asked again behind all others, VFM_COLLECT_ATTEMPTS
 * times in all and later each time; a login that is refused is not. Errors are those of the folder,
 * and of too little memory or threads; then some hosts may not have been asked, which the files
 * that are there do not mind.
 */
int vfm_collect(struct vfm_collect_hosts *hosts, const struct vfm_collect_manner *manner,
		struct vfm_error *err);

#endif
