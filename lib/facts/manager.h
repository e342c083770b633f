/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which network manager holds an interface, by the state files that managers keep under /run for
 * themselves: no manager need be asked, and none need run a D-Bus.
 */
#ifndef VFM_FACTS_MANAGER_H
#define VFM_FACTS_MANAGER_H

#include <stddef.h>
#include <stdint.h>

#include "facts/fact.h"

/*
 * The pure half: each returns 0 with the hold in words ("NetworkManager: <connection UUID>"),
 * -ENOENT when the text says that the manager does not hold the interface, -ENOMEM.
 * name is the interface's; only ifupdown's file needs it.
 */
typedef int (*vfm_manager_parse)(const char *data, size_t size, const char *name, char **ret_text);
int vfm_manager_networkmanager(const char *data, size_t size, const char *name, char **ret_text);
int vfm_manager_networkd(const char *data, size_t size, const char *name, char **ret_text);
int vfm_manager_ifupdown(const char *data, size_t size, const char *name, char **ret_text);

/* Sets the fact: the first manager that holds the interface, or absent. */
void vfm_manager_read(struct vfm_fact_text *fact, uint64_t ifindex, const char *name);

#endif
