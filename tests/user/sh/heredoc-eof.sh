echo start
cat <<END
no end in sight
