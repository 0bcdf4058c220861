for i in 1 2 3; do echo $i; done >f; cat f
while read x; do echo "[$x]"; done <f
if true; then echo yes; fi >g; cat g
{ echo a; echo b; } >h; cat h
(echo sub; echo err >&2) >i 2>&1; cat i
f() { echo func; echo "$1"; } >j; f arg; cat j
case x in x) echo case;; esac >k; cat k
{ echo to3 >&3; } 3>&1
f() { echo inner >&4; }; f 4>l; cat l
while read a; do read b <g; echo $a $b; done <f
{ read x; echo "x=$x"; cat; } <f
echo before; { echo lost; } >/nonexistent/x; echo $?
