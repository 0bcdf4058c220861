# /proc as ps, pmap, lsof and their like read it. What differs by nature is
# taken out (numbers of processes, times, sizes); names, columns, order, units
# and everything about a process made here are not.
set -u

section() { echo "== $*"; }
# Numbers become N; blanks that lined them up, one.
numbers() { sed -E 's/[0-9]+/N/g; s/ +/ /g; s/ $//'; }
# Where in the kernel it sleeps is the kernel's own name for it.
place() { sed -E 's/ (hrtime[a-z_]*|sys_cl[a-z_]*) / PLACE /'; }
until_asleep() { until grep -q ' S ' /proc/$pid/stat; do :; done; }

# Somebody to look at: a leader of a session, nice, with files open, a CPU, an
# environment.
mkdir -p /tmp/here; cd /tmp/here || exit
echo data >file
env -i PATH=/bin:/usr/bin SECRET=of-his ONE=two \
	setsid nice -n 3 taskset -c 0 sleep 12345 3<file 4>>file 5<>/dev/null \
	>/dev/null 2>&1 </dev/null &
pid=$!
until [ "$(cat /proc/$pid/comm)" = sleep ]; do :; done
until_asleep

section ps
ps -o user,ruser,uid,euid,ruid,suid,fuid,gid,egid,rgid,sgid,fgid,group,supgid,supgrp \
	-p $pid
ps -o comm,ucmd,args,cmd,tty,stat,s,f,nlwp,thcount,ni,pri,opri,priority,cls,policy,rtprio,sched \
	-p $pid
ps -o pending,blocked,ignored,caught,eip,esp -p $pid
ps -o cputime,time,cp,%cpu,c,etime,etimes -p $pid | numbers
ps -o rss,rsz,sz,vsz,drs,trs,size,%mem,min_flt,maj_flt,m_size -p $pid | numbers
ps -o pid,ppid,pgid,sid,sess,tpgid,lwp,tid,tgid,psr,sgi_p,wchan:20,nwchan \
	-p $pid | numbers | place
[ "$(ps -o sid= -p $pid)" = "$(ps -o pgid= -p $pid)" ] && echo "leads both"
ps -o ipcns,mntns,netns,pidns,userns,utsns -p $pid | head -1
ps -o cgroup,label,lsession,machine,ouid,seat,slice,unit,uunit -p $pid | head -1
ps e -o args= -p $pid
ps -L -o comm,nlwp -p $pid
ps -ef | sed -n '1p;/[s]leep 12345/p' | numbers
ps aux | sed -n '1p;/[s]leep 12345/p' | numbers
ps axl | sed -n '1p;/[s]leep 12345/p' | numbers | place
ps -eo pid,comm --no-headers | sed -n 1p
ps -o comm,uid,ppid,vsz,rss,args -p 2
ps -C sleep -o comm=; ps -p 999999; echo "status $?"
ps axjf | sed -n 1p

section pgrep pidof pwdx
pgrep -a sleep | numbers; pgrep -x -c sleep; pgrep -s "$pid" -l | numbers
pgrep -f 'sleep 123' | numbers; pgrep -u root -n sleep | numbers
[ "$(pidof sleep)" = $pid ] && echo "pidof: it"
pwdx $pid | numbers; pwdx 999999 2>&1; echo "status $?"
pidwait -x nobody; echo "pidwait: $?"

section pmap
pmap $pid | sed -E 's/^[0-9a-f]{16}/ADDR/; s/^[0-9]+:/PID:/' | numbers |
	grep -v 'vvar\|vdso\|anon'
pmap -x $pid | sed -n 2p
pmap -X $pid | sed -n '1,2p' | numbers
pmap -XX $pid | sed -n 2p | tr -s ' ' '\n' | sort | paste -sd' '
pmap -X $pid | gawk 'NR > 2 && $NF ~ /sleep$/ { print $2, $3, $NF }'

section lsof
lsof -p $pid | gawk '{ print $1, $3, $4, $5, $NF }' | grep -v ' mem '
lsof -p $pid -a -d 0-9 -F ftan | sed 's/^p.*/pN/'
lsof /tmp/here/file | wc -l
fuser -v /tmp/here/file 2>&1 | grep -v socket | numbers

