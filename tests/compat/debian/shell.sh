# What a person at a shell does, with Debian's bash and its friends. Every line
# of output must be the same on both kernels: no numbers of processes, no times.
set -u

section() { echo "== $*"; }

# Wait until the state of all processes called $1 is $2.
until_state() { until [ "$(ps -o s= -C "$1" | sort -u)" = "$2" ]; do :; done; }

section bash
echo "${BASH_VERSINFO[0]} $((2 ** 40)) ${HOME}"
words=(one two three)
echo "${#words[@]} ${words[@]:1}"
while read -r a b; do echo "$b,$a"; done < <(printf '%s\n' "1 2" "3 4")
cat <<<"here is a string"
printf '%s|' {a..e}{1..3}; echo
[[ "abc123" =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[2]}"
(trap 'echo cleaned up' EXIT; exit 3); echo "status $?"
(ulimit -n 20; ulimit -n)
coproc CAT { cat; }
echo "to the coprocess" >&"${CAT[1]}"
read -r line <&"${CAT[0]}"
echo "$line"
kill "$CAT_PID"; wait "$CAT_PID" 2>/dev/null; echo "killed: $?"
timeout 0.2 sleep 10; echo "timeout: $?"

section files
mkdir -p /tmp/t/{a,b/c} && cd /tmp/t
seq 1000 >a/numbers; gzip -k a/numbers 2>/dev/null
ln -s ../a/numbers b/link; ln a/numbers b/hard; mkfifo b/fifo
find . -printf '%y %n %m %p\n' | grep -v gz | sort
stat -c '%A %h %s %F' a/numbers b/link b/fifo /dev/null /dev/tty
ls -l b | gawk '{ print $1, $2, $3, $4, $NF }'
cp -a b d && diff -r b d -x fifo && echo "same"
dd if=/dev/zero of=hole bs=1 count=1 seek=1M 2>/dev/null; du -k hole
touch -d '2001-02-03 04:05:06 UTC' old; stat -c %Y old
truncate -s 12345 old; wc -c <old
mv d/hard d/moved; rm -rf d; ls
df --output=fstype,target / /tmp /dev/shm /proc | tail -n +2
mkdir mnt; mount -t tmpfs -o size=1m small mnt
dd if=/dev/zero of=mnt/full bs=64k 2>&1 | grep -o 'No space.*'
findmnt -n -o FSTYPE,TARGET mnt; umount mnt
flock a/numbers -c 'echo locked'
sort -rn a/numbers | head -3 | paste -sd' '
md5sum a/numbers; sha256sum <a/numbers
tr 1-9 a-i <a/numbers | sort -u | wc -l
xargs -n100 -P4 echo <a/numbers | wc -w
gawk '{ s += $1 } END { print s }' a/numbers
sed -n '/99$/{s/9/x/g;p}' a/numbers | head -3

section processes
sleep 1000 & sleep 1000 & sleep 1000 &
until_state sleep S
ps -o comm=,stat= -C sleep | sort | uniq -c
pgrep -c sleep
jobs | wc -l
renice -n 5 %1 >/dev/null 2>&1; nice -n 7 nice
pkill -STOP sleep; until_state sleep T; ps -o stat= -C sleep | sort -u
pkill -CONT sleep; until_state sleep S; ps -o stat= -C sleep | cut -c1 | sort -u
kill %1 %2 %3; wait %1; echo "by TERM: $?"
pstree -A | grep -c init
setsid -w bash -c 'ps -o sid= -p $$ | tr -d " " | grep -qx $$ && echo leader'
taskset -c 0 nproc
chrt -p $$ | sed 's/pid [0-9]*/pid N/g'
prlimit --nofile -o RESOURCE,SOFT --noheadings --pid $$
lsof -p $$ -a -d cwd -Fn | tail -1
fuser /tmp/t >/dev/null 2>&1; echo "fuser: $?"
pmap $$ | grep -c libc.so
top -b -n1 | grep -c '%Cpu'
vmstat | tail -1 | wc -w
uptime -p | cut -d' ' -f1
free -k | gawk '/^Mem/ { print ($2 > $3) }'
id; hostname >/dev/null && echo "has a name"
cat /proc/sys/kernel/ostype; uname -m
