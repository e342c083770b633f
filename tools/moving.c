/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking at a move: both daemons and hosts asked, devices chosen, all judged; see moving.h. */
#include "moving.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/deadline.h"
#include "plan/choose_vgpu.h"
#include "vgpu_device.h"

enum {
	CONNECT_MS = 60000,
	PROBE_MS = 60000,
	MS_A_SECOND = 1000,
};

static const char *const roles[VFM_SIDE_MAX] = {"source", "destination"};

static int no_memory(const struct moving *moving)
{
	fprintf(stderr, "%s: out of memory\n", moving->call->program);
	return VFM_EXIT_FAILED;
}

/* Sessions are begun on both sides before anyone is asked. */
static int open_hosts(struct moving *moving)
{
	return moving_hosts_open(moving->call, &moving->values->hosts, &moving->hosts,
				 &moving->notes);
}

/* What libvirt picked out of pools goes with a VM that runs there, and not with a definition. */
static int parse_documents(struct moving *moving, struct vfm_error *err)
{
	const struct vfm_move_request *request = &moving->request.request;
	const char *live = moving->documents.live, *running = moving->documents.running;
	VFM_AUTO_DOMAIN struct vfm_domain picked = {.name = NULL};
	int r = vfm_domain_parse(live, strlen(live), request->vm, &moving->domain, err);

	if (r < 0 || !running || request->migration.offline)
		return r;
	r = vfm_domain_parse(running, strlen(running), request->vm, &picked, err);
	if (r == 0)
		vfm_domain_add_picks(&moving->domain, &picked);
	return r;
}

static int open_daemons(struct moving *moving)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_move_request *request = &moving->request.request;
	const struct vfm_ends_request ends = {
		.source_uri = request->source_uri,
		.destination_uri = request->destination_uri,
		.domain = request->vm,
	};

	if (vfm_ends_open(&ends, vfm_deadline_in(CONNECT_MS), &moving->ends, &err) < 0 ||
	    vfm_vm_documents(moving->ends, &moving->documents, &err) < 0 ||
	    parse_documents(moving, &err) < 0)
		return vfm_cli_error(moving->call, &err, VFM_EXIT_FAILED);
	return 0;
}

static bool holds_device(const struct moving *moving)
{
	const struct vfm_move_request *request = &moving->request.request;

	return !(vfm_move_applies(&moving->domain, request, &moving->pool_networks, NULL) &
		 VFM_APPLIES_NONE);
}

/*
 * Facts of both hosts. A VM that holds no device moves without those of a host that does not
 * answer, which is noted; one that does is not moved blindly.
 */
static int read_facts(struct moving *moving)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		if (!moving->hosts.peer[side])
			continue;
		if (vfm_peer_facts(moving->hosts.peer[side], false, &moving->facts[side], &err) ==
		    0) {
			moving->has_facts[side] = true;
			continue;
		}
		if (holds_device(moving))
			return vfm_cli_error(moving->call, &err, VFM_EXIT_FAILED);
		vfm_strings_addf(&moving->notes, "the %s's vfprep was not asked: %s", roles[side],
				 err.what ? err.what : "no reason");
		vfm_peer_free(VFM_STEAL(moving->hosts.peer[side]));
	}
	return 0;
}

/* What messages call a host. */
static int name_hosts(struct moving *moving)
{
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		const struct vfm_fact_text *hostname = &moving->facts[side].host.hostname;
		const struct vfm_daemon_probe *daemon =
			side == VFM_SOURCE ? &moving->probe.source : &moving->probe.destination;
		const char *name = roles[side];

		if (moving->has_facts[side] && vfm_known(&hostname->fact))
			name = hostname->value;
		else if (vfm_known(&daemon->hostname.fact))
			name = daemon->hostname.value;
		moving->name[side] = strdup(name);
		if (!moving->name[side])
			return no_memory(moving);
	}
	return 0;
}

static int gather_probes(struct moving *moving)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_move_request *request = &moving->request.request;
	const struct vfm_gather gather = {
		.ends = moving->ends,
		.request = request,
		.domain = &moving->domain,
		.source = moving->hosts.peer[VFM_SOURCE],
		.destination = moving->hosts.peer[VFM_DESTINATION],
		.deadline_ms =
			vfm_deadline_in(PROBE_MS + (int64_t)request->measure_dirty_s * MS_A_SECOND),
	};

	if (vfm_probe_gather(&gather, &moving->probe, &err) < 0)
		return vfm_cli_error(moving->call, &err, VFM_EXIT_FAILED);
	return 0;
}

