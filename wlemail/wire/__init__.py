"""What every mail protocol shares below its grammar: the stream's shape, reading lines and octets, the trace."""
