/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VF given to a VM or taken from it, but for what either asks beforehand; see attaching.h. */
#include "attaching.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/deadline.h"
#include "explain/explain.h"

/* Behind the guest's release libvirt gives the VF back to the host. */
enum { GIVE_BACK_MS = 20000, GIVE_BACK_INTERVAL_MS = 500 };

static int no_memory(const struct attaching *attaching)
{
	fprintf(stderr, "%s: out of memory\n", attaching->call->program);
	return VFM_EXIT_FAILED;
}

void attaching_done(struct attaching *attaching)
{
	for (size_t i = 0; i < attaching->refusal_count; i++)
		vfm_error_done(&attaching->refusals[i]);
	free(attaching->refusals);
	free(attaching->why);
	vfm_checks_done(&attaching->checks);
	vfm_attach_result_done(&attaching->result);
	vfm_error_done(&attaching->error);
	vfm_strings_done(&attaching->notes);
	vfm_facts_done(&attaching->facts);
	vfm_vm_look_done(&attaching->look);
	vfm_steer_free(attaching->vm);
	moving_hosts_done(&attaching->hosts);
}

/* ---- asking ----------------------------------------------------------------- */

int attaching_refuse(struct attaching *attaching, struct vfm_error *err)
{
	struct vfm_error refusal = VFM_ERROR_INIT;

	vfm_error_move(&refusal, err);
	if (VFM_APPEND(attaching->refusals, attaching->refusal_count, refusal) == 0)
		return 0;
	vfm_error_done(&refusal);
	return no_memory(attaching);
}

static int check_part(struct attaching *attaching, enum vfm_vm_part part)
{
	static const struct {
		const char *what, *hint;
	} words[VFM_VM_PART_MAX] = {
		[VFM_VM_LIVE] = {"does not run", "leave out --live, or start it"},
		[VFM_VM_CONFIG] = {"has no definition: it is gone when it is shut off",
				   "leave out --config, or define it: 'virsh dumpxml', 'virsh "
				   "define'"},
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;

	if (!attaching->asked[part] || attaching->look.xml[part])
		return 0;
	vfm_error_set(&err, -EPERM, vfm_steer_name(attaching->vm), words[part].hint, "%s",
		      words[part].what);
	return attaching_refuse(attaching, &err);
}

/* As virsh: without either option the VM as it is now. */
static int choose_parts(struct attaching *attaching)
{
	const struct attaching_values *values = attaching->values;
	bool running = attaching->look.xml[VFM_VM_LIVE];
	bool either = values->live || values->config;
	int code;

	attaching->asked[VFM_VM_LIVE] = either ? values->live : running;
	attaching->asked[VFM_VM_CONFIG] = either ? values->config : !running;
	code = check_part(attaching, VFM_VM_LIVE);
	return code ? code : check_part(attaching, VFM_VM_CONFIG);
}

int attaching_open(struct attaching *attaching)
{
	const struct vfm_call *call = attaching->call;
	struct moving_hosts_values hosts = attaching->values->hosts;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int code;

	/* one host alone */
	hosts.to_host = "none";
	attaching->uri = hosts.from ? hosts.from : MOVING_SOURCE_URI;
	attaching->hosts.uri[VFM_SOURCE] = attaching->uri;
	code = moving_hosts_open(call, &hosts, &attaching->hosts, &attaching->notes);
	if (code)
		return code;
	attaching->peer = attaching->hosts.peer[VFM_SOURCE];
	if (vfm_steer_open(attaching->uri, call->arguments[0], vfm_deadline_in(ATTACHING_CALL_MS),
			   &attaching->vm, &err) < 0 ||
	    vfm_vm_look(attaching->vm, vfm_deadline_in(ATTACHING_CALL_MS), &attaching->look, &err) <
		    0)
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	return choose_parts(attaching);
}

int attaching_facts(struct attaching *attaching)
{
	int code;

	if (!attaching->peer) {
		fprintf(stderr,
			"%s: %s: the VFs of its host are not known\n"
			"  name the way to its vfprep: --from-host ssh:HOST\n",
			attaching->call->program, vfm_steer_name(attaching->vm));
		return VFM_EXIT_FAILED;
	}
	code = host_facts(attaching->call, attaching->peer, false, &attaching->facts);
	attaching->has_facts = !code;
	return code;
}

/* ---- telling ------------------------------------------------------------------ */

static int print(struct attaching *attaching, enum vfm_attach_verdict verdict)
{
	static const int codes[VFM_ATTACH_MAX] = {
		[VFM_ATTACH_DONE] = VFM_EXIT_OK,
		[VFM_ATTACH_TAKEN] = VFM_EXIT_OK,
		[VFM_ATTACH_UNVERIFIED] = VFM_EXIT_UNVERIFIED,
		[VFM_ATTACH_UNRELEASED] = VFM_EXIT_UNVERIFIED,
		[VFM_ATTACH_REFUSED] = VFM_EXIT_REFUSED,
		[VFM_ATTACH_FAILED] = VFM_EXIT_FAILED,
		[VFM_ATTACH_STUCK] = VFM_EXIT_HANDS_NEEDED,
	};
	const struct judging_values manner = {.json = attaching->values->json};
	struct vfm_attach_outcome outcome = {
		.detach = attaching->detach,
		.verdict = verdict,
		.vm = vfm_steer_name(attaching->vm),
		.uuid = vfm_steer_uuid(attaching->vm),
		.uri = attaching->uri,
		.running = attaching->look.xml[VFM_VM_LIVE],
		.vf = attaching->vf,
		.why = attaching->why,
		.spares = attaching->spares,
		.error = attaching->error.what ? &attaching->error : NULL,
		.refusals = attaching->refusals,
		.refusal_count = attaching->refusal_count,
		.checks = &attaching->checks,
		.notes = &attaching->notes,
	};

	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++) {
		outcome.asked[part] = attaching->asked[part];
		outcome.ends[part] = verdict != VFM_ATTACH_REFUSED ? attaching->result.ends[part]
				     : attaching->asked[part]      ? VFM_PART_NOT_REACHED
								   : VFM_PART_NOT_ASKED;
	}
	if (attaching->notes.failed)
		return no_memory(attaching);
	return judging_print(attaching->call, &manner, vfm_report_attach(&outcome), codes[verdict]);
}

