/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compiled and linked by meson, never run: whether what database.c needs is there. */
#include <stddef.h>

#include "fatal-signal.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "vswitch-idl.h"

int main(int argc, char **argv)
{
	struct ovsdb_idl *idl;
	int status;

	fatal_signal_init();
	vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
	idl = ovsdb_idl_create(argv[argc - 1], &ovsrec_idl_class, false, false);
	ovsdb_idl_add_column(idl, &ovsrec_bridge_col_name);
	ovsdb_idl_run(idl);
	ovsdb_idl_wait(idl);
	poll_block();
	status = ovsrec_bridge_first(idl) != NULL;
	ovsdb_idl_destroy(idl);
	return status;
}
