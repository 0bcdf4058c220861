/*
 * The system calls a program names every day, and getopt.
 *
 * Almost all of these are one `syscall` instruction (syscalls.c); the rest
 * (exec with a search path, getopt, getcwd's allocation) say so there.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>
#include <uapi/fs.h>	/* SEEK_*, F_OK, X_OK, ... */

#define STDIN_FILENO	0
#define STDOUT_FILENO	1
#define STDERR_FILENO	2

/* Questions sysconf can answer here; others are EINVAL. */
#define _SC_CLK_TCK		2
#define _SC_OPEN_MAX		4
#define _SC_PAGESIZE		30
#define _SC_PAGE_SIZE		_SC_PAGESIZE
#define _SC_NPROCESSORS_CONF	83
#define _SC_NPROCESSORS_ONLN	84

extern char **environ;

/* Files. */
ssize_t read(int fd, void *dst, size_t n);
ssize_t write(int fd, const void *src, size_t n);
ssize_t pread(int fd, void *dst, size_t n, off_t offset);
ssize_t pwrite(int fd, const void *src, size_t n, off_t offset);
int close(int fd);
off_t lseek(int fd, off_t offset, int whence);
int dup(int fd);
int dup2(int from, int to);
int dup3(int from, int to, int flags);
int pipe(int fds[2]);
int pipe2(int fds[2], int flags);
int fsync(int fd);
int fdatasync(int fd);
int ftruncate(int fd, off_t len);
int isatty(int fd);
char *ttyname(int fd);
int ttyname_r(int fd, char *dst, size_t size);

/* Names. */
int access(const char *path, int mode);
int faccessat(int dir, const char *path, int mode, int flags);
int chdir(const char *path);
int fchdir(int fd);
int chroot(const char *path);
char *getcwd(char *dst, size_t size);
int chown(const char *path, uid_t uid, gid_t gid);
int lchown(const char *path, uid_t uid, gid_t gid);
int fchown(int fd, uid_t uid, gid_t gid);
int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags);
int link(const char *from, const char *to);
int linkat(int from_dir, const char *from, int to_dir, const char *to,
	   int flags);
int symlink(const char *target, const char *path);
int symlinkat(const char *target, int dir, const char *path);
ssize_t readlink(const char *restrict path, char *restrict dst, size_t n);
ssize_t readlinkat(int dir, const char *restrict path, char *restrict dst,
		   size_t n);
int rmdir(const char *path);
int unlink(const char *path);
int unlinkat(int dir, const char *path, int flags);
int truncate(const char *path, off_t len);
void sync(void);

/* Processes. */
pid_t fork(void);
pid_t vfork(void) __attribute__((__returns_twice__));
void _exit(int status) __attribute__((__noreturn__));
int execve(const char *path, char *const argv[], char *const envp[]);
int execv(const char *path, char *const argv[]);
int execvp(const char *file, char *const argv[]);
int execvpe(const char *file, char *const argv[], char *const envp[]);
int execl(const char *path, const char *arg, ...)
	__attribute__((__sentinel__));
int execle(const char *path, const char *arg, ...)
	__attribute__((__sentinel__(1)));
int execlp(const char *file, const char *arg, ...)
	__attribute__((__sentinel__));
pid_t getpid(void);
pid_t getppid(void);
pid_t gettid(void);
pid_t getpgid(pid_t pid);
pid_t getpgrp(void);
int setpgid(pid_t pid, pid_t pgid);
pid_t getsid(pid_t pid);
pid_t setsid(void);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t pgid);
int nice(int increment);

/* Who we are. */
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int setuid(uid_t uid);
int setgid(gid_t gid);
int seteuid(uid_t uid);
int setegid(gid_t gid);
int setreuid(uid_t real, uid_t effective);
int setregid(gid_t real, gid_t effective);
int setresuid(uid_t real, uid_t effective, uid_t saved);
int setresgid(gid_t real, gid_t effective, gid_t saved);
int getgroups(int count, gid_t groups[]);
int setgroups(size_t count, const gid_t groups[]);

/* Time. */
unsigned alarm(unsigned seconds);
int pause(void);
unsigned sleep(unsigned seconds);
int usleep(useconds_t us);

/* The machine. */
int gethostname(char *dst, size_t size);
int sethostname(const char *name, size_t len);
int getpagesize(void);
long sysconf(int name);
int brk(void *end);
void *sbrk(intptr_t increment);
long syscall(long number, ...);

/* Options. */
extern char *optarg;
extern int optind, opterr, optopt;
int getopt(int argc, char *const argv[], const char *options);
