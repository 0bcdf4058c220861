#!/bin/sh
# Compare our programs with those of the host, where both know the same
# options: the same command line must give the same output and status.
#
# BUILD says where ours are. The output is TAP.

BIN=$(cd "${BUILD:-build}/user/bin" && pwd) || exit 1
DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$DIR"' EXIT
cd "$DIR" || exit 1
export LC_ALL=C TZ=UTC
unset POSIXLY_CORRECT
count=0
failed=0

# report NAME: the test passes if the files want and got are equal.
report() {
	count=$((count + 1))
	if cmp -s want got; then
		printf 'ok %d - %s\n' $count "$1"
	else
		failed=$((failed + 1))
		diff -a want got | sed 's/^/# /'
		printf 'not ok %d - %s\n' $count "$1"
	fi
	rm -rf want got tree
}

# same COMMAND: run it with the host's programs and with ours, each time in
# an equal directory `tree`, and compare output, status and what is left of
# the tree. Messages differ in wording, so they are not compared.
same() {
	for side in want got; do
		rm -rf tree
		cp -a model tree
		path=$PATH
		[ $side = got ] && path=$BIN:$PATH
		(
			cd tree || exit
			PATH=$path sh -c "$1" 2>/dev/null
			echo "status $?"
			find . -printf '%p %M %n %s %l\n' | sort
			find . -type f | sort | xargs cat
		) > $side
	done
	report "$1"
}

mkdir -p model/dir/deep model/empty
printf 'one\ntwo\nthree\nno newline at the end' > model/text
printf 'alpha 1\nBeta 22\n\n  gamma_3 [x]*\na.b\naab$\n' > model/words
: > model/nothing
seq 1 3000 > model/numbers
head -c 5000 /dev/zero > model/zeros
printf '\000\001\377text\t\n0123456789abcdef' > model/binary
echo deep > model/dir/deep/file
echo hidden > model/.hidden
chmod 640 model/text
chmod 4751 model/words
ln -s text model/link
ln -s nowhere model/dead
ln model/text model/hard
mkfifo model/fifo
touch -d '2001-02-03 04:05:06' model/nothing

same 'true'
same 'false'
same 'echo'
same 'env echo a "b  c" d'
same 'env echo -n x'
same 'cat text'
same 'cat text words - < nothing'
same 'echo in | cat - text'
same 'cat missing text'
same 'cat dir'
same 'cat zeros | cat | wc -c'

same 'head numbers'
same 'head -n 3 numbers text'
same 'head -2 numbers'
same 'head -c 7 text'
same 'head -n 0 text'
same 'head text missing'
same 'head dir text'
same 'head < dir'
same '(head -n 2; cat) < text'
same 'tail numbers'
same 'tail -n 3 numbers text'
same 'tail -n 1 text'
same 'tail -n 0 text'
same 'tail -5 < numbers'
same 'tail -n 9999 numbers'
same 'tail -n 17 numbers; tail -n 16 numbers; tail -n 15 text'
same 'tail -n 2000000000 text'
same 'tail dir text'
same 'tail < dir'

same 'wc text'
same 'wc text words numbers'
same 'wc -l numbers'
same 'wc -lc text words'
same 'wc < numbers'
same 'cat numbers | wc'
same 'wc nothing'
same 'wc missing text'
same 'wc binary'
same 'wc -l dir text'
same 'wc < dir'

same 'ls'
same 'ls -a'
same 'ls -1 dir'
same 'ls dir empty text'
same 'ls -d dir text'
same 'ls missing text'
same 'ls link'
same 'ls -n > /dev/null; ls -d dir/deep'

for pattern in o '^t' 'e$' '^$' 'a.b' 'a\.b' 'b*' '^aa*b' '[0-9]' '[^a-z]$' \
		'[]x[]' '\[x\]' 'x]\*' '*' '^*' '[a-c]b' '\$' 'a$b' 'a\+b' \
		'aa\?b' '.*' '^ *g' '[[a]' 'a[-_0-9]*3'; do
	same "grep '$pattern' words"
done
same 'grep -i BETA words'
same 'grep -v a words'
same 'grep -c a words text'
same 'grep -n e text words'
same 'grep -l a words text'
same 'grep -q alpha words'
same 'grep -q nothere words'
same 'grep -F "[x]*" words'
same 'grep -F a.b words'
same 'grep x missing words'
same 'grep three < text'
same 'cat text | grep t - words'

same 'hexdump -C binary'
same 'hexdump -C zeros'
same 'hexdump -C -s 3 -n 20 binary'
same 'hexdump -C nothing'
same 'cat binary | hexdump -C'

same 'date -u -d @0'
same 'date -u -d @1700000000 +%Y-%m-%dT%H:%M:%S%z'
same 'date -r nothing +%s'
same 'uname'
same 'uname -snrvm'
same 'uname -m'
same 'env -i A=1 B=2 env'
same 'env -u HOME A=1 sh -c "echo \$A \$HOME"'
same 'env A=1 missing-program'
same 'env ./text'

