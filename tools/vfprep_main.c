/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vfprep.h"

int main(int argc, char **argv)
{
	return vfm_cli_main(&vfprep_program, argc, argv);
}
