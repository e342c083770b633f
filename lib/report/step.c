/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Steps in words, from one table a kind. */
#include "report/step.h"

#include <string.h>

/* What stands around the object, and how values that are no words read. */
static const struct wording {
	const char *before, *after;
	bool names_object; /* else before and after say it all: the heading has the PF */
	const char *unset; /* NULL as a value */
	const char *shown; /* any other value, where the value itself is not to be read; or NULL */
} wordings[VFM_STEP_MAX] = {
	[VFM_STEP_FIRMWARE] = {"", " from the next boot", true, "not set", NULL},
	[VFM_STEP_FILE] = {"", "", true, "none", "written"},
	[VFM_STEP_AUTOPROBE] = {"sriov_drivers_autoprobe", "", false, "not set", NULL},
	[VFM_STEP_ESWITCH] = {"eswitch mode", "", false, "none", NULL},
	[VFM_STEP_VFS] = {"number of VFs", "", false, "none", NULL},
	[VFM_STEP_VF_DETACH] = {"", " driver", true, "none", NULL},
	[VFM_STEP_MIGRATABLE] = {"", " migratable", true, "not known", NULL},
	[VFM_STEP_HW_ADDR] = {"", " MAC address", true, "not set", NULL},
	[VFM_STEP_VF_BIND] = {"", " driver", true, "none", NULL},
	[VFM_STEP_OVS_SETTING] = {"", "", true, "not set", NULL},
	[VFM_STEP_OVS_BRIDGE] = {"bridge ", "", true, "none", "there"},
	[VFM_STEP_OVS_PORT] = {"port ", "", true, "in no bridge", NULL},
	[VFM_STEP_OVS_RESTART] = {"", "", true, "not running", NULL},
	[VFM_STEP_MTU] = {"", " MTU", true, "none", NULL},
	[VFM_STEP_TC_OFFLOAD] = {"", " hw-tc-offload", true, "not offered", NULL},
	[VFM_STEP_LINK] = {"", " link", true, "none", NULL},
	[VFM_STEP_VGPU] = {"", " type", true, "none", NULL},
	[VFM_STEP_MOVE_SLOTS] = {"", " migration slots", true, "none", NULL},
	[VFM_STEP_MOVE_CLAIM] = {"", "", true, "free", NULL},
	[VFM_STEP_MOVE_PORT] = {"", " representor", true, "in no bridge", NULL},
	[VFM_STEP_MOVE_HW_ADDR] = {"", " MAC address", true, "not set", NULL},
	[VFM_STEP_MOVE_VGPU] = {"", " type", true, "none", NULL},
	[VFM_STEP_MOVE_VGPU_REMOVE] = {"", "", true, "there", NULL},
	[VFM_STEP_MOVE_MIGRATE] = {"VM ", "", true, "nowhere", NULL},
	[VFM_STEP_MOVE_PICKED] = {"VF picked for ", "", true, "not set", NULL},
	[VFM_STEP_MOVE_ANNOUNCE] = {"network of ", "", true, "not told", NULL},
	[VFM_STEP_MOVE_FORGET] = {"bridge of ", "", true, "not told", NULL},
	[VFM_STEP_MOVE_RELEASE] = {"reservations of ", "", true, "held", NULL},
};

static const char *name_of(const struct vfm_netdev_facts *netdev)
{
	return vfm_known(&netdev->name.fact) ? netdev->name.value : NULL;
}

/* The netdev of an uplink or a representor, as the facts call it; NULL: not known. */
static const char *netdev_of(const struct vfm_object_port *port, const struct vfm_facts *facts)
{
	const struct vfm_pf_facts *pf = facts ? vfm_facts_pf(facts, port->bdf) : NULL;
	const struct vfm_vf_facts *vf;

	if (!pf)
		return NULL;
	if (port->number == VFM_OBJECT_UPLINK)
		return name_of(&pf->uplink.netdev);
	vf = vfm_pf_vf(pf, port->number);
	return vf ? name_of(&vf->representor) : NULL;
}

