/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about two hosts, apart from their cards: identity, age of the facts, CPU, versions. */
#include <stdio.h>

#include "judge/rule.h"

#define MAX_AGE_S 600
/* Clocks of two hosts are not the same to the second. */
#define MAX_AHEAD_S 60

static bool both_same(const struct vfm_fact_text *a, const struct vfm_fact_text *b)
{
	return vfm_known(&b->fact) && vfm_fact_is_text(a, b->value);
}

static void fix_host_uuid(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const char *daemon = vfm_host_is_debian(subject->other) ? "libvirtd" : "virtqemud";

	vfm_fix(outcome, "# on %s:", subject->other_name);
	vfm_fix(outcome, "echo \"host_uuid = \\\"$(uuidgen)\\\"\" >> /etc/libvirt/%s.conf", daemon);
	vfm_fix(outcome, "systemctl restart %s", daemon);
}

static void fail_same_uuid(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_host_facts *a = &subject->facts->host;
	const struct vfm_host_facts *b = &subject->other->host;
	const char *cause = "";

	if (both_same(&a->smbios_uuid, &b->smbios_uuid))
		cause = ": their SMBIOS UUIDs are identical";
	vfm_fail(outcome, "both hosts have the UUID %s%s; libvirt takes them for one host",
		 vfm_text_words(&a->uuid), cause);
	fix_host_uuid(subject, outcome);
}

static void judge_same_host(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_host_facts *a = &subject->facts->host;
	const struct vfm_host_facts *b = &subject->other->host;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(&a->uuid));
	vfm_seen(outcome, VFM_DESTINATION, "%s", vfm_text_words(&b->uuid));
	if (both_same(&a->boot_id, &b->boot_id)) {
		vfm_fail(outcome, "source and destination are one and the same host");
		vfm_fix(outcome, "# name two hosts");
	} else if (both_same(&a->uuid, &b->uuid))
		fail_same_uuid(subject, outcome);
	else if (!vfm_known(&a->uuid.fact))
		vfm_unknown(outcome, &a->uuid.fact, "the UUID of the source");
	else if (!vfm_known(&b->uuid.fact))
		vfm_unknown(outcome, &b->uuid.fact, "the UUID of the destination");
	else
		vfm_pass(outcome, "the host UUIDs differ");
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; the year begins in March. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	int64_t era, of_era, of_year;

	year -= month <= 2;
	era = year / 400;
	of_era = year - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Fixed-width digits of a text; -1 when they are none or out of bounds. */
static int64_t digits(const char *text, size_t count, int64_t min, int64_t max)
{
	int64_t value = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value >= min && value <= max ? value : -1;
}

/* "2026-01-31T12:00:00Z", the one form that facts are written in; Unix time, -1 for others. */
static int64_t parse_time(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
	int64_t year, month, day, hour, minute, second;

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] != 'd' && text[i] != form[i])
			return -1;
		if (form[i] == 'd' && (text[i] < '0' || text[i] > '9'))
			return -1;
	}
	year = digits(text, 4, 1970, 9999);
	month = digits(text + 5, 2, 1, 12);
	day = digits(text + 8, 2, 1, 31);
	hour = digits(text + 11, 2, 0, 23);
	minute = digits(text + 14, 2, 0, 59);
	second = digits(text + 17, 2, 0, 60);
	if (year < 0 || month < 0 || day < 0 || hour < 0 || minute < 0 || second < 0)
		return -1;
	return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