same 'mkdir a b'
same 'mkdir dir'
same 'mkdir -p a/b/c dir/deep'
same 'mkdir -m 700 a'
same 'umask 277; mkdir -p a/b'
same 'mkdir a/b'
same 'rmdir empty'
same 'rmdir dir'
same 'rm text words'
same 'rm dir'
same 'rm -r dir link'
same 'rm -f missing'
same 'rm missing text'
same 'rm -rf dir missing'
same 'rm -r .'
same 'rm -r dir/..'
same 'ln -s text new; ln text new2'
same 'ln -s text link'
same 'ln -sf words link'
same 'ln text words dir'
same 'ln -s ../text dir'
same 'ln missing new'

same 'cp text new'
same 'cp text words dir'
same 'cp text link'
same 'cp words text'
same 'cp text text'
same 'cp text hard'
same 'cp dir new'
same 'cp -r dir new'
same 'cp -r dir empty'
same 'cp -a . ../copy; cd ../copy; ls -a; cat link dir/deep/file; cd ..; rm -rf copy'
same 'cp text words new'
same 'cp -p nothing new; date -r new +%s'
same 'cp missing new'

same 'mv text new'
same 'mv text words dir'
same 'mv text words'
same 'mv dir empty'
same 'mv dir dir/deep'
same 'mv missing new'
same 'mv text missing/new'
if [ -w /dev/shm ]; then
	OTHER=$(mktemp -d /dev/shm/keel-XXXXXX)	# another file system
	export OTHER
	same 'mv dir link text words $OTHER; cat $OTHER/link; mv $OTHER/* .'
	rmdir "$OTHER"
fi

same 'chmod 600 text; chmod u+x,g-r,o=r words'
same 'chmod a+x text; chmod g=rx words; chmod 9 text'
same 'chmod -- +x text; umask 077; chmod +w words'
same 'chmod u+s,o+t text'
same 'chmod 644 missing text'

same 'touch new text; wc -c new text'
same 'touch -c new'
same 'touch missing/new'
same 'echo x | tee new new2'
same 'echo x | tee -a text > new'
same 'echo x | tee dir'
same 'sleep 0.01'
same 'sleep x'
same 'sh -c "kill -TERM \$\$"'
same 'sleep 100 & env kill -s KILL $!; wait $!'
same 'sleep 100 & env kill -15 $!; wait $!'
same 'env kill -0 $$'
same 'env kill 999999999'
same 'env kill -NOSUCH $$'

# Programs that have no twin of the same output: what they say must be true.

# Where the host's cp begins and stops half-way, ours refuses at once.
cp -a model tree
(cd tree && "$BIN"/cp -r dir dir/deep; "$BIN"/cp -r . empty/in; find .) \
	2> /dev/null | sort > got
(cd model && find .) | sort > want
report 'cp copies no directory into itself'

"$BIN"/ls -l model | sed 1d > got
ls -ln model | sed 1d > want
report 'ls -l as ls -ln of the host'

"$BIN"/ls -la /dev > got
ls -lan /dev > want
report 'ls -la /dev'

cp "$BIN/sleep" "$DIR/marker"
"$DIR/marker" 100 &
pid=$!
# Its command line shows once the exec is done.
while ! grep -q marker /proc/$pid/cmdline; do sleep 0.05; done
"$BIN"/ps | awk '$1 == '$pid' { print $1, $2, $4, $(NF-1), $NF }' > got
echo "$pid $$ S $DIR/marker 100" > want
kill $pid
report 'ps shows a sleeping child'

"$BIN"/free | awk '/^Mem:/ { print $2 }' > got
awk '/^MemTotal:/ { print $2 }' /proc/meminfo > want
report 'free knows how much memory there is'

"$BIN"/uptime |
	sed 's/.*up .*load average: [0-9.]*, [0-9.]*, [0-9.]*$/ok/' > got
echo ok > want
report 'uptime'

"$BIN"/mount | awk '{ print $1, $2, $3, $4, $5 }' | sort > got
awk '{ print $1, "on", $2, "type", $3 }' /proc/mounts | sort > want
report 'mount lists what is mounted'

"$BIN"/cat text > /dev/full 2> /dev/null
"$BIN"/ls model > /dev/full 2> got
sed 's/.*: //' got > got2; mv got2 got
echo 'No space left on device' > want
report 'a full disk is reported'

# Whatever reads says which file it could not read, and why.
for command in cat 'grep x' head hexdump tail wc; do
	"$BIN"/$command model/dir 2>&1 > /dev/null | sed 's/^[^:]*: //' > got
	"$BIN"/$command model/dir > /dev/null 2>&1 && echo 'status 0' >> got
	echo 'model/dir: Is a directory' > want
	report "$command of what cannot be read"
done

"$BIN"/free -h 2>&1 | grep usage > got
echo 'usage: free' > want
report 'what takes no arguments says so'

# What a program does not know it must not pass over in silence.
for program in cat chmod cp date dmesg env free grep head hexdump ln ls mkdir \
	mount mv ps rm rmdir sleep sync tail tee touch umount uname uptime wc
do
	"$BIN"/$program -Z < /dev/null 2>&1 | grep -c '^usage: ' > got
	echo 1 > want
	report "$program refuses an unknown option"
done

echo "1..$count"
echo "# done"
[ $failed = 0 ]
