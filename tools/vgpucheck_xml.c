/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vgpucheck xml: a vGPU as libvirt takes it. */
#include <stdio.h>
#include <string.h>

#include "judge/rule.h"
#include "judging.h"
#include "vgpu_device.h"
#include "vgpucheck.h"

struct xml_values {
	struct judging_values judging; /* of which: json, host */
	struct vgpu_wish_values wish;
	const char *host;
	bool display;
};

static const struct vfm_option options[] = {
	VGPU_WISH_OPTIONS(xml_values, wish),
	{.name = "display",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct xml_values, display),
	 .help = "with a display of its own (of a VF: libvirt 10.3 or later)"},
	{.name = "host",
	 .type = VFM_OPTION_TEXT,
	 .offset = offsetof(struct xml_values, host),
	 .argument = "HOST",
	 .help = "whose vGPU it is: local (default), ssh:HOST, or a FILE of facts"},
	{.name = "json",
	 .type = VFM_OPTION_FLAG,
	 .offset = offsetof(struct xml_values, judging.json),
	 .help = "print the result as one JSON object"},
	HOST_OPTIONS(xml_values, judging.host),
	{.name = NULL},
};

/* The vGPU that is shown: one that is there, or one that 'create' would make. */
struct shown {
	struct vfm_object_vgpu vgpu;
	const struct vfm_gpu_facts *gpu;
	uint64_t type_id;
	const char *type;
	bool there;
};

static int take_there(const struct vfm_gpu_facts *gpu, const struct vfm_vgpu_facts *vgpu,
		      struct shown *ret_shown, struct vfm_error *err)
{
	ret_shown->gpu = gpu;
	ret_shown->type_id = vfm_known(&vgpu->type_id.fact) ? vgpu->type_id.value : 0;
	ret_shown->type = vfm_known(&vgpu->type.fact) ? vgpu->type.value : NULL;
	ret_shown->there = true;
	return vfm_vgpu_object(gpu, vgpu, &ret_shown->vgpu, err);
}

static bool has_type(const struct vfm_vgpu_facts *vgpu, const char *text)
{
	const struct vfm_vgpu_type_facts type = {.id = vgpu->type_id, .name = vgpu->type};

	return vfm_vgpu_type_is(&type, text);
}

/* One of this type that no VM is known to have; NULL. */
static const struct vfm_vgpu_facts *find_free(const struct vfm_facts *facts,
					      const struct vfm_vgpu_wish *wish,
					      const struct vfm_gpu_facts **ret_gpu)
{
	if (!vfm_known(&facts->nvidia.gpus.fact))
		return NULL;
	vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus)
		vfm_list_each (const struct vfm_vgpu_facts, vgpu, &gpu->vgpus)
			if ((!wish->gpu || vfm_fact_is_text(&gpu->bdf, wish->gpu)) &&
			    vfm_fact_is_text(&gpu->framework, VFM_VGPU_VENDOR) &&
			    vgpu->owner.fact.state == VFM_ABSENT && has_type(vgpu, wish->type)) {
				*ret_gpu = gpu;
				return vgpu;
			}
	return NULL;
}

/* The VF or UUID that was named, where it is a vGPU. */
static int find_named(const struct vfm_facts *facts, const struct xml_values *values,
		      const struct vgpu_wish *wish, struct shown *ret_shown, struct vfm_error *err)
{
	const char *name = values->wish.uuid ? wish->uuid : values->wish.vf ? wish->vf : NULL;
	const struct vfm_gpu_facts *gpu = NULL;
	const struct vfm_vgpu_facts *vgpu = name ? vfm_vgpu_find(facts, name, &gpu) : NULL;

	if (!vgpu && !name)
		vgpu = find_free(facts, &wish->wish, &gpu);
	if (!vgpu)
		return -ENOENT;
	if (wish->wish.type && !has_type(vgpu, wish->wish.type))
		return vfm_error_set(err, -EBUSY, vfm_text_words(&vgpu->device), NULL,
				     "is a vGPU of the type %s", vfm_text_words(&vgpu->type));
	return take_there(gpu, vgpu, ret_shown, err);
}

/* A VF without a vGPU, of which nobody has said what it is to become. */
static int find_vf(const struct vfm_facts *facts, const char *vf, struct shown *ret_shown,
		   struct vfm_error *err)
{
	if (vfm_known(&facts->nvidia.gpus.fact))
		vfm_list_each (const struct vfm_gpu_facts, gpu, &facts->nvidia.gpus)
			for (size_t i = 0; i < gpu->room.count; i++)
				if (vfm_streq(gpu->room.values[i], vf) &&
				    vfm_fact_is_text(&gpu->framework, VFM_VGPU_VENDOR)) {
					ret_shown->gpu = gpu;
					snprintf(ret_shown->vgpu.function,
						 sizeof(ret_shown->vgpu.function), "%s", vf);
					return 0;
				}
	return vfm_error_set(err, -ENOENT, vf, "'vgpucheck status' names the vGPUs there are",
			     "is no VF that is, or can be made, a vGPU");
}

