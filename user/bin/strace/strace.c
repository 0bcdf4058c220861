/*
 * strace: show the system calls of a program, and its signals.
 *
 *	strace [-f] [-e CALL,...] [-o FILE] PROGRAM [ARGUMENT...]
 *	strace [-f] [-e CALL,...] [-o FILE] -p PID
 *
 *	-f	follow into what it forks and into threads it makes
 *	-e	only these calls
 *	-o	write to FILE, not to the standard error
 *	-p	attach to a process that runs already
 *
 * All of it is a loop around two system calls. wait4(2) says that a thread has
 * stopped and why; ptrace(2) asks for more, and lets it run to its next stop,
 * which with PTRACE_SYSCALL is the border of a system call. The traced thread
 * stands still while we look, so nothing we print is already wrong.
 *
 * Events of many threads come in the order in which they happen. A call that
 * is not over when another thread has something to say is cut in two,
 * "<unfinished ...>" and "<... resumed>".
 */
#include "strace.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../common/common.h"

#define USAGE	"[-f] [-e CALL,...] [-o FILE] {-p PID | PROGRAM [ARGUMENT...]}"

FILE *out;
static bool follow, many;		/* -f; lines say whose they are */
static struct tracee *tracees;
static struct tracee *open_line;	/* whose call it is in the last line */
static pid_t program;			/* what we started; 0: nothing */
static int program_status;

static long ptrace(long request, pid_t tid, unsigned long addr, void *data)
{
	return syscall(__NR_ptrace, request, tid, addr, data);
}

/* ---- lines ---- */

void begin_line(struct tracee *t)
{
	if (open_line)
		fputs(" <unfinished ...>\n", out);
	open_line = NULL;
	if (many)
		fprintf(out, "%d ", t->tid);
}

void leave_line_open(struct tracee *t)
{
	open_line = t;
	fflush(out);
}

/* Is the open line @t's, to be gone on in? If not, a new one is begun. */
bool resume_line(struct tracee *t)
{
	if (open_line == t) {
		open_line = NULL;
		return true;
	}
	begin_line(t);
	return false;
}

void end_line(void)
{
	fputc('\n', out);
	fflush(out);
}

/* ---- the threads ---- */

static struct tracee *find_tracee(pid_t tid)
{
	struct tracee *t = tracees;

	while (t && t->tid != tid)
		t = t->next;
	return t;
}

/* A new thread can stop before its maker has told of it. */
static struct tracee *get_tracee(pid_t tid)
{
	struct tracee *t = find_tracee(tid);

	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		err(EXIT_FAILURE, "no memory");
	t->tid = tid;
	t->next = tracees;
	tracees = t;
	return t;
}

static void forget_tracee(struct tracee *t)
{
	struct tracee **link = &tracees;

	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	if (open_line == t)
		open_line = NULL;
	free(t);
}

/* ---- stops ---- */

static bool is_stop_signal(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN ||
	       sig == SIGTTOU;
}

static void at_border(struct tracee *t)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		call_entered(t, &info);
	else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
		call_returned(t, &info);
}

static void at_signal(struct tracee *t, int sig)
{
	siginfo_t info;

	if (t->hidden || ptrace(PTRACE_GETSIGINFO, t->tid, 0, &info) < 0)
		return;
	begin_line(t);
	fputs("--- ", out);
	print_signal_name(sig);
	if (info.si_code == SI_USER || info.si_code == SI_TKILL ||
	    info.si_code == SI_QUEUE || sig == SIGCHLD)
		fprintf(out, " from %d", info.si_pid);
	else if (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL ||
		 sig == SIGFPE)
		fprintf(out, " at %#lx", (unsigned long)info.si_addr);
	fputs(" ---", out);
	end_line();
}

/*
 * All other threads of the process are gone, and the one that called execve()
 * has the number of the first now. Its record is the one that goes on.
 */
static struct tracee *at_exec(struct tracee *first)
{
	struct tracee *caller = first;
	unsigned long former;

	if (ptrace(PTRACE_GETEVENTMSG, first->tid, 0, &former) == 0)
		caller = find_tracee((pid_t)former);
	if (!caller || caller == first)
		return first;
	caller->tid = first->tid;
	forget_tracee(first);
	return caller;
}

/* Let @t run on from a stop. It may have been killed in it: then wait tells. */
static void go(struct tracee *t, long request, int sig)
{
	(void)ptrace(request, t->tid, 0, (void *)(long)sig);
}

static void stopped(struct tracee *t, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		at_border(t);
		go(t, PTRACE_SYSCALL, 0);
	} else if (event == PTRACE_EVENT_STOP && is_stop_signal(sig)) {
		/* The whole process is to stand still, and it shall. */
		begin_line(t);
		fputs("--- stopped by ", out);
		print_signal_name(sig);
		fputs(" ---", out);
		end_line();
		go(t, PTRACE_LISTEN, 0);
	} else if (event) {
		if (event == PTRACE_EVENT_EXEC)
			t = at_exec(t);
		go(t, PTRACE_SYSCALL, 0);
	} else {
		at_signal(t, sig);
		go(t, PTRACE_SYSCALL, sig);
	}
}

