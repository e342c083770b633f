/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The op of firmware settings: those of the next boot, by mstconfig, as the reader of lib/facts
 * asks for them. Changes of a PF are one call, so that the firmware has all of them or none.
 */
#include "run/op_firmware.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/deadline.h"
#include "base/run.h"
#include "facts/firmware_parse.h"
#include "facts/readers.h"
#include "run/world.h"

enum {
	READ_MS = 90000, /* the reader ends each call of the tool before */
	/* The tool writes to flash and waits for the firmware: better not ended half-way. */
	SET_MS = 120000,
};

/* "0000:e1:00.0 SRIOV_EN" */
struct setting {
	char pf[VFM_BDF_TEXT_SIZE];
	const char *name;
};

static bool is_parameter_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!isupper((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '_')
			return false;
	return isupper((unsigned char)*name);
}

static int parse_object(const char *object, struct setting *ret_setting, struct vfm_error *err)
{
	const char *blank = strchr(object, ' ');
	struct setting setting = {.name = blank ? blank + 1 : ""};
	struct vfm_bdf bdf;

	if (blank && (size_t)(blank - object) < sizeof(setting.pf)) {
		memcpy(setting.pf, object, (size_t)(blank - object));
		if (vfm_parse_bdf(setting.pf, &bdf) == 0 && is_parameter_name(setting.name)) {
			*ret_setting = setting;
			return 0;
		}
	}
	return vfm_error_set(err, -EINVAL, object, NULL, "not a firmware setting of a PF");
}

/* Host facts are among them for the reasons that lie there (lockdown). */
static int read_pf(const char *bdf, struct vfm_facts *facts, struct vfm_error *err)
{
	const struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(READ_MS)};
	struct vfm_pf_facts *pf = vfm_fact_list_add(&facts->pfs, sizeof(*pf));

	if (!pf)
		return vfm_error_no_memory(err, bdf);
	vfm_fact_set_text(&pf->bdf, bdf);
	vfm_read_host(&options, facts);
	vfm_read_firmware(&options, facts);
	return 0;
}

static const struct vfm_fact_text *find_next(struct vfm_facts *facts, const char *name)
{
	struct vfm_pf_facts *pf = vfm_list_at(struct vfm_pf_facts, &facts->pfs, 0);

	for (size_t i = 0; i < VFM_FIRMWARE_SETTINGS; i++)
		if (vfm_streq(vfm_firmware_settings[i].name, name))
			return &vfm_firmware_setting_of(&pf->firmware, i)->next;
	return NULL;
}

int vfm_op_firmware_read(void *world, const struct vfm_step *step, char **ret_value,
			 struct vfm_error *err)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs = {.count = 0}};
	const struct vfm_fact_text *next;
	struct setting setting;
	uint64_t number;
	int r = parse_object(step->object, &setting, err);

	(void)world;
	if (r == 0)
		r = read_pf(setting.pf, &facts, err);
	if (r < 0)
		return r;
	next = find_next(&facts, setting.name);
	if (!next)
		return vfm_error_set(err, -EINVAL, step->object, NULL, "not a setting we read");
	if (next->fact.state == VFM_ABSENT) {
		*ret_value = NULL;
		return 0;
	}
	if (!vfm_known(&next->fact))
		return vfm_error_set(err, -EIO, step->object, NULL, "%s",
				     vfm_fact_reason(&next->fact));
	if (vfm_firmware_number(next->value, &number) < 0)
		return vfm_error_set(err, -EINVAL, step->object, NULL, "'%s' is no number",
				     next->value);
	*ret_value = vfm_text_printf("%" PRIu64, number);
	return *ret_value ? 0 : vfm_error_no_memory(err, step->object);
}

int vfm_firmware_set_words(const struct vfm_change *changes, size_t n,
			   struct vfm_strings *ret_words, struct vfm_error *err)
{
	static const char *const head[] = {"mstconfig", "-d", NULL, "-y", "set"};
	struct setting first, setting;
	uint64_t number;
	int r = parse_object(changes[0].step->object, &first, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < VFM_ARRAY_SIZE(head); i++)
		vfm_strings_add(ret_words, head[i] ? head[i] : first.pf);
	for (size_t i = 0; i < n; i++) {
		const char *object = changes[i].step->object, *value = changes[i].value;

		r = parse_object(object, &setting, err);
		if (r < 0)
			return r;
		if (!vfm_streq(setting.pf, first.pf))
			return vfm_error_set(err, -EINVAL, object, NULL,
					     "settings of two PFs are not set in one call");
		if (!value || vfm_parse_uint(value, 10, UINT32_MAX, &number) < 0)
			return vfm_error_set(err, -EINVAL, object, NULL, "cannot be set to '%s'",
					     value ? value : "");
		vfm_strings_addf(ret_words, "%s=%" PRIu64, setting.name, number);
	}
	return ret_words->failed ? vfm_error_no_memory(err, first.pf) : 0;
}

/* Why the card refuses, where the host is the reason and the tool does not say so. */
static const char *find_hint(int error, struct vfm_facts *facts)
{
	const struct vfm_fact_text *lockdown = &facts->host.lockdown;
	const struct vfm_read_options options = {.deadline_ms = vfm_deadline_in(READ_MS)};

	if (error != -EIO)
		return error == -ENOENT ? "install the package mstflint" : NULL;
	vfm_read_host(&options, facts);
	if (vfm_known(&lockdown->fact) && !vfm_streq(lockdown->value, "none"))
		return "kernel lockdown, which comes with Secure Boot, keeps mstconfig from the "
		       "card";
	return geteuid() == 0 ? NULL : "run it as root";
}

/* The tool has its errors on stdout, so its words come before its status. */
static int take_answer(const struct vfm_job *job, const char *object, struct vfm_error *err)
{
	VFM_AUTO_FACTS struct vfm_facts facts = {.pfs = {.count = 0}};
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	int r = job->error ? vfm_job_check(job, NULL, NULL, &own)
			   : vfm_firmware_parse_set(job->output, job->output_size, &own);

	if (!job->error && job->status && (r == 0 || r == -EINVAL))
		r = vfm_job_check(job, NULL, NULL, &own);
	if (r == 0)
		return 0;
	return vfm_error_set_domain(err, r, own.domain, own.code, object, find_hint(r, &facts),
				    "%s", own.what ? own.what : strerror(-r));
}

int vfm_op_firmware_set(void *world, const struct vfm_change *changes, size_t n,
			struct vfm_error *err)
{
	VFM_CLEANUP(vfm_job_done) struct vfm_job job = {.timeout_ms = SET_MS};
	VFM_AUTO_STRINGS struct vfm_strings words = {.values = NULL};
	VFM_AUTO_FREE const char **argv = NULL;
	int r = vfm_firmware_set_words(changes, n, &words, err);

	(void)world;
	if (r < 0)
		return r;
	argv = calloc(words.count + 1, sizeof(*argv));
	if (!argv)
		return vfm_error_no_memory(err, words.values[0]);
	for (size_t i = 0; i < words.count; i++)
		argv[i] = words.values[i];
	job.argv = argv;
	r = vfm_run(&job, 1, 1, err);
	return r < 0 ? r : take_answer(&job, changes->step->object, err);
}
