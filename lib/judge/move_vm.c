/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the VM itself: its state, what libvirt refuses of it, what is asked of its move. */
#include <stdarg.h>
#include <string.h>

#include "judge/rule.h"

static bool is_offline(const struct vfm_subject *subject)
{
	return subject->given->applies & VFM_APPLIES_OFFLINE;
}

/* ---- vm-state, active-job -------------------------------------------------- */

static void fail_offline(const struct vfm_subject *subject, const char *state,
			 struct vfm_outcome *outcome)
{
	vfm_fail(outcome, "%s is %s: an offline move is of a VM that is shut off",
		 subject->given->domain->name, state);
	vfm_fix(outcome, "# leave out --offline to move it as it runs, or shut it down first:");
	vfm_fix(outcome, "virsh -c %s shutdown %s", subject->given->move->source_uri,
		subject->given->domain->name);
}

static void judge_running(const struct vfm_subject *subject, const struct vfm_vm_probe *vm,
			  struct vfm_outcome *outcome)
{
	const char *name = subject->given->domain->name;
	const char *words =
		vfm_known(&vm->state_words.fact) ? vm->state_words.value : vm->state.value;

	if (vfm_fact_is_text(&vm->state, VFM_VM_SHUT_OFF)) {
		vfm_fail(outcome, "%s is shut off: there is nothing that runs to be moved", name);
		vfm_fix(outcome, "# give --offline to move its definition, or start it first:");
		vfm_fix(outcome, "virsh -c %s start %s", subject->given->move->source_uri, name);
	} else if (vfm_fact_is_text(&vm->state, VFM_VM_PAUSED) && strstr(words, "I/O error")) {
		vfm_fail(outcome, "%s is %s: libvirt does not move it so", name, words);
		vfm_fix(outcome, "# cure its storage, then:");
		vfm_fix(outcome, "virsh -c %s resume %s", subject->given->move->source_uri, name);
	} else if (vfm_fact_is_text(&vm->state, VFM_VM_PAUSED)) {
		vfm_pass(outcome, "%s is %s, and will be so on %s", name, words,
			 subject->other_name);
	} else if (vfm_fact_is_text(&vm->state, VFM_VM_RUNNING)) {
		vfm_pass(outcome, "%s runs", name);
	} else {
		vfm_fail(outcome, "%s is %s: a live move is of a VM that runs or is paused", name,
			 words);
		vfm_fix(outcome, "virsh -c %s domstate --reason %s",
			subject->given->move->source_uri, name);
	}
}

static void judge_vm_state(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_vm_probe *vm = &subject->given->probe->vm;

	vfm_seen(outcome, VFM_SOURCE, "%s",
		 vfm_known(&vm->state_words.fact) ? vm->state_words.value
						  : vfm_text_words(&vm->state));
	if (!vfm_known(&vm->state.fact))
		vfm_unknown(outcome, &vm->state.fact, "the state of the VM");
	else if (!is_offline(subject))
		judge_running(subject, vm, outcome);
	else if (vfm_fact_is_text(&vm->state, VFM_VM_SHUT_OFF))
		vfm_pass(outcome, "%s is shut off", subject->given->domain->name);
	else
		fail_offline(subject, vm->state.value, outcome);
}

static void judge_active_job(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *job = &subject->given->probe->vm.job;
	const char *name = subject->given->domain->name;
	const char *uri = subject->given->move->source_uri;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(job));
	if (job->fact.state == VFM_ABSENT) {
		vfm_pass(outcome, "libvirt has no job for %s", name);
	} else if (!vfm_known(&job->fact)) {
		vfm_unknown(outcome, &job->fact, "whether libvirt has a job for the VM");
	} else {
		vfm_fail(outcome, "libvirt has a job for %s (%s), and does one at a time", name,
			 job->value);
		vfm_fix(outcome, "virsh -c %s domjobinfo %s", uri, name);
		vfm_fix(outcome, "# await its end, or end it:");
		vfm_fix(outcome, "virsh -c %s domjobabort %s", uri, name);
	}
}

/* ---- libvirt-refusals ------------------------------------------------------ */

/* What libvirt refuses, and what it may refuse or would lose, in words; what is not known. */
struct refusals {
	struct vfm_buffer refused, doubtful;
	const struct vfm_fact *unread;
	const char *unread_what;
};

