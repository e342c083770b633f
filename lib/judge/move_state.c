/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about what else of a VM has to be there, or to move along: secrets, firmware and its
 * variables, TPM, encrypted memory, back ends of vhost-user.
 */
#include <string.h>

#include "judge/rule.h"

static bool is_offline(const struct vfm_subject *subject)
{
	return subject->given->applies & VFM_APPLIES_OFFLINE;
}

static void put_texts(struct vfm_buffer *words, char *const *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vfm_buffer_printf(words, "%s%s", words->size ? ", " : "", values[i]);
}

/* "interface: /run/vhost0" */
static const char *path_of(const char *named)
{
	const char *colon = strstr(named, ": ");

	return colon ? colon + 2 : named;
}

static bool has_path(char *const *values, size_t count, const char *named)
{
	for (size_t i = 0; i < count; i++) {
		if (vfm_streq(path_of(values[i]), path_of(named)))
			return true;
	}
	return false;
}

/* --- secrets --- */

static void fix_secrets(const struct vfm_subject *subject, const struct vfm_fact_texts *missing,
			struct vfm_outcome *outcome)
{
	vfm_fix(outcome, "# on %s, with what the source has by 'virsh secret-dumpxml':",
		subject->other_name);
	vfm_fix(outcome, "virsh secret-define SECRET.xml");
	for (size_t i = 0; i < missing->count; i++) {
		const char *uuid = missing->values[i];
		const char *usage = vfm_text_after(uuid, "usage:");

		if (usage)
			vfm_fix(outcome,
				"# then set the value of the one with the usage %s:", usage);
		vfm_fix(outcome, "virsh secret-set-value %s --file VALUE", usage ? "UUID" : uuid);
	}
}

static void judge_secrets(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_strings *needed = &subject->given->domain->secrets;
	const struct vfm_fact_texts *missing = &subject->given->probe->resources.secrets_missing;
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	if (needed->count == 0) {
		vfm_pass(outcome, "the VM needs no secret");
		return;
	}
	put_texts(&outcome->seen[VFM_SOURCE], needed->values, needed->count);
	if (missing->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &missing->fact, "which secrets the destination lacks");
	} else if (vfm_known(&missing->fact) && missing->count > 0) {
		put_texts(&words, missing->values, missing->count);
		vfm_seen(outcome, VFM_DESTINATION, "without %s", words.data ? words.data : "");
		vfm_fail(outcome, "%s does not have the secrets of the VM: %s", subject->other_name,
			 words.data ? words.data : "");
		fix_secrets(subject, missing, outcome);
	} else {
		vfm_pass(outcome, "the secrets of the VM are there");
	}
}

/* --- firmware-nvram --- */

static const struct vfm_storage_probe *find_nvram(const struct vfm_probe *probe)
{
	if (!vfm_known(&probe->storage.fact))
		return NULL;
	vfm_list_each (const struct vfm_storage_probe, item, &probe->storage) {
		if (vfm_fact_is_text(&item->target, "nvram"))
			return item;
	}
	return NULL;
}

static void fix_variables(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *path = subject->given->domain->nvram;

	vfm_fix(outcome, "# while the VM is shut off, from the source:");
	vfm_fix(outcome, "scp -p %s root@%s:%s", path, subject->other_name, path);
	vfm_fix(outcome, "# then: --accept firmware-nvram");
}

/*
 * Of a VM that runs QEMU sends the variables, and writes them to a file that libvirt makes there.
 * Of a definition nothing goes along: the file has to be there, and to be the same.
 */
