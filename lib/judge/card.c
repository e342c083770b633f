/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the card: model, firmware, and the settings that need a restart. */
#include <string.h>

#include "judge/rule.h"

/* One row a model a profile allows, with the firmware it asks for: refused below the first floor,
 * a warning below the second. */
struct model {
	const char *name;
	struct vfm_version refuse_below, warn_below;
};

#define ROWS_MAX 2

static const struct model models[VFM_PROFILE_MAX][ROWS_MAX] = {
	[VFM_PROFILE_RHEL10] =
		{
			{"ConnectX-7", {{28, 36, 1010}}, {{28, 41, 1000}}},
		},
	[VFM_PROFILE_NVIDIA] =
		{
			{"ConnectX-7", {{28, 41, 1000}}, {{28, 41, 1000}}},
			{"BlueField-3", {{32, 41, 1000}}, {{32, 41, 1000}}},
		},
};

static const struct model *model_of(enum vfm_profile profile, const struct vfm_pf_facts *pf)
{
	for (size_t i = 0; i < ROWS_MAX; i++) {
		const struct model *row = &models[profile][i];

		if (row->name && vfm_fact_is_text(&pf->model, row->name))
			return row;
	}
	return NULL;
}

bool vfm_pf_eligible(enum vfm_profile profile, const struct vfm_pf_facts *pf)
{
	return pf->model.fact.state == VFM_UNKNOWN || model_of(profile, pf);
}

static const char *allowed_models(enum vfm_profile profile)
{
	return profile == VFM_PROFILE_NVIDIA ? "a ConnectX-7 or BlueField-3" : "a ConnectX-7";
}

static void judge_no_pf(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact *pfs = &subject->facts->pfs.fact;

	if (!vfm_known(pfs))
		vfm_unknown(outcome, pfs, "which PFs the host has");
	else if (subject->asked)
		vfm_fail(outcome, "%s has no ConnectX PF at this address", subject->name);
	else
		vfm_fail(outcome, "the host has no ConnectX PF");
	vfm_fix(outcome, "lspci -D -d 15b3:");
}

static void judge_pf_model(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;

	if (!pf) {
		judge_no_pf(subject, outcome);
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&pf->model));
	if (model_of(subject->given->profile, pf))
		vfm_pass(outcome, "the card is a %s", pf->model.value);
	else if (pf->model.fact.state == VFM_UNKNOWN)
		vfm_unknown(outcome, &pf->model.fact, "the model of the card");
	else
		vfm_fail(outcome,
			 "the card is no model that migration is supported for: %s (%s), "
			 "not %s",
			 vfm_known(&pf->model.fact) ? pf->model.value : "an unlisted device",
			 vfm_text_words(&pf->device_id), allowed_models(subject->given->profile));
}

/* Number of the card's port, as mstconfig counts: from 1, by PCI function. */
static const char *port_number(const struct vfm_pf_facts *pf)
{
	struct vfm_bdf bdf;

	if (!vfm_known(&pf->bdf.fact) || vfm_parse_bdf(pf->bdf.value, &bdf) < 0)
		return "1";
	return bdf.function == 0 ? "1" : "2";
}

static void judge_link_type(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *type = &subject->pf->link_type;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(type));
	if (vfm_fact_is_text(type, "eth")) {
		vfm_pass(outcome, "the port is an Ethernet port");
	} else if (!vfm_known(&type->fact)) {
		vfm_unknown(outcome, &type->fact, "the type of the port");
	} else {
		vfm_fail(outcome, "the port is in InfiniBand mode");
		vfm_fix(outcome, "mstconfig -d %s -y set LINK_TYPE_P%s=2",
			vfm_text_words(&subject->pf->bdf), port_number(subject->pf));
		vfm_fix_reboot(outcome);
	}
}

static void judge_psid(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *psid = &subject->pf->psid;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(psid));
	if (vfm_known(&psid->fact) && psid->value[0]) {
		vfm_pass(outcome, "the PSID is %s", psid->value);
		return;
	}
	if (psid->fact.state == VFM_UNKNOWN)
		vfm_unknown(outcome, &psid->fact, "the PSID");
	else
		vfm_fail(outcome, "the driver names no PSID");
	vfm_fix(outcome, "mstflint -d %s query", vfm_text_words(&subject->pf->bdf));
}