static int find(const struct vfm_facts *facts, const struct xml_values *values,
		const struct vgpu_wish *wish, struct shown *ret_shown, struct vfm_error *err)
{
	struct vfm_vgpu_choice choice;
	int r = find_named(facts, values, wish, ret_shown, err);

	if (r != -ENOENT)
		return r;
	if (!values->wish.type)
		return find_vf(facts, wish->vf, ret_shown, err);
	r = vfm_vgpu_choose(facts, &wish->wish, &choice, err);
	if (r < 0)
		return r;
	*ret_shown = (struct shown){
		.vgpu = choice.vgpu,
		.gpu = choice.gpu,
		.type_id = choice.type->id.value,
		.type = vfm_known(&choice.type->name.fact) ? choice.type->name.value : NULL,
	};
	return 0;
}

/* The command that makes it. NULL: no memory. */
static char *create_command(const struct shown *shown)
{
	char number[24] = "NAME";

	if (shown->type_id)
		snprintf(number, sizeof(number), "%llu", (unsigned long long)shown->type_id);
	if (*shown->vgpu.uuid)
		return vfm_text_printf("vgpucheck create --type %s --gpu %s --uuid %s", number,
				       vfm_text_words(&shown->gpu->bdf), shown->vgpu.uuid);
	return vfm_text_printf("vgpucheck create --type %s --vf %s", number, shown->vgpu.function);
}

static void note_create(const struct vfm_call *call, const struct shown *shown)
{
	VFM_AUTO_ERROR struct vfm_error note = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *command = create_command(shown);

	vfm_error_set(&note, -ENOENT, vfm_object_vgpu_name(&shown->vgpu), command,
		      "note: is not there yet");
	vfm_cli_error(call, &note, VFM_EXIT_OK);
}

static int print(const struct vfm_call *call, const struct shown *shown)
{
	const struct xml_values *values = call->values;
	VFM_AUTO_FREE char *xml = NULL;
	int code = vgpu_device_xml(call, &shown->vgpu, values->display, &xml);
	const struct vfm_vgpu_outcome outcome = {
		.command = "xml",
		.device = vfm_object_vgpu_name(&shown->vgpu),
		.function = shown->vgpu.function,
		.gpu = vfm_text_words(&shown->gpu->bdf),
		.type_id = shown->type_id,
		.type = shown->type,
		.there = shown->there,
		.xml = xml,
	};

	if (code)
		return code;
	if (!shown->there)
		note_create(call, shown);
	return judging_print(call, &values->judging, vfm_report_vgpu(&outcome), VFM_EXIT_OK);
}

static int run(struct vfm_call *call)
{
	const struct xml_values *values = call->values;
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	struct shown shown = {.there = false};
	struct vgpu_wish wish;
	int code, r;

	if (!values->wish.type && !values->wish.vf)
		return vfm_cli_usage(call, "name a type by --type, or a VF by --vf");
	code = vgpu_wish(call, &values->wish, &wish);
	if (!code)
		code = host_read(call, values->host ? values->host : "local", &values->judging.host,
				 false, &facts);
	if (code)
		return code;
	r = find(&facts, values, &wish, &shown, &err);
	if (r < 0)
		return vfm_cli_error(call, &err,
				     r == -ENODATA || r == -ENOMEM ? VFM_EXIT_FAILED
								   : VFM_EXIT_REFUSED);
	return print(call, &shown);
}

const struct vfm_command vgpucheck_xml = {
	.name = "xml",
	.arguments = "",
	.summary = "print a vGPU as libvirt takes it: for 'virsh attach-device' or a domain's XML",
	.text = "Prints libvirt's element for a vGPU: of a mediated device by its UUID, of a VF by "
		"its address and always with managed='no', since libvirt would otherwise take the "
		"VF from the host driver, and the vGPU would be gone.\n"
		"With --vf the VF that is named; with --type a vGPU of that type that no VM is "
		"known to have, or else the one that 'vgpucheck create' would make, which is "
		"told. Nothing is changed. Exit code 3, and nothing printed, where there is none "
		"and no room for one.",
	.options = options,
	.values_size = sizeof(struct xml_values),
	.run = run,
};