int attaching_refused(struct attaching *attaching)
{
	return attaching->refusal_count ? print(attaching, VFM_ATTACH_REFUSED) : 0;
}

/* What libvirt's words mean, where that is known. */
static void explain(struct attaching *attaching)
{
	VFM_AUTO_EXPLANATIONS struct vfm_explanations explanations = {.count = 0};
	const char *text = attaching->error.what;

	if (!text || vfm_explain(text, strlen(text), &explanations, NULL) < 0)
		return;
	for (size_t i = 0; i < explanations.count; i++) {
		const struct vfm_explanation *known = &explanations.items[i];

		vfm_strings_add(&attaching->notes, known->cause);
		for (size_t j = 0; j < known->remedy.count; j++)
			vfm_strings_add(&attaching->notes, known->remedy.values[j]);
	}
}

/* ---- doing -------------------------------------------------------------------- */

/*
 * A half of it is worse than all or nothing: while both parts are changed no signal ends this. Each
 * call has its deadline.
 */
static void hold_signals(bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

/* One look at what came of it; the checks are replaced. */
static int look_again(struct attaching *attaching)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT, no_facts = VFM_ERROR_INIT;
	VFM_AUTO_VM_LOOK struct vfm_vm_look look = {.xml = {NULL}};
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_CHECKS struct vfm_checks checks = {.items = NULL};
	struct vfm_attach_seen seen = {
		.vm = vfm_steer_name(attaching->vm),
		.detach = attaching->detach,
		.bdf = attaching->vf.bdf,
		.mac = attaching->vf.mac,
	};
	int r = vfm_vm_look(attaching->vm, vfm_deadline_in(ATTACHING_CALL_MS), &look, &err);

	/* One without a definition is gone when it is shut off, and has nothing then. */
	seen.look = r == 0 || r == -ENOENT ? &look : NULL;
	if (attaching->peer && vfm_peer_facts(attaching->peer, false, &facts, &no_facts) == 0)
		seen.facts = &facts;
	seen.no_look = err.what ? err.what : "no reason";
	seen.no_facts = attaching->peer && !seen.facts ? no_facts.what : NULL;
	memcpy(seen.asked, attaching->asked, sizeof(seen.asked));
	if (vfm_attach_check(&seen, &checks, NULL) < 0)
		return no_memory(attaching);
	vfm_checks_done(&attaching->checks);
	attaching->checks = checks;
	checks = (struct vfm_checks){.items = NULL};
	return 0;
}