static void put_port(const struct vfm_step *step, const struct vfm_object_port *port,
		     const struct vfm_facts *facts, struct vfm_buffer *out)
{
	bool of_card = vfm_step_kinds[step->id].phase == VFM_PHASE_DEVICE;
	const char *netdev = of_card ? NULL : netdev_of(port, facts);

	if (port->number == VFM_OBJECT_UPLINK)
		vfm_buffer_puts(out, "uplink");
	else
		vfm_buffer_printf(out, "VF %u", port->number);
	/* One card's VF 2 is not another's: outside of its own heading, what tells them apart. */
	if (netdev)
		vfm_buffer_printf(out, " %s", netdev);
	else if (!of_card)
		vfm_buffer_printf(out, " of %s", port->bdf);
}

static void put_object(const struct vfm_step *step, const struct vfm_facts *facts,
		       struct vfm_buffer *out)
{
	const char *setting = strchr(step->object, ' ');
	struct vfm_object_port port;

	if (vfm_object_port(step->object, &port))
		put_port(step, &port, facts, out);
	else if (vfm_object_netdev(step->object))
		vfm_buffer_puts(out, vfm_object_netdev(step->object));
	else if (vfm_object_ovs_port(step->object))
		vfm_buffer_puts(out, vfm_object_ovs_port(step->object));
	else
		vfm_buffer_puts(out, step->id == VFM_STEP_FIRMWARE && setting ? setting + 1
									      : step->object);
}

void vfm_step_put_subject(const struct vfm_step *step, const struct vfm_facts *facts,
			  struct vfm_buffer *out)
{
	const struct wording *wording = &wordings[step->id];

	vfm_buffer_puts(out, wording->before);
	if (wording->names_object)
		put_object(step, facts, out);
	vfm_buffer_puts(out, wording->after);
}

static const char *value_words(const struct wording *wording, const char *value)
{
	if (!value)
		return wording->unset;
	return wording->shown ? wording->shown : value;
}

void vfm_step_put_change(const struct vfm_step *step, struct vfm_buffer *out)
{
	const struct wording *wording = &wordings[step->id];
	const char *was = step->fresh ? "new" : value_words(wording, step->was);
	const char *want = value_words(wording, step->want);

	if (step->unread)
		was = "not known";
	if (step->id == VFM_STEP_OVS_RESTART)
		vfm_buffer_puts(out, "restart");
	else if (wording->shown && step->was && step->want && !step->unread)
		vfm_buffer_puts(out, "written anew");
	else
		vfm_buffer_printf(out, "%s -> %s", was, want);
}

/* The PF in the name of a file of ours, "…vfmig-0000:01:00.0.rules". */
static bool pf_of_file(const char *path, char bdf_text[VFM_BDF_TEXT_SIZE])
{
	const char *start = strstr(path, "vfmig-"), *end;
	VFM_AUTO_FREE char *text = NULL;
	struct vfm_bdf bdf;

	start = start ? vfm_text_after(start, "vfmig-") : NULL;
	end = start ? strrchr(start, '.') : NULL;
	text = end ? strndup(start, (size_t)(end - start)) : NULL;
	if (!text || vfm_parse_bdf(text, &bdf) < 0)
		return false;
	vfm_bdf_text(&bdf, bdf_text);
	return true;
}

void vfm_step_put_group(const struct vfm_step *step, struct vfm_buffer *out)
{
	char bdf[VFM_BDF_TEXT_SIZE];

	if (vfm_step_kinds[step->id].phase == VFM_PHASE_OVS)
		vfm_buffer_puts(out, "Open vSwitch");
	else if (step->id != VFM_STEP_FILE)
		vfm_buffer_append(out, step->object, strcspn(step->object, "/ "));
	else
		vfm_buffer_puts(out, pf_of_file(step->object, bdf) ? bdf : "files");
}

void vfm_report_step_line(const struct vfm_run_step *step, struct vfm_buffer *out)
{
	vfm_buffer_printf(out, "%s %s: ", vfm_step_kinds[step->step.id].name, step->step.object);
	vfm_step_put_change(&step->step, out);
	if (step->result != VFM_STEP_DONE)
		vfm_buffer_printf(out, ": %s", vfm_step_result_name(step->result));
	if (step->message)
		vfm_buffer_printf(out, ": %s", step->message);
}
