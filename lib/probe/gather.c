/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both daemons side by side, then both hosts; see gather.h. */
#include "probe/gather.h"

#include <libvirt/virterror.h>
#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "job/connection.h"
#include "job/ends.h"
#include "probe/hosts.h"
#include "probe/side.h"

enum { DOCUMENTS_MS = 30000 };

/* ---- the VM's documents ---- */

/* Shared with the worker. */
struct reading {
	virDomainPtr domain;
	struct vfm_vm_documents documents;
	int error;
	struct vfm_error err;
};

static void release_reading(void *data)
{
	struct reading *reading = data;

	vfm_cleanup_domain(&reading->domain);
	vfm_vm_documents_done(&reading->documents);
	vfm_error_done(&reading->err);
	free(reading);
}

static void read_documents(void *data)
{
	struct reading *reading = data;
	virDomainPtr domain = reading->domain;
	int active = virDomainIsActive(domain);
	int persistent = virDomainIsPersistent(domain);
	unsigned int flags = VIR_DOMAIN_XML_SECURE;

	/* what a VM that runs looks like to another host */
	flags |= active > 0 ? VIR_DOMAIN_XML_MIGRATABLE : VIR_DOMAIN_XML_INACTIVE;
	if (active >= 0 && persistent >= 0)
		reading->documents.live = virDomainGetXMLDesc(domain, flags);
	if (reading->documents.live && active > 0)
		reading->documents.running = virDomainGetXMLDesc(domain, 0);
	if (reading->documents.live && persistent)
		reading->documents.inactive = virDomainGetXMLDesc(
			domain, VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE);
	if (!reading->documents.live || (active > 0 && !reading->documents.running) ||
	    (persistent && !reading->documents.inactive))
		reading->error = vfm_libvirt_failed(&reading->err, NULL);
}

int vfm_vm_documents(struct vfm_ends *ends, struct vfm_vm_documents *ret_documents,
		     struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *worker = NULL;
	struct reading *reading = calloc(1, sizeof(*reading));
	int r;

	if (!reading)
		return vfm_error_no_memory(err, ends->uuid);
	if (virDomainRef(ends->domain) == 0)
		reading->domain = ends->domain;
	r = vfm_worker_start(read_documents, release_reading, reading, &worker, err);
	if (r < 0) {
		release_reading(reading);
		return r;
	}
	r = vfm_worker_wait(worker, vfm_deadline_in(DOCUMENTS_MS));
	if (r < 0)
		return vfm_error_set(err, r, ends->uuid, NULL, "libvirt did not answer in time");
	if (reading->error < 0) {
		vfm_error_move(err, &reading->err);
		return reading->error;
	}
	*ret_documents = reading->documents;
	memset(&reading->documents, 0, sizeof(reading->documents));
	return 0;
}

void vfm_vm_documents_done(struct vfm_vm_documents *documents)
{
	free(documents->live);
	free(documents->running);
	free(documents->inactive);
	memset(documents, 0, sizeof(*documents));
}

/* ---- the daemons ---- */

/* Moves one member of what a side found. */
#define TAKE(to, from, member)                                                                     \
	do {                                                                                       \
		(to)->member = (from)->member;                                                     \
		memset(&(from)->member, 0, sizeof((from)->member));                                \
	} while (0)

static const char in_time[] = "libvirt did not answer in time";

static void take_source(struct vfm_probe *probe, struct vfm_probe *part)
{
	TAKE(probe, part, vm);
	TAKE(probe, part, source);
	TAKE(probe, part, source_jobs);
	TAKE(probe, part, source_networks);
	TAKE(probe, part, storage);
	TAKE(probe, part, bridges);
}

static void take_storage(struct vfm_storage_probe *to, struct vfm_storage_probe *from)
{
	to->at_destination = from->at_source;
	memset(&from->at_source, 0, sizeof(from->at_source));
	TAKE(to, from, pool);
}

/* Items of both sides stand in the order of the VM's document. */
static void take_destination(struct vfm_probe *probe, struct vfm_probe *part)
{
	TAKE(probe, part, destination);
	TAKE(probe, part, domains);
	TAKE(probe, part, networks);
	TAKE(probe, part, resources);
	for (size_t i = 0; i < probe->storage.count && i < part->storage.count; i++)
		take_storage(vfm_list_at(struct vfm_storage_probe, &probe->storage, i),
			     vfm_list_at(struct vfm_storage_probe, &part->storage, i));
	for (size_t i = 0; i < probe->bridges.count && i < part->bridges.count; i++) {
		struct vfm_bridge_probe *to =
			vfm_list_at(struct vfm_bridge_probe, &probe->bridges, i);
		struct vfm_bridge_probe *from =
			vfm_list_at(struct vfm_bridge_probe, &part->bridges, i);

		to->destination = from->source;
		memset(&from->source, 0, sizeof(from->source));
	}
}

