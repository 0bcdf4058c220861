#!/bin/sh
# The compatibility script: many of busybox's applets, in pipelines, on files,
# processes, and what the kernel tells in /proc. What it prints must be the
# same, byte for byte, on Linux and on Keel: so it prints nothing that depends
# on time, process numbers, addresses or the amount of memory.
set -u
section() { echo; echo "== $*"; }
export LC_ALL=C TZ=UTC0
mkdir -p /tmp/c && cd /tmp/c || exit 1

section text
seq 1 20 >numbers
head -n 3 numbers; tail -n 2 numbers; sed -n '5,7p' numbers
wc numbers
tac numbers | head -n 2
rev <<END
stressed
drawer
END
printf 'pear\napple\nfig\napple\n' >fruit
sort fruit | uniq -c | sort -rn
sort -u fruit | paste -s -d, -
cut -c1-3 fruit
tr a-z A-Z <fruit | nl
grep -n apple fruit; grep -c '^f' fruit; grep -v a fruit
egrep 'pear|fig' fruit; fgrep -x fig fruit
awk '{ n += length($1) } END { print n, NR }' fruit
awk -F: '{ print $1, $3 + 1 }' /etc/passwd
sed 's/\(.\)\(.*\)/\2\1/; y/aeiou/AEIOU/' fruit
printf '%05d|%-6s|%x|%c\n' 42 ab 255 z
expand <<END
a	b
END
printf 'a        b\n' | unexpand -a | od -c
fold -w 7 <<END
the quick brown fox jumps over the lazy dog
END
sed 7q numbers >part; wc -l part numbers
cat -A fruit | head -n 1
tee copy1 copy2 <fruit | md5sum
cmp copy1 copy2 && echo same
diff numbers part | head -n 5
strings -n 4 /bin/busybox | grep -c '^BusyBox v' 
xargs -n 3 echo <numbers | head -n 3
seq -w 8 11 | xargs -I{} echo item {}
expr 6 \* 7; expr length abcdef; expr abc : 'a\(.\)c'
echo '2^64 - 1; 10/3; scale=5; 1/7' | bc
echo '3 4 + p' | dc
factor 360 97
ed fruit <<END
2,3p
/fig/s/i/a/p
g/a/p
Q
END
awk 'BEGIN { for (i = 0; i < 5; i++) a[i] = i * i; for (i = 4; i >= 0; i--) printf "%d ", a[i]; print "" }'
awk '{ c[$1]++ } END { for (k in c) print k, c[k] | "sort" }' fruit
sed -n -e '/apple/{=;p;}' -e '$!N;$s/.*/last/p' fruit
sort -t: -k3,3nr /etc/passwd | cut -d: -f1; sort -k1.2 fruit | head -n 1
unix2dos <fruit | od -c | head -n 1; unix2dos <fruit | dos2unix | cmp - fruit && echo unix
tail -n +18 numbers; tail -c 4 numbers; head -c 5 numbers; echo
uniq -d <<END
x
x
y
END
echo "a,b;c" | tr ',;' '\n\n'; echo aabbcc | tr -s a-c; echo hello | tr -d l
seq 5 | paste -d+ -s - | bc; seq 3 -1 1 | paste - - -; paste -d: fruit part | head -n 2
nl -b a part | tail -n 1; wc -c -w -L fruit; which awk; echo "$(basename "$(pwd)")"

section sums and codes
md5sum numbers; sha1sum numbers; sha256sum numbers; sha512sum fruit | cut -c1-32
sha3sum fruit | cut -c1-32
crc32 fruit; mkpasswd -m md5 -S saltsalt secret
base64 fruit; base64 fruit | base64 -d | cmp - fruit && echo decoded
base32 fruit 2>/dev/null | head -n 1
uuencode -m fruit name | tail -n 2; uuencode fruit name | uudecode -o - | cmp - fruit && echo uu
hexdump -C fruit | head -n 2; xxd fruit | head -n 1; od -An -tx1 fruit | head -n 1
gzip -c numbers | gunzip | cmp - numbers && echo gzip
bzip2 -c numbers | bunzip2 | cmp - numbers && echo bzip2
bzip2 -9 -c numbers | bzcat | tail -n 1; gzip -9 <fruit | zcat | wc -c; xz -dc </dev/null 2>/dev/null; echo "xz $?"