static void judge_variables(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_storage_probe *nvram = find_nvram(subject->given->probe);
	const char *path = subject->given->domain->nvram;
	const struct vfm_storage_side_probe *a, *b;

	if (!path || !is_offline(subject)) {
		vfm_pass(outcome, "%s has the firmware of the VM", subject->other_name);
		return;
	}
	if (!nvram) {
		vfm_unclear(outcome, "whether the variables of the firmware are on both hosts is "
				     "not known: they were not looked at");
		return;
	}
	a = &nvram->at_source;
	b = &nvram->at_destination;
	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&a->identity));
	vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&b->identity));
	if (vfm_fact_is_false(&a->reachable)) {
		vfm_pass(outcome, "the VM has no variables of the firmware yet");
	} else if (vfm_fact_is_false(&b->reachable)) {
		vfm_fail(outcome,
			 "the variables of the firmware (%s) do not move with a "
			 "definition, and %s has none of them",
			 path, subject->other_name);
		fix_variables(subject, outcome);
	} else if (vfm_fact_is_false(&b->cluster)) {
		vfm_fail(outcome,
			 "%s has a copy of the variables of the firmware (%s), or other "
			 "variables: they do not move with a definition",
			 subject->other_name, path);
		fix_variables(subject, outcome);
	} else if (vfm_known(&a->identity.fact) && vfm_known(&b->identity.fact) &&
		   vfm_streq(a->identity.value, b->identity.value)) {
		vfm_pass(outcome, "the variables of the firmware are on storage of both hosts");
	} else {
		vfm_unclear(outcome,
			    "whether the variables of the firmware (%s) are the same on "
			    "both hosts is not known",
			    path);
	}
}

/* Loader and template of the variables, where the VM names them: which are not there. */
static void judge_firmware_files(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_texts *missing = &subject->given->probe->resources.paths_missing;
	const struct vfm_domain *domain = subject->given->domain;
	char *const files[] = {domain->loader, domain->nvram_template};
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};
	bool named = false;

	for (size_t i = 0; i < VFM_ARRAY_SIZE(files); i++) {
		named = named || files[i];
		if (files[i] && vfm_known(&missing->fact) &&
		    has_path(missing->values, missing->count, files[i]))
			put_texts(&words, &files[i], 1);
	}
	if (named && missing->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &missing->fact,
			    "whether the destination has the files of the VM's firmware");
	} else if (words.size) {
		vfm_fail(outcome, "%s does not have the firmware that the VM names: %s",
			 subject->other_name, words.data);
		vfm_fix(outcome, "# on %s: install or copy there by the same path what is named",
			subject->other_name);
	} else {
		judge_variables(subject, outcome);
	}
}

static void judge_firmware(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	const struct vfm_daemon_probe *there = &subject->given->probe->destination;
	bool efi = domain->firmware == VFM_FIRMWARE_EFI;
	const struct vfm_fact_bool *offered =
		domain->secure_boot ? &there->efi_secure : &there->efi;
	const char *name = domain->secure_boot ? "EFI firmware with Secure Boot" : "EFI firmware";

	vfm_seen(outcome, VFM_SOURCE, "%s",
		 domain->loader ? domain->loader : (efi ? name : "BIOS of QEMU"));
	if (!efi && !domain->loader) {
		vfm_pass(outcome, "the VM starts with QEMU's own firmware");
	} else if (efi && vfm_fact_is_false(offered)) {
		vfm_fail(outcome, "%s offers no %s", subject->other_name, name);
		vfm_fix(outcome, "# on %s:", subject->other_name);
		if (subject->other && vfm_host_is_debian(subject->other))
			vfm_fix(outcome, "apt-get install ovmf");
		else
			vfm_fix(outcome, "dnf install edk2-ovmf");
	} else if (efi && offered->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &offered->fact, "which firmware the destination offers");
	} else {
		judge_firmware_files(subject, outcome);
	}
}

/* --- host-paths --- */

/* What each Linux host has. */
static bool is_everywhere(const char *named)
{
	static const char *const devices[] = {"/dev/null", "/dev/random", "/dev/urandom",
					      "/dev/zero"};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(devices); i++) {
		if (vfm_streq(path_of(named), devices[i]))
			return true;
	}
	return false;
}

static void judge_paths(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_strings *named = &subject->given->domain->host_paths;
	const struct vfm_fact_texts *missing = &subject->given->probe->resources.paths_missing;
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};
	size_t looked = 0;

	for (size_t i = 0; i < named->count; i++) {
		if (is_everywhere(named->values[i]))
			continue;
		looked++;
		put_texts(&outcome->seen[VFM_SOURCE], &named->values[i], 1);
		if (vfm_known(&missing->fact) &&
		    has_path(missing->values, missing->count, named->values[i]))
			put_texts(&words, &named->values[i], 1);
	}
	if (looked == 0) {
		vfm_pass(outcome, "the VM names no file or device of its host that others lack");
	} else if (missing->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &missing->fact, "which files of the VM the destination lacks");
	} else if (words.size) {
		vfm_fail(outcome, "%s does not have what the VM names: %s", subject->other_name,
			 words.data);
		vfm_fix(outcome, "# on %s: install or copy there by the same path what is named",
			subject->other_name);
	} else {
		vfm_pass(outcome, "%s has the files and devices that the VM names",
			 subject->other_name);
	}
}

