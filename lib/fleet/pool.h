/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings kept once: a fleet of like hosts repeats nearly all of its words. Two interned strings
 * are equal when their pointers are.
 */
#ifndef VFM_FLEET_POOL_H
#define VFM_FLEET_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct vfm_pool_chunk;

struct vfm_pool {
	const char **slots; /* open addressing; capacity is a power of two */
	size_t capacity, count;
	struct vfm_pool_chunk *chunks;
	size_t bytes; /* that all of it takes */
	bool failed;  /* memory ran out; sticks */
};

/* The pool's own copy, which lives as long as the pool. NULL for NULL, and when memory runs out. */
const char *vfm_pool_text(struct vfm_pool *pool, const char *text, size_t size);
const char *vfm_pool_string(struct vfm_pool *pool, const char *text);

/* Memory of the pool's, aligned for pointers; not interned. NULL when there is none. */
void *vfm_pool_memory(struct vfm_pool *pool, size_t size);

void vfm_pool_done(struct vfm_pool *pool);

/* FNV-1a, 64 bits; continue from VFM_HASH_START. */
#define VFM_HASH_START 0xcbf29ce484222325ULL
uint64_t vfm_hash(uint64_t hash, const void *data, size_t size);

#endif