static void judge_facts_age(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_fact_text *time = &subject->facts->time;
	int64_t read_s, age_s;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(time));
	if (!vfm_known(&time->fact)) {
		vfm_unclear(outcome, "when the facts of %s were read is not known: %s",
			    subject->name, vfm_fact_reason(&time->fact));
		return;
	}
	read_s = parse_time(time->value);
	age_s = subject->given->now_s - read_s;
	if (read_s < 0)
		vfm_unclear(outcome, "when the facts of %s were read is not known: %s is no time",
			    subject->name, time->value);
	else if (age_s > MAX_AGE_S)
		vfm_fail(outcome,
			 "the facts of %s are %lld min old by this host's clock: too old "
			 "to act on",
			 subject->name, (long long)(age_s / 60));
	else if (age_s < -MAX_AHEAD_S)
		vfm_fail(outcome,
			 "the facts of %s were read %lld s in the future: the clocks of the "
			 "hosts differ",
			 subject->name, (long long)-age_s);
	else
		vfm_pass(outcome, "the facts of %s are fresh", subject->name);
	if (outcome->status != VFM_STATUS_PASS) {
		vfm_fix(outcome,
			"# on %s; where it was asked just now, set the clocks:", subject->name);
		vfm_fix(outcome, "vfprep facts -o FACTS.json");
	}
}

static void key_arch(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
		     struct vfm_fact_text *ret_key)
{
	(void)pf;
	vfm_key_copy(ret_key, &facts->host.arch);
}

static void key_cpu_vendor(const struct vfm_facts *facts, const struct vfm_pf_facts *pf,
			   struct vfm_fact_text *ret_key)
{
	(void)pf;
	vfm_key_copy(ret_key, &facts->cpu.vendor);
}

/* A version and its floor; a fix is a package's update. True when the version can be judged. */
struct floor {
	const char *what;
	struct vfm_version least;
	const char *least_text;
	const char *why;
};

static bool judge_floor(const struct vfm_subject *subject, const struct vfm_fact_text *fact,
			const struct floor *floor, struct vfm_version *ret_version,
			struct vfm_outcome *outcome)
{
	const char *what = floor->what, *name = subject->name;

	vfm_seen(outcome, VFM_SOURCE, "%s", vfm_text_words(fact));
	if (fact->fact.state == VFM_ABSENT) {
		vfm_fail(outcome, "%s of %s is not there", what, name);
	} else if (!vfm_known(&fact->fact)) {
		vfm_unclear(outcome, "%s of %s is not known: %s", what, name,
			    vfm_fact_reason(&fact->fact));
	} else if (vfm_parse_version(fact->value, ret_version) < 0) {
		vfm_unclear(outcome, "%s of %s is not known: %s is no version", what, name,
			    fact->value);
	} else if (vfm_version_compare(ret_version, &floor->least) < 0) {
		vfm_fail(outcome, "%s of %s is %s, older than %s: %s", what, name, fact->value,
			 floor->least_text, floor->why);
	} else {
		vfm_pass(outcome, "%s of %s is %s", what, name, fact->value);
		return true;
	}
	return false;
}

/* Package names are ours: no part of them came from outside. */
static void fix_package(const struct vfm_subject *subject, struct vfm_outcome *outcome,
			const char *rhel, const char *debian)
{
	if (outcome->status != VFM_STATUS_FAIL)
		return;
	vfm_fix(outcome, "# on %s:", subject->name);
	if (vfm_host_is_debian(subject->facts))
		vfm_fix(outcome, "apt-get install %s", debian);
	else
		vfm_fix(outcome, "dnf install %s", rhel);
}

/* A mediated device has no driver of its own to choose. */
static bool moves_mediated_alone(const struct vfm_subject *subject)
{
	const struct vfm_case *given = subject->given;

	return given->move && (given->applies & VFM_APPLIES_VGPU) &&
	       !(given->applies & VFM_APPLIES_VF);
}

static void judge_libvirt_version(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	static const struct floor of_vf = {
		.what = "libvirt",
		.least = {{10, 0}},
		.least_text = "10.0",
		.why = "it does not choose the variant driver by itself",
	};
	static const struct floor of_mediated = {
		.what = "libvirt",
		.least = {{8, 6}},
		.least_text = "8.6",
		.why = "it does not ask QEMU whether a mediated device can move",
	};
	const struct floor *floor = moves_mediated_alone(subject) ? &of_mediated : &of_vf;
	const struct vfm_fact_text *fact = &subject->facts->libvirt.version;
	struct vfm_version version;

	if (judge_floor(subject, fact, floor, &version, outcome) && version.part[0] == 10 &&
	    version.part[1] == 2)
		vfm_fail(outcome, "libvirt of %s is %s: 10.2 loses the changed XML of a migration",
			 subject->name, fact->value);
	fix_package(subject, outcome, "libvirt", "libvirt-daemon-system");
}

