/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the host's CPUs. A host whose CPUs are not all alike has no answer to "which CPU", so
 * each line of /proc/cpuinfo is held against the first CPU's.
 */
#include "facts/cpu.h"

#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/span.h"
#include "base/text.h"
#include "facts/readers.h"
#include "facts/source.h"

#define CPU_DIRECTORY "/sys/devices/system/cpu"

/* 8192 CPUs of 4 KiB. */
enum { CPUINFO_MAX_BYTES = 32 * 1024 * 1024 };

/* The lines that are read; x86 first, then aarch64. */
enum key {
	KEY_VENDOR,
	KEY_FAMILY,
	KEY_MODEL,
	KEY_MODEL_NAME,
	KEY_STEPPING,
	KEY_MICROCODE,
	KEY_FLAGS,
	KEY_IMPLEMENTER,
	KEY_ARCHITECTURE,
	KEY_VARIANT,
	KEY_PART,
	KEY_REVISION,
	KEY_FEATURES,
	KEY_MAX,
};

static const char *const key_names[KEY_MAX] = {
	[KEY_VENDOR] = "vendor_id",
	[KEY_FAMILY] = "cpu family",
	[KEY_MODEL] = "model",
	[KEY_MODEL_NAME] = "model name",
	[KEY_STEPPING] = "stepping",
	[KEY_MICROCODE] = "microcode",
	[KEY_FLAGS] = "flags",
	[KEY_IMPLEMENTER] = "CPU implementer",
	[KEY_ARCHITECTURE] = "CPU architecture",
	[KEY_VARIANT] = "CPU variant",
	[KEY_PART] = "CPU part",
	[KEY_REVISION] = "CPU revision",
	[KEY_FEATURES] = "Features",
};

/* What the lines of one key said. */
struct value {
	struct vfm_span first;
	struct vfm_span other; /* the first that differs; data NULL: none */
	size_t count;
};

struct cpuinfo {
	struct value values[KEY_MAX];
	size_t processors;
};

static enum key key_of(struct vfm_span name)
{
	int key = 0;

	while (key < KEY_MAX && !vfm_span_is(name, key_names[key]))
		key++;
	return (enum key)key;
}

static void note(struct value *value, struct vfm_span text)
{
	if (value->count++ == 0)
		value->first = text;
	else if (!value->other.data && !vfm_spans_equal(value->first, text))
		value->other = text;
}

static void scan(struct vfm_span rest, struct cpuinfo *info)
{
	struct vfm_span line, name, text;

	while (vfm_span_line(&rest, &line)) {
		enum key key;

		if (!vfm_span_split(line, ':', &name, &text))
			continue;
		key = key_of(name);
		if (key != KEY_MAX)
			note(&info->values[key], text);
		else if (vfm_span_is(name, "processor"))
			info->processors++;
	}
}

/* Beginnings of values stand in reasons; flags are longer than anybody reads. */
static int shown(struct vfm_span text)
{
	return text.size > 40 ? 40 : (int)text.size;
}

/*
 * The one value of a key, or NULL after the fact was made absent or unknown. Each CPU has each
 * line, or none has it.
 */
static const struct vfm_span *settle(const struct cpuinfo *info, enum key key,
				     struct vfm_fact *fact)
{
	const struct value *value = &info->values[key];

	if (value->count == 0) {
		vfm_fact_set_absent(fact);
		return NULL;
	}
	if (value->other.data) {
		vfm_fact_set_unknown(fact, "the CPUs of this host differ in '%s': %.*s, %.*s",
				     key_names[key], shown(value->first), value->first.data,
				     shown(value->other), value->other.data);
		return NULL;
	}
	if (value->count != info->processors) {
		vfm_fact_set_unknown(fact, "/proc/cpuinfo: %zu CPUs, but %zu of '%s'",
				     info->processors, value->count, key_names[key]);
		return NULL;
	}
	return &value->first;
}

static void fill_text(const struct cpuinfo *info, enum key key, struct vfm_fact_text *fact)
{
	const struct vfm_span *text = settle(info, key, &fact->fact);

	if (text)
		vfm_fact_set_textf(fact, "%.*s", (int)text->size, text->data);
}

/* Numbers are decimal on x86, and on aarch64 hex with a prefix or decimal. */
static int number(struct vfm_span text, uint64_t *ret_value)
{
	return vfm_span_uint(text, vfm_span_starts(text, "0x") ? 16 : 10, UINT32_MAX, ret_value);
}

static bool settle_number(const struct cpuinfo *info, enum key key, struct vfm_fact *fact,
			  uint64_t *ret_value)
{
	const struct vfm_span *text = settle(info, key, fact);

	if (!text)
		return false;
	if (number(*text, ret_value) < 0) {
		vfm_fact_set_unknown(fact, "/proc/cpuinfo: '%s' is no number: '%.*s'",
				     key_names[key], shown(*text), text->data);
		return false;
	}
	return true;
}

static void fill_number(const struct cpuinfo *info, enum key key, struct vfm_fact_uint *fact)
{
	uint64_t value;

	if (settle_number(info, key, &fact->fact, &value))
		vfm_fact_set_uint(fact, value);
}

