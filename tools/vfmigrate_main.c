/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vfmigrate.h"

int main(int argc, char **argv)
{
	return vfm_cli_main(&vfmigrate_program, argc, argv);
}
