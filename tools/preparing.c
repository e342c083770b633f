/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request, the plan and the printing of commands that prepare a host; see preparing.h. */
#include "preparing.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/file.h"

enum { CONFIG_MAX_BYTES = 1 << 20, MAX_SECONDS = 86400 };

const char *const preparing_binds[] = {"none", "pci-stub", NULL};
const char *const preparing_phases[] = {"device", "ovs", "all", NULL};

/* Options that are a setting of a PF, by the name that both have. */
static const struct setting {
	const char *name;
	size_t offset;
	bool list; /* struct vfm_strings, else const char * */
} pf_settings[] = {
	{"vfs", offsetof(struct preparing_values, vfs), false},
	{"bridge", offsetof(struct preparing_values, bridge), false},
	{"uplink", offsetof(struct preparing_values, uplink), false},
	{"vlan", offsetof(struct preparing_values, vlans), true},
	{"mac", offsetof(struct preparing_values, macs), true},
	{"mtu", offsetof(struct preparing_values, mtu), false},
	{"bind", offsetof(struct preparing_values, bind), false},
};

static const char *text_at(const struct preparing_values *values, const struct setting *setting)
{
	return *(const char *const *)((const char *)values + setting->offset);
}

static const struct vfm_strings *list_at(const struct preparing_values *values,
					 const struct setting *setting)
{
	return (const struct vfm_strings *)(const void *)((const char *)values + setting->offset);
}

static bool is_given(const struct preparing_values *values, const struct setting *setting)
{
	return setting->list ? list_at(values, setting)->count > 0
			     : text_at(values, setting) != NULL;
}

/* The error of a value: usage, but for memory that ran out. */
static int refuse(const struct vfm_call *call, int error, const struct vfm_error *err)
{
	return vfm_cli_error(call, err, error == -ENOMEM ? VFM_EXIT_FAILED : VFM_EXIT_USAGE);
}

static int set_pf(const struct vfm_call *call, const struct preparing_values *values,
		  struct vfm_prep_request *request)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_prep_pf *pf;
	int r;

	r = vfm_prep_request_add(request, values->judging.pfs.values[0], &pf, &err);
	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(pf_settings); i++) {
		const struct setting *setting = &pf_settings[i];

		if (!setting->list && text_at(values, setting))
			r = vfm_prep_pf_set(pf, setting->name, text_at(values, setting), &err);
		for (size_t n = 0; r == 0 && setting->list && n < list_at(values, setting)->count;
		     n++)
			r = vfm_prep_pf_set(pf, setting->name, list_at(values, setting)->values[n],
					    &err);
	}
	return r < 0 ? refuse(call, r, &err) : 0;
}

/* What a configuration says is not said beside it. */
static int check_alone(const struct vfm_call *call, const struct preparing_values *values)
{
	static const char format[] = "--%s: is for the configuration to say when there is --config";

	if (values->judging.pfs.count)
		return vfm_cli_usage(call, format, "pf");
	if (values->max_idle)
		return vfm_cli_usage(call, format, "max-idle");
	for (size_t i = 0; i < VFM_ARRAY_SIZE(pf_settings); i++) {
		if (is_given(values, &pf_settings[i]))
			return vfm_cli_usage(call, format, pf_settings[i].name);
	}
	return 0;
}

static int read_config(const struct vfm_call *call, const struct preparing_values *values,
		       struct vfm_prep_request *request)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *text = NULL;
	size_t size;
	int code, r;

	code = check_alone(call, values);
	if (code)
		return code;
	r = vfm_file_read(values->config, CONFIG_MAX_BYTES, &text, &size, &err);
	if (r == 0)
		r = vfm_prep_request_parse(text, size, values->config, request, &err);
	return r < 0 ? refuse(call, r, &err) : 0;
}

static int read_asked(const struct vfm_call *call, const struct preparing_values *values,
		      struct vfm_prep_request *request)
{
	if (values->config)
		return read_config(call, values, request);
	if (values->judging.pfs.count == 0)
		return vfm_cli_usage(
			call, "needs --pf BDF, or --config FILE (such as " PREPARING_CONFIG ")");
	if (values->judging.pfs.count > 1)
		return vfm_cli_usage(call, "--pf: one at a time; several are sections of a "
					   "configuration, given with --config");
	return set_pf(call, values, request);
}

