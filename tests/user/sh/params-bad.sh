if false; then echo ${a!b}; fi
echo before
echo ${a!b}
echo after