static void judge_qemu_version(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	static const struct floor floor = {
		.what = "QEMU",
		.least = {{8, 1}},
		.least_text = "8.1",
		.why = "it does not migrate VFIO devices",
	};
	const struct vfm_fact_text *fact = &subject->facts->libvirt.qemu_version;
	struct vfm_version version;

	(void)judge_floor(subject, fact, &floor, &version, outcome);
	fix_package(subject, outcome, "qemu-kvm", "qemu-system");
}

static void fix_kernel(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_host_facts *host = &subject->facts->host;
	const char *debian = "linux-image-amd64";

	if (vfm_fact_is_text(&host->os_id, "ubuntu"))
		debian = "linux-image-generic";
	else if (vfm_fact_is_text(&host->arch, "aarch64"))
		debian = "linux-image-arm64";
	fix_package(subject, outcome, "kernel", debian);
	if (outcome->status == VFM_STATUS_FAIL)
		vfm_fix_reboot(outcome);
}

static void judge_kernel_version(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	static const struct floor floors[VFM_PROFILE_MAX] = {
		[VFM_PROFILE_RHEL10] = {"the kernel",
					{{5, 18}},
					"5.18",
					"it does not have mlx5_vfio_pci unless its maker added it"},
		[VFM_PROFILE_NVIDIA] = {"the kernel",
					{{6, 7}},
					"6.7",
					"NVIDIA asks for it (device state in chunks)"},
	};
	const struct vfm_fact_text *fact = &subject->facts->host.kernel;
	struct vfm_version version;

	(void)judge_floor(subject, fact, &floors[subject->given->profile], &version, outcome);
	fix_kernel(subject, outcome);
}

/* Differences in words; unknown values are gathered apart. */
struct comparison {
	struct vfm_buffer differences, unread;
};

static void compare_note(struct vfm_buffer *buffer, const char *text)
{
	if (buffer->size)
		vfm_buffer_puts(buffer, ", ");
	vfm_buffer_puts(buffer, text);
}

static void compare_texts(struct comparison *comparison, const char *what,
			  const struct vfm_fact_text *a, const struct vfm_fact_text *b)
{
	VFM_AUTO_FREE char *text = NULL;

	if (a->fact.state == VFM_UNKNOWN || b->fact.state == VFM_UNKNOWN) {
		compare_note(&comparison->unread, what);
	} else if (!vfm_streq(vfm_text_words(a), vfm_text_words(b))) {
		text = vfm_text_printf("%s %s and %s", what, vfm_text_words(a), vfm_text_words(b));
		compare_note(&comparison->differences, text ? text : what);
	}
}

static const char *bool_words(const struct vfm_fact_bool *fact)
{
	if (fact->fact.state == VFM_ABSENT)
		return "none";
	return fact->value ? "on" : "off";
}

static void compare_bools(struct comparison *comparison, const char *what,
			  const struct vfm_fact_bool *a, const struct vfm_fact_bool *b)
{
	VFM_AUTO_FREE char *text = NULL;

	if (a->fact.state == VFM_UNKNOWN || b->fact.state == VFM_UNKNOWN) {
		compare_note(&comparison->unread, what);
	} else if (!vfm_streq(bool_words(a), bool_words(b))) {
		text = vfm_text_printf("%s %s and %s", what, bool_words(a), bool_words(b));
		compare_note(&comparison->differences, text ? text : what);
	}
}