static void ended(struct tracee *t, int status)
{
	call_never_returns(t);
	if (!t->hidden) {
		begin_line(t);
		if (WIFEXITED(status)) {
			fprintf(out, "+++ exited with %d +++",
				WEXITSTATUS(status));
		} else {
			fputs("+++ killed by ", out);
			print_signal_name(WTERMSIG(status));
			fputs(WCOREDUMP(status) ? " (core dumped) +++" :
						  " +++", out);
		}
		end_line();
	}
	if (t->tid == program)
		program_status = status;
	forget_tracee(t);
}

/* ---- beginning and end ---- */

/*
 * Take hold of a thread. Seizing does not disturb it; the interrupt makes it
 * stop once, from where the loop sends it on, to the next border.
 */
static bool seize(pid_t tid)
{
	unsigned long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;

	if (follow)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			   PTRACE_O_TRACECLONE;
	if (program)
		options |= PTRACE_O_EXITKILL;
	return ptrace(PTRACE_SEIZE, tid, 0, (void *)options) == 0 &&
	       ptrace(PTRACE_INTERRUPT, tid, 0, NULL) == 0;
}

/* Seize a thread that runs, and say so once it stands still. */
static bool attach_thread(pid_t tid)
{
	struct tracee *t;
	int status;

	if (!seize(tid))
		return false;
	t = get_tracee(tid);
	if (waitpid(tid, &status, __WALL) != tid || !WIFSTOPPED(status)) {
		forget_tracee(t);
		return false;
	}
	fprintf(stderr, "strace: process %d attached\n", tid);
	stopped(t, status);
	return true;
}

/* With -f all threads of @pid, without only the one of that number. */
static void attach(pid_t pid)
{
	struct dirent *entry;
	char path[32];
	DIR *dir;

	many = follow;
	if (!attach_thread(pid))
		err(EXIT_FAILURE, "process %d", pid);
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = follow ? opendir(path) : NULL;
	while (dir && (entry = readdir(dir)))
		if (atoi(entry->d_name) && !find_tracee(atoi(entry->d_name)))
			attach_thread(atoi(entry->d_name));
	if (dir)
		closedir(dir);
}

/*
 * Start the program. It waits at a pipe until it is traced; what it does up to
 * its execve() is ours, and not shown.
 */
static void start(char **argv)
{
	int gate[2];
	char byte;

	if (pipe(gate) < 0)
		err(EXIT_FAILURE, "pipe");
	program = fork();
	if (program < 0)
		err(EXIT_FAILURE, "fork");
	if (program == 0) {
		close(gate[1]);
		(void)read(gate[0], &byte, 1);
		close(gate[0]);
		execvp(argv[0], argv);
		err(errno == ENOENT ? 127 : 126, "%s", argv[0]);
	}
	/* Ctrl-C is meant for the program; its end is ours. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (!seize(program))
		err(EXIT_FAILURE, "cannot trace");
	get_tracee(program)->hidden = true;
	close(gate[0]);
	close(gate[1]);
	many = follow;
}

static void watch(void)
{
	int status;
	pid_t tid;

	while (tracees) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			break;
		if (WIFSTOPPED(status))
			stopped(get_tracee(tid), status);
		else if (find_tracee(tid))
			ended(find_tracee(tid), status);
	}
}

/* End as the program did: who called us must not see a difference. */
static int end_like_program(void)
{
	if (!program)
		return finish_output(EXIT_SUCCESS);
	if (WIFEXITED(program_status))
		return WEXITSTATUS(program_status);
	signal(WTERMSIG(program_status), SIG_DFL);
	raise(WTERMSIG(program_status));
	return 128 + WTERMSIG(program_status);
}

int main(int argc, char **argv)
{
	pid_t pid = 0;
	int opt;

	out = stderr;
	while ((opt = getopt(argc, argv, "fe:o:p:")) != -1) {
		switch (opt) {
		case 'f':
			follow = true;
			break;
		case 'e':
			if (!select_calls(optarg))
				errx(EXIT_FAILURE, "no such call in '%s'",
				     optarg);
			break;
		case 'o':
			out = fopen(optarg, "we");
			if (!out)
				err(EXIT_FAILURE, "%s", optarg);
			break;
		case 'p':
			pid = (pid_t)parse_number(optarg, 1, 1 << 22);
			break;
		default:
			usage(USAGE);
		}
	}
	if (!pid == (optind == argc))
		usage(USAGE);
	if (pid)
		attach(pid);
	else
		start(argv + optind);
	watch();
	return end_like_program();
}
