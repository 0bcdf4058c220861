# Debian's python3: what its threads, processes and signals need of a kernel.
python3 /compat/python.py
