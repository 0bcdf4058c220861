# stress-ng's stressors of what processes are made of, one after the other: each
# must end by itself, in time, without having found anything wrong. secs=N on
# the kernel's command line says how long each runs; only= picks some, verbose=1
# shows what they say when they fail.
set -u

process="clone daemon exec fork kill pthread session spawn vfork wait
	zombie"
signals="sigabrt sigchld sigfd sigfpe sigio sigpending sigpipe sigq sigrt
	sigsegv sigsuspend sigtrap"
scheduler="affinity nice schedpolicy switch yield resched"
timers="alarm clock cyclic get hrtimers itimer nanosleep sleep timer
	timerfd"
pipes="fifo pipe"
waiting="epoll eventfd poll"
sockets="sockpair sockfd"
futexes="futex mutex sem membarrier rseq"
ipc="mq msg sem-sysv shm shm-sysv"

mkdir -p /tmp/stress && cd /tmp/stress || exit
for name in ${only:-$process $signals $scheduler $timers $pipes $waiting \
	$sockets $futexes $ipc}
do
	options=
	[ "$name" = epoll ] && options="--epoll-domain unix"
	timeout -s KILL $((${secs:-2} * 3 + 30)) stress-ng --"$name" 2 $options \
		--timeout "${secs:-2}" --verify >log 2>&1
	status=$?
	echo "$name: $status"
	[ $status = 0 ] || [ -z "${verbose:-}" ] || cat log
done
