# rt-tests: hackbench, crowds of tasks that send each other messages, and
# cyclictest, threads that measure how late a timer wakes them. What they
# measured is hidden; that they come to their end, and what they say besides,
# must be as on Linux. secs=N makes each step about as long.
set -u

rounds=${secs:+$((secs * 20))}

masked() {
	/compat/busybox sed -E 's/ *[0-9]+/ N/g'
}

# The crowds: 2 groups of 8 senders and 8 receivers each.
crowd() {
	echo "== hackbench $*"
	timeout -s KILL $((${secs:-10} * 20)) hackbench -g 2 -f 8 \
		-l "${rounds:-20}" "$@" >log 2>&1
	echo "status $?"
	masked <log
}

# --laptop: the CPUs may sleep as deeply as they like.
cycle() {
	echo "== cyclictest $*"
	timeout -s KILL $((${secs:-10} * 20)) cyclictest -q --laptop "$@" \
		-D "${secs:-1}" >log 2>err
	echo "status $?"
	masked <log
	masked <err
}

mkdir -p /tmp/latency && cd /tmp/latency || exit
crowd
crowd -p
crowd -T
crowd -T -p
crowd -s 4096
cycle -t 2 -i 1000
cycle -t 2 -i 1000 -p 80
cycle -t 1 -i 1000 -p 80 -m --policy=rr
cycle -S -i 2000 -p 50
cycle -t 1 -i 1000 -p 80 -r
cycle -t 1 -i 1000 -p 80 -s
# How late each time was is a table, and who was too late for it is a list.
cycle -t 1 -i 2000 -p 80 -h 10 | /compat/busybox sed -E '/^ N N$|^# Thread/d'
