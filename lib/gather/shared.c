/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documents shared among forked processes. Each sends what it makes of its documents as frames: a
 * head, then a host's record or a fault; the last says that it came to its end.
 */
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "base/child.h"
#include "base/deadline.h"
#include "gather/gathering.h"

enum {
	PROCESSES_MAX = 8,
	FLUSH_BYTES = 32 << 10,
	HELD_BYTES = 256 << 20, /* of one process's frames at a time */
	SILENCE_MS = 120000,    /* a file system may be slow, not dead */
	FEW_BYTES = 2 << 20,    /* not worth a process */
};

enum frame_type { FRAME_HOST, FRAME_FAULT, FRAME_END };

struct frame {
	uint32_t type, size;
	uint64_t sequence; /* of a fault */
};

/* ---- in the forked process ------------------------------------------------ */

static int send_out(struct vfm_buffer *out)
{
	size_t sent = 0;

	if (out->failed)
		return -ENOMEM;
	while (sent < out->size) {
		ssize_t n = write(STDOUT_FILENO, out->data + sent, out->size - sent);

		if (n < 0 && errno != EINTR)
			return -errno;
		sent += n > 0 ? (size_t)n : 0;
	}
	out->size = 0;
	return 0;
}

/* Where a frame begins; its size is known at its end. */
static size_t begin_frame(struct vfm_buffer *out, enum frame_type type, uint64_t sequence)
{
	struct frame frame = {.type = type, .sequence = sequence};
	size_t at = out->size;

	vfm_buffer_append(out, (const char *)&frame, sizeof(frame));
	return at;
}

static int end_frame(struct vfm_buffer *out, size_t at)
{
	uint32_t size;

	if (out->failed)
		return -ENOMEM;
	size = (uint32_t)(out->size - at - sizeof(struct frame));
	memcpy(out->data + at + offsetof(struct frame, size), &size, sizeof(size));
	return out->size < FLUSH_BYTES ? 0 : send_out(out);
}

static int send_host(struct vfm_gathering *gathering, const struct vfm_facts *facts,
		     const char *source, uint64_t sequence)
{
	size_t at = begin_frame(gathering->out, FRAME_HOST, sequence);
	int r = vfm_fleet_sum_up(gathering->fleet, facts, source, sequence, gathering->out, NULL);

	return r < 0 ? r : end_frame(gathering->out, at);
}

/* Three texts with their ends; an empty one for no hint. */
static int send_fault(struct vfm_gathering *gathering, const char *source, uint64_t sequence,
		      const char *what, const char *hint)
{
	const char *const texts[] = {source, what, hint ? hint : ""};
	size_t at = begin_frame(gathering->out, FRAME_FAULT, sequence);

	for (size_t i = 0; i < VFM_ARRAY_SIZE(texts); i++)
		vfm_buffer_append(gathering->out, texts[i], strlen(texts[i]) + 1);
	return end_frame(gathering->out, at);
}

static int be_reader(void *data)
{
	struct vfm_gathering *gathering = data;
	VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
	int r;

	gathering->out = &out;
	r = vfm_gather_turn(gathering);
	if (r == 0)
		r = end_frame(&out, begin_frame(&out, FRAME_END, 0));
	return r == 0 && send_out(&out) == 0 ? 0 : 1;
}

/* ---- in this process ------------------------------------------------------ */

struct reader {
	struct vfm_gathering gathering;
	struct vfm_child child;
	struct vfm_buffer received;
	bool ended;
};

/* The text at *at, which is put behind it; NULL when it has no end. */
static const char *next_text(const char **at, const char *end)
{
	const char *text = *at;
	const char *stop = memchr(text, '\0', (size_t)(end - text));

	*at = stop ? stop + 1 : end;
	return stop ? text : NULL;
}

static int take_fault(struct vfm_fleet_faults *faults, const struct frame *frame, const char *data)
{
	const char *at = data, *end = data + frame->size;
	const char *source = next_text(&at, end);
	const char *what = next_text(&at, end);
	const char *hint = next_text(&at, end);

	if (!source || !what || !hint)
		return -EINVAL;
	return vfm_fleet_fault_add(faults, source, frame->sequence, what, *hint ? hint : NULL);
}

