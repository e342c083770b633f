/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents into a fleet; see gather.h. How several processes share them is in shared.c.
 *
 * Which of them has a document is told by its place alone: small files go in turn, of a large one
 * each takes its turn at the lines. So they need no word from one another.
 */
#include "gather/gather.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "gather/gathering.h"
#include "gather/input.h"

/* From here on a file is large enough to be worth a look by each process. */
enum { SHARED_BYTES = 1 << 20 };

static const char *const suffixes[] = {".json", ".jsonl"};

static bool has_suffix(const char *name)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(suffixes); i++) {
		size_t size = strlen(name), end = strlen(suffixes[i]);

		if (size > end && vfm_streq(name + size - end, suffixes[i]))
			return true;
	}
	return false;
}

int vfm_gather_expand(const char *name, struct vfm_strings *files, struct vfm_error *err)
{
	VFM_AUTO_STRINGS struct vfm_strings names = {.values = NULL};
	struct stat status;
	int r;

	if (vfm_streq(name, "-") || stat(name, &status) < 0 || !S_ISDIR(status.st_mode)) {
		vfm_strings_add(files, name);
		return files->failed ? vfm_error_no_memory(err, name) : 0;
	}
	r = vfm_directory_list(name, &names, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.count; i++) {
		if (has_suffix(names.values[i]))
			vfm_strings_addf(files, "%s/%s", name, names.values[i]);
	}
	return files->failed ? vfm_error_no_memory(err, name) : 0;
}

/* "object: what" but for the document's own name, which the fault has. */
static int tell_fault(struct vfm_gathering *gathering, const char *source, uint64_t sequence,
		      const struct vfm_error *problem)
{
	bool own = !problem->object || vfm_streq(problem->object, source);
	VFM_AUTO_FREE char *text =
		own ? NULL : vfm_text_printf("%s: %s", problem->object, problem->what);
	const char *what = own ? problem->what : text;

	if (!what)
		return -ENOMEM;
	return gathering->fault(gathering, source, sequence, what, problem->hint);
}

/* Only the want of memory ends it: whatever a document holds is its own affair. */
static int gather_document(struct vfm_gathering *gathering, const char *name, uint64_t sequence,
			   const struct vfm_input_document *document)
{
	VFM_AUTO_ERROR struct vfm_error problem = VFM_ERROR_INIT;
	VFM_AUTO_FACTS struct vfm_facts facts = {.program = {.value = NULL}};
	VFM_AUTO_FREE char *source =
		document->line
			? vfm_text_printf("%s:%llu", name, (unsigned long long)document->line)
			: strdup(name);
	int r;

	if (!source)
		return -ENOMEM;
	if (document->too_large)
		return gathering->fault(gathering, source, sequence,
					"is larger than a document may be", NULL);
	r = vfm_facts_parse(document->data, document->size, source, &facts, &problem);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return tell_fault(gathering, source, sequence, &problem);
	return gathering->host(gathering, &facts, source, sequence);
}

/* Of a file that is shared every one of the processes counts the documents. */
static int gather_from(struct vfm_gathering *gathering, int fd, size_t index, bool shared)
{
	VFM_AUTO_ERROR struct vfm_error problem = VFM_ERROR_INIT;
	const char *name = gathering->files->values[index];
	VFM_AUTO_INPUT struct vfm_input input = {.fd = fd, .name = name};
	struct vfm_input_document document;
	uint64_t place = 0;
	int r;

	while ((r = vfm_input_next(&input, &document, &problem)) > 0) {
		uint64_t turn = shared ? place : index;
		uint64_t sequence = (uint64_t)index << 32 | (place & UINT32_MAX);

		place++;
		if (turn % gathering->turns != gathering->turn)
			continue;
		r = gather_document(gathering, name, sequence, &document);
		if (r < 0)
			return r;
	}
	/* What each of them met is told by one. */
	if (r < 0 && r != -ENOMEM)
		return index % gathering->turns == gathering->turn
			       ? tell_fault(gathering, name, (uint64_t)index << 32 | UINT32_MAX,
					    &problem)
			       : 0;
	if (place == 0 && r == 0 && index % gathering->turns == gathering->turn)
		return gathering->fault(gathering, name, (uint64_t)index << 32, "is empty", NULL);
	return r;
}

static int gather_file(struct vfm_gathering *gathering, size_t index)
{
	const char *name = gathering->files->values[index];
	bool mine = index % gathering->turns == gathering->turn;
	uint64_t first = (uint64_t)index << 32;
	VFM_AUTO_CLOSE int fd = -1;
	struct stat status;
	bool shared;

	if (vfm_streq(name, "-"))
		return gather_from(gathering, STDIN_FILENO, index, false);
	/* Somebody else's file is opened too, since it may be one that is shared. */
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) < 0)
		return mine ? gathering->fault(gathering, name, first, strerror(errno), NULL) : 0;
	/* A pipe would be waited for; a device is no document. */
	if (!S_ISREG(status.st_mode))
		return mine ? gathering->fault(gathering, name, first, "is no regular file", NULL)
			    : 0;
	shared = gathering->turns > 1 && status.st_size >= SHARED_BYTES;
	return mine || shared ? gather_from(gathering, fd, index, shared) : 0;
}

int vfm_gather_turn(struct vfm_gathering *gathering)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < gathering->files->count; i++)
		r = gather_file(gathering, i);
	return r;
}

/* ---- by this process ------------------------------------------------------ */

static int keep_host(struct vfm_gathering *gathering, const struct vfm_facts *facts,
		     const char *source, uint64_t sequence)
{
	return vfm_fleet_add(gathering->fleet, facts, source, sequence, NULL);
}

static int keep_fault(struct vfm_gathering *gathering, const char *source, uint64_t sequence,
		      const char *what, const char *hint)
{
	return vfm_fleet_fault_add(gathering->faults, source, sequence, what, hint);
}

int vfm_gather(struct vfm_fleet *fleet, const struct vfm_strings *files, unsigned int processes,
	       struct vfm_fleet_faults *faults, struct vfm_error *err)
{
	struct vfm_gathering gathering = {
		.files = files,
		.turns = 1,
		.fleet = fleet,
		.faults = faults,
		.host = keep_host,
		.fault = keep_fault,
	};
	int r;

	if (processes > 1)
		r = vfm_gather_shared(&gathering, processes, err);
	else
		r = vfm_gather_turn(&gathering);
	if (r == -ENOMEM)
		return vfm_error_no_memory(err, NULL);
	return r < 0 ? r : vfm_fleet_finish(fleet, faults, err);
}
