/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Setting and comparing single facts; see fact.h. */
#include "facts/fact.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

/* The one reason that is not allocated, since it says that nothing can be. */
static char out_of_memory[] = "out of memory";

static void enter(struct vfm_fact *fact, enum vfm_fact_state state, char *reason)
{
	if (fact->reason != out_of_memory)
		free(fact->reason);
	fact->state = state;
	fact->reason = reason;
}

void vfm_fact_set_bool(struct vfm_fact_bool *fact, bool value)
{
	enter(&fact->fact, VFM_KNOWN, NULL);
	fact->value = value;
}

void vfm_fact_set_uint(struct vfm_fact_uint *fact, uint64_t value)
{
	enter(&fact->fact, VFM_KNOWN, NULL);
	fact->value = value;
}

/*
 * Takes value; NULL means that there was no memory for it. Outside text may be anything; what the
 * document says must be UTF-8, and harmless on a terminal.
 */
static void take_text(struct vfm_fact_text *fact, char *value)
{
	if (value)
		vfm_text_make_printable(value);
	free(fact->value);
	fact->value = value;
	enter(&fact->fact, value ? VFM_KNOWN : VFM_UNKNOWN, value ? NULL : out_of_memory);
}

void vfm_fact_set_text(struct vfm_fact_text *fact, const char *value)
{
	if (value)
		take_text(fact, strdup(value));
	else
		enter(&fact->fact, VFM_ABSENT, NULL);
}

void vfm_fact_set_textf(struct vfm_fact_text *fact, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	take_text(fact, vfm_text_vprintf(format, arguments));
	va_end(arguments);
}

void vfm_fact_set_texts(struct vfm_fact_texts *fact, struct vfm_strings *list)
{
	for (size_t i = 0; i < fact->count; i++)
		free(fact->values[i]);
	free(fact->values);
	fact->values = NULL;
	fact->count = 0;
	if (!list) {
		enter(&fact->fact, VFM_ABSENT, NULL);
		return;
	}
	if (list->failed) {
		enter(&fact->fact, VFM_UNKNOWN, out_of_memory);
		vfm_strings_done(list);
		return;
	}
	for (size_t i = 0; i < list->count; i++)
		vfm_text_make_printable(list->values[i]);
	vfm_strings_sort(list);
	fact->values = list->values;
	fact->count = list->count;
	*list = (struct vfm_strings){.values = NULL};
	enter(&fact->fact, VFM_KNOWN, NULL);
}

void *vfm_fact_list_add(struct vfm_fact_list *list, size_t item_size)
{
	char *items = realloc(list->items, (list->count + 1) * item_size);

	if (!items) {
		enter(&list->fact, VFM_UNKNOWN, out_of_memory);
		return NULL;
	}
	list->items = items;
	items += list->count * item_size;
	memset(items, 0, item_size);
	list->count++;
	enter(&list->fact, VFM_KNOWN, NULL);
	return items;
}

void vfm_fact_set_empty(struct vfm_fact_list *list)
{
	enter(&list->fact, VFM_KNOWN, NULL);
}

void vfm_fact_set_absent(struct vfm_fact *fact)
{
	enter(fact, VFM_ABSENT, NULL);
}

void vfm_fact_set_unknown(struct vfm_fact *fact, const char *format, ...)
{
	va_list arguments;
	char *reason;

	va_start(arguments, format);
	reason = vfm_text_vprintf(format, arguments);
	va_end(arguments);
	enter(fact, VFM_UNKNOWN, reason ? vfm_text_make_printable(reason) : out_of_memory);
}

void vfm_fact_set_error(struct vfm_fact *fact, const struct vfm_error *err)
{
	if (err && err->what)
		vfm_fact_set_unknown(fact, "%s", err->what);
	else
		vfm_fact_set_unknown(fact, "not read");
}

bool vfm_fact_is_text(const struct vfm_fact_text *fact, const char *value)
{
	return vfm_known(&fact->fact) && vfm_streq(fact->value, value);
}

bool vfm_fact_is_true(const struct vfm_fact_bool *fact)
{
	return vfm_known(&fact->fact) && fact->value;
}

bool vfm_fact_is_false(const struct vfm_fact_bool *fact)
{
	return vfm_known(&fact->fact) && !fact->value;
}

const char *vfm_fact_reason(const struct vfm_fact *fact)
{
	return fact->reason ? fact->reason : "not read";
}

void vfm_fact_done(struct vfm_fact *fact)
{
	enter(fact, VFM_UNKNOWN, NULL);
}
