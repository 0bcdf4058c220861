# All of CPython's own tests that pytests.py knows of, for a soak.
python3 -u /compat/pytests.py all
