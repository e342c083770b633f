/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Help texts made from the tables; see cli.h. */
#include <string.h>

#include "cli.h"

enum { HELP_COLUMN = 28, COMMAND_COLUMN = 16, WIDTH = 80 };

/* Appends text wrapped to WIDTH, each line indented; blank lines and indented ones are kept. */
static void put_wrapped(struct vfm_buffer *out, const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t size = strcspn(text, " \n");

		if (column > indent && column + 1 + size > WIDTH) {
			vfm_buffer_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			vfm_buffer_puts(out, " ");
			column++;
		}
		vfm_buffer_append(out, text, size);
		column += size;
		text += size;
		if (*text == '\n') {
			vfm_buffer_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
		text += *text != '\0';
	}
	vfm_buffer_puts(out, "\n");
}

static void put_option(struct vfm_buffer *out, const struct vfm_option *option)
{
	size_t start = out->size, column;

	vfm_buffer_puts(out, "  ");
	if (option->letter)
		vfm_buffer_printf(out, "-%c, ", option->letter);
	vfm_buffer_printf(out, "--%s", option->name);
	if (option->argument)
		vfm_buffer_printf(out, option->type == VFM_OPTION_MAYBE ? "[=%s]" : " %s",
				  option->argument);
	column = out->size - start;
	if (column + 2 > HELP_COLUMN) {
		vfm_buffer_puts(out, "\n");
		column = 0;
	}
	vfm_buffer_printf(out, "%*s", (int)(HELP_COLUMN - column), "");
	put_wrapped(out, option->help, HELP_COLUMN, HELP_COLUMN);
}

static void put_command_help(struct vfm_buffer *out, const struct vfm_program *program,
			     const struct vfm_command *command)
{
	static const struct vfm_option help = {.name = "help", .letter = 'h', .help = "this text"};

	vfm_buffer_printf(out, "Usage: %s %s [options]%s%s\n\n", program->name, command->name,
			  *command->arguments ? " " : "", command->arguments);
	put_wrapped(out, command->text, 0, 0);
	vfm_buffer_puts(out, "\nOptions:\n");
	for (const struct vfm_option *option = command->options; option->name; option++)
		put_option(out, option);
	put_option(out, &help);
}

static void put_program_help(struct vfm_buffer *out, const struct vfm_program *program)
{
	vfm_buffer_printf(out, "Usage: %s COMMAND [options] [arguments]\n\n", program->name);
	put_wrapped(out, program->text, 0, 0);
	vfm_buffer_puts(out, "\nCommands:\n");
	for (const struct vfm_command *const *row = program->commands; *row; row++) {
		vfm_buffer_printf(out, "  %-*s", COMMAND_COLUMN - 2, (*row)->name);
		put_wrapped(out, (*row)->summary, COMMAND_COLUMN, COMMAND_COLUMN);
	}
	vfm_buffer_printf(
		out,
		"\n'%s COMMAND --help' tells its options, '%s --version' the version.\n"
		"Exit codes: 0 done or yes, 1 failed and undone, 2 usage, 3 refused or no, 4 done\n"
		"but not all is well, 5 hands needed.\n",
		program->name, program->name);
}

char *vfm_cli_help(const struct vfm_program *program, const struct vfm_command *command)
{
	struct vfm_buffer out = {.data = NULL};

	if (command)
		put_command_help(&out, program, command);
	else
		put_program_help(&out, program);
	return vfm_buffer_steal(&out);
}