section files
mkdir -p a/b/c && touch a/1 a/b/2 a/b/c/3
find a | sort
find a -type f -name '[12]' | sort
find a -type d -empty; find a -mindepth 2 -maxdepth 2 | sort
echo hello >a/1; cp a/1 a/copy; cp -r a tree; mv a/copy a/moved
ls a tree | sort | tr '\n' ' '; echo
ln a/1 hard; ln -s a/1 soft; ln -sf a/b soft2
stat -c '%n %s %h %F %a %u %g' a/1 hard soft; stat -c '%h %F %a' a a/b
readlink soft; readlink -f soft2/2; realpath soft
chmod 640 hard; stat -c %a a/1; chmod u+x,o=r hard; stat -c %A a/1
chown 1000:1000 hard; stat -c '%u:%g %U' a/1; chgrp 0 hard; stat -c %g hard
umask 077; touch private; stat -c %a private; umask 022
ls -l hard | awk '{ print $1, $2, $3, $4, $5 }'
ls -F | tr '\n' ' '; echo
ls -1 -d a/*; ls -laR a | grep -c :
touch -d '2001-02-03 04:05:06' old; stat -c %y old | cut -c1-19; date -r old +%F
[ old -ot numbers ] && echo older; [ -L soft ] && [ -d a ] && [ ! -e none ] && echo tests
test -s fruit -a -r fruit && echo readable
truncate -s 100000 sparse; stat -c '%s %b' sparse; wc -c <sparse
dd if=/dev/zero of=zeros bs=1k count=5 2>/dev/null; wc -c <zeros
dd if=numbers bs=1 skip=3 count=4 2>/dev/null | od -An -c
echo patch >>zeros; tail -c 6 zeros
du -s -k tree | cut -f1; rm -r tree; ls -d tree 2>&1
mkfifo pipe; (echo through the fifo >pipe &) ; cat pipe; rm pipe
mknod null c 1 3; echo gone >null; cat null; stat -c '%F %t %T' null
mktemp -u tmpXXXXXX | wc -c; basename /a/b/c.txt .txt; dirname /a/b/c.txt
cp -p hard kept; stat -c '%a %u' kept; cp -a soft copied; readlink copied; unlink copied; shred -u kept; ls kept 2>&1
mkdir scripts; printf '#!/bin/sh\necho part $0\n' | tee scripts/1 >scripts/2; chmod 755 scripts/*; run-parts scripts; scripts/1
find . -name 'f*' -newer old -exec echo found {} \; | sort; find . -perm 640 -o -links 2 | sort
find scripts -type f -print0 | sort -z | xargs -0 -n 1 basename; find . -size +90k -exec rm {} +; ls sparse 2>&1
truncate -s 1048576 disk; mke2fs -F disk | grep -c inodes; od -An -tx1 -j 1080 -N 2 disk; mkswap disk >/dev/null; dd if=disk bs=1 skip=4086 count=10 2>/dev/null; echo
mkdosfs disk; od -An -c -j 54 -N 5 disk; rm disk
rmdir a/b/c 2>&1; rm -rf a; ls
cat missing 2>&1; ls missing 2>&1; rmdir / 2>&1; cd fruit 2>&1

section archives
mkdir src; cp numbers fruit src; ln -s fruit src/link
tar cf t.tar src; tar tf t.tar | sort
mkdir out; tar xf t.tar -C out; ls -l out/src | awk '{ print $1, $NF }' | sort
tar czf t.tgz src; zcat t.tgz | tar tf - | wc -l
(cd src; find . | sort | cpio -o -H newc 2>/dev/null) >t.cpio; cpio -t <t.cpio 2>/dev/null | sort
cp fruit fruit.new; echo extra >>fruit.new; diff -u fruit fruit.new | tail -n +3 >p; patch fruit <p >/dev/null 2>&1; echo "patch $?"
ar -t /dev/null 2>/dev/null; echo "ar $?"

section the shell
for i in 1 2 3; do echo -n "$i "; done; echo
n=0; while [ $n -lt 3 ]; do n=$((n + 1)); done; echo $n
case linux in l*x) echo matched ;; esac
f() { local x=inner; echo $x "$@"; return 7; }; x=outer; f 1 2; echo $? $x
echo "${x#ou} ${x%er} ${#x} ${none:-default} ${x/t/T}"
echo $((0x10 + 010 + 5 % 3)) $((1 << 40)) $((-7 / 2))
set -- a 'b c' d; echo $# "$2"; shift; echo "$*"
(exit 3); echo $?; false || echo or; true && echo and; ! false; echo $?
trap 'echo trapped' USR1; kill -USR1 $$; trap - USR1
echo $(echo nested $(echo deeper)); eval 'echo evaluated'
cat <<-END | tr -d '\t'
	here $((1 + 1))
END
exec 5>fd5; echo five >&5; exec 5>&-; cat fd5
{ echo out; echo err >&2; } 2>&1 >/dev/null | cat
yes | head -n 2; yes no | head -c 9; true | false; echo $?
sleep 0; usleep 1000; wait
sh -c 'kill -TERM $$'; echo "killed $?"
sh -c 'exit 300' ; echo $?
(sleep 100 & kill $!; wait $!; echo "waited $?") 2>/dev/null
(sleep 0.1; echo late) & wait; echo all done
timeout 1 sleep 100; echo "timeout $?"
time -p true 2>&1 | cut -d' ' -f1
env -i A=1 B=2 env | sort; env A=3 sh -c 'echo $A'
renice -n 5 -p $$ && awk '{ print $19 }' /proc/self/stat; taskset 1 nproc; nohup echo nohup 2>/dev/null | tail -n 1
ulimit -n; (ulimit -n 20; ulimit -n); which sh; type cd; pwd
setsid sh -c 'echo session'; chroot / /bin/busybox echo root
su guest -c 'id -u; id -g; touch /tmp/c/denied' 2>&1; id; id -un
getopt -o ab: -- -a -b x y; seq 3 | shuf | sort | tr '\n' .; echo
echo one two three | { read a b; echo "$b:$a"; }
find / -xdev -maxdepth 1 -type d | sort | tr '\n' ' '; echo

section the kernel
uname -s; uname -m; hostname keel-test; hostname; uname -n
cat /proc/sys/kernel/ostype; grep -c ^processor /proc/cpuinfo; nproc
ps -o pid,comm | awk '$1 == 1 { print }'
sh -c 'echo $PPID' | grep -c '^[0-9]*$'
ps -o stat,args | grep -c '[p]s -o stat'
grep -c MemTotal /proc/meminfo; free | awk 'NR == 2 { print ($2 > 10000) }'
uptime | grep -c 'load average'; [ "$(cut -d. -f1 /proc/uptime)" -lt 10000 ] && echo young
mount | grep ' /tmp ' | cut -d' ' -f1-5; grep ' /proc ' /proc/mounts | cut -d' ' -f1-3
mkdir m; mount -t tmpfs -o size=1m none m; df -k m | awk 'NR == 2 { print $2, $6 }'
dd if=/dev/zero of=m/f bs=64k count=20 2>&1 | grep -c 'No space'; stat -f -c '%T %s' m
mount | grep -c /tmp/c/m; umount m; umount m 2>&1; rmdir m
readlink /proc/self/fd/1 | grep -c .; ls /proc/self/fd | wc -l
tr '\0' ' ' </proc/$$/cmdline; echo; awk '/^Name|^Threads|^Uid/' /proc/self/status
pidof sh | wc -l; (sleep 77 & until pidof sleep >/dev/null; do usleep 1000; done; killall sleep; wait $!; echo "killall $?") 2>/dev/null
start-stop-daemon -S -b -m -p pidfile -x /bin/sleep -- 88; while ! [ -s pidfile ]; do usleep 1000; done
kill -0 "$(cat pidfile)" && echo runs; start-stop-daemon -K -p pidfile -x /bin/busybox >/dev/null; kill "$(cat pidfile)" 2>/dev/null
sysctl -n kernel.ostype; sysctl kernel.hostname; sysctl -w kernel.hostname=other >/dev/null; hostname
stty -F /dev/ttyS1 speed; tty </dev/null
whoami; groups; logname 2>&1; hostid | wc -c; setpriv --nnp grep NoNewPrivs /proc/self/status
dmesg | wc -l | awk '{ print ($1 > 5) }'; echo '<6>from the script' >/dev/kmsg; dmesg | grep -c 'from the script'
head -c 100 /dev/urandom | wc -c; head -c 3 /dev/zero | od -An -tx1; echo x 2>/dev/null >/dev/full; echo "full $?"
date -u -d @86400 +%FT%T; cal 2 2024; sync; echo synced
top -b -n 1 | grep -c '^Mem'; last -W 2>/dev/null | wc -l; w | grep -c average; clear | od -An -c
ipcalc -m 10.1.2.3/12; (watch -n 1 -t true >/dev/null & kill $!; wait $!; echo "watch $?") 2>/dev/null
rm -rf /tmp/c; ls /tmp | wc -l
echo "== end"