static void judge_firmware_readable(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *running = &subject->pf->firmware_running;
	struct vfm_version version;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(running));
	if (vfm_firmware_version(running, &version) == VFM_KNOWN) {
		vfm_pass(outcome, "firmware %s runs", running->value);
		return;
	}
	if (vfm_known(&running->fact))
		vfm_unclear(outcome,
			    "the running firmware is not known: the driver says %s, "
			    "which is no version",
			    running->value);
	else if (running->fact.state == VFM_UNKNOWN)
		vfm_unknown(outcome, &running->fact, "the running firmware");
	else
		vfm_fail(outcome, "the driver names no running firmware");
	vfm_fix(outcome, "mstflint -d %s query", vfm_text_words(&subject->pf->bdf));
}

static void compare_floors(const struct vfm_pf_facts *pf, const struct model *model,
			   const struct vfm_version *version, struct vfm_outcome *outcome)
{
	bool refused = vfm_version_compare(version, &model->refuse_below) < 0;
	const struct vfm_version *floor = refused ? &model->refuse_below : &model->warn_below;

	if (vfm_version_compare(version, floor) >= 0) {
		vfm_pass(outcome, "firmware %s is new enough", pf->firmware_running.value);
		return;
	}
	vfm_fail(outcome, "firmware %s is older than %u.%u.%u%s", pf->firmware_running.value,
		 floor->part[0], floor->part[1], floor->part[2],
		 refused ? "" : ", which NVIDIA's documents ask for");
	if (!refused)
		outcome->at_most = VFM_SEVERITY_WARN;
	vfm_fix_firmware(outcome, pf);
}

static void judge_firmware_min(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	const struct model *model = model_of(subject->given->profile, pf);
	struct vfm_version version;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&pf->firmware_running));
	if (!model && pf->model.fact.state != VFM_UNKNOWN)
		vfm_skip(outcome, "no floor is known for this model");
	else if (vfm_firmware_version(&pf->firmware_running, &version) != VFM_KNOWN)
		vfm_unclear(outcome, "the running firmware is not known");
	else if (!model)
		vfm_unknown(outcome, &pf->model.fact, "the model, and so the firmware it needs,");
	else
		compare_floors(pf, model, &version, outcome);
}

static void judge_firmware_pending(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	struct vfm_version running, stored;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&pf->firmware_stored));
	if (vfm_firmware_version(&pf->firmware_running, &running) != VFM_KNOWN ||
	    vfm_firmware_version(&pf->firmware_stored, &stored) != VFM_KNOWN) {
		vfm_unclear(outcome,
			    "whether other firmware waits for a restart is not known: "
			    "running %s, stored %s",
			    vfm_text_words(&pf->firmware_running),
			    vfm_text_words(&pf->firmware_stored));
	} else if (vfm_version_compare(&running, &stored) == 0) {
		vfm_pass(outcome, "the stored firmware is the one that runs");
	} else {
		vfm_fail(outcome, "firmware %s is stored, but %s runs until the card restarts",
			 pf->firmware_stored.value, pf->firmware_running.value);
		vfm_fix_reset_card(outcome, pf);
	}
}

/* "MIGRATION_ENABLED(2)" however the tool writes it: by name or by number. */
static bool setting_is(const struct vfm_fact_text *setting, const char *name, const char *number)
{
	const char *rest;

	if (!vfm_known(&setting->fact))
		return false;
	rest = vfm_text_after(setting->value, name);
	return vfm_streq(setting->value, number) || (rest && (*rest == '\0' || *rest == '('));
}

static bool is_enabled(const struct vfm_fact_text *setting)
{
	return setting_is(setting, "MIGRATION_ENABLED", "2");
}

/* The proof that needs no tool: devlink offers the flag for a VF. */
static bool is_offered(const struct vfm_pf_facts *pf)
{
	return vfm_pf_count_vfs(pf, VFM_CAP_ENABLED) + vfm_pf_count_vfs(pf, VFM_CAP_DISABLED) > 0;
}

