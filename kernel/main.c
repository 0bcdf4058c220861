/*
 * The boot, from top to bottom.
 *
 * start_kernel() is where all three doors meet. Its body is the list of what a
 * kernel needs, in the order in which each part can be built on those before
 * it; read it as a table of contents. It runs as init_task, with interrupts
 * off for the first half, and ends by making two tasks: PID 1, which finishes
 * the boot in kernel_init() and then *becomes* the first user program, and
 * PID 2, kthreadd, which makes all other kernel threads. init_task itself goes
 * on as the idle task.
 */
#include <kernel/main.h>

#define LOG_PREFIX "boot"

#include <arch/clock.h>
#include <arch/fpu.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <arch/topology.h>
#include <arch/vdso.h>
#include <drivers/acpi/acpi.h>
#include <drivers/base/device.h>
#include <fs/anon_inode.h>
#include <fs/nsfs.h>
#include <fs/devtmpfs/devtmpfs.h>
#include <fs/eventpoll.h>
#include <fs/exec.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/initramfs.h>
#include <fs/namei.h>
#include <fs/pipe.h>
#include <fs/proc/proc.h>
#include <fs/sysfs/sysfs.h>
#include <fs/tmpfs/tmpfs.h>
#include <fs/vfs.h>
#include <ipc/ipc.h>
#include <keel/boot_info.h>
#include <kernel/completion.h>
#include <kernel/cred.h>
#include <kernel/futex.h>
#include <kernel/kcmp.h>
#include <kernel/kthread.h>
#include <kernel/panic.h>
#include <kernel/params.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/rcu.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/signal.h>
#include <kernel/softirq.h>
#include <kernel/sys.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/workqueue.h>
#include <lib/string.h>
#include <mm/early.h>
#include <mm/mm.h>
#include <mm/page_cache.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>
#include <mm/xarray_ops.h>
#include <net/socket.h>
#include <uapi/sched.h>

enum system_state system_state = SYSTEM_BOOTING;

static DEFINE_COMPLETION(kthreadd_ready);

/* ---- PID 1 ------------------------------------------------------------- */

#define MAX_INIT_ARGS	32	/* as Linux: more words than that are refused */

static const char *init_argv[MAX_INIT_ARGS + 2];
static const char *init_envp[MAX_INIT_ARGS + 3] = { "HOME=/", "TERM=linux" };

/* Set a variable, "name=value"; the last of a name holds, as on Linux. */
static void __init set_init_variable(const char *word)
{
	size_t name = strchr(word, '=') + 1 - word;
	unsigned int i = 0;

	while (init_envp[i] && strncmp(init_envp[i], word, name) != 0)
		i++;
	if (i == MAX_INIT_ARGS + 2)
		panic("boot: too many variables for init");
	init_envp[i] = word;
}

/* The words of the command line that are not ours are init's. */
static void __init collect_init_words(void)
{
	const char *word;

	for (unsigned int i = 0; (word = params_init_arg(i)) != NULL; i++) {
		if (i == MAX_INIT_ARGS)
			panic("boot: too many words for init");
		init_argv[i + 1] = word;
	}
	for (unsigned int i = 0; (word = params_init_env(i)) != NULL; i++)
		set_init_variable(word);
}

static int run_init(const char *path)
{
	int err;

	init_argv[0] = path;
	err = kernel_execve(path, init_argv, init_envp);
	if (!err)
		printk(LOGLEVEL_INFO, "init", "running %s as PID 1", path);
	return err;
}

/* Run init if @path is there: true. Say so if it is but cannot be run. */
static bool try_init(const char *path)
{
	int err = run_init(path);

	if (err && err != -ENOENT)
		pr_err("%s exists but cannot be run: error %d", path, err);
	return !err;
}

/* The command line has named a program: that one or none. */
static void must_run_init(const char *path)
{
	int err = run_init(path);

	if (err)
		panic("Requested init %s failed (error %d).", path, err);
}

/*
 * Find the first program: rdinit=, or /init, which an initramfs has; in a root
 * file system that has none what init= names, or the places it is usually in.
 * Returns when one of them is loaded; what that means is said at the end of
 * kernel_init().
 */
