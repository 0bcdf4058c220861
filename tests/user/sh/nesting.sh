x=$(for i in 1 2; do if [ $i = 1 ]; then echo "a$(case $i in 1) echo "b$(echo c)";; esac)"; else (echo d | { read y; echo "e$y"; }); fi; done)
echo "$x"
f() { if [ "$1" -gt 0 ]; then ( f $(($1-1)); echo $1 ) | cat; fi; }; f 5
while read a; do while read b; do echo "$a$b"; done <<E2
x
y
E2
done <<E1
1
2
E1
echo "${a:-$(echo "${b:-$(echo "${c:-deep}")}")}"
echo $(( $(echo 1) + ${z:-$((2 + $(echo 3)))} ))
{ { { echo braces; }; }; }
case $(case a in a) echo b;; esac) in b) echo c;; esac
for i in $(seq 3); do for j in $(seq $i); do printf $j; done; echo; done
if if true; then false; else true; fi; then echo inner-else; fi
eval "$(echo 'echo "from $(echo generated)"')"