/* Without facts of both hosts nothing can be chosen, and no limit of the card be kept. */
static int check_agents(const struct moving *moving)
{
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		if (moving->has_facts[side])
			continue;
		fprintf(stderr,
			"%s: %s: the VM holds a host device, and the %s's cards are not known\n"
			"  name the way to its vfprep: --%s-host ssh:HOST\n",
			moving->call->program, moving->domain.name, roles[side],
			side == VFM_SOURCE ? "from" : "to");
		return VFM_EXIT_FAILED;
	}
	return 0;
}

static void note_vgpus(struct moving *moving)
{
	for (size_t i = 0; i < moving->devices.vgpu_count; i++) {
		const struct vfm_move_vgpu *vgpu = &moving->devices.vgpus[i];

		if (vgpu->destination[0])
			vfm_strings_addf(&moving->notes, "vGPU %s (%s) becomes %s of %s: %s",
					 vgpu->source, vgpu->type, vgpu->destination,
					 moving->name[VFM_DESTINATION], vgpu->why);
	}
}

/* The kernel's own: a pure choice makes none. */
static int choose_vgpus(struct moving *moving)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_STRINGS struct vfm_strings spare = {.count = 0};
	const struct vfm_choose_vgpus request = {
		.facts = {&moving->facts[VFM_SOURCE], &moving->facts[VFM_DESTINATION]},
		.domain = &moving->domain,
		.spare_uuids = &spare,
	};

	if (!(moving->given.applies & VFM_APPLIES_VGPU))
		return 0;
	for (size_t i = 0; i < moving->domain.hostdev_count; i++) {
		char uuid[VFM_OBJECT_UUID_SIZE];

		if (vgpu_new_uuid(uuid, &err) < 0)
			return vfm_cli_error(moving->call, &err, VFM_EXIT_FAILED);
		vfm_strings_add(&spare, uuid);
	}
	if (spare.failed)
		return no_memory(moving);
	if (vfm_choose_vgpus(&request, &moving->devices, &err) < 0)
		return vfm_cli_error(moving->call, &err, VFM_EXIT_FAILED);
	moving->chosen = true;
	note_vgpus(moving);
	return 0;
}

static int choose(struct moving *moving)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_case hosts = {
		.profile = moving->given.profile,
		.accepted = moving->given.accepted,
	};
	const struct vfm_choose_request request = {
		.given = &hosts,
		.vm = moving->domain.name,
		.live = moving->given.applies & (VFM_APPLIES_LIVE | VFM_APPLIES_COPY),
		.vfs = moving->vfs,
		.count = moving->vf_count,
		.busy = {moving->busy[VFM_SOURCE], moving->busy[VFM_DESTINATION]},
		.busy_count = {moving->busy_count[VFM_SOURCE], moving->busy_count[VFM_DESTINATION]},
	};

	if (moving->vf_count == 0) {
		moving->devices.complete = true;
		return choose_vgpus(moving);
	}
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		hosts.party[side] = (struct vfm_party){.facts = &moving->facts[side],
						       .name = moving->name[side]};
	if (vfm_choose(&request, &moving->devices, &err) < 0)
		return vfm_cli_error(moving->call, &err, VFM_EXIT_FAILED);
	moving->chosen = true;
	return choose_vgpus(moving);
}

static void add_once(struct vfm_strings *list, const char *text)
{
	if (*text && !vfm_strings_has(list, text))
		vfm_strings_add(list, text);
}

/*
 * Which PFs and VFs the rules of hosts are about: those of the VM, and those it would get. Where
 * not each VF is taken over, all PFs of the destination: what they lack is the answer.
 */
static void ask_for_devices(struct moving *moving)
{
	const struct vfm_fact_list *others = &moving->facts[VFM_DESTINATION].pfs;

	for (size_t i = 0; i < moving->devices.count; i++) {
		const struct vfm_move_vf *vf = &moving->devices.vfs[i];

		add_once(&moving->pfs[VFM_SOURCE], vf->source_pf);
		add_once(&moving->asked_vfs[VFM_SOURCE], vf->source);
		add_once(&moving->pfs[VFM_DESTINATION], vf->destination_pf);
		add_once(&moving->asked_vfs[VFM_DESTINATION], vf->destination);
	}
	/* out of a pool libvirt picks a VF of any of its PFs */
	for (size_t i = 0; i < moving->vf_count; i++) {
		const struct vfm_strings *pool = moving->vfs[i].pool;

		for (size_t j = 0; pool && j < pool->count; j++)
			add_once(&moving->pfs[VFM_DESTINATION], pool->values[j]);
	}
	if (!moving->chosen || moving->devices.complete || !vfm_known(&others->fact))
		return;
	vfm_list_each (const struct vfm_pf_facts, pf, others) {
		if (vfm_known(&pf->bdf.fact) && vfm_pf_eligible(moving->given.profile, pf))
			add_once(&moving->pfs[VFM_DESTINATION], pf->bdf.value);
	}
}

