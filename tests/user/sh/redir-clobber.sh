set -C
echo one >f; echo $?
echo two >f; echo $?
cat f
echo three >|f; cat f
echo four >>f; cat f
echo x >/dev/null; echo $?
set +C
echo five >f; cat f
