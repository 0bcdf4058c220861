# oracle: bash
exec 10>f; echo ten >&10; exec 10>&-; cat f
exec 11>g 12>h; echo eleven >&11; echo twelve >&12; exec 11>&- 12>&-; cat g h
{ echo loop >&13; } 13>i; cat i
for n in 1 2 3; do echo $n >&10; done 10>j; cat j
f() { echo f >&14; echo x; }; f 14>k >l; cat k l
while read a <&15; do echo "[$a]"; done 15<j
echo still reading this script
exec 10<j 11<j 12<j; read a <&12; read b <&10; echo $a $b