static void judge_host_firmware(const struct vfm_subject *subject, struct vfm_outcome *outcome)
{
	const struct vfm_facts *a = subject->facts, *b = subject->other;
	struct comparison comparison = {.differences = {.data = NULL}};

	compare_texts(&comparison, "firmware", &a->host.bios_version, &b->host.bios_version);
	compare_texts(&comparison, "firmware date", &a->host.bios_date, &b->host.bios_date);
	compare_texts(&comparison, "microcode", &a->cpu.microcode, &b->cpu.microcode);
	compare_bools(&comparison, "SMT", &a->cpu.smt, &b->cpu.smt);
	compare_texts(&comparison, "clock source", &a->cpu.clocksource, &b->cpu.clocksource);
	compare_bools(&comparison, "nested virtualization", &a->cpu.nested, &b->cpu.nested);
	if (comparison.differences.size)
		vfm_fail(outcome, "the hosts differ below the operating system: %s",
			 comparison.differences.data);
	else if (comparison.unread.size)
		vfm_unclear(outcome, "not known of both hosts: %s", comparison.unread.data);
	else
		vfm_pass(outcome, "system firmware, microcode, SMT, clock source and nested "
				  "virtualization are alike");
	vfm_buffer_done(&comparison.differences);
	vfm_buffer_done(&comparison.unread);
}

const struct vfm_rule vfm_rules_pair[] = {
	{
		.id = "same-host",
		.protects = "the two hosts are two: their host UUIDs differ",
		.remedy = "give one of the hosts another host_uuid in libvirt's configuration",
		.ref = "libvirt: it refuses to migrate to the same host UUID",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_same_host,
	},
	{
		.id = "facts-age",
		.protects = "what is acted on was read less than 10 minutes ago",
		.remedy = "read the facts again; set the clocks",
		.ref = "vfmig: a host changes",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_HOST,
		.needs = VFM_NEED_BOTH | VFM_NEED_TIME,
		.waivable = VFM_WAIVABLE_YES,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.judge = judge_facts_age,
	},
	{
		.id = "arch",
		.protects = "both hosts have the same architecture",
		.remedy = "choose hosts of one architecture",
		.ref = "RHEL 10, 12.3",
		.noun = "architecture",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.key = key_arch,
	},
	{
		.id = "cpu-vendor",
		.protects = "both hosts have CPUs of the same vendor",
		.remedy = "choose hosts with CPUs of one vendor",
		.ref = "RHEL 10, 12.3: between Intel 64 and AMD64 is unsupported",
		.noun = "CPU vendor",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_NEVER,
		.applies = VFM_APPLIES_RUNNING,
		.in = VFM_SEVERE(REFUSE, REFUSE, REFUSE, REFUSE),
		.key = key_cpu_vendor,
	},
	{
		.id = "libvirt-version",
		.protects = "libvirt is 10.0 or newer (for a mediated device alone 8.6), and not "
			    "10.2",
		.remedy = "update libvirt",
		.ref = "libvirt, NEWS of 10.0.0 and 10.3.0",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_HOST,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF | VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_libvirt_version,
	},
	{
		.id = "qemu-version",
		.protects = "QEMU is 8.1 or newer",
		.remedy = "update QEMU",
		.ref = "NVIDIA, SR-IOV Live Migration",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_HOST,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF | VFM_APPLIES_VGPU,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_qemu_version,
	},
	{
		.id = "kernel-version",
		.protects = "the kernel is 5.18 or newer (profile nvidia: 6.7)",
		.remedy = "update the kernel; accept the rule where its maker added the driver to "
			  "an older one",
		.ref = "kernel, mlx5_vfio_pci; NVIDIA, SR-IOV Live Migration",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_HOST,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING | VFM_APPLIES_VF,
		.in = VFM_SEVERE(REFUSE, WARN, REFUSE, WARN),
		.judge = judge_kernel_version,
	},
	{
		.id = "host-firmware",
		.protects = "system firmware, microcode, SMT, clock source and nested "
			    "virtualization of the hosts are alike",
		.remedy = "bring the hosts to the same system firmware and settings",
		.ref = "RHEL 10, 12.3: physical machine firmware versions and settings",
		.topic = VFM_TOPIC_PAIR,
		.scope = VFM_SCOPE_PAIR,
		.needs = VFM_NEED_BOTH,
		.waivable = VFM_WAIVABLE_YES,
		.applies = VFM_APPLIES_RUNNING,
		.in = VFM_SEVERE(WARN, INFO, WARN, INFO),
		.judge = judge_host_firmware,
	},
	{.id = NULL},
};
