/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Build-time only: makes from the tables what would otherwise drift from them.
 *
 *   docs man PROGRAM TEMPLATE     the template with @COMMANDS@ replaced
 *   docs completion PROGRAM       its bash completion
 *   docs facts                    vfmig-facts(7), from the field tables
 *   docs rules                    vfmig-rules(7), from the rule tables
 *   docs schema KIND              JSON Schema of a kind of document: facts, status, compare, …
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "facts/facts.h"
#include "report/report.h"
#include "vfaudit.h"
#include "vfmigrate.h"
#include "vfprep.h"
#include "vgpucheck.h"

static const struct vfm_program *const programs[] = {&vfaudit_program, &vfmigrate_program,
						     &vfprep_program, &vgpucheck_program};

/* Appends text with what scdoc takes for marks escaped. */
static void put_escaped(struct vfm_buffer *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (strchr("\\*_[]|<>#", *p))
			vfm_buffer_puts(out, "\\");
		vfm_buffer_append(out, p, 1);
	}
}

static void put_option(struct vfm_buffer *out, const struct vfm_option *option)
{
	if (option->letter)
		vfm_buffer_printf(out, "*-%c*, ", option->letter);
	vfm_buffer_printf(out, "*--%s*", option->name);
	if (option->argument) {
		bool maybe = option->type == VFM_OPTION_MAYBE;

		vfm_buffer_puts(out, maybe ? "\\[=" : " ");
		put_escaped(out, option->argument);
		vfm_buffer_puts(out, maybe ? "\\]" : "");
	}
	vfm_buffer_puts(out, "\n\t");
	put_escaped(out, option->help);
	vfm_buffer_puts(out, "\n\n");
}

/* A command's section: how it is called, its text, its options. */
static void put_command(struct vfm_buffer *out, const struct vfm_program *program,
			const struct vfm_command *command)
{
	/* scdoc takes a heading as it stands. */
	vfm_buffer_printf(out, "## %s %s [options]%s%s\n\n", program->name, command->name,
			  *command->arguments ? " " : "", command->arguments);
	for (const char *line = command->text; *line;) {
		size_t size = strcspn(line, "\n");
		VFM_AUTO_FREE char *paragraph = strndup(line, size);

		put_escaped(out, paragraph ? paragraph : "");
		vfm_buffer_puts(out, "\n\n");
		line += size + (line[size] == '\n');
	}
	for (const struct vfm_option *option = command->options; option->name; option++)
		put_option(out, option);
}

static int make_man(struct vfm_buffer *out, const struct vfm_program *program, const char *path)
{
	static const char mark[] = "@COMMANDS@\n";
	VFM_AUTO_ERROR struct vfm_error err = VFM_ERROR_INIT;
	VFM_AUTO_FREE char *template = NULL;
	const char *found;

	if (vfm_file_read(path, 1 << 20, &template, NULL, &err) < 0) {
		fprintf(stderr, "%s: %s\n", path, err.what);
		return 1;
	}
	found = strstr(template, mark);
	if (!found) {
		fprintf(stderr, "%s: has no line @COMMANDS@\n", path);
		return 1;
	}
	vfm_buffer_append(out, template, (size_t)(found - template));
	for (const struct vfm_command *const *row = program->commands; *row; row++)
		put_command(out, program, *row);
	vfm_buffer_puts(out, found + strlen(mark));
	return 0;
}

static void put_field_rows(struct vfm_buffer *out, const struct vfm_field *fields,
			   const char *prefix)
{
	for (const struct vfm_field *field = fields; field->name; field++) {
		VFM_AUTO_FREE char *path =
			vfm_text_printf("%s%s%s%s", prefix, *prefix ? "." : "", field->name,
					field->type == VFM_TYPE_LIST ? "[]" : "");

		if (!path)
			return;
		if (field->type != VFM_TYPE_OBJECT) {
			vfm_buffer_puts(out, "*");
			put_escaped(out, path);
			vfm_buffer_puts(out, "*\n\t");
			put_escaped(out, field->doc);
			vfm_buffer_puts(out, ". Source: ");
			put_escaped(out, field->source);
			vfm_buffer_puts(out, ".");
			if (field->flags & VFM_FIELD_VOLATILE)
				vfm_buffer_puts(out, " Changes by itself.");
			vfm_buffer_puts(out, "\n\n");
		}
		if (field->inner)
			put_field_rows(out, field->inner, path);
	}
}

static void make_facts(struct vfm_buffer *out)
{
	vfm_buffer_puts(out,
			"vfmig-facts(7)\n\n# NAME\n\nvfmig-facts - the facts of a host\n\n"
			"# DESCRIPTION\n\n"
			"One JSON object, written by *vfprep facts*. A fact is its value, null "
			"where the thing is not there, or {\"unknown\":\"reason\"} where it could "
			"not be read. Readers ignore keys they do not know and take a missing "
			"key for unknown.\n\n# FACTS\n\n");
	put_field_rows(out, vfm_facts_fields, "");
	vfm_buffer_puts(out, "# SEE ALSO\n\n*vfprep*(8), *vfmig-rules*(7)\n");
}

static void put_words(struct vfm_buffer *out, const char *const *words)
{
	for (; words && *words; words++)
		vfm_buffer_printf(out, "%s ", *words);
}