static int start(const struct vfm_gather *gather, const char *xml, bool source,
		 struct vfm_probe_side **ret_side, struct vfm_worker **ret_worker,
		 struct vfm_error *err)
{
	struct vfm_ends *ends = gather->ends;
	int r = vfm_probe_side_new(source ? ends->source : ends->destination,
				   source ? ends->domain : NULL, xml, ret_side, err);

	if (r < 0)
		return r;
	(*ret_side)->measure_dirty_s = gather->request->measure_dirty_s;
	(*ret_side)->deadline_ms = gather->deadline_ms;
	r = vfm_worker_start(vfm_probe_side_work, vfm_probe_side_release, *ret_side, ret_worker,
			     err);
	if (r < 0)
		vfm_probe_side_release(*ret_side);
	return r;
}

static int ask_daemons(const struct vfm_gather *gather, const char *xml, struct vfm_probe *probe,
		       struct vfm_error *err)
{
	VFM_AUTO_WORKER struct vfm_worker *source_worker = NULL;
	VFM_AUTO_WORKER struct vfm_worker *destination_worker = NULL;
	struct vfm_probe_side *source, *destination;
	int r = start(gather, xml, true, &source, &source_worker, err);

	if (r == 0)
		r = start(gather, xml, false, &destination, &destination_worker, err);
	if (r < 0)
		return r;
	if (vfm_worker_wait(source_worker, gather->deadline_ms) == 0)
		take_source(probe, &source->part);
	else
		vfm_fact_set_unknown(&probe->vm.state.fact, "%s", in_time);
	if (vfm_worker_wait(destination_worker, gather->deadline_ms) == 0)
		take_destination(probe, &destination->part);
	else
		vfm_fact_set_unknown(&probe->domains.fact, "%s", in_time);
	return 0;
}

/* A disk whose file another domain of the destination writes. */
static void find_users(struct vfm_probe *probe)
{
	bool known = vfm_known(&probe->domains.fact);

	vfm_list_each (struct vfm_storage_probe, storage, &probe->storage) {
		if (!known || !vfm_known(&storage->source.fact)) {
			vfm_fact_set_unknown(&storage->used_by.fact, "%s",
					     known ? "it has no path"
						   : vfm_fact_reason(&probe->domains.fact));
			continue;
		}
		vfm_fact_set_absent(&storage->used_by.fact);
		vfm_list_each (const struct vfm_other_domain_probe, other, &probe->domains) {
			bool uses = false;

			if (!vfm_known(&other->disks.fact) ||
			    (vfm_known(&other->uuid.fact) &&
			     vfm_fact_is_text(&probe->vm.uuid, other->uuid.value)))
				continue;
			for (size_t i = 0; i < other->disks.count; i++)
				uses |= vfm_streq(other->disks.values[i], storage->source.value);
			if (uses && vfm_known(&other->name.fact))
				vfm_fact_set_text(&storage->used_by, other->name.value);
		}
	}
}

static void set_time(struct vfm_fact_text *fact)
{
	char text[sizeof("2026-01-31T12:00:00Z")];
	time_t now = time(NULL);
	struct tm utc;

	if (gmtime_r(&now, &utc) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0)
		vfm_fact_set_text(fact, text);
}

int vfm_probe_gather(const struct vfm_gather *gather, struct vfm_probe *ret_probe,
		     struct vfm_error *err)
{
	VFM_AUTO_VM_DOCUMENTS struct vfm_vm_documents documents = {.live = NULL};
	VFM_AUTO_PROBE struct vfm_probe probe;
	int r = vfm_vm_documents(gather->ends, &documents, err);

	memset(&probe, 0, sizeof(probe));
	if (r == 0)
		r = ask_daemons(gather, documents.live, &probe, err);
	if (r < 0)
		return r;
	set_time(&probe.time);
	vfm_probe_hosts(gather, &probe);
	find_users(&probe);
	*ret_probe = probe;
	memset(&probe, 0, sizeof(probe));
	return 0;
}
