/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Interned strings; see pool.h. */
#include "fleet/pool.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 << 10, FIRST_CAPACITY = 256 };

struct vfm_pool_chunk {
	struct vfm_pool_chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

uint64_t vfm_hash(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ULL;
	return hash;
}

/* What is larger than a chunk gets one of its own, behind the one that is being filled. */
static struct vfm_pool_chunk *chunk_for(struct vfm_pool *pool, size_t size)
{
	size_t bytes = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	struct vfm_pool_chunk *chunk = pool->chunks;

	if (chunk && chunk->size - chunk->used >= size)
		return chunk;
	chunk = malloc(sizeof(*chunk) + bytes);
	if (!chunk)
		return NULL;
	chunk->used = 0;
	chunk->size = bytes;
	pool->bytes += sizeof(*chunk) + bytes;
	if (pool->chunks && size > CHUNK_BYTES) {
		chunk->next = pool->chunks->next;
		pool->chunks->next = chunk;
	} else {
		chunk->next = pool->chunks;
		pool->chunks = chunk;
	}
	return chunk;
}

static void *take(struct vfm_pool *pool, size_t size, size_t alignment)
{
	struct vfm_pool_chunk *chunk;
	void *memory;

	/* Room for the padding too, so that it cannot be what is missing. */
	chunk = size > SIZE_MAX / 2 ? NULL : chunk_for(pool, size + alignment - 1);
	if (!chunk) {
		pool->failed = true;
		return NULL;
	}
	chunk->used = (chunk->used + alignment - 1) & ~(alignment - 1);
	memory = chunk->data + chunk->used;
	chunk->used += size;
	return memory;
}

void *vfm_pool_memory(struct vfm_pool *pool, size_t size)
{
	return take(pool, size, _Alignof(max_align_t));
}

/* The slot that has the text, or the free one where it belongs. */
static const char **slot_of(const char **slots, size_t capacity, const char *text, size_t size)
{
	size_t i = (size_t)vfm_hash(VFM_HASH_START, text, size) & (capacity - 1);

	while (slots[i] && (strncmp(slots[i], text, size) != 0 || slots[i][size]))
		i = (i + 1) & (capacity - 1);
	return &slots[i];
}

/* At most half of the slots are taken. */
static bool make_room(struct vfm_pool *pool)
{
	size_t capacity = pool->capacity ? pool->capacity * 2 : FIRST_CAPACITY;
	const char **slots;

	if (pool->count < pool->capacity / 2)
		return true;
	slots = calloc(capacity, sizeof(*slots));
	if (!slots)
		return false;
	for (size_t i = 0; i < pool->capacity; i++) {
		if (pool->slots[i])
			*slot_of(slots, capacity, pool->slots[i], strlen(pool->slots[i])) =
				pool->slots[i];
	}
	pool->bytes += (capacity - pool->capacity) * sizeof(*slots);
	free(pool->slots);
	pool->slots = slots;
	pool->capacity = capacity;
	return true;
}

const char *vfm_pool_text(struct vfm_pool *pool, const char *text, size_t size)
{
	const char **slot, *known;
	char *copy;

	if (!text || !make_room(pool)) {
		pool->failed |= text != NULL;
		return NULL;
	}
	slot = slot_of(pool->slots, pool->capacity, text, size);
	known = *slot;
	if (known)
		return known;
	copy = take(pool, size + 1, 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, size);
	copy[size] = '\0';
	pool->count++;
	*slot = copy;
	return copy;
}

const char *vfm_pool_string(struct vfm_pool *pool, const char *text)
{
	return vfm_pool_text(pool, text, text ? strlen(text) : 0);
}

void vfm_pool_done(struct vfm_pool *pool)
{
	while (pool->chunks) {
		struct vfm_pool_chunk *chunk = pool->chunks;

		pool->chunks = chunk->next;
		free(chunk);
	}
	free(pool->slots);
	*pool = (struct vfm_pool){.slots = NULL};
}