static bool is_file(const char *host)
{
	return host && !vfm_streq(host, "local") && !vfm_text_after(host, "ssh:");
}

static int judge(struct moving *moving)
{
	struct vfm_case *given = &moving->given;
	unsigned int topics = VFM_TOPIC_BIT(VFM_TOPIC_HOST) | VFM_TOPIC_BIT(VFM_TOPIC_PAIR) |
			      VFM_TOPIC_BIT(VFM_TOPIC_MOVE);

	if (given->applies & VFM_APPLIES_VGPU)
		topics |= VFM_TOPIC_BIT(VFM_TOPIC_VGPU);
	ask_for_devices(moving);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++)
		given->party[side] = (struct vfm_party){
			.facts = moving->has_facts[side] ? &moving->facts[side] : NULL,
			.name = moving->name[side],
			.pfs = &moving->pfs[side],
			.only = true,
			.vfs = &moving->asked_vfs[side],
		};
	if (!is_file(moving->hosts.name[VFM_SOURCE]) &&
	    !is_file(moving->hosts.name[VFM_DESTINATION]))
		given->now_s = time(NULL);
	given->probe = &moving->probe;
	given->devices = moving->chosen ? &moving->devices : NULL;
	return judging_run(moving->call, given, topics, &moving->findings);
}

static int begin(struct moving *moving)
{
	struct moving_values *values = moving->values;
	int code = moving_hosts_name(moving->call, &values->hosts, &moving->hosts);

	if (!code)
		code = moving_request(moving->call, values, &moving->request);
	if (!code)
		code = judging_check(moving->call, &values->judging);
	moving->given.profile = (enum vfm_profile)values->judging.profile;
	moving->given.accepted = &values->judging.accepted;
	moving->given.move = &moving->request.request;
	moving->given.domain = &moving->domain;
	return code;
}

static int find_devices(struct moving *moving)
{
	int code = 0;

	if (moving_find_devices(moving) < 0)
		return no_memory(moving);
	moving->given.applies =
		vfm_move_applies(&moving->domain, moving->given.move, &moving->pool_networks,
				 moving->has_facts[VFM_SOURCE] ? &moving->facts[VFM_SOURCE] : NULL);
	/* A VF that QEMU unplugs for the time (teaming) is none by that, and still needs a place.
	 */
	if (moving->vf_count > 0 || !(moving->given.applies & VFM_APPLIES_NONE))
		code = check_agents(moving);
	return code ? code : choose(moving);
}

int moving_look(const struct vfm_call *call, struct moving_values *values, struct moving *moving)
{
	int (*const steps[])(struct moving *) = {
		begin,         open_hosts, open_daemons, read_facts,
		gather_probes, name_hosts, find_devices, judge,
	};
	int code = 0;

	moving->call = call;
	moving->values = values;
	for (size_t i = 0; !code && i < VFM_ARRAY_SIZE(steps); i++)
		code = steps[i](moving);
	return code ? code : moving->notes.failed ? no_memory(moving) : 0;
}

void moving_done(struct moving *moving)
{
	vfm_findings_done(&moving->findings);
	vfm_move_devices_done(&moving->devices);
	for (enum vfm_side side = VFM_SOURCE; side < VFM_SIDE_MAX; side++) {
		vfm_strings_done(&moving->pfs[side]);
		vfm_strings_done(&moving->asked_vfs[side]);
		free(moving->busy[side]);
		vfm_facts_done(&moving->facts[side]);
		free(moving->name[side]);
	}
	for (size_t i = 0; moving->pools && i < moving->pool_networks.count; i++)
		vfm_strings_done(&moving->pools[i]);
	free(moving->pools);
	free(moving->vfs);
	vfm_strings_done(&moving->pool_networks);
	vfm_strings_done(&moving->notes);
	vfm_probe_done(&moving->probe);
	vfm_domain_done(&moving->domain);
	vfm_vm_documents_done(&moving->documents);
	vfm_ends_free(moving->ends);
	moving_hosts_done(&moving->hosts);
	moving_request_done(&moving->request);
}
