/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For this folder alone: building JSON without a check a line. A failure sticks in *failed, and
 * nothing is leaked; NULL stands for JSON's null.
 */
#ifndef VFM_REPORT_TREE_H
#define VFM_REPORT_TREE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* The value becomes the object's, or is released. */
static inline void tree_put(json_object *object, const char *key, json_object *value, bool *failed)
{
	if (object && json_object_object_add(object, key, value) == 0)
		return;
	json_object_put(value);
	*failed = true;
}

static inline json_object *tree_check(json_object *value, bool *failed)
{
	*failed |= !value;
	return value;
}

static inline void tree_put_text(json_object *object, const char *key, const char *text,
				 bool *failed)
{
	tree_put(object, key, text ? tree_check(json_object_new_string(text), failed) : NULL,
		 failed);
}

static inline void tree_put_bool(json_object *object, const char *key, bool value, bool *failed)
{
	tree_put(object, key, tree_check(json_object_new_boolean(value), failed), failed);
}

static inline void tree_put_uint(json_object *object, const char *key, uint64_t value, bool *failed)
{
	tree_put(object, key, tree_check(json_object_new_uint64(value), failed), failed);
}

static inline json_object *tree_object(bool *failed)
{
	return tree_check(json_object_new_object(), failed);
}

static inline json_object *tree_array(bool *failed)
{
	return tree_check(json_object_new_array(), failed);
}

static inline void tree_append(json_object *array, json_object *value, bool *failed)
{
	if (array && json_object_array_add(array, value) == 0)
		return;
	json_object_put(value);
	*failed = true;
}

/* The document, or NULL (released) when anything failed. */
static inline json_object *tree_finish(json_object *document, bool failed)
{
	if (!failed)
		return document;
	json_object_put(document);
	return NULL;
}

#endif
