#!/bin/sh
# The cases of run.py where there is no Python: inside the guest.
#
#	run.sh SH [NAME...]
#
# The scripts use the usual small programs (sed, sort, od, awk, seq, ...),
# which BusyBox has. Output is TAP; the exit status says whether all passed.
SH=$1
export SH
[ $# -gt 0 ] || { echo "usage: run.sh SH [NAME...]" >&2; exit 2; }
shift
cases=$(cd "$(dirname "$0")" && pwd)
work=${TMPDIR:-/tmp}/sh-test.$$
number=0
failed=0

if [ $# -eq 0 ]; then
	set -- "$cases"/*.sh
fi
unset ENV PS1 PS4 TMPDIR CDPATH
mkdir "$work" || exit 2
for script; do
	name=${script##*/}
	name=${name%.sh}
	[ "$name" = run ] && continue
	number=$((number + 1))
	mkdir "$work/dir"
	(
		cd "$work/dir" || exit
		HOME=$PWD LC_ALL=C "$SH" "$cases/$name.sh" 2>/dev/null \
			</dev/null >"$work/out"
		echo "# exit $?" >>"$work/out"
	)
	if cmp -s "$work/out" "$cases/$name.out"; then
		echo "ok $number - $name"
	else
		failed=$((failed + 1))
		echo "not ok $number - $name"
		diff "$cases/$name.out" "$work/out" | head -n 6 | sed 's/^/# /'
	fi
	rm -rf "$work/dir"
done
rm -rf "$work"
echo "1..$number"
[ $failed -eq 0 ]