static int set_whole(const struct vfm_call *call, const struct preparing_values *values,
		     struct vfm_prep_request *request)
{
	const struct {
		const char *name, *value;
	} settings[] = {
		{"max-idle", values->max_idle},
		{"phase", values->phase},
		{"confirm-within", values->confirm_within},
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = 0;

	for (size_t i = 0; r == 0 && i < VFM_ARRAY_SIZE(settings); i++) {
		if (settings[i].value)
			r = vfm_prep_request_set(request, settings[i].name, settings[i].value,
						 &err);
	}
	request->restart_ovs = values->restart_ovs;
	request->set_firmware = values->set_firmware;
	request->replace_vfs = values->replace_vfs;
	request->take_uplink = values->take_uplink;
	/* A configuration may say it, and the units that read it at boot take no uplink. */
	if (values->config && !values->confirm_within && !values->take_uplink)
		request->confirm_within_s = 0;
	if (r == 0)
		r = vfm_prep_request_check(request, &err);
	return r < 0 ? refuse(call, r, &err) : 0;
}

/* The PFs that are judged are those of the request. */
static int ask_for_pfs(const struct vfm_call *call, struct vfm_strings *pfs,
		       const struct vfm_prep_request *request)
{
	vfm_strings_done(pfs);
	*pfs = (struct vfm_strings){.values = NULL};
	for (size_t i = 0; i < request->pf_count; i++)
		vfm_strings_add(pfs, request->pfs[i].bdf);
	if (!pfs->failed)
		return 0;
	fprintf(stderr, "%s: out of memory\n", call->program);
	return VFM_EXIT_FAILED;
}

int preparing_request(const struct vfm_call *call, struct preparing_values *values,
		      struct vfm_prep_request *ret_request)
{
	int code = judging_check(call, &values->judging);

	if (!code)
		code = read_asked(call, values, ret_request);
	if (!code)
		code = set_whole(call, values, ret_request);
	return code ? code : ask_for_pfs(call, &values->judging.pfs, ret_request);
}

void preparation_done(struct preparation *preparation)
{
	vfm_facts_done(&preparation->facts);
	vfm_steps_done(&preparation->steps);
	vfm_findings_done(&preparation->findings);
	vfm_strings_done(&preparation->notes);
}

int preparing_judge(const struct vfm_call *call, const struct judging_values *values,
		    const char *host, const struct vfm_prep_request *request,
		    struct preparation *preparation)
{
	preparation->given = (struct vfm_case){
		.party[VFM_SOURCE] = {.facts = &preparation->facts,
				      .name = host,
				      .pfs = &values->pfs},
		.profile = (enum vfm_profile)values->profile,
		.accepted = &values->accepted,
		.prep = request,
		.steps = &preparation->steps,
	};
	return judging_run(call, &preparation->given, VFM_TOPIC_BIT(VFM_TOPIC_PREP),
			   &preparation->findings);
}

static int look(const struct vfm_step *step, void *data, char **ret_value, struct vfm_error *err)
{
	return vfm_step_ops[step->id].read(data, step, ret_value, err);
}

int preparing_look(const struct vfm_call *call, const struct vfm_prep_request *request,
		   struct vfm_world *world, struct preparation *preparation)
{
	if (vfm_prep_plan(&preparation->facts, request, &preparation->steps) < 0) {
		fprintf(stderr, "%s: out of memory\n", call->program);
		return VFM_EXIT_FAILED;
	}
	if (world)
		(void)vfm_steps_look(&preparation->steps, look, world, NULL);
	return 0;
}

int preparing_check_seen(const struct vfm_call *call, struct vfm_world *world,
			 const struct preparation *preparation)
{
	for (size_t i = 0; i < preparation->steps.count; i++) {
		const struct vfm_step *step = &preparation->steps.items[i];
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_AUTO_FREE char *value = NULL;

		if (!step->unread)
			continue;
		/* For its words; that it can be read by now helps nobody who judged without it. */
		if (look(step, world, &value, &err) == 0)
			vfm_error_set(&err, -EAGAIN, step->object, "give the command again",
				      "could not be read at first");
		return vfm_cli_error(call, &err, VFM_EXIT_FAILED);
	}
	return 0;
}

int preparing_plan(const struct vfm_call *call, const struct judging_values *values,
		   const char *host, const struct vfm_prep_request *request,
		   struct preparation *preparation, enum vfm_prep_verdict *ret_verdict)
{
	int code = preparing_judge(call, values, host, request, preparation);

