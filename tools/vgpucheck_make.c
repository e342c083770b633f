/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck create and remove: one vGPU of this host, in either layout. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "changing.h"
#include "judge/rule.h"
#include "judging.h"
#include "plan/vgpu.h"
#include "vgpu_device.h"
#include "vgpucheck.h"

#define JOURNAL_PATH VFM_STATE_DIRECTORY "/vgpus.json"

struct make_values {
	struct judging_values judging; /* of which: json, host */
	struct vgpu_wish_values wish;
	const char *wait;
};

static const struct vfm_option create_options[] = {
	VGPU_WISH_OPTIONS(make_values, wish),
	CHANGING_WAIT_OPTION(make_values, wait),
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct make_values, judging.json),
	 .help = "print the result as one JSON object"},
	{.name = NULL},
};

static const struct vfm_option remove_options[] = {
	CHANGING_WAIT_OPTION(make_values, wait),
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct make_values, judging.json),
	 .help = "print the result as one JSON object"},
	{.name = NULL},
};

/* One run of either command. */
struct making {
	const struct vfm_call *call;
	const struct make_values *values;
	struct changing changing;
	struct vfm_facts facts;
	struct vfm_steps steps;
	/* What it is about. */
	struct vfm_object_vgpu vgpu;
	const struct vfm_gpu_facts *gpu;
	uint64_t type_id;
	const char *type;
};

static void making_done(struct making *making)
{
	changing_done(&making->changing);
	vfm_steps_done(&making->steps);
	vfm_facts_done(&making->facts);
}

static int begin(struct making *making)
{
	const char *text = making->values->wait;
	uint64_t wait_s = CHANGING_WAIT_S;
	int code;

	if (text && vfm_parse_uint(text, 10, UINT32_MAX, &wait_s) < 0)
		return vfm_cli_usage(making->call, "--wait: '%s' is no number of seconds", text);
	code = changing_begin(&making->changing, making->call, (uint32_t)wait_s);
	if (!code)
		code = changing_tell_cut_short(&making->changing);
	if (!code)
		code = host_read(making->call, "local", &making->values->judging.host, false,
				 &making->facts);
	return code;
}

/* The errors of a plan are refusals, but for what could not be found out. */
static int refuse(const struct making *making, int error, struct vfm_error *err)
{
	return vfm_cli_error(making->call, err,
			     error == -ENODATA || error == -ENOMEM ? VFM_EXIT_FAILED
			     : error == -EINVAL                    ? VFM_EXIT_USAGE
								   : VFM_EXIT_REFUSED);
}

static int change(struct making *making)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_runner runner;
	struct vfm_run_entry *run;
	int code = changing_connect(&making->changing, NULL);
	int r;

	making->changing.command = vfm_cli_words(making->call);
	if (!code)
		code = changing_catch_signals(&making->changing, true, true);
	if (code)
		return code;
	runner = changing_runner(&making->changing);
	runner.progress = NULL;
	r = vfm_run_steps(&runner,
			  making->changing.command ? making->changing.command : "vgpucheck",
			  &making->steps, 0, &run, &err);
	changing_settled(&making->changing);
	if (r == 0)
		return 0;
	return vfm_cli_error(making->call, &err,
			     r == -ENOTRECOVERABLE ? VFM_EXIT_HANDS_NEEDED
			     : r == -EBUSY         ? VFM_EXIT_REFUSED
						   : VFM_EXIT_FAILED);
}

static int print(const struct making *making, const char *format, const char *xml)
{
	const char *name = vfm_object_vgpu_name(&making->vgpu);
	const char *gpu = vfm_text_words(&making->gpu->bdf);
	VFM_AUTO_FREE char *message = vfm_text_printf("%s: %s %s (%llu) on %s", name, format,
						      making->type ? making->type : "type",
						      (unsigned long long)making->type_id, gpu);
	const struct vfm_vgpu_outcome outcome = {
		.command = making->call->command->name,
		.message = message,
		.device = name,
		.function = making->vgpu.function,
		.gpu = gpu,
		.type_id = making->type_id,
		.type = making->type,
		.there = xml != NULL,
		.xml = xml,
	};

	return judging_print(making->call, &making->values->judging,
			     message ? vfm_report_vgpu(&outcome) : NULL, VFM_EXIT_OK);
}

/* ---- create ---- */

