/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pure half of the CPU reader: the text of /proc/cpuinfo, as x86 and aarch64 kernels write it.
 */
#ifndef VFM_FACTS_CPU_H
#define VFM_FACTS_CPU_H

#include <stddef.h>
#include <stdint.h>

#include "facts/facts.h"

/*
 * Fills vendor, model_name, family, model, stepping, microcode, flags and flags_digest. What the
 * text does not tell is absent; what differs between the CPUs of the host is unknown, with the
 * two values; all of it is unknown when the text describes no CPU.
 *
 * aarch64: vendor is the implementer ("0x41"), family the architecture (8), model the part,
 * stepping variant * 16 + revision (the r3p1 of the part's name is 49).
 */
void vfm_cpuinfo_fill(const char *data, size_t size, struct vfm_cpu_facts *cpu);

/* FNV-1a, 64 bits; hash of nothing is VFM_FNV1A_64_START. */
#define VFM_FNV1A_64_START 0xcbf29ce484222325ULL
uint64_t vfm_fnv1a_64(uint64_t hash, const void *data, size_t size);

#endif
