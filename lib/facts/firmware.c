/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reader of the firmware settings of each PF, by mstconfig: nothing in the kernel tells them all.
 * Read-only ("-e q"); the PFs are asked side by side. What mstconfig's words mean is the parser's.
 *
 * A parameter that a firmware does not have makes the tool refuse the whole call; then each is
 * asked for alone. Where a new version prints a table we do not know, its JSON is asked for, which
 * it writes only into a file: here one in memory.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/file.h"
#include "base/run.h"
#include "base/text.h"
#include "facts/firmware_parse.h"
#include "facts/readers.h"

#define TOOL    "mstconfig"
#define PACKAGE "mstflint"

enum {
	TOOL_TIMEOUT_MS = 20000,
	PARALLEL_MAX = 4,
	JSON_MAX_BYTES = 1 << 20,
	/* mstconfig -d BDF -e [-j FILE] q NAME… NULL */
	WORDS_MAX = 7 + VFM_FIRMWARE_SETTINGS + 1,
};

/* The words of one call. index: the one setting asked for, or VFM_FIRMWARE_SETTINGS for all. */
struct call {
	const char *words[WORDS_MAX];
};

static void call_init(struct call *call, const char *bdf, const char *json_path, size_t index)
{
	const char **word = call->words;

	*word++ = TOOL;
	*word++ = "-d";
	*word++ = bdf;
	*word++ = "-e";
	if (json_path) {
		*word++ = "-j";
		*word++ = json_path;
	}
	*word++ = "q";
	for (size_t i = 0; i < VFM_FIRMWARE_SETTINGS; i++)
		if (index == i || index == VFM_FIRMWARE_SETTINGS)
			*word++ = vfm_firmware_settings[i].name;
	*word = NULL;
}

/* At least 1 ms, so that an answer after the deadline is an ordinary -ETIMEDOUT. */
static int time_left(int64_t deadline_ms)
{
	int left = vfm_deadline_left(deadline_ms);

	if (left < 1)
		return 1;
	return left < TOOL_TIMEOUT_MS ? left : TOOL_TIMEOUT_MS;
}

/* reasons */

static void set_unknown(struct vfm_setting_facts *setting, const char *reason)
{
	vfm_fact_set_unknown(&setting->default_value.fact, "%s", reason);
	vfm_fact_set_unknown(&setting->current.fact, "%s", reason);
	vfm_fact_set_unknown(&setting->next.fact, "%s", reason);
}

static void set_absent(struct vfm_setting_facts *setting)
{
	vfm_fact_set_absent(&setting->default_value.fact);
	vfm_fact_set_absent(&setting->current.fact);
	vfm_fact_set_absent(&setting->next.fact);
}

/* Why the card was not read, with what usually stands behind it; NULL: no memory. */
static char *explain(const struct vfm_facts *facts, int error, const struct vfm_error *err)
{
	const struct vfm_fact_text *lockdown = &facts->host.lockdown;
	const char *what = err->what ? err->what : "not read";

	if (error == -ENOENT)
		return strdup(TOOL " is not installed (package " PACKAGE ")");
	if (error != -EIO)
		return strdup(what);
	if (vfm_known(&lockdown->fact) && !vfm_streq(lockdown->value, "none"))
		return vfm_text_printf("kernel lockdown (%s) keeps it from the card: %s",
				       lockdown->value, what);
	if (geteuid() != 0)
		return vfm_text_printf("needs root: %s", what);
	return strdup(what);
}

static void set_failed(const struct vfm_facts *facts, int error, const struct vfm_error *err,
		       struct vfm_setting_facts *setting)
{
	VFM_AUTO_FREE char *reason = explain(facts, error, err);

	if (error == -EOPNOTSUPP)
		set_absent(setting);
	else
		set_unknown(setting, reason ? reason : "out of memory");
}

/* asking */

/*
 * What an answer says of setting 'index', or of all. The tool has its errors on stdout, so its
 * words come before its status; a table that reads well with a bad status is not believed.
 */
static int take_answer(const struct vfm_job *job, size_t index, struct vfm_firmware_facts *firmware,
		       struct vfm_error *err)
{
	int r;

	if (job->error)
		return vfm_job_check(job, NULL, NULL, err);
	r = vfm_firmware_parse_only(job->output, job->output_size, index, firmware, err);
	if (job->status && (r == 0 || r == -EINVAL))
		r = vfm_job_check(job, NULL, NULL, err);
	return r;
}

/* A parameter that the card does not have spoils a call for several: one after the other. */
static void ask_alone(const struct vfm_read_options *options, const struct vfm_facts *facts,
		      struct vfm_pf_facts *pf)
{
	for (size_t i = 0; i < VFM_FIRMWARE_SETTINGS; i++) {
		VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
		VFM_CLEANUP(vfm_job_done)
		struct vfm_job job = {.timeout_ms = time_left(options->deadline_ms)};
		struct call call;
		int r;

		call_init(&call, pf->bdf.value, NULL, i);
		job.argv = call.words;
		r = vfm_run(&job, 1, 1, &err);
		if (r == 0)
			r = take_answer(&job, i, &pf->firmware, &err);
		if (r < 0)
			set_failed(facts, r, &err, vfm_firmware_setting_of(&pf->firmware, i));
	}
}