static void note(struct vfm_buffer *words, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void note(struct vfm_buffer *words, const char *format, ...)
{
	va_list arguments;

	if (words->size)
		vfm_buffer_puts(words, "; ");
	va_start(arguments, format);
	vfm_buffer_vprintf(words, format, arguments);
	va_end(arguments);
}

static void unread(struct refusals *refusals, const struct vfm_fact *fact, const char *what)
{
	if (refusals->unread || fact->state != VFM_UNKNOWN)
		return;
	refusals->unread = fact;
	refusals->unread_what = what;
}

static bool some(const struct vfm_fact_uint *count)
{
	return vfm_known(&count->fact) && count->value > 0;
}

/* What libvirt keeps about the VM beside its definition: none of it goes over. */
static void refuse_records(const struct vfm_subject *subject, struct refusals *refusals,
			   struct vfm_outcome *outcome)
{
	const struct vfm_vm_probe *vm = &subject->given->probe->vm;
	const char *name = subject->given->domain->name;
	const char *uri = subject->given->move->source_uri;

	unread(refusals, &vm->snapshots.fact, "how many snapshots it has");
	if (some(&vm->snapshots)) {
		note(&refusals->refused, "it has snapshots (%llu)",
		     (unsigned long long)vm->snapshots.value);
		vfm_fix(outcome, "virsh -c %s snapshot-list %s", uri, name);
		vfm_fix(outcome, "# of each, once it is not wanted; --metadata keeps its data:");
		vfm_fix(outcome, "virsh -c %s snapshot-delete %s SNAPSHOT --metadata", uri, name);
	}
	if (some(&vm->checkpoints)) {
		note(&refusals->doubtful,
		     "its checkpoints (%llu) stay behind: the next backup is "
		     "a full one",
		     (unsigned long long)vm->checkpoints.value);
		vfm_fix(outcome, "virsh -c %s checkpoint-list %s", uri, name);
	}
	if (!is_offline(subject))
		return;
	unread(refusals, &vm->managed_save.fact, "whether it has a saved state");
	if (vfm_fact_is_true(&vm->managed_save)) {
		note(&refusals->refused, "it has a saved state, which would stay behind");
		vfm_fix(outcome, "# start it from there, or throw the state away:");
		vfm_fix(outcome, "virsh -c %s managedsave-remove %s", uri, name);
	}
}

static void refuse_disks(const struct vfm_subject *subject, struct refusals *refusals,
			 struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;

	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct vfm_domain_disk *disk = &domain->disks[i];
		const char *target = disk->target ? disk->target : "?";

		if (disk->transient)
			note(&refusals->refused, "its disk %s is transient", target);
		if (!disk->mirror)
			continue;
		note(&refusals->refused, "its disk %s has a block job", target);
		vfm_fix(outcome, "virsh -c %s blockjob %s %s --info",
			subject->given->move->source_uri, domain->name, target);
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), tail = strlen(end);

	return size >= tail && vfm_streq(text + size - tail, end);
}

/* Only a master's memory is taken along: that of others is somebody else's. */
static void refuse_shared_memory(const struct vfm_domain *domain, struct refusals *refusals)
{
	for (size_t i = 0; i < domain->shmems.count; i++) {
		const char *shmem = domain->shmems.values[i];

		if (vfm_text_after(shmem, "ivshmem: ") || !ends_with(shmem, " master"))
			note(&refusals->refused,
			     "its shared memory (%s) is not of the kind and role 'master' that "
			     "can move",
			     shmem);
	}
}

static void refuse_devices(const struct vfm_domain *domain, struct refusals *refusals)
{
	for (size_t i = 0; i < domain->interface_count; i++) {
		if (domain->interfaces[i].type == VFM_INTERFACE_VDPA)
			note(&refusals->refused, "its interface %s is a vDPA device",
			     domain->interfaces[i].mac ? domain->interfaces[i].mac : "?");
	}
	for (size_t i = 0; i < domain->filesystems.count; i++)
		note(&refusals->doubtful,
		     "it shares a directory of the host (%s): libvirt and QEMU refuse most of "
		     "these",
		     domain->filesystems.values[i]);
	if (domain->cpu.xml && strstr(domain->cpu.xml, "invtsc"))
		note(&refusals->doubtful, "it has the CPU feature invtsc: libvirt refuses that "
					  "without a TSC frequency");
}

