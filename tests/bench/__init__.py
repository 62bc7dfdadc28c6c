"""Benchmarks: wlemail beside what else sends mail, in one run on one machine. `python -m tests.bench --help`."""
