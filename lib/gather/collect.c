/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A queue of hosts and threads that ask them; see collect.h. */
#include "gather/collect.h"

#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "base/deadline.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/worker.h"
#include "facts/facts.h"
#include "peer/peer.h"

enum {
	FIRST_PAUSE_MS = 1000, /* before a host is asked again; then twice as long */
	FOLDER_MODE = 0755,
	FILE_MODE = 0644,
};

/* ---- the list --------------------------------------------------------------- */

/* What is behind "ssh:": who is named once with it and once without is named twice. */
static const char *plain_name(const char *name)
{
	const char *plain = vfm_text_after(name, "ssh:");

	return plain ? plain : name;
}

static int add_host(const char *word, size_t line, const char *where,
		    struct vfm_collect_hosts *hosts, struct vfm_error *err)
{
	VFM_AUTO_ERROR struct vfm_error own = VFM_ERROR_INIT;
	bool named = vfm_streq(word, "local") || vfm_text_after(word, "ssh:");
	VFM_AUTO_FREE char *name = named ? strdup(word) : vfm_text_printf("ssh:%s", word);
	struct vfm_collect_host host = {.line = line, .problem = VFM_ERROR_INIT};

	if (!name)
		return vfm_error_no_memory(err, where);
	if (vfm_peer_check_name(name, &own) < 0)
		return vfm_error_set(err, -EINVAL, where, "a line is HOST or USER@HOST",
				     "'%s' is no host: %s", name, own.what);
	host.name = name;
	if (VFM_APPEND(hosts->items, hosts->count, host) < 0)
		return vfm_error_no_memory(err, where);
	VFM_STEAL(name);
	return 0;
}

static int add_line(char *text, size_t line, const char *where, struct vfm_collect_hosts *hosts,
		    struct vfm_error *err)
{
	text += strspn(text, " \t");
	text[strcspn(text, "#")] = '\0';
	vfm_text_trim_end(text);
	return *text ? add_host(text, line, where, hosts, err) : 0;
}

static int compare_hosts(const void *a, const void *b)
{
	const struct vfm_collect_host *const *first = a, *const *second = b;
	int order = strcmp(plain_name((*first)->name), plain_name((*second)->name));

	if (order)
		return order;
	return ((*first)->line > (*second)->line) - ((*first)->line < (*second)->line);
}

/* Two sessions would write one file. */
static int refuse_doubles(const struct vfm_collect_hosts *hosts, const char *name,
			  struct vfm_error *err)
{
	VFM_AUTO_FREE struct vfm_collect_host **sorted = NULL;

	if (!hosts->count)
		return vfm_error_set(err, -EINVAL, name, "a line is HOST or USER@HOST",
				     "names no host");
	sorted = calloc(hosts->count, sizeof(struct vfm_collect_host *));
	if (!sorted)
		return vfm_error_no_memory(err, name);
	for (size_t i = 0; i < hosts->count; i++)
		sorted[i] = &hosts->items[i];
	qsort(sorted, hosts->count, sizeof(struct vfm_collect_host *), compare_hosts);
	for (size_t i = 1; i < hosts->count; i++) {
		const struct vfm_collect_host *one = sorted[i - 1], *other = sorted[i];

		if (vfm_streq(plain_name(one->name), plain_name(other->name)))
			return vfm_error_set(err, -EINVAL, name, NULL,
					     "'%s' of line %zu is in line %zu already",
					     plain_name(other->name), other->line, one->line);
	}
	return 0;
}

int vfm_collect_list(const char *data, size_t size, const char *name,
		     struct vfm_collect_hosts *hosts, struct vfm_error *err)
{
	const char *end = data + size;
	size_t number = 0;

	if (memchr(data, '\0', size))
		return vfm_error_set(err, -EINVAL, name, NULL, "is no text");
	while (data < end) {
		const char *stop = memchr(data, '\n', (size_t)(end - data));
		size_t length = (size_t)((stop ? stop : end) - data);
		VFM_AUTO_FREE char *line = strndup(data, length);
		VFM_AUTO_FREE char *where = vfm_text_printf("%s:%zu", name, number + 1);
		int r;

		if (!line || !where)
			return vfm_error_no_memory(err, name);
		r = add_line(line, ++number, where, hosts, err);
		if (r < 0)
			return r;
		data += length + (stop ? 1 : 0);
	}
	return refuse_doubles(hosts, name, err);
}

