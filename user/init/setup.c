/*
 * What init does once: mounts, standard files, host name, environment.
 *
 * Nothing here is fatal. A system with half of it is still one that a person
 * can log in to and repair; so failures are reported and passed over.
 */
#include "init.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_HOST_NAME	"keel"

struct mount_plan {
	const char	*target;
	const char	*type;
	unsigned long	flags;
	const char	*data;
};

static const struct mount_plan plans[] = {
	{ "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "/dev", "devtmpfs", MS_NOSUID, "mode=0755" },
	{ "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "mode=0620,gid=5" },
	{ "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777" },
};

/* Is something mounted on @dir? Then its parent lies on another device. */
static bool is_mounted(const char *dir)
{
	struct stat here, above;
	char parent[32];

	snprintf(parent, sizeof(parent), "%s/..", dir);
	return stat(dir, &here) == 0 && stat(parent, &above) == 0 &&
	       here.st_dev != above.st_dev;
}

/*
 * Mount one file system, unless the place is taken already. ENODEV means
 * that the kernel has no such file system, which is its good right.
 */
static void mount_planned(const struct mount_plan *plan)
{
	if (is_mounted(plan->target))
		return;
	if (mkdir(plan->target, 0755) < 0 && errno != EEXIST) {
		warn("%s", plan->target);
		return;
	}
	if (mount(plan->type, plan->target, plan->type, plan->flags,
		  plan->data) < 0 && errno != ENODEV && errno != EBUSY)
		warn("cannot mount %s on %s", plan->type, plan->target);
}

/*
 * Have 0, 1 and 2 lead to the console. Usually the kernel has seen to it;
 * but if there was no /dev/console before devtmpfs, they are closed. They
 * must not become init's controlling terminal: a ^C typed there would be
 * sent to us.
 */
static void open_standard_files(void)
{
	int fd = open(_PATH_CONSOLE, O_RDWR | O_NOCTTY);

	if (fd < 0)
		fd = open(_PATH_DEVNULL, O_RDWR);
	if (fd < 0)
		return;
	for (int std = 0; std <= 2; std++)
		if (fd != std)
			dup2(fd, std);
	if (fd > 2)
		close(fd);
}

static void set_host_name(void)
{
	char name[65] = DEFAULT_HOST_NAME;
	FILE *file = fopen("/etc/hostname", "re");

	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, " \t\n")] = '\0';
		fclose(file);
	}
	if (sethostname(name, strlen(name)) < 0)
		warn("cannot set the host name");
}

/* Defaults for what the kernel's command line has not set. */
static void set_environment(void)
{
	setenv("PATH", _PATH_DEFPATH, 0);
	setenv("HOME", "/", 0);
	setenv("TERM", "linux", 0);
	setenv("SHELL", _PATH_BSHELL, 0);
	setenv("USER", "root", 0);
}

/* Bring the system into a state in which programs can run. */
void setup_system(void)
{
	umask(022);
	chdir("/");
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++)
		mount_planned(&plans[i]);
	open_standard_files();
	set_host_name();
	set_environment();
}
