/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pure half of the memory reader: the kernel's meminfo texts and names. */
#ifndef VFM_FACTS_MEMORY_H
#define VFM_FACTS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/*
 * A value in KiB of a meminfo text: lines "MemTotal:  16384 kB", with the "Node 0 " of a node's
 * text before them or not. -ENOENT when there is no such line, -EINVAL when it is not of the form.
 */
int vfm_meminfo_kib(const char *data, size_t size, const char *name, uint64_t *ret_kib);

/* The page size of a pool's directory, "hugepages-2048kB". */
int vfm_hugepages_size(const char *name, uint64_t *ret_kib);

/* The number of a node's directory, "node0"; others in that directory are -EINVAL. */
int vfm_node_number(const char *name, uint64_t *ret_number);

#endif
