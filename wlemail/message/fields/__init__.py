"""The values of header fields, each with its encoder and its decoder side by side."""