void vfm_collect_hosts_done(struct vfm_collect_hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++) {
		free(hosts->items[i].name);
		free(hosts->items[i].file);
		vfm_error_done(&hosts->items[i].problem);
	}
	free(hosts->items);
	*hosts = (struct vfm_collect_hosts){.items = NULL};
}

/* ---- one host --------------------------------------------------------------- */

static int store(const struct vfm_facts *facts, const char *path, struct vfm_error *err)
{
	VFM_AUTO_JSON json_object *json = vfm_facts_to_json(facts, false);
	VFM_AUTO_FREE char *text = NULL;

	if (json)
		text = vfm_text_printf(
			"%s\n",
			json_object_to_json_string_ext(
				json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	if (!text)
		return vfm_error_no_memory(err, path);
	return vfm_file_write_atomic(path, text, strlen(text), FILE_MODE, err);
}

static int ask(const struct vfm_collect_host *host, const struct vfm_collect_manner *manner,
	       struct vfm_error *err)
{
	const struct vfm_peer_options options = {
		.sudo = manner->sudo,
		.timeout_ms = manner->timeout_ms,
	};
	VFM_AUTO_PEER struct vfm_peer *peer = NULL;
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	int r;

	r = vfm_peer_open(host->name, &options, &peer, err);
	if (r == 0)
		r = vfm_peer_facts(peer, false, &facts, err);
	return r < 0 ? r : store(&facts, host->file, err);
}

static bool may_pass(int error)
{
	return error == -EHOSTUNREACH || error == -ETIMEDOUT;
}

/* Is there a document that is young enough? */
static bool is_kept(const struct vfm_collect_host *host, const struct vfm_collect_manner *manner)
{
	struct stat status;

	return manner->max_age_s >= 0 && stat(host->file, &status) == 0 &&
	       S_ISREG(status.st_mode) && time(NULL) - status.st_mtime <= manner->max_age_s;
}

/* ---- the queue -------------------------------------------------------------- */

struct again {
	struct vfm_collect_host *host;
	int64_t not_before_ms;
};

struct queue {
	pthread_mutex_t lock; /* all below but what is const */
	pthread_cond_t changed;
	const struct vfm_collect_manner *manner;
	struct vfm_collect_hosts *hosts;
	size_t next; /* of the hosts that were not asked so far */
	struct again *again;
	size_t again_count;
	size_t asked_now, done;
	bool failed; /* no memory for the queue itself: what is asked now is the last */
};

static void wait_until(struct queue *queue, int64_t when_ms)
{
	const struct timespec until = {
		.tv_sec = when_ms / 1000,
		.tv_nsec = when_ms % 1000 * 1000000,
	};

	pthread_cond_timedwait(&queue->changed, &queue->lock, &until);
}

/* The one whose pause ends first. */
static struct again *first_again(const struct queue *queue)
{
	struct again *first = NULL;

	for (size_t i = 0; i < queue->again_count; i++) {
		if (!first || queue->again[i].not_before_ms < first->not_before_ms)
			first = &queue->again[i];
	}
	return first;
}

/* The next host to ask, or NULL when there will be none. */
static struct vfm_collect_host *take(struct queue *queue)
{
	while (!queue->failed) {
		struct again *again;

		if (queue->next < queue->hosts->count)
			return &queue->hosts->items[queue->next++];
		again = first_again(queue);
		if (again && vfm_deadline_passed(again->not_before_ms)) {
			struct vfm_collect_host *host = again->host;

			*again = queue->again[--queue->again_count];
			return host;
		}
		if (again)
			wait_until(queue, again->not_before_ms);
		else if (queue->asked_now)
			pthread_cond_wait(&queue->changed, &queue->lock);
		else
			break;
	}
	return NULL;
}

static void finish(struct queue *queue, struct vfm_collect_host *host)
{
	queue->done++;
	if (queue->manner->told)
		queue->manner->told(queue->manner->data, host, queue->done);
}

static void settle(struct queue *queue, struct vfm_collect_host *host, int error,
		   struct vfm_error *problem)
{
	struct again again = {.host = host};

	host->stored = error == 0;
	vfm_error_move(&host->problem, problem);
	if (!may_pass(error) || host->attempts == VFM_COLLECT_ATTEMPTS) {
		finish(queue, host);
		return;
	}
	again.not_before_ms = vfm_deadline_in(FIRST_PAUSE_MS << (host->attempts - 1));
	if (VFM_APPEND(queue->again, queue->again_count, again) < 0)
		queue->failed = true;
}

static void ask_some(void *data)
{
	struct queue *queue = data;
	struct vfm_collect_host *host;

	pthread_mutex_lock(&queue->lock);
	while ((host = take(queue))) {
		VFM_AUTO_ERROR struct vfm_error problem = VFM_ERROR_INIT;
		int r = 0;

		queue->asked_now++;
		pthread_mutex_unlock(&queue->lock);
		if (!is_kept(host, queue->manner)) {
			host->attempts++;
			r = ask(host, queue->manner, &problem);
		}
		pthread_mutex_lock(&queue->lock);
		queue->asked_now--;
		settle(queue, host, r, &problem);
		pthread_cond_broadcast(&queue->changed);
	}
	pthread_mutex_unlock(&queue->lock);
}

/* ---- all of them ------------------------------------------------------------ */

/* The name without "ssh:" has no '/' and begins with no '.': lib/peer sees to the one. */
static int name_files(struct vfm_collect_hosts *hosts, const char *folder, struct vfm_error *err)
{
	for (size_t i = 0; i < hosts->count; i++) {
		struct vfm_collect_host *host = &hosts->items[i];

		free(host->file);
		host->file = vfm_text_printf("%s/%s.json", folder, plain_name(host->name));
		if (!host->file)
			return vfm_error_no_memory(err, host->name);
	}
	return 0;
}

static int make_folder(const char *folder, struct vfm_error *err)
{
	struct stat status;

	if (mkdir(folder, FOLDER_MODE) < 0 && errno != EEXIST)
		return vfm_error_set(err, -errno, folder, NULL, "%s", strerror(errno));
	if (stat(folder, &status) < 0)
		return vfm_error_set(err, -errno, folder, NULL, "%s", strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return vfm_error_set(err, -ENOTDIR, folder, NULL, "is no folder");
	return 0;
}

/*
 * Threads, since a session's calls block, each with deadlines of its own; programs are started by
 * posix_spawn. As many as could be made do the work; none is an error.
 */
static int ask_by_threads(struct queue *queue, size_t count, struct vfm_error *err)
{
	struct vfm_worker *workers[VFM_COLLECT_JOBS_MAX];
	size_t started = 0;
	int r = 0;

	while (r == 0 && started < count) {
		r = vfm_worker_start(ask_some, NULL, queue, &workers[started], err);
		if (r == 0)
			started++;
	}
	for (size_t i = 0; i < started; i++) {
		while (vfm_worker_wait(workers[i], vfm_deadline_in(VFM_PEER_TIMEOUT_MS)) < 0)
			continue;
		vfm_worker_free(workers[i]);
	}
	return started ? 0 : r;
}

int vfm_collect(struct vfm_collect_hosts *hosts, const struct vfm_collect_manner *manner,
		struct vfm_error *err)
{
	struct queue queue = {.manner = manner, .hosts = hosts};
	size_t count = manner->jobs < hosts->count ? manner->jobs : hosts->count;
	pthread_condattr_t attributes;
	int r;

	r = make_folder(manner->folder, err);
	if (r == 0)
		r = name_files(hosts, manner->folder, err);
	if (r < 0)
		return r;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&queue.changed, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&queue.lock, NULL);
	r = ask_by_threads(&queue, count < VFM_COLLECT_JOBS_MAX ? count : VFM_COLLECT_JOBS_MAX,
			   err);
	if (r == 0 && queue.failed)
		r = vfm_error_no_memory(err, NULL);
	pthread_mutex_destroy(&queue.lock);
	pthread_cond_destroy(&queue.changed);
	free(queue.again);
	return r;
}
