a=1 b=2; echo $a $b; a=$b b=$a; echo $a $b
x=a\ b; echo "$x"; x='*'; echo "$x"; y=$x; echo "$y"
x=$(echo a b); echo "$x"; x=a"b"c'd'; echo $x
x=; echo "[$x]"; x= ; echo "[$x]"
x=1 y=2 true; echo "[$x][${y-unset}]"
1x=2; echo $?
x=1 echo "$x"
x=first; x=second :; echo $x
x=a; x=$x$x; x=$x$x; echo $x
_u=1 A9=2; echo $_u$A9
x=~root:~root; [ "$x" = "$(echo ~root):$(echo ~root)" ] && echo tilde
a=1 ; echo a=2 b; echo a=$a
x=a=b=c; echo $x
x=$((1+1)) y=${x}z; echo $x $y
x='a
b'; echo "$x"; echo $x