static void judge_refusals(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	struct refusals refusals = {.unread = NULL};

	refuse_records(subject, &refusals, outcome);
	if (!is_offline(subject)) {
		refuse_disks(subject, &refusals, outcome);
		refuse_shared_memory(domain, &refusals);
		refuse_devices(domain, &refusals);
	}
	outcome->message.failed |= refusals.refused.failed || refusals.doubtful.failed;
	if (refusals.refused.size) {
		vfm_fail(outcome, "libvirt does not move %s: %s", domain->name,
			 refusals.refused.data);
	} else if (refusals.unread) {
		vfm_unknown(outcome, refusals.unread, refusals.unread_what);
	} else if (refusals.doubtful.size) {
		outcome->at_most = VFM_SEVERITY_WARN;
		vfm_fail(outcome, "of %s: %s", domain->name, refusals.doubtful.data);
	} else {
		vfm_pass(outcome, "%s has nothing that libvirt refuses to move", domain->name);
	}
	vfm_buffer_done(&refusals.refused);
	vfm_buffer_done(&refusals.doubtful);
}

/* ---- what is asked --------------------------------------------------------- */

static void judge_no_postcopy(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_move_request *move = subject->given->move;

	if (!move->migration.postcopy && move->on_timeout != VFM_TIMEOUT_SWITCHES) {
		vfm_pass(outcome, "post-copy is not asked for");
		return;
	}
	vfm_fail(outcome, "post-copy is asked for, and QEMU has none for a VM with a VFIO device");
	vfm_fix(outcome, "# leave out --postcopy and --on-timeout postcopy; --auto-converge and "
			 "--max-downtime serve in their place");
}

static void judge_no_viommu(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	const char *uri = subject->given->move->source_uri;

	if (!domain->iommu) {
		vfm_pass(outcome, "the VM has no IOMMU of its own");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", domain->iommu);
	vfm_fail(outcome,
		 "%s has an IOMMU of its own (%s), and QEMU does not migrate a VFIO device behind "
		 "one",
		 domain->name, domain->iommu);
	vfm_fix(outcome, "virsh -c %s shutdown %s", uri, domain->name);
	vfm_fix(outcome, "# take the element <iommu> out, then start it:");
	vfm_fix(outcome, "virsh -c %s edit %s", uri, domain->name);
	vfm_fix(outcome, "virsh -c %s start %s", uri, domain->name);
}

static void judge_no_tunnelled(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	(void)subject;
	vfm_pass(outcome, "a tunnel through libvirt is never asked for: it has no way back, by "
			  "which devices say that they are ready for the switch");
}

const struct vfm_rule vfm_rules_move_vm[] = {
	{
		.id = "vm-state",
		.protects = "the VM runs (or is paused) for a live move, and is shut off for an "
			    "offline one",
		.remedy = "start it, shut it down, or ask for the other kind of move",
		.ref = "RHEL 10, 12.1; libvirt, VIR_MIGRATE_OFFLINE",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_vm_state,
	},
	{
		.id = "active-job",
		.protects = "libvirt has no job for the VM: no migration, backup, dump or save",
		.remedy = "await the end of the job, or end it",
		.ref = "libvirt: a VM has one job at a time",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_active_job,
	},
	{
		.id = "libvirt-refusals",
		.protects = "the VM has nothing that libvirt refuses to move: snapshots, transient "
			    "disks, block jobs, shared memory of others, vDPA devices",
		.remedy = "take it from the VM",
		.ref = "libvirt, qemuMigrationSrcIsAllowed",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_refusals,
	},
	{
		.id = "no-postcopy",
		.protects = "post-copy is not asked for of a VM with a VF or vGPU",
		.remedy = "leave out --postcopy",
		.ref = "RHEL 10, 12.6 and 12.7, limitations",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_LIVE | VFM_APPLIES_VF | VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_no_postcopy,
	},
	{
		.id = "no-viommu",
		.protects = "a VM with a VF or vGPU has no IOMMU of its own, of whatever model",
		.remedy = "take <iommu> out of the VM while it is shut off",
		.ref = "RHEL 10, 12.6 and 12.7, limitations",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_LIVE | VFM_APPLIES_VF | VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_no_viommu,
	},
	{
		.id = "no-tunnelled",
		.protects = "memory does not go through a tunnel of libvirt's, which drops the way "
			    "back that the switch of devices needs",
		.remedy = "use --tls to have memory encrypted",
		.ref = "libvirt, VIR_MIGRATE_TUNNELLED: no return-path, and so no switchover-ack",
		.topic = VFM_TOPIC_MOVE,
		.scope = VFM_SCOPE_DOMAIN,
		.needs = VFM_NEED_MOVE,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_LIVE,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_no_tunnelled,
	},
	{.id = NULL},
};
