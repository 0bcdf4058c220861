/*
 * chmod: change the permissions of files.
 *
 *	chmod MODE FILE...
 *
 * MODE is octal, or a list of changes such as u+x,go-w: who (u, g, o or a),
 * what to do (+, - or =), and the bits (r, w, x, s, t).
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/common.h"

/* Where a class's bits lie in a mode: u is 0700, g 070, o 07. */
static mode_t parse_who(const char **p)
{
	mode_t who = 0;

	for (;; (*p)++) {
		switch (**p) {
		case 'u':
			who |= 04700;
			break;
		case 'g':
			who |= 02070;
			break;
		case 'o':
			who |= 01007;
			break;
		case 'a':
			who |= 07777;
			break;
		default:
			return who;
		}
	}
}

static mode_t parse_bits(const char **p)
{
	mode_t bits = 0;

	for (;; (*p)++) {
		switch (**p) {
		case 'r':
			bits |= 0444;
			break;
		case 'w':
			bits |= 0222;
			break;
		case 'x':
			bits |= 0111;
			break;
		case 's':
			bits |= 06000;
			break;
		case 't':
			bits |= 01000;
			break;
		default:
			return bits;
		}
	}
}

/* Apply "u+x,go-w" to @mode. Without a class, all but the umask's bits. */
static mode_t change_mode(const char *text, mode_t mode, mode_t mask)
{
	const char *p = text;

	do {
		mode_t who = parse_who(&p), bits;
		char op = *p++;

		if (!who)
			who = 07777 & ~mask;
		if (op != '+' && op != '-' && op != '=')
			errx(EXIT_FAILURE, "not a mode: '%s'", text);
		bits = parse_bits(&p) & who;
		if (op == '+')
			mode |= bits;
		else
			mode = (mode & ~(op == '-' ? bits : who)) |
			       (op == '=' ? bits : 0);
	} while (*p == ',' && *++p);
	if (*p)
		errx(EXIT_FAILURE, "not a mode: '%s'", text);
	return mode;
}

static int change(const char *path, const char *text, mode_t mask)
{
	struct stat st;
	char *end;
	mode_t mode = (mode_t)strtoul(text, &end, 8);

	if (stat(path, &st) < 0)
		return -1;
	if (end == text || *end || mode > 07777)
		mode = change_mode(text, st.st_mode & 07777, mask);
	return chmod(path, mode);
}

int main(int argc, char **argv)
{
	mode_t mask = umask(0);
	int first = 1, status = EXIT_SUCCESS;

	/* Not getopt: "-x" is a mode here, not an option. */
	if (argc > 1 && strcmp(argv[1], "--") == 0)
		first = 2;
	if (argc - first < 2)
		usage("MODE FILE...");
	for (int i = first + 1; i < argc; i++) {
		if (change(argv[i], argv[first], mask) < 0) {
			warn("%s", argv[i]);
			status = EXIT_FAILURE;
		}
	}
	return status;
}