static int take_frame(struct reader *reader, const struct frame *frame, const char *data)
{
	switch ((enum frame_type)frame->type) {
	case FRAME_HOST:
		return vfm_fleet_take(reader->gathering.fleet, data, frame->size, NULL);
	case FRAME_FAULT:
		return take_fault(reader->gathering.faults, frame, data);
	case FRAME_END:
		reader->ended = true;
		return 0;
	}
	return -EINVAL;
}

static int take_frames(struct reader *reader)
{
	struct vfm_buffer *received = &reader->received;
	struct frame frame;
	size_t at = 0;
	int r = 0;

	while (r == 0 && received->size - at >= sizeof(frame)) {
		memcpy(&frame, received->data + at, sizeof(frame));
		if (received->size - at - sizeof(frame) < frame.size)
			break;
		r = take_frame(reader, &frame, received->data + at + sizeof(frame));
		at += sizeof(frame) + frame.size;
	}
	if (at) {
		memmove(received->data, received->data + at, received->size - at);
		received->size -= at;
	}
	return r;
}

static int receive(struct reader *reader)
{
	int r = vfm_child_drain(&reader->child.output, &reader->received, HELD_BYTES);

	if (r == 0)
		r = take_frames(reader);
	/* It ended without a word: it was killed, or memory ran out. */
	return r == 0 && reader->child.output < 0 && !reader->ended ? -ECHILD : r;
}

static int wait_for_some(struct reader *readers, unsigned int count)
{
	struct pollfd fds[PROCESSES_MAX];
	int n;

	for (unsigned int i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = readers[i].child.output, .events = POLLIN};
	do
		n = poll(fds, count, SILENCE_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	for (unsigned int i = 0; i < count; i++) {
		int r = fds[i].revents ? receive(&readers[i]) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static bool any_open(const struct reader *readers, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (readers[i].child.output >= 0)
			return true;
	}
	return false;
}

static int run_readers(struct reader *readers, unsigned int count, struct vfm_error *err)
{
	for (unsigned int i = 0; i < count; i++) {
		int r = vfm_child_fork(be_reader, &readers[i].gathering, "reader of documents",
				       &readers[i].child, err);

		if (r < 0)
			return r;
	}
	while (any_open(readers, count)) {
		int r = wait_for_some(readers, count);

		if (r == -ETIMEDOUT)
			return vfm_error_set(err, r, NULL, NULL,
					     "nothing was read for %d s: a file does not come",
					     SILENCE_MS / 1000);
		if (r < 0 && r != -ENOMEM)
			return vfm_error_set(err, r, NULL, NULL,
					     "a process that reads documents came to a bad end: %s",
					     strerror(-r));
		if (r < 0)
			return r;
	}
	return 0;
}

int vfm_gather_shared(const struct vfm_gathering *given, unsigned int processes,
		      struct vfm_error *err)
{
	struct reader readers[PROCESSES_MAX];
	unsigned int count = processes < PROCESSES_MAX ? processes : PROCESSES_MAX;
	int r;

	for (unsigned int i = 0; i < count; i++) {
		readers[i] = (struct reader){.gathering = *given, .child = VFM_CHILD_INIT};
		readers[i].gathering.turn = i;
		readers[i].gathering.turns = count;
		readers[i].gathering.host = send_host;
		readers[i].gathering.fault = send_fault;
	}
	r = run_readers(readers, count, err);
	for (unsigned int i = 0; i < count; i++) {
		vfm_child_done(&readers[i].child);
		vfm_buffer_done(&readers[i].received);
	}
	return r;
}

/* ---- whether it is worth it ------------------------------------------------ */

unsigned int vfm_gather_processes(const struct vfm_strings *files)
{
	uint64_t bytes = 0;
	cpu_set_t cpus;

	for (size_t i = 0; i < files->count; i++) {
		struct stat status;

		/* Stdin cannot be shared. */
		if (vfm_streq(files->values[i], "-"))
			return 1;
		if (bytes < FEW_BYTES && stat(files->values[i], &status) == 0)
			bytes += (uint64_t)status.st_size;
	}
	if (bytes < FEW_BYTES || sched_getaffinity(0, sizeof(cpus), &cpus) < 0)
		return 1;
	return CPU_COUNT(&cpus) > 1 ? 2 : 1;
}
