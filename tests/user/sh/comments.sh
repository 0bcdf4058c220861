#!/bin/sh
# a comment
echo a # comment
echo b#not
echo '#' "#" \#
echo a;# c
 # indented
x=#; echo "$x"
echo $# # number
if true # why
then # this
echo c # that
fi # end
echo "a # b" a\ #b