/* A VF that was just released is on its way to the host for a moment. */
static int read_back(struct attaching *attaching)
{
	int64_t deadline_ms = vfm_deadline_in(GIVE_BACK_MS);
	bool waits = attaching->detach && attaching->result.ends[VFM_VM_LIVE] == VFM_PART_DONE;
	int code = look_again(attaching);

	while (!code && waits && vfm_checks_status(&attaching->checks) == VFM_CHECK_FAILED &&
	       !vfm_deadline_passed(deadline_ms)) {
		(void)poll(NULL, 0, GIVE_BACK_INTERVAL_MS);
		code = look_again(attaching);
	}
	return code;
}

static enum vfm_attach_verdict verdict_of(const struct attaching *attaching, int error)
{
	const enum vfm_part_end *ends = attaching->result.ends;

	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		if (ends[part] == VFM_PART_UNCERTAIN || ends[part] == VFM_PART_KEPT)
			return VFM_ATTACH_STUCK;
	if (error < 0)
		return VFM_ATTACH_FAILED;
	if (ends[VFM_VM_LIVE] == VFM_PART_UNRELEASED)
		return VFM_ATTACH_UNRELEASED;
	if (vfm_checks_status(&attaching->checks) != VFM_CHECK_OK)
		return VFM_ATTACH_UNVERIFIED;
	return attaching->detach ? VFM_ATTACH_TAKEN : VFM_ATTACH_DONE;
}

/* Who named no part may have meant both. */
static void note_parts(struct attaching *attaching)
{
	const struct attaching_values *values = attaching->values;

	if (!values->live && !values->config && attaching->look.xml[VFM_VM_LIVE] &&
	    attaching->look.xml[VFM_VM_CONFIG])
		vfm_strings_add(&attaching->notes,
				"neither --live nor --config was asked for: the VM runs, so that "
				"its definition is left as it is");
}

/* How to get out of what is neither done nor undone. */
static void advise(struct attaching *attaching)
{
	const struct vfm_attach_result *result = &attaching->result;
	const char *vm = vfm_steer_name(attaching->vm), *vf = attaching->vf.bdf;
	const char *other = attaching->detach ? "attach" : "detach";

	if (result->ends[VFM_VM_CONFIG] == VFM_PART_KEPT)
		vfm_strings_addf(&attaching->notes,
				 "the definition could not be put back (%s): 'vfmigrate %s %s --vf "
				 "%s --config' does so",
				 result->undo.what ? result->undo.what : "no reason", other, vm,
				 vf);
	if (result->ends[VFM_VM_LIVE] == VFM_PART_UNCERTAIN ||
	    result->ends[VFM_VM_CONFIG] == VFM_PART_UNCERTAIN)
		vfm_strings_addf(
			&attaching->notes,
			"when libvirt answers again 'virsh -c %s dumpxml %s' shows what it "
			"has done; 'vfmigrate %s %s --vf %s' takes it back",
			attaching->uri, vm, other, vm, vf);
	if (result->ends[VFM_VM_LIVE] == VFM_PART_UNRELEASED)
		vfm_strings_add(&attaching->notes,
				"the request stands: libvirt takes the VF out when the guest lets "
				"it go, at the latest when the VM is shut down");
}

int attaching_do(struct attaching *attaching, const char *const xml[VFM_VM_PART_MAX],
		 int release_ms)
{
	struct vfm_attach attach = {
		.calls = &vfm_vm_calls,
		.vm = attaching->vm,
		.detach = attaching->detach,
		.bdf = attaching->vf.bdf,
		.call_ms = ATTACHING_CALL_MS,
		.release_ms = release_ms,
	};
	int r, code = 0;

	for (enum vfm_vm_part part = VFM_VM_LIVE; part < VFM_VM_PART_MAX; part++)
		attach.xml[part] = attaching->asked[part] ? xml[part] : NULL;
	/* but a guest may be waited for as long as whoever asked likes */
	hold_signals(!attaching->detach);
	r = vfm_attach_run(&attach, &attaching->result, &attaching->error);
	hold_signals(false);
	if (r == 0)
		code = read_back(attaching);
	explain(attaching);
	note_parts(attaching);
	advise(attaching);
	return code ? code : print(attaching, verdict_of(attaching, r));
}
