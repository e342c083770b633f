/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For files of field tables alone: a row in short. The member's name is the key.
 */
#ifndef VFM_FACTS_ROWS_H
#define VFM_FACTS_ROWS_H

#include <stddef.h>

#include "facts/field.h"

/* clang-format off */
#define BOOL(type, member, flags, source, doc) \
	{#member, VFM_TYPE_BOOL, offsetof(struct type, member), NULL, 0, flags, NULL, source, doc}
#define UINT(type, member, flags, source, doc) \
	{#member, VFM_TYPE_UINT, offsetof(struct type, member), NULL, 0, flags, NULL, source, doc}
#define TEXT(type, member, flags, source, doc) \
	{#member, VFM_TYPE_TEXT, offsetof(struct type, member), NULL, 0, flags, NULL, source, doc}
#define WORD(type, member, words, flags, source, doc) \
	{#member, VFM_TYPE_TEXT, offsetof(struct type, member), NULL, 0, flags, words, source, doc}
#define TEXTS(type, member, flags, source, doc) \
	{#member, VFM_TYPE_TEXTS, offsetof(struct type, member), NULL, 0, flags, NULL, source, doc}
#define OBJECT(type, member, fields, inner, doc) \
	{#member, VFM_TYPE_OBJECT, offsetof(struct type, member), fields, sizeof(struct inner), 0, NULL, NULL, doc}
#define LIST(type, member, fields, inner, source, doc) \
	{#member, VFM_TYPE_LIST, offsetof(struct type, member), fields, sizeof(struct inner), 0, NULL, source, doc}
#define END {.name = NULL}
/* clang-format on */

#endif
