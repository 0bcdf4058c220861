echo $ "$" $% "$%" a$
echo "$ x" \$x '$x'
x=1
echo $x$x "$x"$x ${x}y $xy.
echo "a$x" 'a'$x