/* Does the command take hosts: names of files, or "local" and "ssh:HOST"? Options may, too. */
static bool takes_hosts(const struct vfm_command *command)
{
	for (const struct vfm_option *option = command->options; option->name; option++) {
		if (vfm_streq(option->name, "sudo"))
			return true;
	}
	return false;
}

/* Options and, for choices, their words: what completion offers. */
static void put_completion_case(struct vfm_buffer *out, const struct vfm_command *command)
{
	vfm_buffer_printf(out, "\t%s) options=\"--help", command->name);
	for (const struct vfm_option *option = command->options; option->name; option++)
		vfm_buffer_printf(out, " --%s", option->name);
	vfm_buffer_printf(out, "\"%s ;;\n", takes_hosts(command) ? " hosts=\"local ssh:\"" : "");
}

static void put_choice_cases(struct vfm_buffer *out, const struct vfm_program *program)
{
	for (const struct vfm_command *const *row = program->commands; *row; row++)
		for (const struct vfm_option *option = (*row)->options; option->name; option++) {
			if (!option->words)
				continue;
			vfm_buffer_printf(out, "\t%s:--%s) words=\"", (*row)->name, option->name);
			put_words(out, option->words);
			vfm_buffer_puts(out, "\" ;;\n");
		}
}

/* Bash breaks words at '=' and ':', so that "--profile=nv" comes as three. */
static const char completion_start[] =
	"\tlocal current=\"${COMP_WORDS[COMP_CWORD]}\" options=\"\" words=\"\" hosts=\"\"\n"
	"\tlocal command=\"${COMP_WORDS[1]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
	"\tCOMPREPLY=()\n"
	"\tif [ \"$current\" = \"=\" ]; then\n"
	"\t\tcurrent=\"\"\n"
	"\telif [ \"$previous\" = \"=\" ]; then\n"
	"\t\tprevious=\"${COMP_WORDS[COMP_CWORD-2]}\"\n"
	"\tfi\n";

/* A command's options, else hosts: names of files, which may hold anything, and our own words. */
static const char completion_end[] =
	"\tif [[ $current == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$hosts\" -- \"$current\")\n"
	"\tif [ \"${COMPREPLY[*]}\" = \"ssh:\" ]; then\n"
	"\t\tcompopt -o nospace\n"
	"\telif [ \"${#COMPREPLY[@]}\" -eq 0 ]; then\n"
	"\t\tcompopt -o filenames\n"
	"\tfi\n"
	"\tmapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$current\")\n"
	"}\n";

static void make_completion(struct vfm_buffer *out, const struct vfm_program *program)
{
	vfm_buffer_printf(out,
			  "# SPDX-License-Identifier: LGPL-2.1-or-later\n"
			  "# bash completion for %s; made from its option tables.\n"
			  "_%s() {\n%s"
			  "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
			  "\t\tmapfile -t COMPREPLY < <(compgen -W \"--help --version help",
			  program->name, program->name, completion_start);
	for (const struct vfm_command *const *row = program->commands; *row; row++)
		vfm_buffer_printf(out, " %s", (*row)->name);
	vfm_buffer_puts(out, "\" -- \"$current\")\n\t\treturn\n\tfi\n"
			     "\tcase \"$command:$previous\" in\n");
	put_choice_cases(out, program);
	vfm_buffer_puts(out, "\tesac\n"
			     "\tif [ -n \"$words\" ]; then\n"
			     "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
			     "\t\treturn\n\tfi\n"
			     "\tcase \"$command\" in\n");
	for (const struct vfm_command *const *row = program->commands; *row; row++)
		put_completion_case(out, *row);
	vfm_buffer_printf(out, "\tesac\n%scomplete -F _%s %s\n", completion_end, program->name,
			  program->name);
}

static int make_schema(struct vfm_buffer *out, const char *kind)
{
	json_object *schema = vfm_report_schema(kind);

	if (!schema) {
		fprintf(stderr, "docs: no schema of '%s'\n", kind);
		return 1;
	}
	vfm_buffer_puts(out,
			json_object_to_json_string_ext(
				schema, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	vfm_buffer_puts(out, "\n");
	json_object_put(schema);
	return 0;
}

static const struct vfm_program *find_program(const char *name)
{
	for (size_t i = 0; i < VFM_ARRAY_SIZE(programs); i++) {
		if (vfm_streq(programs[i]->name, name))
			return programs[i];
	}
	return NULL;
}

static int make(struct vfm_buffer *out, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const struct vfm_program *program = argc > 2 ? find_program(argv[2]) : NULL;

	if (vfm_streq(what, "man") && argc == 4 && program)
		return make_man(out, program, argv[3]);
	if (vfm_streq(what, "completion") && argc == 3 && program)
		return make_completion(out, program), 0;
	if (vfm_streq(what, "facts"))
		return make_facts(out), 0;
	if (vfm_streq(what, "rules"))
		return vfm_report_rules_page(out), 0;
	if (vfm_streq(what, "schema") && argc == 3)
		return make_schema(out, argv[2]);
	fprintf(stderr, "usage: docs man PROGRAM TEMPLATE | completion PROGRAM | facts | rules | "
			"schema KIND\n");
	return 2;
}

int main(int argc, char **argv)
{
	VFM_AUTO_BUFFER struct vfm_buffer out = {.data = NULL};
	int code = make(&out, argc, argv);

	if (code)
		return code;
	if (out.failed || fputs(out.data, stdout) < 0 || fflush(stdout) != 0) {
		fprintf(stderr, "docs: cannot write\n");
		return 1;
	}
	return 0;
}