/* Before a line that sets what 'vfprep apply' can set. */
static void hint_set_firmware(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	if (subject->given->prep)
		vfm_fix(outcome, "# the same command with --set-firmware does this:");
}

static void fix_migration_mode(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	hint_set_firmware(subject, outcome);
	vfm_fix(outcome, "mstconfig -d %s -y set VF_MIGRATION_MODE=2",
		vfm_text_words(&subject->pf->bdf));
	vfm_fix_reboot(outcome);
}

/* Neither mstconfig nor a VF tells: say why, and how to see it all the same. */
static void migration_mode_unknown(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *lockdown = &subject->facts->host.lockdown;
	const struct vfm_pf_facts *pf = subject->pf;
	const struct vfm_fact *mode = &pf->firmware.vf_migration_mode.current.fact;
	bool locked = vfm_known(&lockdown->fact) && !vfm_streq(lockdown->value, "none");

	if (locked)
		vfm_unclear(outcome,
			    "VF_MIGRATION_MODE is not known: %s (kernel-lockdown: %s), and no VF "
			    "shows it",
			    vfm_fact_reason(mode), lockdown->value);
	else
		vfm_unknown(outcome, mode, "VF_MIGRATION_MODE");
	if (!vfm_fact_is_text(&pf->eswitch_mode, "switchdev"))
		vfm_fix_switchdev(outcome, pf);
	if (vfm_known(&pf->vfs.fact) && pf->vfs.count == 0)
		vfm_fix_create_vf(outcome, pf);
	if (outcome->fix.size)
		vfm_fix(outcome, "# then devlink itself shows whether VFs can migrate");
	if (locked)
		vfm_fix(outcome, "# mstconfig needs a start without Secure Boot; the card's menu "
				 "in the firmware has it too");
}

/* Settings are set now, and what they are is judged after the restart that they wait for. */
static bool waits_for_settings(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_setting_facts *mode = &subject->pf->firmware.vf_migration_mode;

	/* What the firmware does not have cannot be set. */
	if (!vfm_sets_firmware(subject) || mode->current.fact.state == VFM_ABSENT)
		return false;
	vfm_skip(outcome, "firmware settings come first, and take effect with the next start");
	return true;
}

static void judge_migration_mode(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	const struct vfm_setting_facts *mode = &pf->firmware.vf_migration_mode;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&mode->current));
	/* An apply goes as far as the VFs, sees whether devlink offers it, and else undoes itself.
	 */
	if (subject->given->prep && mode->current.fact.state == VFM_UNKNOWN)
		outcome->at_most = VFM_SEVERITY_WARN;
	if (waits_for_settings(subject, outcome))
		return;
	if (is_offered(pf)) {
		vfm_pass(outcome, "VF migration is on: devlink offers the migratable flag");
	} else if (is_enabled(&mode->current)) {
		vfm_pass(outcome, "VF migration is on: VF_MIGRATION_MODE is %s",
			 mode->current.value);
	} else if (mode->current.fact.state == VFM_UNKNOWN) {
		migration_mode_unknown(subject, outcome);
	} else if (mode->current.fact.state == VFM_ABSENT) {
		vfm_fail(outcome, "the firmware has no setting VF_MIGRATION_MODE: it is too old");
		vfm_fix_firmware(outcome, pf);
	} else if (is_enabled(&mode->next)) {
		vfm_fail(outcome, "VF_MIGRATION_MODE is %s, and enabled only from the next start",
			 mode->current.value);
		vfm_fix_reboot(outcome);
	} else {
		vfm_fail(outcome, "VF_MIGRATION_MODE is %s", mode->current.value);
		fix_migration_mode(subject, outcome);
	}
}

