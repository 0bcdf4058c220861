/*
 * Scripts: a first line "#!interpreter argument" names the program to run.
 *
 * The interpreter gets the rest of the line as one argument, then the script's
 * name in place of argv[0], then the script's own arguments.
 */
#include <fs/exec.h>

#include <fs/file.h>
#include <fs/libfs.h>
#include <keel/err.h>
#include <lib/string.h>
#include <mm/slab.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *s)
{
	while (is_blank(*s))
		s++;
	return s;
}

static char *find_blank(char *s)
{
	while (*s && !is_blank(*s))
		s++;
	return s;
}

/*
 * Cut @line, the buffer after "#!", into interpreter and argument, in place.
 * Return: 0; -ENOEXEC: there is none, or its name is cut off by the end of the
 * buffer and what remains may be another program's.
 */
static int parse_line(char *line, size_t size, char **interp, char **arg)
{
	char *newline = memchr(line, '\n', size);
	char *end;

	if (newline)
		*newline = '\0';
	else
		line[size - 1] = '\0';
	*interp = skip_blanks(line);
	if (!**interp)
		return -ENOEXEC;
	end = find_blank(*interp);
	if (!newline && !*end && strlen(line) == size - 1)
		return -ENOEXEC;
	*arg = NULL;
	if (!*end)
		return 0;
	*end = '\0';
	*arg = skip_blanks(end + 1);
	end = *arg + strlen(*arg);
	while (end > *arg && is_blank(end[-1]))
		*--end = '\0';
	if (!**arg)
		*arg = NULL;
	return 0;
}

static int load_script(struct linux_binprm *bprm)
{
	char *interp, *arg;
	int err;

	if (bprm->buf[0] != '#' || bprm->buf[1] != '!')
		return -ENOEXEC;
	err = parse_line(bprm->buf + 2, sizeof(bprm->buf) - 2, &interp, &arg);
	if (err)
		return err;
	err = exec_pop_arg0(bprm);
	if (err)
		return err;
	err = exec_push_string(bprm, bprm->interp);
	if (err)
		return err;
	bprm->argc++;
	if (arg) {
		err = exec_push_string(bprm, arg);
		if (err)
			return err;
		bprm->argc++;
	}
	err = exec_push_string(bprm, interp);
	if (err)
		return err;
	bprm->argc++;
	/* Should it be a script itself, this is the name it goes by. */
	interp = link_text_dup(interp, GFP_KERNEL);
	if (!interp)
		return -ENOMEM;
	kfree(bprm->interp_name);
	bprm->interp_name = interp;
	bprm->interp = interp;
	return exec_change_interpreter(bprm, interp);
}

const struct binfmt script_binfmt = {
	.name = "script",
	.load = load_script,
};