static void exec_init(void)
{
	static const char *const places[] = {
		"/sbin/init", "/etc/init", "/bin/init", "/bin/sh",
	};

	if (param_get("rdinit")) {
		must_run_init(param_get("rdinit"));
		return;
	}
	if (try_init("/init"))
		return;
	if (param_get("init")) {
		must_run_init(param_get("init"));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (try_init(places[i]))
			return;
	panic("No working init found. Is there an initramfs (-initrd)?");
}

/* Descriptors 0, 1 and 2 of the first program. */
static void __init open_console(void)
{
	struct file *console = filp_open("/dev/console", O_RDWR, 0);
	int fd;

	if (IS_ERR(console)) {
		pr_warn("cannot open /dev/console: error %ld",
			PTR_ERR(console));
		return;
	}
	for (fd = 0; fd < 3; fd++)
		if (get_unused_fd_flags(0) == fd)
			fd_install(fd, get_file(console));
	fput(console);
}

/* An initramfs without device nodes still gets a console. */
static void __init prepare_root(void)
{
	init_mkdir("/dev", 0755);
	init_mknod("/dev/console", S_IFCHR | 0600, MKDEV(5, 1));
	initramfs_unpack();
}

/* The second half of the boot: what may sleep. */
static void __init finish_boot(void)
{
	workqueue_init();	/* ... and may sleep */
	smp_bring_up_all();	/* all CPUs are running */
	softirq_init();		/* deferred work has a thread to fall back on */
	devtmpfs_init();	/* device nodes can be made */
	drivers_init();		/* devices work */
	prepare_root();		/* there is a root file system */
	open_console();
	selftests_run();	/* if the command line asks for it */
	collect_init_words();
	if (param_bool("keel.poweroff", false))
		machine_power_off();
}

/*
 * PID 1, made by hand. It was born as a kernel thread: it has no user memory,
 * and no program ever called fork or exec to get here. exec_init() makes an
 * address space, maps the program's ELF file into it, lays out its stack, and
 * sets the registers with which this thread will leave the kernel. So when
 * this function *returns*, it does not return to a caller: ret_from_fork, at
 * the bottom of this stack, continues into user mode, at the program's first
 * instruction. No system call is involved.
 */
static int kernel_init(void *unused __unused)
{
	wait_for_completion(&kthreadd_ready);
	init_process = current;
	current->group->flags |= SIGNAL_UNKILLABLE;
	finish_boot();
	system_state = SYSTEM_RUNNING;
	mem_free_init();
	exec_init();
	return 0;
}

static void make_first_tasks(void)
{
	struct kernel_clone_args init = {
		.flags = CLONE_FS, .fn = kernel_init, .exit_signal = SIGCHLD };
	struct kernel_clone_args threads = {
		.flags = CLONE_FS | CLONE_FILES, .fn = kthreadd,
		.kthread = true };

	if (kernel_clone(&init) != 1 || kernel_clone(&threads) != 2)
		panic("boot: cannot make the first tasks");
	complete(&kthreadd_ready);
}

/* ---- the list ------------------------------------------------------------ */

/*
 * Called by every door with boot_info filled in, on the boot stack and the
 * boot page tables, interrupts off. Each line says what works after it.
 */
void start_kernel(void)
{
	pr_notice("Linux version %s (Keel) %s", KEEL_RELEASE, KEEL_VERSION);
	params_init(boot_info.cmdline);	/* words can be asked for */
	log_init();			/* levels as they ask */
	panic_init();			/* a panic does what they ask */
	mem_init(&boot_info);		/* pages, and the final page tables */
	slab_init();			/* kmalloc */
	xarray_ops_init();		/* arrays that grow */
	fpu_init();			/* floating-point state of tasks */
	vmalloc_init();		/* large areas, kernel stacks, devices */
	acpi_init(boot_info.rsdp);	/* what the machine consists of */
	smp_prepare();			/* how many CPUs; data for each */
	topology_init();		/* which of them are one package */
	slab_init_cpus();		/* allocation without locks */
	sched_init();			/* this is a task */
	timers_init();			/* time-outs */
	rcu_init();			/* lock-free readers */
	irq_init();			/* devices can interrupt */
	clock_init();			/* what time it is since boot */
	timekeeping_init();		/* and of what day */
	random_init();			/* numbers nobody can guess */
	kcmp_init();			/* pointers nobody can learn */
	mm_init_caches();		/* address spaces */
	vdso_init();			/* and what is mapped into all */
	pid_init();			/* numbers for tasks */
	cred_init();			/* who may do what */
	signals_init();			/* signals */
	fork_init();			/* more tasks */
	futex_init();			/* sleeping on a word of memory */
	page_cache_init();		/* pages of files */
	tmpfs_init();			/* files that are only that */
	vfs_init();			/* names for them; an empty root */
	pipe_init();			/* pipes */
	anon_inode_init();		/* files without a place */
	nsfs_init();			/* namespaces as files */
	eventpoll_init();		/* epoll instances */
	proc_init();			/* the kernel's state, as files */
	sysfs_init();			/* the machine's, too */
	socket_init();			/* sockets */
	ipc_init();			/* objects that processes share */
	local_irq_enable();
	make_first_tasks();		/* PID 1 and PID 2, see above */
	cpu_idle_loop();		/* this one has nothing left to do */
}