/* The same as JSON, into a file that exists in memory only and has our process's name for it. */
static int ask_json(const struct vfm_read_options *options, struct vfm_pf_facts *pf)
{
	VFM_AUTO_CLOSE int fd = memfd_create(TOOL, MFD_CLOEXEC);
	VFM_CLEANUP(vfm_job_done)
	struct vfm_job job = {.timeout_ms = time_left(options->deadline_ms)};
	VFM_AUTO_FREE char *path = NULL;
	VFM_AUTO_FREE char *data = NULL;
	struct call call;
	size_t size;
	int r;

	if (fd < 0)
		return -errno;
	path = vfm_text_printf("/proc/%ld/fd/%d", (long)getpid(), fd);
	if (!path)
		return -ENOMEM;
	call_init(&call, pf->bdf.value, path, VFM_FIRMWARE_SETTINGS);
	job.argv = call.words;
	r = vfm_run(&job, 1, 1, NULL);
	if (r == 0)
		r = vfm_job_check(&job, NULL, NULL, NULL);
	if (r == 0)
		r = vfm_fd_read(fd, TOOL, JSON_MAX_BYTES, &data, &size, NULL);
	return r < 0 ? r : vfm_firmware_parse(data, size, &pf->firmware, NULL);
}

static void take(const struct vfm_read_options *options, const struct vfm_facts *facts,
		 struct vfm_pf_facts *pf, const struct vfm_job *job)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	int r = take_answer(job, VFM_FIRMWARE_SETTINGS, &pf->firmware, &err);

	if (r == -EOPNOTSUPP || r == -ENOSYS) {
		ask_alone(options, facts, pf);
		return;
	}
	if (r == -EINVAL && ask_json(options, pf) == 0)
		return;
	for (size_t i = 0; r < 0 && i < VFM_FIRMWARE_SETTINGS; i++)
		set_failed(facts, r, &err, vfm_firmware_setting_of(&pf->firmware, i));
}

/* PFs by rounds */

/* "" for a PF without one, which nothing can be asked about. */
static const char *bdf_of(const struct vfm_facts *facts, size_t index)
{
	const struct vfm_fact_text *bdf =
		&vfm_list_at(struct vfm_pf_facts, &facts->pfs, index)->bdf;

	return vfm_known(&bdf->fact) ? bdf->value : "";
}

/*
 * How many PFs of the same card stand before this one. The functions of a card share one mailbox
 * to its firmware, and the tool does not wait for another that holds it.
 */
static size_t rank_in_card(const struct vfm_facts *facts, size_t index)
{
	const char *bdf = bdf_of(facts, index);
	size_t function = strcspn(bdf, ".") + 1, rank = 0;

	for (size_t i = 0; i < index; i++)
		rank += strncmp(bdf_of(facts, i), bdf, function) == 0;
	return rank;
}

/* What a round asks: one PF of each card at most. */
struct round {
	struct vfm_pf_facts **pfs;
	struct call *calls;
	struct vfm_job *jobs;
	size_t count;
};

static void round_clear(struct round *round)
{
	for (size_t i = 0; i < round->count; i++)
		vfm_job_done(&round->jobs[i]);
	round->count = 0;
}

static void round_done(struct round *round)
{
	round_clear(round);
	free(round->pfs);
	free(round->calls);
	free(round->jobs);
}

static int round_init(struct round *round, size_t capacity)
{
	round->pfs = calloc(capacity, sizeof(struct vfm_pf_facts *));
	round->calls = calloc(capacity, sizeof(struct call));
	round->jobs = calloc(capacity, sizeof(struct vfm_job));
	return round->pfs && round->calls && round->jobs ? 0 : -ENOMEM;
}

static void round_fill(struct round *round, const struct vfm_read_options *options,
		       struct vfm_facts *facts, size_t rank)
{
	for (size_t i = 0; i < facts->pfs.count; i++) {
		struct vfm_pf_facts *pf = vfm_list_at(struct vfm_pf_facts, &facts->pfs, i);

		if (!vfm_known(&pf->bdf.fact) || rank_in_card(facts, i) != rank)
			continue;
		call_init(&round->calls[round->count], pf->bdf.value, NULL, VFM_FIRMWARE_SETTINGS);
		round->jobs[round->count] =
			(struct vfm_job){.argv = round->calls[round->count].words,
					 .timeout_ms = time_left(options->deadline_ms)};
		round->pfs[round->count++] = pf;
	}
}

static void set_all_failed(struct vfm_facts *facts, int error, const struct vfm_error *err)
{
	vfm_list_each (struct vfm_pf_facts, pf, &facts->pfs)
		for (size_t i = 0; i < VFM_FIRMWARE_SETTINGS; i++)
			set_failed(facts, error, err, vfm_firmware_setting_of(&pf->firmware, i));
}

void vfm_read_firmware(const struct vfm_read_options *options, struct vfm_facts *facts)
{
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_CLEANUP(round_done) struct round round = {.count = 0};
	int r;

	if (facts->pfs.count == 0)
		return;
	r = round_init(&round, facts->pfs.count);
	for (size_t rank = 0; r == 0; rank++) {
		round_clear(&round);
		round_fill(&round, options, facts, rank);
		if (round.count == 0)
			return;
		r = vfm_run(round.jobs, round.count, PARALLEL_MAX, &err);
		for (size_t i = 0; r == 0 && i < round.count; i++)
			take(options, facts, round.pfs[i], &round.jobs[i]);
	}
	set_all_failed(facts, r, &err);
}
