"""What is installed is what was meant: wheel and sdist, a bare environment, the cost of the import."""