	if (code)
		return code;
	if (!vfm_may_prepare(&preparation->findings))
		*ret_verdict = VFM_PREP_REFUSED;
	else
		*ret_verdict = preparation->steps.count ? VFM_PREP_PLANNED : VFM_PREP_NOTHING;
	return 0;
}

bool preparing_has(const struct vfm_steps *steps, enum vfm_step_id id)
{
	for (size_t i = 0; i < steps->count; i++) {
		if (steps->items[i].id == id)
			return true;
	}
	return false;
}

static bool sets_hw_offload(const struct vfm_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		if (steps->items[i].id == VFM_STEP_OVS_SETTING &&
		    vfm_streq(steps->items[i].object, "hw-offload"))
			return true;
	}
	return false;
}

void preparing_note_restart(struct preparation *preparation, bool done)
{
	/* A daemon that does not run takes the setting up when it starts. */
	if (preparation->facts.ovs.pid.fact.state == VFM_ABSENT)
		return;
	if (preparing_has(&preparation->steps, VFM_STEP_OVS_RESTART)) {
		if (!done)
			vfm_strings_add(&preparation->notes,
					"the restart of Open vSwitch interrupts the traffic of "
					"every VM in it");
		return;
	}
	if (sets_hw_offload(&preparation->steps))
		vfm_strings_add(
			&preparation->notes,
			"hw-offload takes effect at the next restart of Open vSwitch, which "
			"interrupts the traffic of every VM in it: --restart-ovs does it");
}

int preparing_seconds(const struct vfm_call *call, const char *option, const char *text,
		      uint32_t otherwise, uint32_t *ret_seconds)
{
	uint64_t seconds = otherwise;

	if (text && vfm_parse_uint(text, 10, MAX_SECONDS, &seconds) < 0)
		return vfm_cli_usage(call, "--%s: '%s' is no number of seconds up to %d", option,
				     text, MAX_SECONDS);
	*ret_seconds = (uint32_t)seconds;
	return 0;
}

int preparing_exit(enum vfm_prep_verdict verdict)
{
	static const int codes[VFM_PREP_MAX] = {
		[VFM_PREP_PLANNED] = VFM_EXIT_OK,
		[VFM_PREP_NOTHING] = VFM_EXIT_OK,
		[VFM_PREP_DONE] = VFM_EXIT_OK,
		[VFM_PREP_UNCONFIRMED] = VFM_EXIT_OK,
		[VFM_PREP_UNVERIFIED] = VFM_EXIT_UNVERIFIED,
		[VFM_PREP_REBOOT] = VFM_EXIT_UNVERIFIED,
		[VFM_PREP_REFUSED] = VFM_EXIT_REFUSED,
		[VFM_PREP_UNDONE] = VFM_EXIT_OK,
		[VFM_PREP_KEPT] = VFM_EXIT_UNVERIFIED,
		[VFM_PREP_STUCK] = VFM_EXIT_HANDS_NEEDED,
	};

	return codes[verdict];
}

int preparing_print(const struct vfm_call *call, const struct judging_values *values,
		    const struct vfm_prep_outcome *outcome, int code)
{
	int printed = judging_print(call, values, vfm_report_prep(outcome), VFM_EXIT_OK);

	if (printed == VFM_EXIT_OK || code != VFM_EXIT_OK)
		return code;
	return outcome->run ? VFM_EXIT_UNVERIFIED : printed;
}