static int plan_create(struct making *making)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	struct vfm_vgpu_choice choice;
	struct vgpu_wish wish;
	int code = vgpu_wish(making->call, &making->values->wish, &wish);
	int r;

	if (code)
		return code;
	r = vfm_vgpu_choose(&making->facts, &wish.wish, &choice, &err);
	if (r == 0)
		r = vfm_vgpu_plan_make(&choice, &making->steps, &err);
	if (r < 0)
		return refuse(making, r, &err);
	making->vgpu = choice.vgpu;
	making->gpu = choice.gpu;
	making->type_id = choice.type->id.value;
	making->type = vfm_known(&choice.type->name.fact) ? choice.type->name.value : NULL;
	return 0;
}

static int run_create(struct vfm_call *call)
{
	VFM_CLEANUP(making_done)
	struct making making = {
		.call = call,
		.values = call->values,
		.changing = CHANGING_INIT,
	};
	VFM_AUTO_FREE char *xml = NULL;
	int code = vgpu_wish_check(call, &making.values->wish);

	making.changing.journal_path = JOURNAL_PATH;
	if (!code)
		code = begin(&making);
	if (!code)
		code = plan_create(&making);
	if (!code)
		code = change(&making);
	if (!code)
		code = vgpu_device_xml(call, &making.vgpu, false, &xml);
	return code ? code : print(&making, "made, a vGPU of the type", xml);
}

const struct vfm_command vgpucheck_create = {
	.name = "create",
	.arguments = "",
	.summary = "make a vGPU on this host",
	.text = "Makes one vGPU: a mediated device, or the vGPU of a VF, as the host driver shows "
		"them. Where --gpu and --vf do not say on which, the GPU with the lowest address "
		"that has room is taken. Reads back that it is there; where that fails, what was "
		"made is removed again.\n"
		"It is gone after a reboot, as every vGPU is. Exit code 0 when it is there, 1 when "
		"it failed and nothing is left of it, 3 when it was refused (no such type, no "
		"room, the VF has a vGPU) with nothing touched, 5 when hands are needed.",
	.options = create_options,
	.values_size = sizeof(struct make_values),
	.run = run_create,
};

/* ---- remove ---- */

static int plan_remove(struct making *making)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	const struct vfm_vgpu_facts *vgpu;
	char device[VGPU_NAME_SIZE];
	int r;

	if (vgpu_name_parse(making->call->arguments[0], device, &err) < 0)
		return vfm_cli_error(making->call, &err, VFM_EXIT_USAGE);
	r = vfm_vgpu_plan_remove(&making->facts, device, &making->steps, &err);
	if (r < 0)
		return refuse(making, r, &err);
	vgpu = vfm_vgpu_find(&making->facts, device, &making->gpu);
	making->type_id = vgpu->type_id.value;
	making->type = vfm_known(&vgpu->type.fact) ? vgpu->type.value : NULL;
	return vfm_vgpu_object(making->gpu, vgpu, &making->vgpu, NULL) < 0 ? VFM_EXIT_FAILED : 0;
}

static int run_remove(struct vfm_call *call)
{
	VFM_CLEANUP(making_done)
	struct making making = {
		.call = call,
		.values = call->values,
		.changing = CHANGING_INIT,
	};
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	char device[VGPU_NAME_SIZE];
	int code = 0;

	making.changing.journal_path = JOURNAL_PATH;
	if (vgpu_name_parse(call->arguments[0], device, &err) < 0)
		return vfm_cli_error(call, &err, VFM_EXIT_USAGE);
	code = begin(&making);
	if (!code)
		code = plan_remove(&making);
	if (!code)
		code = change(&making);
	return code ? code : print(&making, "removed, a vGPU of the type", NULL);
}

const struct vfm_command vgpucheck_remove = {
	.name = "remove",
	.arguments = "UUID|VF",
	.min_arguments = 1,
	.max_arguments = 1,
	.summary = "remove a vGPU of this host",
	.text = "Removes the vGPU that is the mediated device of this UUID, or the VF of this "
		"address (which stays, without a vGPU), and waits until its room on the GPU is "
		"free again. One that a VM has, or a process has open, is refused before anything "
		"is written: the host driver would wait until that VM is gone.\n"
		"Exit code 0 when it is gone, 1 when it failed and is there as before, 3 when it "
		"was refused (in use, or no vGPU of this host), 5 when hands are needed.",
	.options = remove_options,
	.values_size = sizeof(struct make_values),
	.run = run_remove,
};