section links and texts
for link in cwd exe root; do readlink /proc/$pid/$link; done
tr '\0' ' ' </proc/$pid/cmdline; echo; tr '\0' ' ' </proc/$pid/environ; echo
grep -v 'processes\|pending' /proc/$pid/limits
ls /proc/$pid/fd; cat /proc/$pid/fdinfo/4 | sed 's/\(mnt_id\|ino\):.*/\1/'
cut -d: -f1 /proc/$pid/status | paste -sd' '
grep -E '^(Name|Umask|State|Uid|Gid|FDSize|Groups|Threads|Sig[BIC]|ShdPnd|Cap|NoNewPrivs|Seccomp|Cpus_allowed_list|Mems_allowed_list|CoreDumping)' \
	/proc/$pid/status
cut -d: -f1 /proc/$pid/io | paste -sd' '
cat /proc/$pid/oom_score_adj /proc/$pid/personality /proc/$pid/coredump_filter
wc -w </proc/$pid/stat; wc -w </proc/$pid/statm; wc -w </proc/$pid/syscall
gawk '/^[A-Z]/ { print $1 }' /proc/$pid/smaps_rollup | paste -sd' '
gawk '/^VmFlags/ { exit } /^[A-Z]/ { print $1 }' /proc/$pid/smaps |
	paste -sd' '
grep -A30 'r-xp.*/sleep$' /proc/$pid/smaps | grep -m1 VmFlags | sed 's/ sd//'
grep -A30 'stack\]$' /proc/$pid/smaps | grep -m1 VmFlags | sed 's/ sd//'

section others may not look
other() { setpriv --reuid 1000 --regid 1000 --clear-groups "$@" 2>&1; }
for name in stat status cmdline comm limits maps environ io fd fdinfo exe cwd \
	root mem auxv syscall wchan stack personality oom_score smaps task
do
	other cat /proc/$pid/$name >/tmp/out
	echo "$name: $? $(grep -o 'Permission denied\|not permitted\|Is a dir.*\|No such.*' /tmp/out)"
done
other readlink /proc/$pid/cwd; other kill $pid | numbers
other renice -n 1 -p $pid | numbers
other ls /proc/$pid/task >/dev/null; echo "task: $?"

section prlimit taskset chrt ionice renice
prlimit --pid $pid --nofile=100:200; prlimit --pid $pid --nofile
prlimit --pid $pid --noheadings -o RESOURCE,SOFT,HARD,UNITS |
	grep -v 'NPROC\|PENDING'
taskset -p $pid | numbers; taskset -cp $pid | sed 's/^pid [0-9]*/pid N/'
taskset -cp 77 $pid 2>&1 | tail -1 | numbers
chrt -p $pid | sed 's/pid [0-9]*/pid N/'; chrt -f -p 5 $pid
ps -o cls=,rtprio=,pri=,ni= -p $pid
chrt -b -p 0 $pid; ps -o cls=,rtprio=,pri=,ni=,stat= -p $pid
chrt -o -p 0 $pid
renice -n 7 -p $pid | sed 's/^[0-9]*/PID/'; ps -o ni=,stat= -p $pid
chrt -m
choom -p $pid | sed 's/pid [0-9]*/pid N/; s/score: [0-9]*$/score: N/' |
	tail -1
choom -n 300 -p $pid | sed 's/pid [0-9]*/pid N/'

section signals
kill -STOP $pid; until grep -q ' T ' /proc/$pid/stat; do :; done
ps -o stat= -p $pid; grep State /proc/$pid/status
kill -CONT $pid; until_asleep; ps -o stat= -p $pid
pkill -x sleep; wait $pid; echo "status $?"
ls /proc/$pid 2>&1 | sed 's/[0-9][0-9]*/N/'

section the machine
free | numbers; free -h | sed -n 1p; free -w -t | sed 1q
vmstat | numbers | head -2; vmstat -s | numbers | sed 's/^ //'
vmstat -a | sed -n 2p | numbers
uptime | sed -E 's/^.*(load average).*/\1/'
w -h | wc -l
# (100.0 fills the column, and the blank before it.)
top -b -n 1 | sed -n '2,7p' | numbers | sed -E 's/([:,])N/\1 N/g'
top -b -n 1 -p $$ | tail -1 | gawk '{ print NF, $NF }'
slabtop -o >/dev/null 2>&1; echo "slabtop: $?"
pstree -A $$ | sed 's/-+-.*//' | head -1
cut -d' ' -f1 /proc/meminfo | head -5
