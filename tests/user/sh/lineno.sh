# oracle: bash
echo $LINENO
echo $LINENO

echo $LINENO
x=$LINENO; echo $x
if true; then
	echo $LINENO
fi