/* A restart is enough for most cards; what still waits after one needs its power cut. */
static void fail_pending(const struct vfm_pf_facts *pf, struct vfm_outcome *outcome)
{
	const struct vfm_setting_facts *mode = &pf->firmware.vf_migration_mode;

	if (vfm_fact_is_true(&pf->firmware.restarted)) {
		vfm_fail(outcome,
			 "VF_MIGRATION_MODE is %s, and still waits to become %s though the host "
			 "was restarted since it was set: the card needs a cold power cycle",
			 mode->current.value, mode->next.value);
		vfm_fix(outcome, "# stops the host: move its VMs away or shut them down first");
		vfm_fix(outcome, "systemctl poweroff");
		vfm_fix(outcome, "# then cut the standby power for some seconds");
		return;
	}
	vfm_fail(outcome,
		 "VF_MIGRATION_MODE is %s now and %s from the next start: the host has to be "
		 "restarted",
		 mode->current.value, mode->next.value);
	vfm_fix_reboot(outcome);
	vfm_fix(outcome, "# where it still waits then: systemctl poweroff, and cut the standby "
			 "power");
}

static void judge_migration_pending(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_setting_facts *mode = &subject->pf->firmware.vf_migration_mode;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&mode->next));
	if (waits_for_settings(subject, outcome))
		return;
	if (is_offered(subject->pf) || is_enabled(&mode->current)) {
		vfm_pass(outcome, "VF migration does not wait for a restart");
	} else if (is_enabled(&mode->next) && vfm_known(&mode->current.fact)) {
		fail_pending(subject->pf, outcome);
	} else if (vfm_known(&mode->next.fact) && vfm_known(&mode->current.fact)) {
		vfm_skip(outcome, "VF migration is not asked for in the settings");
	} else {
		vfm_unclear(outcome, "whether VF migration waits for a restart is not known");
	}
}

/* "True(1)", "1"; "False(0)", "0". */
static bool setting_is_off(const struct vfm_fact_text *setting)
{
	return setting_is(setting, "False", "0");
}

/* A number of VFs that somebody chose is kept. */
static void fix_sriov(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	const struct vfm_fact_text *enabled = &pf->firmware.sriov_en.next;
	const struct vfm_fact_text *count = &pf->firmware.num_of_vfs.next;
	bool has_count = vfm_known(&count->fact) && !vfm_streq(count->value, "0");

	if (!has_count || !vfm_known(&enabled->fact) || setting_is_off(enabled)) {
		hint_set_firmware(subject, outcome);
		vfm_fix(outcome,
			has_count ? "mstconfig -d %s -y set SRIOV_EN=1"
				  : "mstconfig -d %s -y set SRIOV_EN=1 NUM_OF_VFS=4",
			vfm_text_words(&pf->bdf));
	}
	vfm_fix_reboot(outcome);
}

/* How many VFs the PF allows: what the kernel says, or less where the firmware has fewer now. */
static uint64_t allowed_vfs(const struct vfm_pf_facts *pf)
{
	const struct vfm_fact_text *count = &pf->firmware.num_of_vfs.current;
	uint64_t allowed;

	if (vfm_known(&count->fact) &&
	    vfm_parse_uint(count->value, 10, UINT32_MAX, &allowed) == 0 &&
	    allowed < pf->total_vfs.value)
		return allowed;
	return pf->total_vfs.value;
}

static void fail_too_few(const struct vfm_subject *subject, uint32_t asked,
			 struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	VFM_AUTO_FREE char *count = vfm_text_printf("%u", asked);

	vfm_fail(outcome, "%u VFs are asked for, and the PF allows %llu", asked,
		 (unsigned long long)allowed_vfs(pf));
	outcome->fix.failed |= !count;
	hint_set_firmware(subject, outcome);
	vfm_fix(outcome, "mstconfig -d %s -y set NUM_OF_VFS=%s", vfm_text_words(&pf->bdf),
		count ? count : "");
	vfm_fix_reboot(outcome);
}

