/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vgpucheck.h"

int main(int argc, char **argv)
{
	return vfm_cli_main(&vgpucheck_program, argc, argv);
}
