/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts the lists of an object in the order of their keys; see field.h. */
#include <stdlib.h>
#include <string.h>

#include "facts/field.h"

static const struct vfm_field *key_of(const struct vfm_field *fields)
{
	while (fields->name && !(fields->flags & VFM_FIELD_KEY))
		fields++;
	return fields->name ? fields : NULL;
}

/* Known keys by value, others behind them. */
static int compare_items(const void *a, const void *b, void *data)
{
	const struct vfm_field *key = data;
	const struct vfm_fact *x = (const void *)((const char *)a + key->offset);
	const struct vfm_fact *y = (const void *)((const char *)b + key->offset);

	if (!vfm_known(x) || !vfm_known(y))
		return vfm_known(y) - vfm_known(x);
	if (key->type == VFM_TYPE_UINT) {
		uint64_t m = ((const struct vfm_fact_uint *)x)->value;
		uint64_t n = ((const struct vfm_fact_uint *)y)->value;

		return (m > n) - (m < n);
	}
	if (key->type == VFM_TYPE_TEXT)
		return strcmp(((const struct vfm_fact_text *)x)->value,
			      ((const struct vfm_fact_text *)y)->value);
	return 0;
}

static void sort_list(const struct vfm_field *field, struct vfm_fact_list *list)
{
	const struct vfm_field *key = key_of(field->inner);

	if (key && list->count > 1)
		qsort_r(list->items, list->count, field->inner_size, compare_items, (void *)key);
	for (size_t i = 0; i < list->count; i++)
		vfm_fields_sort(field->inner, (char *)list->items + i * field->inner_size);
}

void vfm_fields_sort(const struct vfm_field *fields, void *object)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		void *member = (char *)object + field->offset;

		if (field->type == VFM_TYPE_OBJECT)
			vfm_fields_sort(field->inner, member);
		else if (field->type == VFM_TYPE_LIST)
			sort_list(field, member);
	}
}