static void judge_sriov(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_pf_facts *pf = subject->pf;
	const struct vfm_firmware_facts *firmware = &pf->firmware;
	const struct vfm_prep_pf *asked = vfm_asked(subject);

	if (waits_for_settings(subject, outcome))
		return;
	if (vfm_known(&pf->total_vfs.fact))
		vfm_seen(outcome, VFM_SOURCE, "%llu", (unsigned long long)pf->total_vfs.value);
	if (setting_is_off(&firmware->sriov_en.current)) {
		vfm_fail(outcome, "SR-IOV is off: SRIOV_EN is %s",
			 firmware->sriov_en.current.value);
	} else if (vfm_fact_is_text(&firmware->num_of_vfs.current, "0")) {
		vfm_fail(outcome, "SR-IOV offers no VF: NUM_OF_VFS is 0");
	} else if (pf->total_vfs.fact.state == VFM_ABSENT) {
		vfm_fail(outcome, "the PF has no SR-IOV capability: it is off in firmware");
	} else if (!vfm_known(&pf->total_vfs.fact)) {
		vfm_unknown(outcome, &pf->total_vfs.fact, "how many VFs the PF allows");
	} else if (pf->total_vfs.value == 0) {
		vfm_fail(outcome, "the PF allows no VFs: sriov_totalvfs is 0");
	} else if (asked && asked->vfs > allowed_vfs(pf)) {
		fail_too_few(subject, asked->vfs, outcome);
		return;
	} else {
		vfm_pass(outcome, "the PF allows %llu VFs",
			 (unsigned long long)pf->total_vfs.value);
		return;
	}
	if (outcome->status == VFM_STATUS_FAIL)
		fix_sriov(subject, outcome);
}

const struct vfm_rule vfm_rules_card[] = {
	{
		.id = "pf-model",
		.protects = "the PF is of a model whose VFs are supported for migration: "
			    "ConnectX-7 (profile nvidia: also BlueField-3)",
		.remedy = "use a supported card",
		.ref = "RHEL 10, 12.6; NVIDIA, SR-IOV Live Migration",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.judges_absence = true,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_pf_model,
	},
	{
		.id = "link-type-eth",
		.protects = "the port is in Ethernet mode",
		.remedy = "set LINK_TYPE of the port to ETH and restart",
		.ref = "NVIDIA, SR-IOV Live Migration: Ethernet only",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_link_type,
	},
	{
		.id = "psid-readable",
		.protects = "the PSID of the card is known",
		.remedy = "read it by devlink or mstflint, as root",
		.ref = "RHEL 10, 12.6",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_psid,
	},
	{
		.id = "firmware-readable",
		.protects = "the running firmware version is known",
		.remedy = "read it by devlink or mstflint, as root; update a kernel that cannot",
		.ref = "RHEL 10, 12.6; kernel, devlink info of mlx5: 255.255.65535 means not read",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_firmware_readable,
	},
	{
		.id = "firmware-min",
		.protects = "the running firmware is new enough: 28.36.1010, better 28.41.1000 "
			    "(profile nvidia: 28.41.1000, BlueField-3 32.41.1000)",
		.remedy = "update the firmware of the card and restart it",
		.ref = "RHEL 10, 12.6; NVIDIA, SR-IOV Live Migration",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_firmware_min,
	},
	{
		.id = "firmware-pending",
		.protects = "no other firmware waits for a restart of the card",
		.remedy = "reset the card or restart the host, with no VF in use",
		.ref = "kernel, devlink info of mlx5: stored and running versions",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_firmware_pending,
	},
	{
		.id = "migration-mode",
		.protects = "VF_MIGRATION_MODE is enabled now: mstconfig says so, or devlink "
			    "offers the migratable flag",
		.remedy = "set VF_MIGRATION_MODE=2 with mstconfig and restart",
		.ref = "RHEL 10, 12.6",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_UNKNOWN,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_migration_mode,
	},
	{
		.id = "migration-mode-pending",
		.protects = "VF_MIGRATION_MODE is not merely enabled from the next start on",
		.remedy = "restart the host; where it still waits then, take the power off",
		.ref = "mstconfig: current and next-boot values; RHEL 10, 12.6",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, NONE, REFUSE, NONE),
		.judge = judge_migration_pending,
	},
	{
		.id = "sriov-enabled",
		.protects = "SRIOV_EN, NUM_OF_VFS and sriov_totalvfs allow VFs",
		.remedy = "set SRIOV_EN and NUM_OF_VFS with mstconfig and restart",
		.ref = "NVIDIA, SR-IOV Live Migration; RHEL 10, attaching SR-IOV networking "
		       "devices to virtual machines",
		.scope = VFM_SCOPE_PF,
		.waivable = VFM_WAIVABLE_NEVER,
		.before_prep = true,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_sriov,
	},
	{.id = NULL},
};