uint64_t vfm_fnv1a_64(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

static void fill_flags(const struct cpuinfo *info, enum key key, struct vfm_cpu_facts *cpu)
{
	VFM_AUTO_STRINGS struct vfm_strings flags = {.values = NULL};
	const struct vfm_span *text = settle(info, key, &cpu->flags.fact);
	uint64_t hash = VFM_FNV1A_64_START;
	struct vfm_span rest, word;

	if (!text) {
		/* The same again, for the digest. */
		settle(info, key, &cpu->flags_digest.fact);
		return;
	}
	rest = *text;
	while (vfm_span_word(&rest, &word))
		vfm_strings_addf(&flags, "%.*s", (int)word.size, word.data);
	vfm_fact_set_texts(&cpu->flags, &flags);
	if (!vfm_known(&cpu->flags.fact)) {
		vfm_fact_set_unknown(&cpu->flags_digest.fact, "out of memory");
		return;
	}
	for (size_t i = 0; i < cpu->flags.count; i++) {
		if (i)
			hash = vfm_fnv1a_64(hash, " ", 1);
		hash = vfm_fnv1a_64(hash, cpu->flags.values[i], strlen(cpu->flags.values[i]));
	}
	vfm_fact_set_textf(&cpu->flags_digest, "%016" PRIx64, hash);
}

static void fill_aarch64(const struct cpuinfo *info, struct vfm_cpu_facts *cpu)
{
	uint64_t variant, revision;

	fill_text(info, KEY_IMPLEMENTER, &cpu->vendor);
	fill_number(info, KEY_ARCHITECTURE, &cpu->family);
	fill_number(info, KEY_PART, &cpu->model);
	if (settle_number(info, KEY_VARIANT, &cpu->stepping.fact, &variant) &&
	    settle_number(info, KEY_REVISION, &cpu->stepping.fact, &revision))
		vfm_fact_set_uint(&cpu->stepping, variant * 16 + revision);
	fill_flags(info, KEY_FEATURES, cpu);
}

static void fill_x86(const struct cpuinfo *info, struct vfm_cpu_facts *cpu)
{
	fill_text(info, KEY_VENDOR, &cpu->vendor);
	fill_number(info, KEY_FAMILY, &cpu->family);
	fill_number(info, KEY_MODEL, &cpu->model);
	fill_number(info, KEY_STEPPING, &cpu->stepping);
	fill_flags(info, KEY_FLAGS, cpu);
}

/* All that /proc/cpuinfo tells is unknown, for one reason. */
static void fill_failed(struct vfm_cpu_facts *cpu, const char *reason)
{
	struct vfm_fact *const facts[] = {
		&cpu->vendor.fact, &cpu->model_name.fact,   &cpu->family.fact,
		&cpu->model.fact,  &cpu->stepping.fact,     &cpu->microcode.fact,
		&cpu->flags.fact,  &cpu->flags_digest.fact,
	};

	for (size_t i = 0; i < VFM_ARRAY_SIZE(facts); i++)
		vfm_fact_set_unknown(facts[i], "%s", reason);
}

void vfm_cpuinfo_fill(const char *data, size_t size, struct vfm_cpu_facts *cpu)
{
	struct cpuinfo info = {.processors = 0};

	scan((struct vfm_span){.data = data, .size = size}, &info);
	if (info.values[KEY_VENDOR].count && info.processors) {
		fill_x86(&info, cpu);
	} else if (info.values[KEY_IMPLEMENTER].count && info.processors) {
		fill_aarch64(&info, cpu);
	} else {
		fill_failed(cpu, "/proc/cpuinfo is not that of x86 or aarch64");
		return;
	}
	fill_text(&info, KEY_MODEL_NAME, &cpu->model_name);
	fill_text(&info, KEY_MICROCODE, &cpu->microcode);
}

static void read_cpuinfo(struct vfm_cpu_facts *cpu)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *data = NULL;
	size_t size;

	if (vfm_file_read("/proc/cpuinfo", CPUINFO_MAX_BYTES, &data, &size, &err) < 0)
		fill_failed(cpu, err.what ? err.what : "not read");
	else
		vfm_cpuinfo_fill(data, size, cpu);
}

/* The register of one CPU speaks for the host only where all are alike. */
static void read_midr(struct vfm_cpu_facts *cpu)
{
	vfm_source_text(&cpu->midr, CPU_DIRECTORY "/cpu0/regs/identification", "midr_el1");
	if (!vfm_known(&cpu->midr.fact))
		return;
	if (!vfm_known(&cpu->model.fact))
		vfm_fact_set_unknown(&cpu->midr.fact, "%s", vfm_fact_reason(&cpu->model.fact));
	else if (!vfm_known(&cpu->stepping.fact))
		vfm_fact_set_unknown(&cpu->midr.fact, "%s", vfm_fact_reason(&cpu->stepping.fact));
}

static void set_sysconf(struct vfm_fact_uint *fact, int name)
{
	long value = sysconf(name);

	if (value < 0)
		vfm_fact_set_unknown(&fact->fact, "sysconf does not tell");
	else
		vfm_fact_set_uint(fact, (uint64_t)value);
}

static void read_nested(struct vfm_cpu_facts *cpu)
{
	vfm_source_bool(&cpu->nested, "/sys/module/kvm_intel/parameters", "nested");
	if (cpu->nested.fact.state == VFM_ABSENT)
		vfm_source_bool(&cpu->nested, "/sys/module/kvm_amd/parameters", "nested");
}

void vfm_read_cpu(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	struct vfm_cpu_facts *cpu = &facts->cpu;

	(void)options;
	read_cpuinfo(cpu);
	read_midr(cpu);
	set_sysconf(&cpu->page_size_bytes, _SC_PAGESIZE);
	set_sysconf(&cpu->online_count, _SC_NPROCESSORS_ONLN);
	vfm_source_bool(&cpu->smt, CPU_DIRECTORY "/smt", "active");
	vfm_source_text(&cpu->clocksource, "/sys/devices/system/clocksource/clocksource0",
			"current_clocksource");
	read_nested(cpu);
}
