/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vfaudit.h"

int main(int argc, char **argv)
{
	return vfm_cli_main(&vfaudit_program, argc, argv);
}
