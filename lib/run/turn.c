/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What going forwards and going backwards share; see turn.h. */
#include "run/turn.h"

#include <string.h>

#include "base/text.h"

enum { SHOWN_MAX_BYTES = 80 };

struct vfm_turn *vfm_turns_new(size_t count)
{
	return calloc(count ? count : 1, sizeof(struct vfm_turn));
}

void vfm_turns_free(struct vfm_turn *turns, size_t count)
{
	if (!turns)
		return;
	for (size_t i = 0; i < count; i++) {
		free(turns[i].now);
		free(turns[i].message);
	}
	free(turns);
}

static bool same_pf(const char *a, const char *b)
{
	size_t size = strcspn(a, " ");

	return size == strcspn(b, " ") && strncmp(a, b, size) == 0;
}

static bool are_one_batch(const struct vfm_runner *runner, const struct vfm_step *a,
			  const struct vfm_step *b)
{
	enum vfm_batch batch = vfm_step_kinds[a->id].batch;

	if (batch == VFM_BATCH_NONE || batch != vfm_step_kinds[b->id].batch)
		return false;
	if (runner->ops[a->id].set != runner->ops[b->id].set)
		return false;
	return batch != VFM_BATCH_FIRMWARE || same_pf(a->object, b->object);
}

size_t vfm_turns_group(const struct vfm_runner *runner, const struct vfm_turn *turns, size_t count)
{
	size_t n = 1;

	while (n < count && are_one_batch(runner, &turns[0].at->step, &turns[n].at->step))
		n++;
	return n;
}

int vfm_turn_read(const struct vfm_runner *runner, struct vfm_turn *turn, struct vfm_error *err)
{
	const struct vfm_step *step = &turn->at->step;
	char *value = NULL;
	int r = runner->ops[step->id].read(runner->world, step, &value, err);

	if (r < 0)
		return r;
	free(turn->now);
	turn->now = value;
	return 0;
}

int vfm_turns_set(const struct vfm_runner *runner, const struct vfm_turn *turns, size_t n,
		  struct vfm_error *err)
{
	VFM_AUTO_FREE struct vfm_change *changes = calloc(n, sizeof(*changes));
	size_t count = 0;

	if (!changes)
		return vfm_error_no_memory(err, turns[0].at->step.object);
	for (size_t i = 0; i < n; i++)
		if (turns[i].due)
			changes[count++] = (struct vfm_change){.step = &turns[i].at->step,
							       .value = turns[i].to};
	if (count == 0)
		return 0;
	return runner->ops[changes[0].step->id].set(runner->world, changes, count, err);
}

char *vfm_value_shown(const char *value)
{
	if (!value)
		return strdup("not set");
	if (strlen(value) > SHOWN_MAX_BYTES || strchr(value, '\n'))
		return strdup("another text");
	return vfm_text_printf("'%s'", value);
}

int vfm_turn_mismatch(const struct vfm_turn *turn, struct vfm_error *err)
{
	const struct vfm_step *step = &turn->at->step;
	VFM_AUTO_FREE char *now = vfm_value_shown(turn->now), *to = vfm_value_shown(turn->to);

	if (!now || !to)
		return vfm_error_no_memory(err, step->object);
	return vfm_error_set(err, -EIO, step->object, NULL,
			     "%s was set and reads back as %s instead of %s",
			     vfm_step_kinds[step->id].name, now, to);
}

void vfm_message_set(char **message, const struct vfm_error *err)
{
	if (*message)
		return;
	*message = vfm_error_text(err);
	if (*message)
		vfm_text_make_printable(*message);
}

void vfm_step_end(const struct vfm_runner *runner, struct vfm_run_step *step,
		  enum vfm_step_result result)
{
	step->result = result;
	if (runner->progress)
		runner->progress(step, runner->data);
}