/* --- tpm --- */

static void fix_tpm_state(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	VFM_AUTO_FREE char *path =
		vfm_text_printf("/var/lib/libvirt/swtpm/%s/", subject->given->domain->uuid);

	if (!path)
		return;
	vfm_fix(outcome, "# where that is not storage of both hosts, from the source:");
	vfm_fix(outcome, "rsync -a %s root@%s:%s", path, subject->other_name, path);
	vfm_fix(outcome, "# then: --accept tpm");
}

static void judge_emulated_tpm(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_texts *backends = &subject->given->probe->destination.tpm_backends;
	bool there = false;

	for (size_t i = 0; vfm_known(&backends->fact) && i < backends->count; i++)
		there = there || vfm_streq(backends->values[i], "emulator");
	if (vfm_known(&backends->fact))
		put_texts(&outcome->seen[VFM_DESTINATION], backends->values, backends->count);
	if (backends->fact.state == VFM_UNKNOWN) {
		vfm_unknown(outcome, &backends->fact, "which TPMs the destination offers");
	} else if (!there) {
		vfm_fail(outcome, "%s offers no emulated TPM", subject->other_name);
		vfm_fix(outcome, "# on %s:", subject->other_name);
		if (subject->other && vfm_host_is_debian(subject->other))
			vfm_fix(outcome, "apt-get install swtpm swtpm-tools");
		else
			vfm_fix(outcome, "dnf install swtpm swtpm-tools");
	} else if (is_offline(subject)) {
		vfm_unclear(outcome, "whether the state of the TPM is on storage of both hosts is "
				     "not known: it does not move with a definition");
		fix_tpm_state(subject, outcome);
	} else {
		vfm_pass(outcome, "the state of the emulated TPM moves along");
	}
}

static void judge_tpm(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_strings *tpms = &subject->given->domain->tpms;

	if (tpms->count == 0) {
		vfm_pass(outcome, "the VM has no TPM");
		return;
	}
	put_texts(&outcome->seen[VFM_SOURCE], tpms->values, tpms->count);
	if (vfm_strings_has(tpms, "passthrough")) {
		vfm_fail(outcome, "the VM has the TPM of the host %s, which stays there",
			 subject->name);
		vfm_fix(outcome, "# give it an emulated one: what the guest sealed with this one "
				 "is lost");
		vfm_fix(outcome, "virsh edit %s", subject->given->domain->name);
	} else if (vfm_strings_has(tpms, "emulator")) {
		judge_emulated_tpm(subject, outcome);
	} else {
		vfm_unclear(outcome,
			    "whether a TPM runs on %s is not known: that of the VM is run "
			    "by somebody else",
			    subject->other_name);
	}
}

/* --- launch-security --- */

static void judge_launch(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *kind = subject->given->domain->launch_security;
	const struct vfm_fact_texts *offered = &subject->given->probe->destination.launch_security;

	if (!kind) {
		vfm_pass(outcome, "the VM's memory is not encrypted");
		return;
	}
	vfm_seen(outcome, VFM_SOURCE, "%s", kind);
	if (vfm_known(&offered->fact))
		put_texts(&outcome->seen[VFM_DESTINATION], offered->values, offered->count);
	if (!is_offline(subject)) {
		vfm_fail(outcome, "QEMU moves no VM with launch security (%s) while it runs", kind);
		vfm_fix(outcome, "# shut it down, and move its definition: --offline");
		return;
	}
	for (size_t i = 0; vfm_known(&offered->fact) && i < offered->count; i++) {
		if (vfm_streq(offered->values[i], kind)) {
			vfm_pass(outcome, "%s offers %s", subject->other_name, kind);
			return;
		}
	}
	if (offered->fact.state == VFM_UNKNOWN)
		vfm_unknown(outcome, &offered->fact,
			    "which launch security the destination offers");
	else
		vfm_fail(outcome, "%s does not offer %s", subject->other_name, kind);
}

