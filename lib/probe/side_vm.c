/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The VM on its own daemon: state, job, what libvirt keeps beside it. No monitor command is sent.
 */
#include <libvirt/virterror.h>
#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "job/connection.h"
#include "probe/side.h"

/* Reasons of a state, in libvirt's order of numbers: include/libvirt/libvirt-domain.h */
static const char *const paused_reasons[] = {
	"unknown",       "by an administrator",
	"migration",     "save",
	"dump",          "I/O error",
	"watchdog",      "from a snapshot",
	"shutting down", "snapshot",
	"guest crashed", "starting up",
	"post-copy",     "post-copy failed",
	"API error",
};

static const char *const shut_off_reasons[] = {
	"unknown",         "shut down",       "destroyed",
	"crashed",         "migrated",        "saved",
	"failed to start", "from a snapshot", "daemon was restarted",
};

static const struct {
	int state;
	const char *word, *words;
	const char *const *reasons;
	size_t count;
} states[] = {
	{VIR_DOMAIN_RUNNING, VFM_VM_RUNNING, "running", NULL, 0},
	{VIR_DOMAIN_BLOCKED, VFM_VM_RUNNING, "running (blocked)", NULL, 0},
	{VIR_DOMAIN_PAUSED, VFM_VM_PAUSED, "paused", paused_reasons,
	 VFM_ARRAY_SIZE(paused_reasons)},
	{VIR_DOMAIN_SHUTOFF, VFM_VM_SHUT_OFF, "shut off", shut_off_reasons,
	 VFM_ARRAY_SIZE(shut_off_reasons)},
	{VIR_DOMAIN_SHUTDOWN, VFM_VM_OTHER, "being shut down", NULL, 0},
	{VIR_DOMAIN_CRASHED, VFM_VM_OTHER, "crashed", NULL, 0},
	{VIR_DOMAIN_PMSUSPENDED, VFM_VM_OTHER, "suspended to memory by the guest", NULL, 0},
};

static void read_state(virDomainPtr domain, struct vfm_vm_probe *vm)
{
	int state = 0, reason = 0;

	if (virDomainGetState(domain, &state, &reason, 0) < 0) {
		vfm_probe_unknown(&vm->state.fact);
		vfm_probe_unknown(&vm->state_words.fact);
		return;
	}
	for (size_t i = 0; i < VFM_ARRAY_SIZE(states); i++) {
		if (states[i].state != state)
			continue;
		vfm_fact_set_text(&vm->state, states[i].word);
		if (reason > 0 && (size_t)reason < states[i].count)
			vfm_fact_set_textf(&vm->state_words, "%s (%s)", states[i].words,
					   states[i].reasons[reason]);
		else
			vfm_fact_set_text(&vm->state_words, states[i].words);
		return;
	}
	vfm_fact_set_unknown(&vm->state.fact, "libvirt's state %d is not known", state);
	vfm_fact_set_unknown(&vm->state_words.fact, "libvirt's state %d is not known", state);
}

static void set_bool(struct vfm_fact_bool *fact, int answer)
{
	if (answer < 0)
		vfm_probe_unknown(&fact->fact);
	else
		vfm_fact_set_bool(fact, answer != 0);
}

static void set_count(struct vfm_fact_uint *fact, int answer)
{
	if (answer < 0)
		vfm_probe_unknown(&fact->fact);
	else
		vfm_fact_set_uint(fact, (uint64_t)answer);
}

static void read_autostart(virDomainPtr domain, struct vfm_vm_probe *vm)
{
	int autostart = 0;

	set_bool(&vm->autostart, virDomainGetAutostart(domain, &autostart) < 0 ? -1 : autostart);
}

static void read_checkpoints(virDomainPtr domain, struct vfm_vm_probe *vm)
{
	virDomainCheckpointPtr *checkpoints = NULL;
	int count = virDomainListAllCheckpoints(domain, &checkpoints, 0);

	set_count(&vm->checkpoints, count);
	for (int i = 0; i < count; i++)
		virDomainCheckpointFree(checkpoints[i]);
	free(checkpoints);
}

