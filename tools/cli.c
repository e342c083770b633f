/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parsing, dispatch and output of every tool; see cli.h. Help texts are in help.c. */
#include "cli.h"

#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/quiet.h"
#include "config.h"

static const struct vfm_command *find_command(const struct vfm_program *program, const char *name)
{
	for (const struct vfm_command *const *row = program->commands; *row; row++)
		if (vfm_streq((*row)->name, name))
			return *row;
	return NULL;
}

static size_t count_options(const struct vfm_option *options)
{
	size_t n = 0;

	while (options[n].name)
		n++;
	return n;
}

/* getopt_long's value of option i; single letters are below. */
enum { OPTION_BASE = UCHAR_MAX + 1, OPTION_HELP = OPTION_BASE + 1000 };

struct getopt_tables {
	struct option *longs;
	char *letters;
};

static int make_tables(const struct vfm_option *options, struct getopt_tables *ret)
{
	size_t n = count_options(options), letter = 0;

	ret->longs = calloc(n + 2, sizeof(*ret->longs));
	ret->letters = calloc(2 * n + 3, 1);
	if (!ret->longs || !ret->letters)
		return -ENOMEM;
	ret->letters[letter++] = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; i < n; i++) {
		bool with_argument = options[i].type != VFM_OPTION_FLAG;
		bool maybe = options[i].type == VFM_OPTION_MAYBE;

		ret->longs[i] = (struct option){
			.name = options[i].name,
			.has_arg = maybe           ? optional_argument
				   : with_argument ? required_argument
						   : no_argument,
			.val = OPTION_BASE + (int)i,
		};
		if (options[i].letter) {
			ret->letters[letter++] = options[i].letter;
			if (with_argument)
				ret->letters[letter++] = ':';
		}
	}
	ret->letters[letter] = 'h';
	ret->longs[n] = (struct option){.name = "help", .val = OPTION_HELP};
	return 0;
}

static void tables_done(struct getopt_tables *tables)
{
	free(tables->longs);
	free(tables->letters);
}

static const struct vfm_option *option_of(const struct vfm_option *options, int value)
{
	if (value >= OPTION_BASE)
		return &options[value - OPTION_BASE];
	while (options->letter != value)
		options++;
	return options;
}

/* The index of the option's argument among its words. 0 or VFM_EXIT_USAGE. */
static int find_word(const struct vfm_call *call, const struct vfm_option *option, int *ret_index)
{
	VFM_AUTO_BUFFER struct vfm_buffer words = {.data = NULL};

	for (int i = 0; option->words[i]; i++) {
		if (vfm_streq(option->words[i], optarg)) {
			*ret_index = i;
			return 0;
		}
		vfm_buffer_printf(&words, "%s%s", i ? ", " : "", option->words[i]);
	}
	return vfm_cli_usage(call, "--%s: '%s' is none of: %s", option->name, optarg,
			     words.data ? words.data : "");
}

/* 0 or VFM_EXIT_USAGE. */
static int set_option(const struct vfm_call *call, const struct vfm_option *option)
{
	void *value = (char *)call->values + option->offset;
	int ignored;

	switch (option->type) {
	case VFM_OPTION_FLAG:
		*(bool *)value = true;
		return 0;
	case VFM_OPTION_TEXT:
		if (!*optarg)
			return vfm_cli_usage(call, "--%s: empty value", option->name);
		if (option->words && find_word(call, option, &ignored))
			return VFM_EXIT_USAGE;
		*(const char **)value = optarg;
		return 0;
	case VFM_OPTION_MAYBE:
		if (optarg && !*optarg)
			return vfm_cli_usage(call, "--%s=: empty value", option->name);
		*(const char **)value = optarg ? optarg : "";
		return 0;
	case VFM_OPTION_TEXTS:
		vfm_strings_add(value, optarg);
		return 0;
	case VFM_OPTION_CHOICE:
		return find_word(call, option, value);
	case VFM_OPTION_TYPE_MAX:
		break;
	}
	return VFM_EXIT_USAGE;
}

static void values_done(const struct vfm_option *options, void *values)
{
	for (; values && options->name; options++)
		if (options->type == VFM_OPTION_TEXTS)
			vfm_strings_done((void *)((char *)values + options->offset));
	free(values);
}

static int print_help(const struct vfm_call *call, const struct vfm_program *program,
		      const struct vfm_command *command)
{
	VFM_AUTO_FREE char *help = vfm_cli_help(program, command);

	return vfm_cli_print(call, help ? help : "", VFM_EXIT_OK);
}

/* The name of the option that getopt_long complains of, as it was typed. */
static int complain(const struct vfm_call *call, int found, char *const *argv)
{
	const char *typed = argv[optind - 1];

	if (found == ':')
		return vfm_cli_usage(call, "%s needs a value", typed);
	if (optopt && optopt <= UCHAR_MAX && typed[0] == '-' && typed[1] != '-')
		return vfm_cli_usage(call, "no such option: -%c", optopt);
	return vfm_cli_usage(call, "no such option, or not one that takes a value: %s", typed);
}

static int check_arguments(const struct vfm_call *call)
{
	if (call->argument_count < call->command->min_arguments)
		return vfm_cli_usage(call, "needs %s", call->command->arguments);
	if (call->argument_count > call->command->max_arguments)
		return vfm_cli_usage(call, "too many arguments: '%s'",
				     call->arguments[call->command->max_arguments]);
	return 0;
}

