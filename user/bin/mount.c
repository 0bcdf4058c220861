/*
 * mount: attach a file system to the tree, or show what is attached.
 *
 *	mount
 *	mount [-r] [-t TYPE] [-o OPTION,...] SOURCE DIRECTORY
 *	mount --bind OLD NEW		also: -o bind
 *
 * An option the kernel has a flag for becomes that flag; the others are for
 * the file system and are handed on as text.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/common.h"

#define USAGE	"[-r] [-t TYPE] [-o OPTION,...] SOURCE DIRECTORY"

static const struct option {
	const char	*name;
	unsigned long	set;
	unsigned long	clear;
} options[] = {
	{ "defaults", 0, 0 },
	{ "ro", MS_RDONLY, 0 },
	{ "rw", 0, MS_RDONLY },
	{ "nosuid", MS_NOSUID, 0 },
	{ "suid", 0, MS_NOSUID },
	{ "nodev", MS_NODEV, 0 },
	{ "dev", 0, MS_NODEV },
	{ "noexec", MS_NOEXEC, 0 },
	{ "exec", 0, MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS, 0 },
	{ "async", 0, MS_SYNCHRONOUS },
	{ "noatime", MS_NOATIME, 0 },
	{ "atime", 0, MS_NOATIME },
	{ "relatime", MS_RELATIME, 0 },
	{ "strictatime", MS_STRICTATIME, 0 },
	{ "remount", MS_REMOUNT, 0 },
	{ "bind", MS_BIND, 0 },
	{ "rbind", MS_BIND | MS_REC, 0 },
	{ "move", MS_MOVE, 0 },
	{ "private", MS_PRIVATE, 0 },
	{ "shared", MS_SHARED, 0 },
};

/* What has been asked for; `data` is what the file system shall see. */
struct request {
	unsigned long	flags;
	char		*data;
};

static const struct option *find_option(const char *name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(name, options[i].name) == 0)
			return &options[i];
	return NULL;
}

static void add_data(struct request *r, const char *word)
{
	char *longer;

	if (asprintf(&longer, "%s%s%s", r->data ? r->data : "",
		     r->data ? "," : "", word) < 0)
		err(EXIT_FAILURE, "%s", word);
	free(r->data);
	r->data = longer;
}

static void add_options(struct request *r, char *list)
{
	char *word;

	while ((word = strsep(&list, ",")) != NULL) {
		const struct option *o = find_option(word);

		if (o)
			r->flags = (r->flags & ~o->clear) | o->set;
		else if (*word)
			add_data(r, word);
	}
}

/* /proc/mounts has "source target type options ...". */
static void show_mounts(void)
{
	FILE *file = fopen("/proc/mounts", "re");
	char *line = NULL;
	size_t cap = 0;

	if (!file)
		err(EXIT_FAILURE, "/proc/mounts");
	while (getline(&line, &cap, file) > 0) {
		char *save, *source = strtok_r(line, " ", &save);
		char *target = strtok_r(NULL, " ", &save);
		char *type = strtok_r(NULL, " ", &save);
		char *opts = strtok_r(NULL, " ", &save);

		if (opts)
			printf("%s on %s type %s (%s)\n", source, target,
			       type, opts);
	}
	free(line);
	fclose(file);
}

int main(int argc, char **argv)
{
	struct request r = { 0 };
	const char *type = NULL, *source, *target;
	char bind[] = "bind";
	int opt;

	if (argc == 1) {
		show_mounts();
		return finish_output(EXIT_SUCCESS);
	}
	if (strcmp(argv[1], "--bind") == 0) {
		add_options(&r, bind);
		optind = 2;
	}
	while ((opt = getopt(argc, argv, "rwt:o:")) != -1) {
		switch (opt) {
		case 'r':
			r.flags |= MS_RDONLY;
			break;
		case 'w':
			r.flags &= ~(unsigned long)MS_RDONLY;
			break;
		case 't':
			type = optarg;
			break;
		case 'o':
			add_options(&r, optarg);
			break;
		default:
			usage(USAGE);
		}
	}
	/* A remount and the like need no source. */
	if (argc - optind < 1 || argc - optind > 2)
		usage(USAGE);
	source = argc - optind == 2 ? argv[optind] : "none";
	target = argv[argc - 1];
	if (mount(source, target, type, r.flags, r.data) < 0)
		err(EXIT_FAILURE, "cannot mount %s on %s", source, target);
	free(r.data);
	return EXIT_SUCCESS;
}