/* The channel's state in the XML is what libvirt knows by itself. */
static void read_agent(const struct vfm_domain *domain, struct vfm_vm_probe *vm)
{
	if (domain->guest_agent)
		vfm_fact_set_bool(&vm->guest_agent, domain->guest_agent_connected);
	else
		vfm_fact_set_absent(&vm->guest_agent.fact);
}

static void read_memory(virDomainPtr domain, struct vfm_vm_probe *vm)
{
	virDomainInfo info;

	if (virDomainGetInfo(domain, &info) < 0)
		vfm_probe_unknown(&vm->balloon_kib.fact);
	else
		vfm_fact_set_uint(&vm->balloon_kib, info.memory);
}

enum { DIRTY_POLL_MS = 200, MS_A_SECOND = 1000 };

/* libvirt's statistics of it: virDomainStatsTypes, VIR_DOMAIN_STATS_DIRTYRATE */
static bool dirty_rate_known(virDomainPtr domain, struct vfm_fact_uint *fact)
{
	virDomainPtr domains[] = {domain, NULL};
	virDomainStatsRecordPtr *records = NULL;
	int status = -1;
	long long rate = -1;

	if (virDomainListGetStats(domains, VIR_DOMAIN_STATS_DIRTYRATE, &records, 0) < 1) {
		vfm_probe_unknown(&fact->fact);
		return true;
	}
	virTypedParamsGetInt(records[0]->params, records[0]->nparams, "dirtyrate.calc_status",
			     &status);
	virTypedParamsGetLLong(records[0]->params, records[0]->nparams,
			       "dirtyrate.megabytes_per_second", &rate);
	virDomainStatsRecordListFree(records);
	if (status != VIR_DOMAIN_DIRTYRATE_MEASURED || rate < 0)
		return false;
	vfm_fact_set_uint(fact, (uint64_t)rate);
	return true;
}

/* The one thing that is asked of QEMU, and only when it is asked for. */
static void measure_dirty(struct vfm_probe_side *side)
{
	struct vfm_fact_uint *fact = &side->part.vm.dirty_rate_mib_s;
	const struct timespec pause = {.tv_nsec = DIRTY_POLL_MS * 1000000L};

	if (side->measure_dirty_s == 0) {
		vfm_fact_set_unknown(&fact->fact, "not measured: --measure-dirty was not given");
		return;
	}
	if (virDomainStartDirtyRateCalc(side->domain, (int)side->measure_dirty_s, 0) < 0) {
		vfm_probe_unknown(&fact->fact);
		return;
	}
	nanosleep(&(struct timespec){.tv_sec = side->measure_dirty_s}, NULL);
	while (!dirty_rate_known(side->domain, fact)) {
		if (vfm_deadline_passed(side->deadline_ms)) {
			vfm_fact_set_unknown(&fact->fact, "QEMU did not end its measuring");
			return;
		}
		nanosleep(&pause, NULL);
	}
}

void vfm_probe_vm(struct vfm_probe_side *side)
{
	struct vfm_vm_probe *vm = &side->part.vm;
	virDomainPtr domain = side->domain;
	const char *job = NULL;

	vfm_fact_set_text(&vm->name, side->vm.name);
	vfm_fact_set_text(&vm->uuid, side->vm.uuid);
	read_state(domain, vm);
	set_bool(&vm->persistent, virDomainIsPersistent(domain));
	read_autostart(domain, vm);
	if (vfm_probe_job(domain, &job) < 0)
		vfm_probe_unknown(&vm->job.fact);
	else
		vfm_fact_set_text(&vm->job, job);
	set_bool(&vm->managed_save, virDomainHasManagedSaveImage(domain, 0));
	set_count(&vm->snapshots, virDomainSnapshotNum(domain, 0));
	set_count(&vm->external_snapshots,
		  virDomainSnapshotNum(domain, VIR_DOMAIN_SNAPSHOT_LIST_EXTERNAL));
	read_checkpoints(domain, vm);
	read_agent(&side->vm, vm);
	read_memory(domain, vm);
	measure_dirty(side);
}
