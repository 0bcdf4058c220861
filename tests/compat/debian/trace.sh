# Debian's strace and gdb at work. Numbers of processes and addresses differ
# between runs, so they are taken out before anything is compared.
set -u

section() { echo "== $*"; }
# These are not in this set of packages.
grep() { /compat/busybox grep "$@"; }
sed() { /compat/busybox sed "$@"; }
# Start a process that sleeps; wait until it does.
asleep() { until grep -q '(sleep) S' /proc/$pid/stat; do :; done; }
sleeper() { sleep 1000 & pid=$!; asleep; }

section strace
strace -o /tmp/t -e trace=openat,read,write \
	sh -c 'read x < /etc/passwd; echo $x'
sed -En '/passwd|root/s/\(.*//p' /tmp/t
strace -f -o /tmp/t -e trace=execve,pipe2,exit_group \
	sh -c 'echo a | cat | wc -c'
# Whose line is cut in two by another's depends on the moment.
sed -E '/resumed>|SIGCHLD/d; s/^[0-9]+ +//; s/ <unfinished.*|\) += .*//
	s/, 0x[0-9a-f]+.*//' /tmp/t | sort
strace -c -o /tmp/t true; grep -q execve /tmp/t && echo counted

section strace -p
sleeper
: > /tmp/err
strace -o /tmp/t -p $pid 2>>/tmp/err & tracer=$!
until grep -q attached /tmp/err; do :; done
asleep
kill $pid; wait $pid; echo "status $?"; wait $tracer
sed 's/si_pid=[0-9]*/si_pid=N/; /nanosleep/d' /tmp/t

section gdb
gdb -q -nx -batch -ex 'break main' -ex 'info breakpoints' /usr/bin/strace 2>&1 |
	sed 's/0x[0-9a-f]*/ADDR/g'
gdb -q -nx -batch -ex starti -ex 'stepi 3' -ex 'catch syscall exit_group' \
	-ex continue -ex 'print $rdi' -ex continue /bin/true 2>&1 |
	sed -E 's/0x[0-9a-f]+/ADDR/g; s/(process|LWP) [0-9]+/\1 N/g'
gdb -q -nx -batch -ex starti -ex 'watch *(long *)($rsp - 8)' -ex continue \
	-ex 'info watchpoints' -ex kill /bin/true 2>&1 |
	sed -E 's/0x[0-9a-f]+/ADDR/g; s/(process|LWP) [0-9]+/\1 N/g; s/[0-9]{6,}/NUM/g'
gdb -q -nx -batch -ex 'set follow-fork-mode child' -ex 'catch exec' -ex run \
	-ex kill --args /bin/sh -c '/bin/true; exit 0' 2>&1 |
	sed -E 's/0x[0-9a-f]+/ADDR/g; /^Killed/d; s/(process|LWP|pid) [0-9]+/\1 N/g'
sleeper
gdb -q -nx -batch -p $pid -ex 'info threads' -ex detach 2>&1 |
	sed -E 's/0x[0-9a-f]+/ADDR/g; s/(process|LWP) [0-9]+/\1 N/g; s/ +/ /g' | tail -5
kill $pid; wait $pid; echo "status $?"

section core
# What depends on where memory was put is taken out; addresses in the program
# are its own.
looks() { sed -E '/could not convert|normally should not/d; s/0x7f[0-9a-f]+/ADDR/g
	s/(Thread )0x[0-9a-f]+/\1ADDR/
	s/(process|LWP) [0-9]+/\1 N/g; s/ +/ /g'; }
cd /tmp; ulimit -c unlimited
sh -c '/compat/crash; echo "status $?"' 2>/dev/null
gdb -q -nx -batch -ex 'info threads' -ex bt -ex 'info registers rip rax eflags' \
	-ex 'frame 2' -ex 'info locals' -ex 'print *p' -ex 'print first' \
	-ex 'print *first.next' -ex 'print numbers' -ex 'x/s first.name' \
	-ex 'x/3dw &numbers[1]' -ex 'print $_siginfo.si_signo' \
	-ex 'print $_siginfo._sifields._sigfault.si_addr' -ex 'x/i $rip' \
	-ex 'thread 2' -ex 'thread apply all bt -3' /compat/crash core 2>&1 | looks
rm core