/* Parses and runs one command; argv[0] is its name. */
static int run_command(const struct vfm_program *program, struct vfm_call *call, int argc,
		       char *const *argv)
{
	const struct vfm_option *options = call->command->options;
	struct getopt_tables tables;
	int found, code = 0;

	if (make_tables(options, &tables) < 0) {
		tables_done(&tables);
		fprintf(stderr, "%s: out of memory\n", program->name);
		return VFM_EXIT_FAILED;
	}
	opterr = 0;
	optind = 1;
	while (!code &&
	       (found = getopt_long(argc, argv, tables.letters, tables.longs, NULL)) != -1) {
		if (found == OPTION_HELP || found == 'h') {
			tables_done(&tables);
			return print_help(call, program, call->command);
		}
		code = found == '?' || found == ':' ? complain(call, found, argv)
						    : set_option(call, option_of(options, found));
	}
	tables_done(&tables);
	if (code)
		return code;
	call->arguments = argv + optind;
	call->argument_count = (size_t)(argc - optind);
	code = check_arguments(call);
	return code ? code : call->command->run(call);
}

static int run_named(const struct vfm_program *program, int argc, char *const *argv)
{
	struct vfm_call call = {
		.program = program->name, .words = argv + 1, .word_count = (size_t)(argc - 1)};
	int code;

	call.command = find_command(program, argv[1]);
	if (!call.command && program->usual) {
		call.command = program->usual;
		/* Its words begin where the command's name would have stood. */
		argv--, argc++;
	}
	if (!call.command) {
		fprintf(stderr, "%s: no such command: %s\n  '%s --help' lists them\n",
			program->name, argv[1], program->name);
		return VFM_EXIT_USAGE;
	}
	call.values = calloc(1, call.command->values_size + 1);
	if (!call.values) {
		fprintf(stderr, "%s: out of memory\n", program->name);
		return VFM_EXIT_FAILED;
	}
	code = run_command(program, &call, argc - 1, argv + 1);
	values_done(call.command->options, call.values);
	return code;
}

/* What is opened first gets the lowest number: a message must never end up in a file of ours. */
static void open_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(VFM_EXIT_FAILED);
	}
}

int vfm_cli_main(const struct vfm_program *program, int argc, char *const *argv)
{
	const struct vfm_call call = {.program = program->name};

	open_standard_files();
	/* Who starts programs may ignore it, and that is inherited: then no child's status is kept.
	 */
	signal(SIGCHLD, SIG_DFL);
	vfm_quiet();
	if (argc < 2) {
		VFM_AUTO_FREE char *help = vfm_cli_help(program, NULL);

		fputs(help ? help : "", stderr);
		return VFM_EXIT_USAGE;
	}
	if (vfm_streq(argv[1], "--version"))
		return vfm_cli_print(&call, VFM_PROGRAM "\n", VFM_EXIT_OK);
	if (vfm_streq(argv[1], "--help") || vfm_streq(argv[1], "-h") ||
	    (vfm_streq(argv[1], "help") && argc == 2))
		return print_help(&call, program, NULL);
	if (vfm_streq(argv[1], "help")) {
		const struct vfm_command *command = find_command(program, argv[2]);

		if (command)
			return print_help(&call, program, command);
		argv++, argc--;
	}
	return run_named(program, argc, argv);
}

/* Words of other programs and hosts may have lines: those that follow are indented. */
static void print_lines(const char *text)
{
	for (; *text; text++) {
		fputc(*text, stderr);
		if (*text == '\n')
			fputs("  ", stderr);
	}
	fputc('\n', stderr);
}

int vfm_cli_error(const struct vfm_call *call, const struct vfm_error *err, int code)
{
	VFM_AUTO_FREE char *text = vfm_error_text(err);

	fprintf(stderr, "%s: ", call->program);
	print_lines(text ? text : "out of memory");
	if (err->hint)
		fprintf(stderr, "  %s\n", err->hint);
	return code;
}

int vfm_cli_usage(const struct vfm_call *call, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s %s: ", call->program, call->command->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n  '%s %s --help' tells how to use it\n", call->program,
		call->command->name);
	return VFM_EXIT_USAGE;
}

char *vfm_cli_words(const struct vfm_call *call)
{
	struct vfm_buffer words = {.data = NULL};
	char *text;

	for (size_t i = 0; i < call->word_count; i++)
		vfm_buffer_printf(&words, "%s%s", i ? " " : "", call->words[i]);
	text = vfm_buffer_steal(&words);
	return text ? vfm_text_make_printable(text) : NULL;
}

bool vfm_cli_colours(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term &&
	       !vfm_streq(term, "dumb");
}

unsigned int vfm_cli_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int vfm_cli_print(const struct vfm_call *call, const char *text, int code)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return code;
	fprintf(stderr, "%s: stdout: %s\n", call->program, strerror(errno));
	return VFM_EXIT_FAILED;
}

int vfm_cli_print_json(const struct vfm_call *call, json_object *json, int code)
{
	VFM_AUTO_FREE char *text = NULL;

	text = vfm_text_printf("%s\n",
			       json_object_to_json_string_ext(
				       json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
						     JSON_C_TO_STRING_NOSLASHESCAPE));
	if (!text) {
		fprintf(stderr, "%s: out of memory\n", call->program);
		return VFM_EXIT_FAILED;
	}
	return vfm_cli_print(call, text, code);
}
