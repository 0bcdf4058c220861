echo 'a b c' | { read x; echo "[$x]"; }
echo 'a b c' | { read x y; echo "[$x][$y]"; }
echo 'a b' | { read x y z; echo "[$x][$y][$z]"; }
echo '  lead  trail  ' | { read x; echo "[$x]"; }
echo '  lead  trail  ' | { IFS= read x; echo "[$x]"; }
echo 'a:b:c' | { IFS=: read x y; echo "[$x][$y]"; }
echo 'a:b:' | { IFS=: read x y; echo "[$x][$y]"; }
echo 'a:b::' | { IFS=: read x y; echo "[$x][$y]"; }
echo ':a' | { IFS=: read x y; echo "[$x][$y]"; }
echo 'a\b\\c' | { read x; echo "[$x]" | od -c | head -1; }
echo 'a\b\\c' | { read -r x; printf '%s\n' "[$x]"; }
printf 'a\\\nb\n' | { read x; echo "[$x]"; }
printf 'a\\\nb\n' | { read -r x; printf '%s\n' "[$x]"; }
echo 'a\ b c' | { read x y; echo "[$x][$y]"; }
printf 'no newline' | { read x; echo "$? [$x]"; }
read x </dev/null; echo "$? [$x]"
printf '1\n2\n3\n' | while read n; do echo "n=$n"; done
printf 'l1\nl2\n' >f; while read a && read b <&3; do echo $a-$b; done <f 3<f
echo x | { read 1bad; echo no; }; echo $?
readonly ro=1; (echo v | read ro; echo ok); echo done
echo 'a b   c  d' | { read x y; echo "[$x][$y]"; }
echo 'a  :  b  :  c' | { IFS=': ' read x y z; echo "[$x][$y][$z]"; }
echo 'x y z' | { read a a a; echo "[$a]"; }
