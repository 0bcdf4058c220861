x=2; echo to2 2>f >&$x; cat f
echo bad >&9; echo $?
{ exec 2>&1; echo merged >&2; } | cat
exec 6>&1 >out; echo in file; exec >&6 6>&-; echo back; cat out
echo a 1>&2 2>/dev/null
(echo closed 1>&-) ; echo $?
echo "fd $(echo inner 3>&1 >&3)"
cat </dev/null; echo $?