/* --- vhost-user --- */

static bool has_virtiofs(const struct vfm_domain *domain)
{
	for (size_t i = 0; i < domain->filesystems.count; i++) {
		if (vfm_text_after(domain->filesystems.values[i], "virtiofs"))
			return true;
	}
	return false;
}

/* False: there is nothing to say about virtiofs. */
static bool tell_virtiofs(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_bool *there = &subject->given->probe->destination.virtiofs;

	if (!has_virtiofs(subject->given->domain) || vfm_fact_is_true(there))
		return false;
	if (vfm_fact_is_false(there)) {
		vfm_fail(outcome, "%s offers no virtiofs", subject->other_name);
		vfm_fix(outcome, "# on %s: install virtiofsd", subject->other_name);
	} else {
		vfm_unknown(outcome, &there->fact, "whether the destination offers virtiofs");
	}
	return true;
}

static void judge_vhost_user(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_domain *domain = subject->given->domain;
	const struct vfm_fact_texts *missing = &subject->given->probe->resources.paths_missing;
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	put_texts(&outcome->seen[VFM_SOURCE], domain->vhost_users.values,
		  domain->vhost_users.count);
	for (size_t i = 0; i < domain->vhost_users.count; i++) {
		const char *back_end = domain->vhost_users.values[i];

		if (vfm_known(&missing->fact) &&
		    has_path(missing->values, missing->count, back_end))
			vfm_buffer_printf(&words, "%s%s", words.size ? ", " : "", back_end);
	}
	if (words.size) {
		vfm_fail(outcome, "%s has no back end for %s", subject->other_name, words.data);
		vfm_fix(outcome, "# on %s: start the back ends at the same paths",
			subject->other_name);
	} else if (tell_virtiofs(subject, outcome)) {
		return;
	} else if (domain->vhost_users.count > 0) {
		vfm_unclear(outcome,
			    "whether back ends answer on %s is not known: a socket does "
			    "not tell",
			    subject->other_name);
	} else if (has_virtiofs(domain)) {
		vfm_pass(outcome, "%s offers virtiofs", subject->other_name);
	} else {
		vfm_pass(outcome, "the VM has no device with a back end of its own");
	}
}

#define ROW(id_, protects_, remedy_, ref_, judge_)                                                 \
	{                                                                                          \
		.id = id_, .protects = protects_, .remedy = remedy_, .ref = ref_,                  \
		.topic = VFM_TOPIC_MOVE, .scope = VFM_SCOPE_DOMAIN,                                \
		.needs = VFM_NEED_MOVE | VFM_NEED_PROBE, .waivable = VFM_WAIVABLE_YES,             \
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN), .judge = judge_,                     \
	}

const struct vfm_rule vfm_rules_move_state[] = {
	ROW("secrets", "the destination has the secrets that disks and TPM of the VM need",
	    "define the secrets there and set their values",
	    "libvirt, secrets: they are of one host", judge_secrets),
	ROW("firmware-nvram",
	    "the destination has the VM's firmware; of a VM that does not run also the firmware's "
	    "variables",
	    "install the firmware there; copy the variables",
	    "libvirt, BIOS bootloader: loader and nvram; domain capabilities: firmware",
	    judge_firmware),
	ROW("host-paths",
	    "files and devices of the host that the VM names are there: kernel, initrd, ROMs, "
	    "sources of random numbers and of serial ports",
	    "install or copy them there by the same paths",
	    "libvirt, direct kernel boot; rng, serial, input devices: paths of the host",
	    judge_paths),
	ROW("tpm", "the VM's TPM is emulated, can be run there, and its state moves",
	    "give the VM an emulated TPM; install swtpm there",
	    "libvirt, TPM device; domain capabilities: tpm", judge_tpm),
	ROW("launch-security", "the VM's memory is not encrypted by its host, or it does not run",
	    "move the VM while it is shut off",
	    "libvirt, launch security; QEMU, confidential guests", judge_launch),
	ROW("vhost-user",
	    "back ends of vhost-user devices run there at the same paths; virtiofs is offered",
	    "start the back ends there", "libvirt, vhost-user interfaces and disks; filesystems",
	    judge_vhost_user),
	{.id = NULL},
};
