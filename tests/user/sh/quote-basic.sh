echo 'single $x `y` \n' "double $# \$ \` \\ \x" plain\ blank \'\"
echo "a'b" 'a"b' a\
b "c\
d"
echo "" '' | od -c | head -1
x='  spaced  '
echo "[$x]" [$x]
echo a"b"c'd'e\f
echo '' "" end
echo "multi
line"
echo \\ '\\' "\\"
echo "\a" '\a'
