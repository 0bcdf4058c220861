f() {
	OPTIND=1
	while getopts ab:c o "$@"; do echo "$o $OPTARG"; done
	echo "end $? $o $OPTIND"; shift $((OPTIND - 1)); echo "rest: $*"
}
f -a -b x -c rest
f -ab x y
f -acbx y
f -bx -- -a
f - a
f a -a
f
f -z; f -b
g() { OPTIND=1; while getopts :ab: o "$@"; do echo "$o [${OPTARG}]"; done; }
g -z -a; g -b; g -a -zq
OPTIND=1; set -- -x -y v z
while getopts xy: o; do echo "$o $OPTARG"; done; shift $((OPTIND-1)); echo $1
