/* Names of files that programs count on. */
#pragma once

#define _PATH_BSHELL	"/bin/sh"
#define _PATH_CONSOLE	"/dev/console"
#define _PATH_DEFPATH	"/bin:/sbin:/usr/bin:/usr/sbin"
#define _PATH_DEV	"/dev/"
#define _PATH_DEVNULL	"/dev/null"
#define _PATH_TMP	"/tmp/"
#define _PATH_TTY	"/dev/tty"
